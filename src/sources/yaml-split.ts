/**
 * A YAML text cut into its documents by the markers alone, before anything is parsed, so that one document that does
 * not parse leaves the others readable. A marker is `---` or `...` at the start of a line, followed by white space or
 * nothing: inside a document neither can stand there. Each part ends with a line break, as kubectl's reader sees to: the
 * last block scalar of a file would else lose its own. Directives and what precedes them are blanked, never moved.
 */

export interface YamlPart {
  readonly text: string;
  /** 1-based line of the file on which `text` starts. */
  readonly line: number;
}

const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/;
const SILENT = /^[ \t]*(?:#.*)?\r?$/;

/** Parts that hold something; those of white space and comments only are left out. */
export function splitDocuments(text: string): readonly YamlPart[] {
  const parts: YamlPart[] = [];
  // The last line break ends a line, it does not start one: `|+` would keep it.
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  let lines: string[] = [];
  let start = 1;
  let silent = true;
  let at = 1;
  const close = (next: number): void => {
    if (!silent) parts.push({ text: `${lines.join("\n")}\n`, line: start });
    lines = [];
    start = next;
    silent = true;
  };
  for (const raw of body.split("\n")) {
    let line = raw;
    if (MARKER.test(line)) {
      close(at);
      const rest = line.startsWith("---") ? line.slice(3) : "";
      line = SILENT.test(rest) ? "" : `   ${rest}`;
    } else if (silent && line.startsWith("%")) line = "";
    // A BOM may open any document, not only the first.
    if (silent && line.startsWith("\uFEFF")) line = line.slice(1);
    if (silent && !SILENT.test(line)) silent = false;
    lines.push(line);
    at += 1;
  }
  close(at);
  return parts;
}

/**
 * A text cut into its documents before anything is parsed, so that one document that does not parse leaves the others
 * readable: by the markers of YAML, and JSON objects one after the other also without any. A marker is `---` or `...` at
 * the start of a line, followed by white space or nothing: inside a document neither can stand there. Each part ends with
 * a line break, as kubectl's reader sees to: the last block scalar of a file would else lose its own. Directives and what
 * precedes them are blanked, never moved.
 */

export interface YamlPart {
  readonly text: string;
  /** 1-based line of the file on which `text` starts. */
  readonly line: number;
  /** True where it follows a `...` line without a `---`: kubectl passes over it without a word. */
  readonly unread: boolean;
}

const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/;
const BRACE = /^\s*\{/;
const SILENT = /^[ \t]*(?:#.*)?\r?$/;

/** Parts that hold something; those of white space and comments only are left out. */
export function splitDocuments(text: string): readonly YamlPart[] {
  const parts: YamlPart[] = [];
  // The last line break ends a line, it does not start one: `|+` would keep it.
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  let lines: string[] = [];
  let start = 1;
  let silent = true;
  let unread = false;
  let at = 1;
  const close = (next: number): void => {
    if (!silent) parts.push(...splitJson({ text: `${lines.join("\n")}\n`, line: start, unread }));
    lines = [];
    start = next;
    silent = true;
  };
  for (const raw of body.split("\n")) {
    let line = raw;
    if (MARKER.test(line)) {
      close(at);
      unread = line.startsWith(".") && parts.length > 0;
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

/** One part per JSON object where there is more than one and nothing else, else the part as it is. */
function splitJson(part: YamlPart): readonly YamlPart[] {
  const { text } = part;
  if (!BRACE.test(text)) return [part];
  const parts: YamlPart[] = [];
  let line = part.line;
  for (let from = 0; from < text.length; ) {
    const end = endOfObject(text, from);
    const last = end !== undefined && /^\s*$/.test(text.slice(end));
    if (end === undefined || (last && from === 0)) return [part];
    const object = text.slice(from, end);
    if (!isJson(object)) return [part];
    parts.push({ ...part, text: object, line });
    line += object.split("\n").length - 1;
    from = last ? text.length : end;
  }
  return parts;
}

/** Offset behind the object that comes next; undefined where something else does, or it does not end. */
function endOfObject(text: string, from: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const mark = text[at];
    if (quoted) {
      if (mark === "\\") at += 1;
      else if (mark === '"') quoted = false;
    } else if (mark === "{") depth += 1;
    else if (mark === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && !/\s/.test(mark ?? "")) return undefined;
    else if (mark === '"') quoted = true;
  }
  return undefined;
}

/** Whether kubectl would try it as JSON. */
export function startsAsJson(text: string): boolean {
  return BRACE.test(text);
}

/** kubectl reads a text that starts with a brace as JSON first, and as YAML where that fails. */
export function isJson(text: string): boolean {
  if (!BRACE.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

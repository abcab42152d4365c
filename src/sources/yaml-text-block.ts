/**
 * Block texts (`|`, `|-`, `>`, `>-`) for the fast reader: those whose lines say all by themselves. An indentation that is
 * told (`|2`), kept line breaks (`|+`), leading blank lines, and folded lines that are indented further are left to the
 * precise reader. Nothing is thrown.
 */

export interface TextBlock {
  readonly value: string;
  /** Offset behind it: for a block text that of the line that follows. */
  readonly end: number;
}

const HEADER = /[|>](-?) *\n/y;
const SPACE = 0x20;
const TAB = 0x09;
const BREAK = 0x0a;

interface Lines {
  /** Without their indentation; the blank ones are "". The first and the last are not blank. */
  readonly lines: readonly string[];
  readonly stripped: boolean;
  readonly end: number;
}

function readLines(text: string, header: number, column: number): Lines | undefined {
  HEADER.lastIndex = header;
  const opened = HEADER.exec(text);
  if (opened === null) return undefined;
  const lines: string[] = [];
  let indent = -1;
  let full = 0;
  let end = HEADER.lastIndex;
  for (let start = end; start < text.length; ) {
    let at = start;
    while (text.charCodeAt(at) === SPACE) at += 1;
    const spaces = at - start;
    const code = text.charCodeAt(at);
    if (code === BREAK) {
      // Before the first line, or behind its indentation, spaces alone would count.
      if (indent < 0 || spaces > indent) return undefined;
      lines.push("");
      start = at + 1;
      continue;
    }
    if (indent < 0) {
      if (spaces <= column || code === TAB) return undefined;
      indent = spaces;
    } else if (spaces < indent) break;
    const next = text.indexOf("\n", at);
    lines.push(text.slice(start + indent, next));
    full = lines.length;
    start = next + 1;
    end = start;
  }
  if (full === 0) return undefined;
  lines.length = full;
  return { lines, stripped: opened[1] === "-", end };
}

/** `column` is that of what the text belongs to; undefined on any doubt. */
export function readLiteral(text: string, header: number, column: number): TextBlock | undefined {
  const read = readLines(text, header, column);
  if (read === undefined) return undefined;
  const value = read.lines.join("\n");
  return { value: read.stripped ? value : `${value}\n`, end: read.end };
}

/** As {@link readLiteral}: a line break is a space, and each blank line a line break. */
export function readFolded(text: string, header: number, column: number): TextBlock | undefined {
  const read = readLines(text, header, column);
  if (read === undefined) return undefined;
  // A line that is indented further keeps its breaks.
  if (read.lines.some((line) => line.startsWith(" ") || line.startsWith("\t"))) return undefined;
  const value = foldLines(read.lines);
  return { value: read.stripped ? value : `${value}\n`, end: read.end };
}

/** Lines put together: a break is a space, and each blank line between two others a line break. */
export function foldLines(lines: readonly string[]): string {
  const last = lines.length - 1;
  let value = lines[0] ?? "";
  let blank = 0;
  for (let index = 1; index <= last; index += 1) {
    const line = lines[index] ?? "";
    if (line === "" && index < last) {
      blank += 1;
      continue;
    }
    value += (blank > 0 ? "\n".repeat(blank) : " ") + line;
    blank = 0;
  }
  return value;
}

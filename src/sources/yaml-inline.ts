/**
 * Unquoted and quoted texts for the fast reader: where they end and what they say, also where they run over lines. What
 * needs a second thought (a tab, an odd escape, a mark at the start of a line) is left to the precise reader. Nothing is
 * resolved and nothing is thrown.
 */
import { foldLines, type TextBlock } from "./yaml-text-block.ts";

const BREAK = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const DASH = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Characters of an unquoted key, or of a text inside brackets; the second bit: what may start an unquoted value. */
const classes = new Uint8Array(128);
const WORD = 1;
const START = 2;
for (const mark of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./$")
  classes[mark.charCodeAt(0)] = WORD | START;
for (const mark of "-+%@=") classes[mark.charCodeAt(0)] = WORD;
for (const mark of "(+^~;\\") classes[mark.charCodeAt(0)] = START | (classes[mark.charCodeAt(0)] ?? 0);

export const isWord = (code: number): boolean => code < 128 && ((classes[code] ?? 0) & WORD) !== 0;
export const isStart = (code: number): boolean => (code < 128 ? ((classes[code] ?? 0) & START) !== 0 : code > 0xa0);

/** Offset behind the unquoted text of one line, without the spaces that follow it; -1 on any doubt. */
function endOfPlain(text: string, start: number): number {
  let end = start;
  for (let at = start, code = text.charCodeAt(at); code !== BREAK; code = text.charCodeAt((at += 1))) {
    if (code === COLON) {
      const after = text.charCodeAt(at + 1);
      if (after === SPACE || after === BREAK) return -1;
    } else if (code === HASH && text.charCodeAt(at - 1) === SPACE) return end;
    else if (code < SPACE) return -1;
    if (code !== SPACE) end = at + 1;
  }
  return end;
}

const endOfSpaces = (text: string, start: number): number => {
  let at = start;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at;
};

/** `-`, `?` and `:` at the start of a further line look like a list, a key or its value. */
const DOUBTFUL = new Set([DASH, 0x3f, COLON]);

/** An unquoted text; it goes on over lines that are indented further than `column`. Undefined on any doubt. */
export function readPlain(text: string, start: number, column: number): TextBlock | undefined {
  const first = text.charCodeAt(start);
  const next = text.charCodeAt(start + 1);
  if (!isStart(first) && !(first === DASH && (next === DASH || (isWord(next) && isStart(next))))) return undefined;
  let end = endOfPlain(text, start);
  if (end < 0) return undefined;
  const lines = [text.slice(start, end)];
  for (let blank = 0, at = endOfSpaces(text, end); text.charCodeAt(at) === BREAK; ) {
    const line = at + 1;
    at = endOfSpaces(text, line);
    const code = text.charCodeAt(at);
    if (code === BREAK) {
      blank += 1;
      continue;
    }
    if (at - line <= column || at >= text.length || code === HASH) break;
    const ends = DOUBTFUL.has(code) ? -1 : endOfPlain(text, at);
    if (ends < 0) return undefined;
    for (; blank > 0; blank -= 1) lines.push("");
    lines.push(text.slice(at, ends));
    end = ends;
    at = endOfSpaces(text, end);
  }
  return { value: lines.length === 1 ? (lines[0] ?? "") : foldLines(lines), end };
}

const ESCAPED = /^(?:[^\\]|\\[nrt"\\])*$/;

/** A quoted text; `column` as for {@link readPlain}, or -1 where it may not run over lines. */
export function readQuoted(text: string, start: number, column: number): TextBlock | undefined {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  let plain = true;
  let lines = 1;
  for (let code = text.charCodeAt(at); ; code = text.charCodeAt((at += 1))) {
    if (code < SPACE) {
      if (code !== BREAK || column < 0) return undefined;
      const content = endOfSpaces(text, at + 1);
      if (content >= text.length || (text.charCodeAt(content) !== BREAK && content - at - 1 <= column))
        return undefined;
      lines += 1;
    } else if (code === BACKSLASH && quote === QUOTE) {
      plain = false;
      at += 1;
      if (text.charCodeAt(at) < SPACE) return undefined;
    } else if (code === quote) {
      if (quote === QUOTE || text.charCodeAt(at + 1) !== APOSTROPHE) break;
      plain = false;
      at += 1;
    }
  }
  const raw = text.slice(start + 1, at);
  const folded = lines === 1 ? raw : foldLines(trimmed(raw.split("\n")));
  const end = at + 1;
  if (plain) return { value: folded, end };
  if (quote === APOSTROPHE) return { value: folded.replaceAll("''", "'"), end };
  if (!ESCAPED.test(raw)) return undefined;
  // What folding put there is the only bare line break, and JSON has none.
  return { value: JSON.parse(`"${folded.replaceAll("\n", "\\n")}"`) as string, end };
}

/** Spaces around a line break do not count. */
function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.length - 1;
  return lines.map((line, index) => {
    const opened = index === 0 ? line : line.replace(/^ +/, "");
    return index === last ? opened : opened.replace(/ +$/, "");
  });
}

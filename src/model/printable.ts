/**
 * Text from Git or the cluster, made safe to show: a terminal or a web page must not act on it.
 * Source: CVE-2021-25743 (escape sequences in kubectl output).
 */

/** Controls and formatting characters: escapes, bidirectional overrides, zero-width characters. */
const UNSAFE = /[\p{Cc}\p{Cf}]/gu;
const HARMLESS = new Set(["\t", "\n"]);

/** Each unsafe character becomes its visible escape, `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    if (HARMLESS.has(character)) return character;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

/** One line, at most so many characters; what is cut is marked. */
export function printableLine(text: string, limit = 1_000): string {
  const line = printable(text)
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** JSON as text that a terminal may show: what would act on it is written as an escape, which reads back as the same value. */
import { formatJson, type Json } from "../../model/json.ts";

const UNSAFE = /[\p{Cc}\p{Cf}]/gu;

/** With a line break at its end. */
export function formatJsonText(value: Json): string {
  const text = formatJson(value, 2).replaceAll(UNSAFE, (character) => {
    // Line breaks are our own: those inside values are escaped already.
    if (character === "\n") return character;
    return Array.from({ length: character.length }, (_, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
    }).join("");
  });
  return `${text}\n`;
}

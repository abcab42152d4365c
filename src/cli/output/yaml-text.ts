/** JSON values as YAML text that kubectl reads back as the same values, and that a terminal may show. */
import { Document, visit } from "yaml";
import type { Json } from "../../model/json.ts";

const UNSAFE = /[\p{Cc}\p{Cf}]/gu;
const OURS = new Set(["\n", "\t"]);
const isUnsafe = (text: string): boolean => [...(text.match(UNSAFE) ?? [])].some((found) => !OURS.has(found));

export function formatYaml(value: Json): string {
  // 1.1 quotes what kubectl would read as something else: yes, no, 0644, dates.
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      // Only between double quotes can a character be written as an escape.
      if (typeof scalar.value === "string" && isUnsafe(scalar.value)) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0, directives: false }).replaceAll(UNSAFE, (character) => {
    if (OURS.has(character)) return character;
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
}

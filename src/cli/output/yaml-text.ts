/** JSON values as YAML text that kubectl reads back as the same values, and that a terminal may show. */
import { Document, visit } from "yaml";
import type { Json } from "../../model/json.ts";

const UNSAFE = /[\p{Cc}\p{Cf}]/gu;
const OURS = new Set(["\n", "\t"]);
const isUnsafe = (text: string): boolean => [...(text.match(UNSAFE) ?? [])].some((found) => !OURS.has(found));

export interface YamlManner {
  /** Spaces; 2 unless told. */
  readonly indent?: number;
  /** Whether the dashes of a list stand further in than its key; they do unless told. */
  readonly indentSeq?: boolean;
}

/**
 * A block that starts with a space says how far it stands in, and the library says two, however far that is. One that
 * keeps its last line breaks would keep those of what it is put in front of, too.
 */
function isMiscounted(text: string, { indent }: YamlManner): boolean {
  if (indent === undefined) return false;
  return /(?:^|\n)\n$/.test(text) || (indent !== 2 && /^\n* [^]*\n/.test(text));
}

export const formatYaml = (value: Json): string => formatYamlAs(value, {});

export function formatYamlAs(value: Json, manner: YamlManner): string {
  // 1.1 quotes what kubectl would read as something else: yes, no, 0644, dates.
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      // Only between double quotes can a character be written as an escape.
      if (typeof scalar.value === "string" && (isUnsafe(scalar.value) || isMiscounted(scalar.value, manner)))
        scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ ...manner, lineWidth: 0, directives: false }).replaceAll(UNSAFE, (character) => {
    if (OURS.has(character)) return character;
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
}

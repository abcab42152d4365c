/** JSON values as YAML text that kubectl reads back as the same values, and that a terminal may show. */
import { Document, type Tags, visit } from "yaml";
import type { Json } from "../../model/json.ts";
import { readScalar } from "../../sources/yaml-scalars.ts";

/** What a terminal might obey, and what kubectl takes for the end of a line. */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
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
  return /(?:^|\n)\n$/.test(text) || (indent !== 2 && text.includes("\n") && /^\n* /.test(text));
}

/** Left bare by the library, and not read as this text: `0X1F`, `0o644`, `<<`; a block that begins with a line of spaces. */
const isMistakable = (text: string): boolean =>
  text === "<<" || /^\n*[ \t]+(?:\n|$)/.test(text) || readScalar(text).value !== text;

/** The library would write `<<` bare, as the key that merges. */
const withoutMerge = (tags: Tags): Tags =>
  tags.filter((tag) => (typeof tag === "string" ? tag !== "merge" : tag.tag !== "tag:yaml.org,2002:merge"));

export const formatYaml = (value: Json): string => formatYamlAs(value, {});

export function formatYamlAs(json: Json, manner: YamlManner): string {
  // 1.1 quotes what kubectl would read as something else: yes, no, 0644, dates.
  const document = new Document(json, { version: "1.1", customTags: withoutMerge, aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      const { value } = scalar;
      // Only between double quotes can a character be written as an escape.
      if (typeof value === "string" && (isUnsafe(value) || isMiscounted(value, manner) || isMistakable(value)))
        scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ ...manner, lineWidth: 0, directives: false }).replaceAll(UNSAFE, (character) => {
    if (OURS.has(character)) return character;
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
}

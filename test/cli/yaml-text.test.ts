/** What is printed as YAML is read as the same values by kubectl, whose rules for bare words are its own. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatYaml, formatYamlAs } from "../../src/cli/output/yaml-text.ts";
import { canonicalJson } from "../../src/model/canonical.ts";
import type { Json } from "../../src/model/json.ts";
import { parseYaml } from "../../src/sources/yaml.ts";

const readBack = (text: string): readonly Json[] => parseYaml(text).documents.map(({ value }) => value);

test.each(["0X1F", "0x1f", "0B1", "0b1", "0o644", "0O7", "0644", "-0X1", "0X_1", "1_000", ".5", "1e3", ".inf"])(
  "the text %s is no number, as a value and as a key",
  (text) => expect(readBack(formatYaml({ [text]: [text] }))).toEqual([{ [text]: [text] }]),
);
test.each([
  "<<",
  "~",
  "",
  "null",
  "yes",
  "Off",
  "y",
  "=",
  "2001-01-01",
  "1:30",
  "- a",
  "a: b",
  "# c",
  "&a",
  "*a",
  "!a",
])("the text %s is that text, as a value and as a key", (text) =>
  expect(readBack(formatYaml({ [text]: [text] }))).toEqual([{ [text]: [text] }]),
);

test.each([" \n", "\n \n", " \n\n x", "\n :", "  a\nb\n", "a\n\n", "a\u2028b", "a\u2029", "\u0085"])(
  "lines, blanks and separators as they are, in any layout: %j",
  (text) => {
    for (const indent of [2, 3, 4])
      for (const indentSeq of [true, false])
        expect(readBack(formatYamlAs({ k: { l: [text], m: text } }, { indent, indentSeq }))).toEqual([
          { k: { l: [text], m: text } },
        ]);
    expect(readBack(formatYaml({ k: text }))).toEqual([{ k: text }]);
  },
);

/** Such as numbers, words and marks are made of. */
const wordy = fc.stringMatching(/^[-+.0-9a-fA-FxXoObByYnNeE_:<~!&*=# \n]{0,8}$/);
const json = fc.letrec<{ value: Json; map: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    wordy,
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("map"),
  ),
  map: fc.dictionary(fc.oneof(wordy, fc.string({ maxLength: 8 })), tie("value"), { maxKeys: 4, noNullPrototype: true }),
})).map;
const manner = fc.record({ indent: fc.integer({ min: 2, max: 4 }), indentSeq: fc.boolean() });

test("any value, however it is indented", () => {
  fc.assert(
    fc.property(json, manner, (value, how) => {
      expect(readBack(formatYamlAs(value, how)).map((one) => canonicalJson(one))).toEqual([canonicalJson(value)]);
    }),
    { numRuns: 500 },
  );
});

/**
 * What is shown of two Secrets tells nothing of their values: two pairs that differ in every value, its length and its
 * beginning included, and in nothing else are shown in the very same way.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diffObjects } from "../../src/compare/diff.ts";
import { redact } from "../../src/compare/redact.ts";
import { lastApplied } from "../../src/model/annotations.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { schemaOf } from "./schemas.ts";

/** Numbers stand for values: the same number, the same value. */
type Table = readonly string[];

function filled(skeleton: Json, table: Table, write: (value: string) => string): Json {
  if (typeof skeleton === "number") return write(table[skeleton] ?? "");
  if (isArray(skeleton)) return skeleton.map((item) => filled(item, table, write));
  if (!isObject(skeleton)) return skeleton;
  return Object.fromEntries(Object.entries(skeleton).map(([key, entry]) => [key, filled(entry, table, write)]));
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function secretOf({ data, stringData, kept }: JsonObject, table: Table): KubeObject {
  const content = {
    data: filled(data ?? null, table, base64),
    stringData: filled(stringData ?? null, table, (value) => value),
  };
  const annotations = kept === true ? { [lastApplied]: JSON.stringify(content) } : { kept: String(kept) };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", annotations },
    ...content,
  } as unknown as KubeObject;
}

const value = fc.nat(3);
const key = fc.constantFrom("a", "b", "tls.crt", "__proto__");
// Also what no Secret may hold: a live object can be of any shape.
const entry: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: value },
  { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(key, value, { maxKeys: 2 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const content: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(key, entry) },
  { weight: 1, arbitrary: entry },
);
const skeleton = fc.record({ data: content, stringData: content, kept: fc.boolean() });
const table = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 4, maxLength: 4 });

test("nothing of a Secret's values is shown, nor their length, nor how they begin", () => {
  const schema = schemaOf({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } });
  const kind = { group: "", kind: "Secret" };
  let shown = 0;
  fc.assert(
    fc.property(skeleton, skeleton, skeleton, table, table, (desired, live, previous, one, other) => {
      const [first, second] = [one, other].map((values) =>
        diffObjects({
          desired: secretOf(desired, values),
          live: secretOf(live, values),
          previous: secretOf(previous, values),
          schema,
        }).differences.map((difference) => redact(difference, kind, [])),
      );
      shown += first?.length ?? 0;
      expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    }),
    { numRuns: 500 },
  );
  expect(shown).toBeGreaterThan(500);
});

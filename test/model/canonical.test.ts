import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, digestOf } from "../../src/model/canonical.ts";
import { parseJson, type Json } from "../../src/model/json.ts";

test.each<readonly [Json, string]>([
  [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
  [{}, "{}"],
  [[], "[]"],
  [{ a: [[], {}] }, '{"a":[[],{}]}'],
  ['"\n', '"\\"\\n"'],
])("%j", (value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

test("property: it is JSON of the same content, whatever the order of keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = parseJson(JSON.stringify(value));
      expect(parseJson(canonicalJson(json))).toEqual(json);
    }),
  );
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
});

test("integers beyond 2^53 stay exact", () => {
  expect(canonicalJson([9007199254740993n])).toBe("[9007199254740993]");
});

test("nesting exhausts nothing", () => {
  let value: Json = 1;
  for (let depth = 0; depth < 20_000; depth++) value = [value];
  expect(canonicalJson(value)).toHaveLength(40_001);
});

test("keys are sorted however deep they are", () => {
  let value: Json = 1;
  let expected = "1";
  for (let depth = 0; depth < 300; depth++) {
    value = { b: "\n", a: value };
    expected = `{"a":${expected},"b":"\\n"}`;
  }
  expect(canonicalJson(value)).toBe(expected);
});

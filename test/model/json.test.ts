import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatJson, getIn, getString, parseJson } from "../../src/model/json.ts";

describe("JSON text", () => {
  test.each([
    ["a small integer stays a number", "7", 7],
    ["2^53 - 1 stays a number", "9007199254740991", 9007199254740991],
    ["2^53 + 1 is a bigint", "9007199254740993", 9007199254740993n],
    ["a negative one too", "-9223372036854775808", -9223372036854775808n],
    ["a long fraction is a number", "0.1234567890123456789", 0.12345678901234568],
    ["digits in a string stay a string", '"12345678901234567890"', "12345678901234567890"],
  ])("%s", (_, text, value) => {
    expect(parseJson(text)).toBe(value);
  });

  test("two different large integers stay different, and print as they were", () => {
    const text = '{"a":1685906000388294100,"b":1685906000388294101}';
    expect(formatJson(parseJson(text))).toBe(text);
  });

  test("whatever JSON.stringify prints comes back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(formatJson(parseJson(text))).toBe(text);
      }),
    );
  });

  test("__proto__ in a text is an entry, and pollutes nothing", () => {
    const value = parseJson('{"__proto__":{"polluted":1},"n":12345678901234567890}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(getIn(value, "__proto__", "polluted")).toBe(1);
  });
});

test("a chain of keys finds own entries only", () => {
  expect(getIn({ a: { b: 1 } }, "a", "b")).toBe(1);
  expect(getIn({ a: { b: 1 } }, "a", "toString")).toBeUndefined();
  expect(getIn({ a: [1] }, "a", "0")).toBeUndefined();
  expect(getString({ a: 1 }, "a")).toBeUndefined();
});

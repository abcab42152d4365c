/** Quantities as apimachinery reads and prints them; the expectations follow its documentation, not our code. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatQuantity, parseQuantity, roundUpToMilli, sameQuantity } from "../../src/compare/quantity.ts";
import type { Json } from "../../src/model/json.ts";

const canonical: readonly (readonly [Json, string])[] = [
  ["0", "0"],
  ["0Mi", "0"],
  ["-0", "0"],
  ["1000m", "1"],
  ["1.5", "1500m"],
  ["0.5", "500m"],
  [0.2, "200m"],
  [1, "1"],
  [3072, "3072"],
  ["3072", "3072"],
  ["1024Mi", "1Gi"],
  ["3072Mi", "3Gi"],
  ["1000M", "1G"],
  ["1500M", "1500M"],
  ["1.5Gi", "1536Mi"],
  ["0.5Ki", "512"],
  ["0.1Ki", "102400m"],
  ["1e3", "1e3"],
  ["1E3", "1E3"],
  ["1e6", "1e6"],
  ["10e2", "1e3"],
  ["1000e-12", "1e-9"],
  ["1e-10", "1e-9"],
  [".001e12", "1e9"],
  ["100k", "100k"],
  ["1000k", "1M"],
  ["+5", "+5"],
  ["+5.0", "5"],
  ["1.500", "1.500"],
  ["01Ki", "01Ki"],
  [" 1", "1"],
  [".", "0"],
  ["Ki", "0"],
  ["10E", "10E"],
  ["1000E", "1"],
  ["8Ei", "9223372036854775807"],
  ["-8Ei", "-9223372036854775807"],
  ["1e2147483646", "1e2147483646"],
  ["1e4294967296", "1e4294967296"],
  ["-1000m", "-1"],
  ["1.", "1."],
  ["0.0000000001", "1n"],
  ["1n", "1n"],
  ["1u", "1u"],
  ["2Ei", "2Ei"],
  ["100E", "100E"],
];

const refused: readonly Json[] = ["", "a", "Pi", "1 Gi", "1gi", "1K", "--1", "1e", "0x10", null, true, {}, [], "1Mi2"];

const pairs: readonly (readonly [Json, Json, boolean])[] = [
  ["1000m", "1", true],
  ["1024Mi", "1Gi", true],
  ["1Gi", "1073741824", true],
  ["1G", "1Gi", false],
  [0.1, "100m", true],
  ["1e3", "1k", true],
  ["1000E", "1", true],
  ["100E", "1000P", false],
  ["100E", "100000P", true],
  ["1", "1.000", true],
  ["9007199254740993", "9007199254740992", false],
  [9007199254740993n, "9007199254740993", true],
];

describe("quantity", () => {
  test.each(canonical)("%s is stored as %s", (value, expected) => {
    const quantity = parseQuantity(value);
    expect(quantity === undefined ? undefined : formatQuantity(quantity)).toBe(expected);
  });

  test.each(refused.map((value) => [value] as const))("%s is none", (value) => {
    expect(parseQuantity(value)).toBeUndefined();
  });

  test.each(pairs)("%s and %s are the same: %s", (one, other, same) => {
    const left = parseQuantity(one);
    const right = parseQuantity(other);
    expect(left !== undefined && right !== undefined && sameQuantity(left, right)).toBe(same);
  });

  test.each([
    ["0.0005", "1m"],
    ["0.1m", "1m"],
    ["1500u", "2m"],
    ["-0.0005", "-1m"],
    ["1m", "1m"],
    ["1", "1"],
  ])("%s in a list of resources is rounded up to %s", (value, expected) => {
    const quantity = parseQuantity(value);
    expect(quantity === undefined ? undefined : formatQuantity(roundUpToMilli(quantity))).toBe(expected);
  });

  test("printing and reading again gives the same amount, and the same text", () => {
    const text = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.nat(8),
        fc.constantFrom("", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "e-3"),
      )
      .map(([digits, point, suffix]) => {
        const sign = digits < 0n ? "-" : "";
        const plain = String(digits < 0n ? -digits : digits).padStart(point + 1, "0");
        return `${sign}${plain.slice(0, plain.length - point)}.${plain.slice(plain.length - point)}0${suffix}`;
      });
    fc.assert(
      fc.property(text, (value) => {
        const read = parseQuantity(value);
        if (read === undefined) return false;
        const printed = formatQuantity(read);
        const again = parseQuantity(printed);
        return again !== undefined && sameQuantity(read, again) && formatQuantity(again) === printed;
      }),
    );
  });
});

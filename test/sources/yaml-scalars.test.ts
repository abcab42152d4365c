import { describe, expect, test } from "vitest";
import { keyText, resolvePlain, resolveTagged, scalarRules } from "../../src/sources/yaml-scalars.ts";

/** What sigs.k8s.io/yaml 1.6.0 makes of each, taken from the library itself. */
const probes: readonly [string, unknown][] = [
  ["", null],
  ["~", null],
  ["Null", null],
  ["nUll", "nUll"],
  ["yes", true],
  ["Y", true],
  ["on", true],
  ["tRue", "tRue"],
  ["NO", false],
  ["n", false],
  ["Off", false],
  ["0777", 511],
  ["0_7", 7],
  ["-01", -1],
  ["0899", 899],
  ["08", 8],
  ["0b11", 3],
  ["-0b11", -3],
  ["0b12", "0b12"],
  ["0o17", 15],
  ["0O17", 15],
  ["0x1F", 31],
  ["-0x1f", -31],
  ["0x", "0x"],
  ["0x_1F", 31],
  ["1_000", 1000],
  ["_1", "_1"],
  ["-_1", -1],
  ["+1", 1],
  ["22:22", "22:22"],
  ["2001-01-01", "2001-01-01"],
  ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"],
  ["1e3", 1000],
  ["1E3", 1000],
  ["1.5e-3", 0.0015],
  ["1e400", "1e400"],
  ["-1e400", "-1e400"],
  ["1.", 1],
  ["+.5", 0.5],
  [".5", 0.5],
  [".5e3", 500],
  ["._5", "._5"],
  ["1_0.5", 10.5],
  ["9007199254740993", 9007199254740993n],
  ["9223372036854775807", 9223372036854775807n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", 18446744073709551616],
  ["-9223372036854775808", -9223372036854775808n],
  ["0xFFFFFFFFFFFFFFFF", 18446744073709551615n],
  ["0x1FFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFF"],
  ["1.2.3", "1.2.3"],
  ["0.0.0.0", "0.0.0.0"],
  ["10m", "10m"],
  ["1e", "1e"],
  ["1e+", "1e+"],
  ["-", "-"],
  [".", "."],
  ["nan", "nan"],
  ["Infinity", "Infinity"],
  [".inf", Infinity],
  ["-.Inf", -Infinity],
  ["=", "="],
  ["é", "é"],
];

describe("an unquoted scalar, as kubectl reads it (1D-49)", () => {
  test.each(probes)("%j is %s", (text, value) => {
    expect(resolvePlain(text)).toEqual(value);
  });

  test("not a number", () => {
    expect(resolvePlain(".NaN")).toBeNaN();
  });

  test("every rule has a probe of its own", () => {
    const first = (text: string): string | undefined => scalarRules.find(({ pattern }) => pattern.test(text))?.name;
    const used = new Set([...probes.map(([text]) => first(text)), first(".nan")]);
    expect(scalarRules.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
  });
});

test.each([
  ["str", "12", "12"],
  ["int", "12", 12],
  ["int", "1.5", undefined],
  ["float", "1", 1],
  ["bool", "yes", true],
  ["bool", "1", undefined],
  ["null", "", null],
  ["binary", "aGk=", "hi"],
  ["timestamp", "2001-01-01", "2001-01-01"],
])("!!%s %j is %j", (tag, text, value) => {
  expect(resolveTagged(text, tag)).toEqual(value);
});

test.each([
  [true, "true"],
  [420, "420"],
  [1.5, "1.5"],
  ["x", "x"],
  [null, undefined],
])("the key %j is %j", (value, text) => {
  expect(keyText(value)).toBe(text);
});

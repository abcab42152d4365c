import { describe, expect, test } from "vitest";
import { keyText, readScalar, readTagged, scalarRules, toJson } from "../../src/sources/yaml-scalars.ts";

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
  ["0b-11", -3],
  ["0b-12", "0b-12"],
  ["-_0B1", -1],
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
  [".9_99", 0.999],
  [".9__9", ".9__9"],
  [".9_", ".9_"],
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
    expect(readScalar(text).value).toEqual(value);
  });

  test("not a number", () => {
    expect(readScalar(".NaN").value).toBeNaN();
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
  ["int", "1e3", undefined],
  ["binary", "aGk", undefined],
  ["timestamp", "2001-01-01", "2001-01-01"],
  ["timestamp", "soon", undefined],
])("!!%s %j is %j", (tag, text, value) => {
  expect(readTagged(text, tag)?.value).toEqual(value);
});

test.each([
  ["yes", "true"],
  ["0644", "420"],
  ["1.5", "1.5"],
  ["1000000", "1000000"],
  ["1e6", "1e+06"],
  ["0.00001", "1e-05"],
  ["16777217.0", "1.6777216e+07"],
  ["1e39", ".inf"],
  ["-0.0", "-0"],
  [".NaN", ".nan"],
  ["x", "x"],
  ["9223372036854775807", "9223372036854775807"],
  ["9223372036854775808", undefined],
  ["~", undefined],
])("the key %s is %j", (text, key) => {
  expect(keyText(readScalar(text))).toBe(key);
});

test.each([
  ["1.0", 1],
  ["9223372036854775807", 9223372036854775807n],
  ["9223372036854775808", 9223372036854775808],
  ["18446744073709551615", 2 ** 64],
  ["9.123456789012345e18", 9123456789012345000n],
  ["1e18", 1000000000000000000n],
  ["1e21", 1e21],
  [".inf", undefined],
])("%s reaches the server as %s", (text, value) => {
  expect(toJson(readScalar(text).value)).toBe(value);
});

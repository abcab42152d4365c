import { describe, expect, test } from "vitest";
import { parseDuration } from "../../src/compare/duration-text.ts";
import { sameScalar } from "../../src/compare/equality.ts";
import { sameJson } from "../../src/compare/same-json.ts";
import type { Json } from "../../src/model/json.ts";
import type { ScalarKind } from "../../src/model/schema.ts";

const pem = (body: string, end = "\n"): string =>
  Buffer.from(`-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----${end}`).toString("base64");

const rows: readonly (readonly [ScalarKind, Json, Json, boolean])[] = [
  ["quantity", "1000m", "1", true],
  ["quantity", "0.0005", "1m", false],
  ["quantity", "a", "a", true],
  ["quantity", "a", "b", false],
  ["string", "1000m", "1", false],
  ["string", "1", 1, true],
  ["string", "true", true, true],
  ["string", "9007199254740993", 9007199254740993n, true],
  ["string", "0644", 420, false],
  ["string", "1", true, false],
  ["any", "1", 1, false],
  ["int-or-string", "1", 1, false],
  ["string", "a ", "a", false],
  ["string", "A", "a", false],
  ["any", "1Gi", "1024Mi", false],
  ["duration", "8760h", "8760h0m0s", true],
  ["duration", "1.5h", "90m", true],
  ["duration", "1h", "3600", false],
  ["duration", "-1m", "-60s", true],
  ["string", "8760h", "8760h0m0s", false],
  ["int-or-string", 80, "80", false],
  ["int-or-string", "25%", "25%", true],
  ["bytes", "YWFh\nYWFh\n", "YWFhYWFh", true],
  ["bytes", "YWFh", "YWFi", false],
  ["bytes", "YWFh\r\nYWFh", "YWFhYWFh", true],
  ["bytes", "YWFh YWFh", "YWFhYWFh", false],
  ["bytes", "YWE=", "YWF=", true],
  ["bytes", "YWE=", "YWE", false],
  ["bytes", pem("A\nB\n"), pem("AB\n", "\n\n"), true],
  ["bytes", pem("A\nB\n"), pem("A\r\nB\r\n", ""), true],
  ["bytes", pem("A\n"), pem("B\n"), false],
  ["bytes", pem("A\n"), pem("A\n", "\nserial 1\n"), false],
  ["bytes", pem("A: 1\n\nB\n"), pem("A: 1\nB\n"), false],
  ["string", pem("A\n"), pem("A\n", "\n\n"), false],
  ["string", "YWFh\nYWFh", "YWFhYWFh", false],
  ["time", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", true],
  ["time", "2024-01-01T00:00:00.000000Z", "2024-01-01T00:00:00Z", true],
  ["time", "2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", false],
  ["time", "soon", "later", false],
  ["time", "2023-02-30T00:00:00Z", "2023-03-02T00:00:00Z", false],
  ["time", "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00.5Z", true],
  ["time", "2024-01-01T00:00:00Z", "2024-01-01t00:00:00z", false],
  ["number", 1, 1n, true],
  ["number", 9007199254740993n, 9007199254740992, false],
  ["number", 9007199254740993n, 9007199254740992n, false],
  ["boolean", false, null, false],
];

describe("equality by type", () => {
  test.each(rows)("%s: %s and %s are the same: %s", (kind, one, other, same) => {
    expect(sameScalar(kind, one, other)).toBe(same);
    expect(sameScalar(kind, other, one)).toBe(same);
  });

  test("amounts in a list of resources are rounded up to a milli", () => {
    expect(sameScalar("quantity", "0.0005", "1m", true)).toBe(true);
  });

  test.each([
    ["0", 0n],
    ["1us", 1000n],
    [".5s", 500000000n],
    ["-9223372036854775808ns", -9223372036854775808n],
    ["9223372036854775808ns", undefined],
    ["1.0000000000000000000000001h", 3600000000000n],
    ["+0", 0n],
    ["1h1m1s1ms", 3661001000000n],
    ["", undefined],
    ["1", undefined],
    ["1d", undefined],
    ["h", undefined],
  ])("duration %s", (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });
});

describe("equality of JSON", () => {
  test.each<readonly [Json, Json, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [{ a: [{}] }, { a: [{}] }, true],
    [[], {}, false],
    [{ ["__proto__"]: 1 }, {}, false],
    [null, {}, false],
    ["1", 1, false],
  ])("%j and %j are the same: %s", (one, other, same) => {
    expect(sameJson(one, other)).toBe(same);
  });

  test("depth does not exhaust the stack", () => {
    const nest = (): Json => {
      let value: Json = 1;
      for (let level = 0; level < 100_000; level += 1) value = [value];
      return value;
    };
    expect(sameJson(nest(), nest())).toBe(true);
  });
});

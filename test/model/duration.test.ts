import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationPattern, parseDuration } from "../../src/model/duration.ts";

describe("parseDuration", () => {
  test.each([
    ["1m", 60_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["250ms", 250],
    ["0s", 0],
    ["1m500ms", 60_500],
    ["0.0004s", 0],
    ["", undefined],
    ["1", undefined],
    ["0", undefined],
    ["-1m", undefined],
    ["1d", undefined],
    ["1 m", undefined],
    ["m", undefined],
    ["1m\n", undefined],
    ["1µs", undefined],
    ["9".repeat(60), undefined],
    ["1s".repeat(40), undefined],
  ])("%j is %s", (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test("adds up whole parts, whatever their sizes", () => {
    const parts = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));
    fc.assert(
      fc.property(
        parts,
        ([h, m, s, ms]) => parseDuration(`${h}h${m}m${s}s${ms}ms`) === ((h * 60 + m) * 60 + s) * 1000 + ms,
      ),
    );
  });

  test("reads whatever the schema lets through", () => {
    const texts = fc.stringMatching(new RegExp(durationPattern)).filter((text) => text.length <= 32);
    fc.assert(fc.property(texts, (text) => parseDuration(text) !== undefined));
  });
});

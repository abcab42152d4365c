import { expect, test } from "vitest";
import { parseTime } from "../../src/model/time.ts";

test.each([
  ["2026-02-28T12:00:00Z", Date.UTC(2026, 1, 28, 12)],
  ["2028-02-29t00:00:00.5z", Date.UTC(2028, 1, 29, 0, 0, 0, 500)],
  ["2026-03-01T00:30:00+01:00", Date.UTC(2026, 1, 28, 23, 30)],
  ["2026-02-30T12:00:00Z", undefined],
  ["2026-02-29T12:00:00+14:00", undefined],
  ["2026-04-31T00:00:00Z", undefined],
  ["2026-01-01T24:00:00Z", undefined],
  ["2026-01-01T00:00:60Z", undefined],
  ["2026-13-01T00:00:00Z", undefined],
  ["2026-01-01T00:00:00", undefined],
  ["2026-01-01", undefined],
  ["tomorrow", undefined],
])("%s", (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});

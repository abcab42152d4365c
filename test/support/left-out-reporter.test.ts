import { describe, expect, test } from "vitest";
import { closing } from "./left-out-reporter.ts";

const counts = { passed: 12, failed: 0, skipped: 0 };
const needed = { suite: "alerts", why: "promtool was not found", optional: false };
const data = { suite: "corpora", why: "corpora is not here", optional: true };

describe("the last lines of a run", () => {
  test.each([
    { name: "nothing left out", leftOut: [], found: counts, lines: ["12 passed, 0 failed"] },
    {
      name: "skipped tests are counted",
      leftOut: [],
      found: { ...counts, skipped: 3 },
      lines: ["12 passed, 0 failed, 3 skipped"],
    },
    {
      name: "what no set-up can bring may be absent, even where all is required",
      leftOut: [data],
      found: counts,
      lines: ["left out: corpora: corpora is not here", "12 passed, 0 failed"],
    },
  ])("$name", ({ leftOut, found, lines }) => {
    expect(closing(leftOut, found, true)).toEqual({ lines, fails: false });
  });

  test("what is left out is named", () => {
    const lines = ["left out: alerts: promtool was not found", "12 passed, 0 failed"];
    expect(closing([needed], counts, false)).toEqual({ lines, fails: false });
  });

  test("where all is required, it fails the run", () => {
    const { lines, fails } = closing([data, needed], counts, true);
    expect(fails).toBe(true);
    expect(lines.at(-2)).toContain("nothing may be left out");
    expect(lines.at(-1)).toBe("12 passed, 0 failed");
  });
});

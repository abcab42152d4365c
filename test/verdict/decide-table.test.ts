/** Which verdict each situation gets. */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/model/verdict.ts";
import { decide } from "../../src/verdict/decide.ts";
import { otherRows } from "./decide-rows-others.ts";
import { declaredRows } from "./decide-rows.ts";
import { situation } from "./pair-fixture.ts";

/** What a verdict comes down to in a table: its kind and what tells it from its neighbours. */
function gist(verdict: Verdict): string {
  switch (verdict.kind) {
    case "drifted":
      return `drifted ${verdict.cause}`;
    case "missing":
      return `missing ${verdict.cause}`;
    case "unmanaged":
      return `unmanaged ${verdict.cause}`;
    case "pending":
      return `pending ${verdict.reason}`;
    case "excluded":
      return `excluded ${verdict.rule}`;
    case "unknown":
      return `unknown ${verdict.problem.code}`;
    default:
      return verdict.kind;
  }
}

describe("truth table of verdicts", () => {
  test.each([...declaredRows, ...otherRows])("%s", (_, changes, expected) => {
    expect(gist(decide(situation(changes)).verdict)).toBe(expected);
  });
});

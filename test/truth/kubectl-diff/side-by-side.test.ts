/** The words that the table gives to what was said, and its columns: one group for each peer that was asked. */
import { expect, test } from "vitest";
import type { Answer } from "../peers/answer.ts";
import { sideBySide, theirWord, type Compared } from "./side-by-side.ts";

function compared(isDrift: boolean, ours: boolean, ...answers: readonly Answer[]): Compared {
  const theirs = answers.map((answer, at) => ({ peer: `peer ${at + 1}`, answer }));
  return { operator: "some edit", mode: "kubectl diff", isDrift, ours, ourCount: 0, theirs };
}

test.each([
  [true, "differs", "right"],
  [true, "same", "missed"],
  [false, "differs", "falsely"],
  [false, "same", "right"],
  [true, "failed", "failed"],
  [false, "failed", "failed"],
] as const)("drift %s, a peer says %s: %s", (isDrift, answer, word) => {
  expect(theirWord(compared(isDrift, true, answer), answer)).toBe(word);
});

test("each peer has its four columns", () => {
  const lines = sideBySide([compared(true, true, "same", "differs"), compared(false, false, "failed", "differs")]);
  const rows = lines.map((line) => line.trim().split(/\s{2,}/));
  expect(rows).toEqual([
    [""],
    ["kubectl diff", "cases", "ours: right", "missed", "false"].concat(
      ...[1, 2].map((at) => [`peer ${at}: right`, "missed", "false", "error"]),
    ),
    ["all", "2", "1", "0", "1", "0", "1", "0", "1", "1", "0", "1", "0"],
    ["some edit", "2", "1", "0", "1", "0", "1", "0", "1", "1", "0", "1", "0"],
  ]);
});

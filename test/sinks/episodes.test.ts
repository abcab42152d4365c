import { expect, test } from "vitest";
import { stepOf } from "../../src/sinks/episodes.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { driftedVerdict, inSync, judgementOf, missingVerdict, transitionOf } from "./sink-fixtures.ts";

const drifted = driftedVerdict();
const unknown: Verdict = { kind: "unknown", problem: { code: "cluster-unreachable", message: "gone" } };
const pending: Verdict = { kind: "pending", reason: "changed", until: 0 };
const unmanaged: Verdict = { kind: "unmanaged", cause: "dropped-from-git", severity: "medium", class: "config" };

const rows: readonly (readonly [string, Verdict | undefined, Verdict | undefined, string])[] = [
  ["first judged in sync", undefined, inSync, "none"],
  ["first judged drifted", undefined, drifted, "began"],
  ["in sync, then drifted", inSync, drifted, "began"],
  ["pending, then drifted", pending, drifted, "began"],
  ["drifted, then otherwise", drifted, missingVerdict(), "moved"],
  ["drifted, then not seen", drifted, unknown, "none"],
  ["drifted, then in sync", drifted, inSync, "ended in-sync"],
  ["drifted, then pending", drifted, pending, "ended set-aside"],
  ["drifted, then declared no more", drifted, undefined, "ended left"],
  ["dropped from Git, then gone", unmanaged, undefined, "ended gone"],
  ["in sync, then gone", inSync, undefined, "none"],
];

test.each(rows)("%s", (_, before, after, expected) => {
  const of = (verdict: Verdict | undefined) => (verdict === undefined ? undefined : judgementOf(verdict));
  const step = stepOf(transitionOf(of(before), of(after)));
  expect(step.kind === "ended" ? `ended ${step.how}` : step.kind).toBe(expected);
});

test.each([
  ["it is gone", "gone", "gone"],
  ["it is somebody's now: nobody put anything right, and it stands no more", "claimed", "set-aside"],
  ["nobody looks for it any more, and it may be there still", "unsearched", "left"],
] as const)("of what Git never declared, %s", (_, left, how) => {
  const stray = judgementOf({ ...unmanaged, cause: "live-edit" });
  expect(stepOf(transitionOf(stray, undefined, { left }))).toMatchObject({ kind: "ended", how });
});

test("what Git never declared and declares now is in sync", () => {
  const stray = judgementOf({ ...unmanaged, cause: "live-edit" });
  expect(stepOf(transitionOf(stray, judgementOf(inSync)))).toMatchObject({ kind: "ended", how: "in-sync" });
});

test("what a restart replays is no step", () => {
  const again = transitionOf(judgementOf(drifted), judgementOf(drifted), { replayed: true });
  expect(stepOf(again)).toEqual({ kind: "none" });
});

/** What annotations on a Baseline switch, and what is made of those that cannot be read. */
import { describe, expect, test } from "vitest";
import { resolveBaseline } from "../../src/model/baseline-settings.ts";
import type { Baseline } from "../../src/model/baseline.ts";

function resolve(annotations: Readonly<Record<string, string>>): { baseline: Baseline; problems: readonly string[] } {
  const resolved = resolveBaseline({
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: "web", namespace: "shop", uid: "u1", annotations },
    spec: { source: { git: { url: "https://git.example/shop.git", ref: { branch: "main" } } } },
  });
  if ("problem" in resolved) throw new Error(resolved.problem.message);
  return { baseline: resolved.baseline, problems: resolved.problems.map(({ message }) => message) };
}

type Row = readonly [string, string, (baseline: Baseline) => unknown, unknown, RegExp | undefined];

const AT = "2026-11-21T13:00:00Z";
const COMMIT = "c".repeat(40);

const rows: readonly Row[] = [
  ["remediate", "disabled", (one) => one.remediate, "disabled", undefined],
  ["remediate", " disabled ", (one) => one.remediate, "disabled", undefined],
  // It opts in to nothing: that is what the scope is for.
  ["remediate", "enabled", (one) => one.remediate, undefined, undefined],
  ["remediate", "no", (one) => one.remediate, "disabled", /remediate.*read as `disabled`/],
  ["pause-until", AT, (one) => one.pauseUntil, Date.parse(AT), undefined],
  ["pause-until", "tomorrow", (one) => one.pauseUntil, Number.POSITIVE_INFINITY, /pause-until.*nothing is healed/],
  ["pause-reason", "audit", (one) => one.pauseReason, "audit", undefined],
  ["windows-open-until", AT, (one) => one.windowsOpenUntil, Date.parse(AT), undefined],
  ["windows-open-until", "always", (one) => one.windowsOpenUntil, undefined, /windows-open-until.*stay as they are/],
  ["approve", COMMIT, (one) => one.approvedCommit, COMMIT, undefined],
  ["approve", "", (one) => one.approvedCommit, undefined, undefined],
];

describe("annotations on a Baseline", () => {
  test.each(rows)("%s: %s", (name, value, read, expected, problem) => {
    const { baseline, problems } = resolve({ [`plumbline.dev/${name}`]: value });
    expect(read(baseline)).toBe(expected);
    expect(problems).toEqual(problem === undefined ? [] : [expect.stringMatching(problem)]);
  });
});

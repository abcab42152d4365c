/** Which commit `plumbline rollback` means, and what it refuses before it asks anybody. */
import { describe, expect, test } from "vitest";
import { commitToGoTo } from "../../src/cli/rollback-command.ts";
import type { Json } from "../../src/model/json.ts";
import { plumbline } from "./terminal.ts";

const [good, settled, current, head] = ["a", "b", "c", "d"].map((digit) => `${digit}${"0".repeat(39)}`) as [
  string,
  string,
  string,
  string,
];
const revision = (commit: string): string => `main@sha1:${commit}`;
const baseline: Json = {
  status: {
    source: { goodRevision: revision(good), settledRevision: revision(settled), revision: revision(current) },
    rollback: { instead: revision(head) },
  },
};

describe("the commit that is meant", () => {
  test.each([
    ["none is named: the last good one", undefined, good],
    ["a whole commit", "1".repeat(40), "1".repeat(40)],
    ["a whole commit of 64 digits", "1".repeat(64), "1".repeat(64)],
    ["a revision as the status shows it", revision("2".repeat(40)), "2".repeat(40)],
    ["the start of the good one", good.slice(0, 7), good],
    ["the start of the settled one", settled.slice(0, 12), settled],
    ["the start of the one that is rolled back from", head.slice(0, 39), head],
  ])("%s", (_name, wanted, expected) => {
    expect(commitToGoTo(baseline, wanted)).toBe(expected);
  });

  test.each([
    ["a start that is too short", good.slice(0, 6)],
    ["a start that the status does not name", "1234567"],
    ["a branch", "main"],
    ["capitals", good.toUpperCase()],
    ["nothing", ""],
  ])("%s is refused", (_name, wanted) => {
    expect(() => commitToGoTo(baseline, wanted)).toThrow("a whole commit is needed");
  });

  test("a start of two is refused", () => {
    const twins = { status: { source: { goodRevision: revision(`${good.slice(0, 39)}1`), revision: revision(good) } } };
    expect(() => commitToGoTo(twins, good.slice(0, 12))).toThrow("a whole commit is needed");
  });

  test("no good one is known, or it is the one in force", () => {
    expect(() => commitToGoTo({}, undefined)).toThrow("no revision is known to be good yet");
    const same = { status: { source: { goodRevision: revision(good), revision: revision(good) } } };
    expect(() => commitToGoTo(same, undefined)).toThrow("name an earlier one with --to");
  });
});

describe("refused at once", () => {
  test.each([
    [["--for", "forever"], "a duration such as 30m, 2h"],
    [["--for", "800h"], "longer than 30 days"],
    [["--reason", "x".repeat(513)], "513 characters, more than 512"],
    [["--cancel", "--to", good], "leave --to out"],
  ])("%j", async (flags, message) => {
    const { status, stderr } = await plumbline(["rollback", "shop", "--kubeconfig", "/nowhere", ...flags]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

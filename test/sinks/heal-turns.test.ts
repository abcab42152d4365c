import { beforeEach, expect, test } from "vitest";
import { createHealTurns, turnPatience, type HealTurns } from "../../src/sinks/heal-turns.ts";
import { ManualClock } from "../support/manual-clock.ts";

let clock: ManualClock;
let turns: HealTurns;
let released: string[];

beforeEach(() => {
  clock = new ManualClock();
  released = [];
  turns = createHealTurns(clock, (key) => released.push(key));
});

test("one alone does not wait, whatever its rank", () => {
  turns.enter("shop", "deployment", 9);
  expect(turns.wait("shop", "deployment")).toBe(0);
});

test("what others need goes first, and lets them go when it was looked at", () => {
  turns.enter("shop", "deployment", 9);
  turns.enter("shop", "namespace", 0);
  turns.enter("shop", "secret", 5);
  expect(turns.wait("shop", "deployment")).toBe(turnPatience);
  expect(turns.wait("shop", "secret")).toBe(turnPatience);
  expect(turns.wait("shop", "namespace")).toBe(0);
  turns.leave("shop", "namespace");
  expect(released).toEqual(["secret"]);
  expect(turns.wait("shop", "secret")).toBe(0);
  turns.leave("shop", "secret");
  expect(released).toEqual(["secret", "deployment"]);
  expect(turns.wait("shop", "deployment")).toBe(0);
});

test("equals go together", () => {
  turns.enter("shop", "a", 5);
  turns.enter("shop", "b", 5);
  turns.enter("shop", "c", 9);
  expect([turns.wait("shop", "a"), turns.wait("shop", "b")]).toEqual([0, 0]);
  turns.wait("shop", "c");
  turns.leave("shop", "a");
  expect(released).toEqual([]);
  turns.leave("shop", "b");
  expect(released).toEqual(["c"]);
});

test("another Baseline's objects are nobody's to wait for", () => {
  turns.enter("shop", "namespace", 0);
  turns.enter("web", "deployment", 9);
  expect(turns.wait("web", "deployment")).toBe(0);
});

test("nobody waits for longer than a moment", async () => {
  turns.enter("shop", "namespace", 0);
  turns.enter("shop", "deployment", 9);
  expect(turns.wait("shop", "deployment")).toBe(turnPatience);
  await clock.advance(turnPatience);
  expect(turns.wait("shop", "deployment")).toBe(0);
});

test("who was looked at, or never asked, waits for nobody; what is forgotten holds nobody", () => {
  expect(turns.wait("shop", "a")).toBe(0);
  turns.enter("shop", "namespace", 0);
  turns.enter("shop", "deployment", 9);
  turns.leave("shop", "deployment");
  expect(turns.wait("shop", "deployment")).toBe(0);
  turns.enter("shop", "deployment", 9);
  turns.forget("shop");
  expect(turns.wait("shop", "deployment")).toBe(0);
});

test("what drifts again while it waits is in line once, at its new rank", () => {
  turns.enter("shop", "namespace", 0);
  turns.enter("shop", "web", 9);
  turns.wait("shop", "web");
  turns.enter("shop", "web", 20);
  expect(turns.wait("shop", "web")).toBe(turnPatience);
  turns.leave("shop", "namespace");
  expect(released).toEqual(["web"]);
});

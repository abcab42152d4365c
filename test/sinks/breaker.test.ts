/** The keeper of the breakers: what is a contest, what is said of a fight and to whom, and what outlives a restart. */
import { beforeEach, expect, test } from "vitest";
import type { LiveView } from "../../src/model/live.ts";
import { field } from "../../src/model/path.ts";
import type { Change } from "../../src/model/verdict.ts";
import {
  contestOf,
  createBreaker,
  pathsOf,
  type Breaker,
  type BreakerChange,
  type Contest,
} from "../../src/sinks/breaker.ts";
import type { Standing } from "../../src/sinks/episodes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { baselineOf, changeOf, driftedVerdict, judgementOf, missingVerdict, start } from "./sink-fixtures.ts";

const MINUTE = 60_000;
const { key } = baselineOf();
const object = "apps/Deployment/shop/web";

let clock: ManualClock;
let changes: BreakerChange[];
let breaker: Breaker;
let edits: number;

beforeEach(() => {
  clock = new ManualClock();
  changes = [];
  edits = 0;
  breaker = createBreaker(clock, (change) => changes.push(change));
});

const contest = (over: Partial<Contest> = {}): Contest => ({
  moves: [{ path: ".spec.replicas", manager: "hpa" }],
  seen: `edit ${(edits += 1)}`,
  desired: "v1",
  ...over,
});
/** Moved, and put back where it may be. */
function edit(one: Contest = contest()): ReturnType<Breaker["held"]> {
  const held = breaker.held(key, object, one);
  if (held === undefined) breaker.healed(key, object, one);
  return held;
}
async function fight(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    edit();
    await clock.advance(1_000);
  }
}

test("what holds it says until when, who, which path, and how often", async () => {
  await fight();
  expect(edit()).toEqual({
    reason: "fight",
    until: start + 3_000 + 10 * MINUTE,
    message: "hpa moved .spec.replicas again each time it was put back, at least 3 times in 10 minutes",
    contested: { managers: ["hpa"], paths: [".spec.replicas"] },
  });
  await clock.advance(10 * MINUTE);
  expect(edit()).toBeUndefined();
  expect(edit()?.message).toBe("hpa moved .spec.replicas again after a trial; nothing is written until the next one");
});

test("until when stands still, although the two clocks do not tick alike", async () => {
  const shaky = { now: () => clock.now() + Math.random() * 5, monotonic: () => clock.monotonic() };
  breaker = createBreaker(shaky);
  await fight();
  const until = edit()?.until;
  for (let look = 0; look < 20; look += 1) expect(edit()?.until).toBe(until);
  expect(Number.isInteger(until)).toBe(true);
});

test("each change of state is told once, with what is contested; peace closes it", async () => {
  await fight();
  for (let look = 0; look < 5; look += 1) edit();
  await clock.advance(10 * MINUTE);
  edit();
  expect(breaker.state(key, object)).toBe("half-open");
  await clock.advance(10 * MINUTE);
  expect(breaker.state(key, object)).toBe("closed");
  expect(changes.map(({ from, to }) => `${from} > ${to}`)).toEqual([
    "closed > open",
    "open > half-open",
    "half-open > closed",
  ]);
  for (const change of changes)
    expect(change).toMatchObject({
      baseline: key,
      object,
      contested: { managers: ["hpa"], paths: [".spec.replicas"] },
    });
});

test("they are counted by state, for one Baseline and one object alone", async () => {
  expect(breaker.count(key)).toEqual({ open: 0, "half-open": 0 });
  await fight();
  const other = baselineOf({ name: "other" }).key;
  expect([breaker.count(key), breaker.count(other)]).toEqual([
    { open: 1, "half-open": 0 },
    { open: 0, "half-open": 0 },
  ]);
  expect(breaker.held(key, "another", contest())).toBeUndefined();
  expect(breaker.held(other, object, contest())).toBeUndefined();
  await clock.advance(10 * MINUTE);
  expect(breaker.count(key)).toEqual({ open: 0, "half-open": 1 });
  await clock.advance(10 * MINUTE);
  expect(breaker.count(key)).toEqual({ open: 0, "half-open": 0 });
});

test("a Baseline that is gone is forgotten", async () => {
  await fight();
  breaker.forget(key);
  expect(breaker.state(key, object)).toBe("closed");
});

test("after a restart the record holds it for the time that was left, then allows one trial", async () => {
  const contested = { managers: ["hpa"], paths: [".spec.replicas"] };
  breaker.recall(key, object, { waitingFor: "fight", contested, waitsUntil: start + 4 * MINUTE });
  expect(edit()).toMatchObject({ until: start + 4 * MINUTE, contested });
  expect(changes).toEqual([]);
  await clock.advance(4 * MINUTE);
  expect(edit()).toBeUndefined();
  expect(edit()?.until).toBe(start + 24 * MINUTE);
});

test.each([
  ["two claimants: no breaker of ours", { waitingFor: "fight" }],
  ["another reason to wait", { waitingFor: "pause", contested: { managers: ["hpa"], paths: [".x"] } }],
  ["nothing contested", { waitingFor: "fight", contested: { managers: [], paths: [] } }],
])("a record recalls nothing: %s", (_, recorded) => {
  breaker.recall(key, object, { ...recorded, waitsUntil: start + MINUTE });
  expect(breaker.state(key, object)).toBe("closed");
});

test("what this process knows is newer than a record", async () => {
  await fight();
  const contested = { managers: ["old"], paths: [".old"] };
  breaker.recall(key, object, { waitingFor: "fight", contested, waitsUntil: start + 100 * MINUTE });
  expect(edit()).toMatchObject({ contested: { managers: ["hpa"] } });
});

test("more managers than a record may hold are cut", async () => {
  const moves = Array.from({ length: 30 }, (_, at) => ({ path: `.spec.p${at}`, manager: `m${at}` }));
  for (let round = 0; round < 3; round += 1) edit(contest({ moves }));
  const held = edit(contest({ moves }));
  expect([held?.contested.managers.length, held?.contested.paths.length]).toEqual([20, 20]);
  expect(pathsOf({ managers: [], paths: moves.map(({ path }) => path) })).toBe(
    ".spec.p0, .spec.p1, .spec.p2, .spec.p3, .spec.p4 and 25 more",
  );
});

const live = (resourceVersion: string): LiveView => ({
  state: "present",
  live: {
    object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } },
    uid: "u",
    resourceVersion,
    managedFields: "",
    health: { state: "healthy" },
    receivedAt: 0,
  },
});
const standing = (verdict: Standing["verdict"], firstObserved = start): Standing => ({
  ...judgementOf(verdict, { firstObserved }),
  verdict,
});
const by = (manager: string, over: Partial<Change> = {}): Change =>
  changeOf({ owner: { manager, operation: "Update", subresource: "", confidence: "exact" }, ...over });
const paused = { path: [field("spec"), field("paused")] };

test.each<[string, readonly Change[], Contest["moves"]]>([
  ["who owns the path", [by("hpa")], [{ path: ".spec.replicas", manager: "hpa" }]],
  [
    "nobody on record for a removal, whatever the entry that stands for nobody is called",
    [by("hpa", { owner: { manager: "x", operation: "", subresource: "", confidence: "unknown" } })],
    [{ path: ".spec.replicas", manager: "" }],
  ],
  [
    "our own name at a version that is not of our writing: it is said that it was not us",
    [by("plumbline"), by("hpa", paused)],
    [
      { path: ".spec.replicas", manager: "plumbline (not this process)" },
      { path: ".spec.paused", manager: "hpa" },
    ],
  ],
  [
    "what is not put back is not contested",
    [by("deployer", { cause: "rollout" }), by("hpa", paused)],
    [{ path: ".spec.paused", manager: "hpa" }],
  ],
])("a contest is made of: %s", (_, found, expected) => {
  const input = { baseline: baselineOf(), live: live("7"), desired: undefined };
  expect(contestOf(standing(driftedVerdict(found)), input).moves).toEqual(expected);
});

test("what we wrote while Git said so is nobody's move, whoever may bring about what Git says now", () => {
  const { remediation, ...rest } = baselineOf();
  const causes = [...remediation.causes, "rollout" as const, "dropped-from-git" as const];
  const input = { baseline: { ...rest, remediation: { ...remediation, causes } }, live: live("7"), desired: undefined };
  const found = [by("plumbline", { cause: "rollout" }), by("plumbline", { cause: "dropped-from-git", ...paused })];
  expect(contestOf(standing(driftedVerdict(found)), input).moves).toEqual([]);
});

test("what admission made of our own write is nobody else's move", () => {
  const verdict = driftedVerdict([by("plumbline"), by("hpa", paused)]);
  const input = { baseline: baselineOf(), live: live("7"), desired: undefined };
  expect(contestOf(standing(verdict), input, "7").moves).toEqual([{ path: ".spec.paused", manager: "hpa" }]);
});

test("an object that is made again each time it is deleted: a contest over the whole of it", () => {
  const input = { baseline: baselineOf(), live: { state: "absent" }, desired: undefined } as const;
  const missing = missingVerdict() as Standing["verdict"];
  const remake = (moment: number) => {
    const one = contestOf(standing(missing, moment), input);
    return edit(one);
  };
  expect([remake(1), remake(2), remake(3)]).toEqual([undefined, undefined, undefined]);
  // The watch has not brought our own write yet.
  expect(breaker.held(key, object, contestOf(standing(missing, 3), input))).toBeUndefined();
  expect(remake(4)?.message).toContain("somebody unknown moved the object as a whole again");
});

test("the same drift at another version of the object is another contest", () => {
  const verdict = driftedVerdict();
  const seen = (version: string): string =>
    contestOf(standing(verdict), { baseline: baselineOf(), live: live(version), desired: undefined }).seen;
  expect(seen("7")).toBe(seen("7"));
  expect(seen("7")).not.toBe(seen("8"));
});

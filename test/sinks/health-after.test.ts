/** What a heal did to an object's health, as a table: before, what was seen since, and whether that is worse. */
import { beforeEach, expect, test } from "vitest";
import type { EvidenceRecord } from "../../src/model/evidence.ts";
import type { HealthState } from "../../src/model/live.ts";
import {
  createHealthAfter,
  healthSink,
  longestRollout,
  type HealthAfter,
  type HealthSettled,
} from "../../src/sinks/health-after.ts";
import { createHealthTold } from "../../src/sinks/health-told.ts";
import type { Announcement } from "../../src/sinks/ports.ts";
import { ManualClock } from "../support/manual-clock.ts";
import {
  baselineOf,
  driftedVerdict,
  FakeEngine,
  inSync,
  judgementOf,
  start,
  stateOf,
  transitionOf,
  webId,
} from "./sink-fixtures.ts";

const MINUTE = 60_000;
const { key } = baselineOf();

let clock: ManualClock;
let after: HealthAfter;
let version: number;
let ended: HealthSettled[];

beforeEach(() => {
  clock = new ManualClock();
  ended = [];
  after = createHealthAfter({ clock, settled: (one) => ended.push(one) });
  version = 7;
});

interface Look {
  readonly health: HealthState;
  readonly drifted?: boolean;
  /** Seen of the version that was written over. */
  readonly stale?: boolean;
  /** Hash of what Git declares. */
  readonly desired?: string;
}

function see({ health, drifted = false, stale = false, desired = "d1" }: Look): void {
  const resourceVersion = String(stale ? 7 : (version += 1));
  const state = { state: health, ...(health === "healthy" ? {} : { reason: "2 of 3 replicas available" }) };
  after.seen(
    judgementOf(drifted ? driftedVerdict() : inSync, {
      id: webId,
      health: state,
      resourceVersion,
      desiredHash: desired,
    }),
  );
}

const healthy: Look = { health: "healthy" };
const moving: Look = { health: "progressing" };
const bad: Look = { health: "degraded" };
const untold: Look = { health: "unknown" };
const paused: Look = { health: "suspended" };
const drifted = (look: Look): Look => ({ ...look, drifted: true });
const stale = (look: Look): Look => ({ ...look, stale: true });
const renewed = (look: Look): Look => ({ ...look, desired: "d2" });
const wait = { minutes: longestRollout / MINUTE + 1 };

test.each<[string, HealthState | undefined, readonly (Look | typeof wait)[], boolean]>([
  ["healthy, and healthy at once", "healthy", [healthy], false],
  ["healthy, then moving on, then healthy", "healthy", [moving, healthy], false],
  ["healthy, and still moving on", "healthy", [moving, moving], false],
  ["healthy, then degraded", "healthy", [bad], true],
  ["healthy, then moving on, then degraded", "healthy", [moving, bad], true],
  ["fine after the rollout: what comes later is not the heal's doing", "healthy", [moving, healthy, bad], false],
  ["worse until it is healthy again", "healthy", [bad, moving], true],
  ["healthy again as declared: nothing is against it", "healthy", [bad, moving, healthy], false],
  ["healthy with another drift, which may be the hotfix", "healthy", [bad, drifted(moving), drifted(healthy)], true],
  ["Git declares something else: that is another matter", "healthy", [bad, drifted(renewed(moving))], false],
  ["Git declares something else while it still moves on", "healthy", [moving, renewed(moving), renewed(bad)], false],
  ["degraded before: no worse", "degraded", [bad], false],
  ["unknown before: nobody can tell", "unknown", [bad], false],
  ["not there before: nothing to compare with", undefined, [bad], false],
  ["moving on before, then degraded", "progressing", [moving, bad], true],
  ["suspended before, then degraded", "suspended", [bad], true],
  ["suspended now, which somebody asked for", "healthy", [paused, bad], false],
  ["what is seen of the version that was written over", "healthy", [stale(bad)], false],
  ["degraded with another drift: not the heal's doing", "healthy", [moving, drifted(bad)], false],
  ["degraded, and then another drift", "healthy", [bad, drifted(moving)], true],
  ["moving on for longer than any rollout, seen at the next drift", "healthy", [moving, wait, drifted(moving)], true],
  ["moving on for longer than any rollout, as it did before", "progressing", [moving, wait, moving], false],
  ["unknown for long: nobody can tell", "healthy", [untold, wait, untold], false],
])("%s", async (_, before, looks, worse) => {
  after.healed(key, webId, before, "7");
  for (const look of looks) {
    if ("minutes" in look) await clock.advance(look.minutes * MINUTE);
    else see(look);
  }
  expect(after.worsened(key, webId) !== undefined).toBe(worse);
});

test("it says what was, what is and why, in one sentence", async () => {
  after.healed(key, webId, "healthy", "7");
  see(bad);
  expect(after.worsened(key, webId)).toBe(
    "it was healthy before it was put back, and became degraded then (2 of 3 replicas available)",
  );
  see(healthy);
  after.healed(key, webId, "healthy", "7");
  see(moving);
  await clock.advance(longestRollout + MINUTE);
  see(moving);
  expect(after.worsened(key, webId)).toBe(
    "it was healthy before it was put back, and did not become healthy in 30 minutes then (2 of 3 replicas available)",
  );
});

test("it goes on to say what was found then, whatever somebody does about it", () => {
  after.healed(key, webId, "healthy", "7");
  see(bad);
  const sentence = after.worsened(key, webId);
  see(drifted(moving));
  see(moving);
  expect(after.worsened(key, webId)).toBe(sentence);
});

test("what a record says was worse is held after a restart, until it is healthy as declared", () => {
  after.recall(key, { ...webId, name: "db" }, {});
  after.recall(key, webId, { worsened: true });
  expect(after.watched(key)).toEqual([webId]);
  see(drifted(healthy));
  expect(after.worsened(key, webId)).toBe("its health became worse when it was put back last");
  see(healthy);
  expect(after.worsened(key, webId)).toBeUndefined();
  after.healed(key, webId, "healthy", "7");
  after.recall(key, webId, { worsened: true });
  expect(after.worsened(key, webId)).toBeUndefined();
});

test("put back again while it moves on: it is measured against what was before the first time", () => {
  after.healed(key, webId, "healthy", "7");
  see(moving);
  after.healed(key, webId, "degraded", "8");
  see(bad);
  expect(after.worsened(key, webId)).toContain("it was healthy before");
});

test("put back with leave although it is worse: that heal is not to blame for what was", () => {
  after.healed(key, webId, "healthy", "7");
  see(bad);
  after.healed(key, webId, "degraded", "8");
  see(bad);
  expect(after.worsened(key, webId)).toBeUndefined();
});

test("another object, another Baseline, and a Baseline that is gone", () => {
  after.healed(key, webId, "healthy", "7");
  expect(after.watched(key)).toEqual([webId]);
  see(bad);
  expect(after.worsened(key, { ...webId, name: "db" })).toBeUndefined();
  expect(after.worsened(baselineOf({ name: "other" }).key, webId)).toBeUndefined();
  after.forget(key);
  expect([after.worsened(key, webId), after.watched(key)]).toEqual([undefined, []]);
});

test("from in sync and healthy to in sync and degraded there is no transition: the Baseline's state tells", () => {
  const engine = new FakeEngine();
  engine.put(stateOf());
  const sink = healthSink(after, engine);
  after.healed(key, webId, "healthy", "7");
  const judgement = (state: HealthState) => judgementOf(inSync, { id: webId, health: { state }, resourceVersion: "8" });
  engine.judge(judgement("progressing"), start);
  sink.stateChanged(key);
  expect(after.worsened(key, webId)).toBeUndefined();
  engine.judge(judgement("degraded"), start);
  sink.stateChanged(key);
  expect(after.worsened(key, webId)).toContain("became degraded then");
  sink.transition(transitionOf(judgement("degraded"), judgement("healthy")));
  expect(after.worsened(key, webId)).toBeUndefined();
  sink.removed(key);
  expect(after.watched(key)).toEqual([]);
});

test.each<[string, HealthState | undefined, readonly (Look | typeof wait)[], readonly string[]]>([
  ["healthy at once", "healthy", [healthy], ["healthy"]],
  ["healthy after a rollout, and once", "healthy", [moving, moving, healthy, bad, healthy], ["healthy"]],
  ["degraded, and worse for it", "healthy", [moving, bad, healthy], ["degraded, worse"]],
  ["degraded as before", "degraded", [bad], ["degraded"]],
  ["better than before", "degraded", [moving, healthy], ["healthy"]],
  ["made where it was missing", undefined, [moving, bad], ["degraded"]],
  ["moving on without end", "healthy", [moving, wait, moving], ["progressing, worse"]],
  ["nobody can tell", "unknown", [untold, wait, untold], ["unknown"]],
  ["paused by somebody", "healthy", [paused], ["suspended"]],
  ["not yet", "healthy", [stale(healthy), moving], []],
  ["with another drift", "healthy", [drifted(healthy)], []],
  ["Git says otherwise before it was", "healthy", [moving, renewed(healthy)], []],
])("how it ended is told once: %s", async (_, before, looks, told) => {
  after.healed(key, webId, before, "7");
  for (const look of looks) {
    if ("minutes" in look) await clock.advance(look.minutes * MINUTE);
    else see(look);
  }
  expect(ended.map(({ health, worse }) => `${health.state}${worse === undefined ? "" : ", worse"}`)).toEqual(told);
});

test("what the watch brought before the answer counts as well", async () => {
  const engine = new FakeEngine();
  engine.put(stateOf());
  after = createHealthAfter({
    clock,
    settled: (one) => ended.push(one),
    judgementOf: (...of) => engine.judgement(...of),
  });
  const judgement = (resourceVersion: string) =>
    judgementOf(inSync, { id: webId, health: { state: "healthy" }, resourceVersion });
  engine.judge(judgement("7"), start);
  after.healed(key, webId, "healthy", "7");
  expect(ended).toEqual([]);
  engine.judge(judgement("8"), start);
  after.healed(key, webId, "healthy", "7");
  expect(ended).toMatchObject([{ took: 0, over: "7", judgement: { resourceVersion: "8" } }]);
});

test("a line of evidence says how it ended and when, and an Event where it is worse off", async () => {
  const records: EvidenceRecord[] = [];
  const events: Announcement[] = [];
  const told = createHealthTold({
    evidence: { record: (record) => records.push(record) },
    announce: (announcement) => events.push(announcement),
    clock,
  });
  after = createHealthAfter({ clock, settled: told });
  after.healed(key, webId, "healthy", "7");
  see(moving);
  await clock.advance(12_340);
  see(healthy);
  expect(events).toEqual([]);
  after.healed(key, webId, "healthy", "9");
  see(bad);
  const [well, ill] = records;
  expect(well).toMatchObject({
    kind: "health",
    baseline: key,
    id: webId,
    result: "healthy",
    seconds: 12.3,
    before: "7",
  });
  expect(well).not.toHaveProperty("worse");
  const why = "it was healthy before it was put back, and became degraded then (2 of 3 replicas available)";
  expect(ill).toMatchObject({ kind: "health", result: "degraded", worse: true, seconds: 0, reason: why });
  expect(events).toMatchObject([{ reason: "UnhealthyAfterRemediation", baseline: key, id: webId, uid: "web-uid" }]);
  expect(events[0]?.note).toContain(why);
});

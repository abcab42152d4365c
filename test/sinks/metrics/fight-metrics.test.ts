/** Fights in numbers: counted once each, named up to a cap, and gone with their Baseline. */
import { beforeEach, expect, test } from "vitest";
import { createBreaker, type Breaker } from "../../../src/sinks/breaker.ts";
import {
  collectBreakers,
  createFightCounter,
  managersNamed,
  type FightCounter,
} from "../../../src/sinks/metrics/fight-metrics.ts";
import { createMetrics, type Metrics } from "../../../src/sinks/metrics/registry.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { baselineOf, FakeEngine, stateOf } from "../sink-fixtures.ts";

const { key } = baselineOf();
let clock: ManualClock;
let leader: boolean;
let metrics: Metrics;
let fights: FightCounter;
let breaker: Breaker;
let edits: number;

beforeEach(() => {
  clock = new ManualClock();
  leader = true;
  edits = 0;
  metrics = createMetrics({ isLeader: () => leader });
  fights = createFightCounter(metrics);
  breaker = createBreaker(clock, fights.changed);
  const engine = new FakeEngine();
  engine.put(stateOf());
  collectBreakers(metrics, { engine, breaker });
});

const series = async (name: string): Promise<readonly string[]> =>
  (await metrics.expose("")).body
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => line.replace(/^[^{]*{baseline_namespace="shop",baseline="web",/, "{"));
const began = (): Promise<readonly string[]> => series("plumbline_remediation_fights_total");

/** Moved, and put back where it may be. */
function edit(object: string, manager: string): void {
  const contest = { moves: [{ path: ".spec.replicas", manager }], seen: String((edits += 1)), desired: "" };
  if (breaker.held(key, object, contest) === undefined) breaker.healed(key, object, contest);
}
function fight(object: string, manager = "hpa"): void {
  for (let round = 0; round < 4; round += 1) edit(object, manager);
}

test("breakers by state, zero included, while the lease is held", async () => {
  const shown = (): Promise<readonly string[]> => series("plumbline_remediation_breakers");
  expect(await shown()).toEqual(['{state="open"} 0', '{state="half-open"} 0']);
  fight("web");
  fight("db");
  expect(await shown()).toEqual(['{state="open"} 2', '{state="half-open"} 0']);
  await clock.advance(600_000);
  edit("web", "hpa");
  edit("web", "hpa");
  expect(await shown()).toEqual(['{state="open"} 1', '{state="half-open"} 1']);
  leader = false;
  expect(await shown()).toEqual([]);
});

test("a fight is counted when it begins; a trial that fails is the same fight, one after peace another", async () => {
  fight("web");
  expect(await began()).toEqual(['{manager="hpa"} 1']);
  await clock.advance(600_000);
  edit("web", "hpa");
  edit("web", "hpa");
  expect(await began()).toEqual(['{manager="hpa"} 1']);
  await clock.advance(1_200_000 + 600_000);
  fight("web");
  expect(await began()).toEqual(['{manager="hpa"} 2']);
});

test("nobody on record is called so, and beyond the cap all are others", async () => {
  fight("nobody", "");
  for (let at = 0; at < managersNamed + 3; at += 1) fight(`o${at}`, `m${at}`);
  // Who has a name keeps it.
  fight("another", "m0");
  const found = await began();
  expect(found).toHaveLength(managersNamed + 1);
  expect(found).toContain('{manager="m0"} 2');
  expect(found).toContain('{manager="unknown"} 1');
  expect(found).toContain('{manager="other"} 4');
});

test("the series of a Baseline go with it, and its names are free again", async () => {
  for (let at = 0; at < managersNamed; at += 1) fight(`o${at}`, `m${at}`);
  metrics.forgetBaseline("shop", "web");
  fights.forget(key);
  fight("again", "late");
  expect(await began()).toEqual(['{manager="late"} 1']);
});

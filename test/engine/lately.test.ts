import { beforeEach, expect, test } from "vitest";
import type { Considered } from "../../src/engine/desired-store.ts";
import { Lately, type Ground, type Pair } from "../../src/engine/lately.ts";
import type { LiveView } from "../../src/model/live.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { deployment, pairOf } from "../bench/pairs.ts";
import { declare } from "../../src/model/desired.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { idOf } from "../../src/model/resource.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";

const { desired, live, schema, managedFields } = pairOf(deployment("web"), true);
const declared = declare(desired, { file: "a.yaml", line: 1, index: 0 });
const baseline = plainBaseline();
const viewAt = (resourceVersion: string, uid = "u"): LiveView => ({
  state: "present",
  live: { object: live, uid, resourceVersion, managedFields, health: { state: "healthy" }, receivedAt: 0 },
});
const input: DecideInput = {
  baseline,
  id: idOf(desired),
  version: "v1",
  desired: declared,
  previous: declared,
  live: viewAt("7"),
  schema,
  facts: noFacts,
  seenLive: true,
  changedAt: 0,
  snapshotComplete: true,
  now: 0,
};
const pair: Pair = { input, decision: decide(input) };
const ground: Ground = { baseline, live: viewAt("7"), learned: false };

let clock: ManualClock;
let entry: Considered;
let lately: Lately;

beforeEach(() => {
  clock = new ManualClock();
  // Of an entry only what a verdict is made from is looked at.
  const found = { desired: declared, previous: declared, otherRender: undefined, dropped: false, changedAt: 0 };
  entry = found as unknown as Considered;
  lately = new Lately(clock);
  lately.keep(entry, pair);
});

test("what was judged in this breath is handed out, once", () => {
  expect(pair.decision.verdict.kind).toBe("drifted");
  expect(lately.take(entry, ground)).toBe(pair);
  expect(lately.take(entry, ground)).toBeUndefined();
});

const others: readonly (readonly [string, () => Ground])[] = [
  ["live is another version", () => ({ ...ground, live: viewAt("8") })],
  ["live is another object", () => ({ ...ground, live: viewAt("7", "other") })],
  ["live is gone", () => ({ ...ground, live: { state: "absent" } })],
  ["the Baseline has other settings", () => ({ ...ground, baseline: { ...baseline } })],
  ["admission told something of it", () => ({ ...ground, learned: true })],
  ["Git declares it otherwise", () => (Object.assign(entry, { desired: { ...declared } }), ground)],
  ["it was in sync meanwhile", () => (Object.assign(entry, { previous: undefined }), ground)],
  ["Git dropped it", () => (Object.assign(entry, { dropped: true }), ground)],
];

test.each(others)("not where %s", (_, change) => {
  expect(lately.take(entry, change())).toBeUndefined();
});

test("not later, and not for another object", async () => {
  expect(lately.take({ ...entry }, ground)).toBeUndefined();
  await clock.advance(20);
  expect(lately.take(entry, ground)).toBeUndefined();
});

test("what is in sync, or was weighed against admission, is not kept", () => {
  lately.keep(entry, { ...pair, decision: { ...pair.decision, verdict: { kind: "in-sync" } } });
  expect(lately.take(entry, ground)).toBe(pair);
  const learned = { answer: live, by: [] } as unknown as NonNullable<DecideInput["learned"]>;
  lately.keep(entry, { ...pair, input: { ...input, learned } });
  expect(lately.take(entry, ground)).toBeUndefined();
});

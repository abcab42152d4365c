import { beforeEach, expect, test } from "vitest";
import type { Baseline } from "../../../src/model/baseline.ts";
import type { BaselineState, SourceState } from "../../../src/model/state.ts";
import { createHealLedger } from "../../../src/sinks/heal-ledger.ts";
import { createDriftMetrics } from "../../../src/sinks/metrics/drift-metrics.ts";
import { createMetrics, type Metrics } from "../../../src/sinks/metrics/registry.ts";
import { collectStateGauges, shownUrl } from "../../../src/sinks/metrics/state-gauges.ts";
import { settle } from "../../support/manual-clock.ts";
import {
  baselineOf,
  changeOf,
  driftedVerdict,
  FakeEngine,
  inSync,
  judgementOf,
  missingVerdict,
  ready,
  start,
  stateOf,
  transitionOf,
  webId,
} from "../sink-fixtures.ts";

let engine: FakeEngine;
let metrics: Metrics;
let leader: boolean;
const ledger = createHealLedger();
const { key } = baselineOf();

beforeEach(() => {
  engine = new FakeEngine();
  leader = true;
  metrics = createMetrics({ isLeader: () => leader });
  collectStateGauges(metrics, { engine, remediation: ledger, maxResourceSeries: 2 });
  engine.put(stateOf());
});

const series = async (name: string): Promise<readonly string[]> =>
  (await metrics.expose("")).body
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

test("every verdict kind has a series, zero included", async () => {
  engine.judge(judgementOf(inSync), start);
  const found = await series("plumbline_baseline_objects");
  expect(found).toHaveLength(8);
  expect(found).toContain('plumbline_baseline_objects{baseline_namespace="shop",baseline="web",verdict="in-sync"} 1');
  expect(found).toContain('plumbline_baseline_objects{baseline_namespace="shop",baseline="web",verdict="missing"} 0');
});

test("compliance is absent while nothing is judged", async () => {
  expect(await series("plumbline_baseline_compliance_ratio")).toEqual([]);
  engine.judge(judgementOf(driftedVerdict()), start);
  expect(await series("plumbline_baseline_compliance_ratio")).toEqual([
    'plumbline_baseline_compliance_ratio{baseline_namespace="shop",baseline="web"} 0',
  ]);
  expect(await series("plumbline_baseline_compliance_target_ratio")).toHaveLength(1);
});

test("an object not as declared has one series, with all its labels, and it goes with the drift", async () => {
  engine.judge(judgementOf(driftedVerdict([changeOf({ severity: "critical", class: "security" })])), start);
  expect(await series("plumbline_resource_drifted")).toEqual([
    'plumbline_resource_drifted{baseline_namespace="shop",baseline="web",resource_group="apps",resource_kind="Deployment",resource_namespace="shop",resource_name="web",verdict="drifted",severity="critical",class="security",cause="live-edit",mode="Alert"} 1',
  ]);
  expect(await series("plumbline_drift_oldest_timestamp_seconds")).toEqual([
    `plumbline_drift_oldest_timestamp_seconds{baseline_namespace="shop",baseline="web",severity="critical"} ${start / 1000}`,
  ]);
  expect(await series("plumbline_resource_drifted_since_timestamp_seconds")).toEqual([
    `plumbline_resource_drifted_since_timestamp_seconds{baseline_namespace="shop",baseline="web",resource_group="apps",resource_kind="Deployment",resource_namespace="shop",resource_name="web"} ${start / 1000}`,
  ]);
  engine.judge(judgementOf(inSync), start + 1);
  expect(await series("plumbline_resource_drifted")).toEqual([]);
  expect(await series("plumbline_resource_drifted_since_timestamp_seconds")).toEqual([]);
  expect(await series("plumbline_drift_oldest_timestamp_seconds")).toEqual([]);
});

test("above the cap the worst and then the oldest are named, the rest is counted", async () => {
  const names = ["a", "b", "c", "d"];
  for (const [index, name] of names.entries()) {
    const severity = name === "d" ? "critical" : "low";
    const verdict = driftedVerdict([changeOf({ severity })]);
    engine.judge(judgementOf(verdict, { id: { ...webId, name }, firstObserved: start - index }), start);
  }
  const found = await series("plumbline_resource_drifted");
  expect(found.map((line) => /resource_name="(\w)"/.exec(line)?.[1])).toEqual(["d", "c"]);
  // Counted while collecting, told from the next scrape on at the latest.
  expect((await series("plumbline_metrics_series_dropped_total"))[0]).toMatch(/"plumbline_resource_drifted"} [24]$/);
  expect(await series("plumbline_resource_drifted_since_timestamp_seconds")).toHaveLength(2);
});

test("a deleted Baseline leaves no series", async () => {
  engine.judge(judgementOf(missingVerdict()), start);
  engine.drop(key);
  expect((await metrics.expose("")).body).not.toContain('baseline="web"');
});

test("a source's readiness is absent until its first attempt has ended", async () => {
  engine.put(stateOf({ source: { state: "waiting" } }));
  expect(await series("plumbline_source_ready")).toEqual([]);
  engine.put(stateOf({ source: { state: "failed", stage: "source" } }));
  expect((await series("plumbline_source_ready"))[0]).toMatch(/ 0$/);
});

test("a suspended Baseline has no readiness: nothing is asked for, so nothing fails", async () => {
  engine.put(stateOf({ baseline: baselineOf({ suspend: true }), source: { state: "failed", stage: "source" } }));
  expect(await series("plumbline_source_ready")).toEqual([]);
});

test.each([
  ["https://ada:s3cret@git.example/platform/shop.git?x=1", "git.example/platform/shop.git"],
  ["git@git.example:platform/shop.git", "git.example:platform/shop.git"],
  ["ssh://git@git.example:2222/shop.git#x", "git.example:2222/shop.git"],
  ["file:///srv/git/a@b.git", "/srv/git/a@b.git"],
])("%s is shown as %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

test("no credential of a URL is exported", async () => {
  expect((await metrics.expose("")).body).not.toMatch(/s3cret|ada/);
});

const sinkOf = (): ReturnType<typeof createDriftMetrics> =>
  createDriftMetrics({ metrics, remediation: ledger, isLeader: () => leader });

test("drifts are counted when they begin, not when they move or a restart replays them", async () => {
  const sink = sinkOf();
  const drifted = judgementOf(driftedVerdict());
  sink.transition(transitionOf(judgementOf(inSync), drifted));
  sink.transition(transitionOf(drifted, judgementOf(missingVerdict())));
  sink.transition(transitionOf(drifted, drifted, { replayed: true }));
  expect(await series("plumbline_drifts_total")).toEqual([
    'plumbline_drifts_total{baseline_namespace="shop",baseline="web",severity="medium",class="workload",cause="live-edit"} 1',
  ]);
});

test("who does not hold the lease counts nothing", async () => {
  leader = false;
  sinkOf().transition(transitionOf(undefined, judgementOf(driftedVerdict())));
  leader = true;
  expect(await series("plumbline_drifts_total")).toEqual([]);
});

test("the time to reconcile tells our own work from others'", async () => {
  const sink = sinkOf();
  const drifted = judgementOf(driftedVerdict());
  sink.transition(transitionOf(drifted, judgementOf(inSync), { at: start + 4_000 }));
  ledger.sent(key, webId, start + 100);
  sink.transition(transitionOf(drifted, judgementOf(inSync), { at: start + 300 }));
  const sums = await series("plumbline_time_to_reconcile_seconds_sum");
  expect(sums).toHaveLength(2);
  expect(sums.find((line) => line.includes('by="other"'))).toMatch(/ 4$/);
  expect(sums.find((line) => line.includes('by="plumbline"'))).toMatch(/ 0\.3$/);
});

/** A write under way whose answer comes when the test says so. */
function underWay(): () => Promise<void> {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  ledger.underWay(key, webId, answered);
  return async () => {
    answer();
    await settle();
  };
}
const reconciled = async (): Promise<readonly string[]> =>
  (await series("plumbline_time_to_reconcile_seconds_count")).map((line) =>
    line.replace(/^.*by="(\w+)".* (\d+)$/, "$1 $2"),
  );

test("the watch brings the end before the answer to our own write: it is told by the answer", async () => {
  const sink = sinkOf();
  const end = transitionOf(judgementOf(driftedVerdict()), judgementOf(inSync), { at: start + 300 });
  ledger.sent(key, webId, start + 100);
  const ours = underWay();
  sink.transition(end);
  await settle();
  expect(await reconciled()).toEqual([]);
  await ours();
  expect(await reconciled()).toEqual(["plumbline 1"]);
});

test("somebody was faster than our own write: the time to reconcile is theirs", async () => {
  const sink = sinkOf();
  ledger.sent(key, webId, start + 100);
  const lost = underWay();
  sink.transition(transitionOf(judgementOf(driftedVerdict()), judgementOf(inSync), { at: start + 300 }));
  // A conflict: what was sent is not why it is in sync.
  ledger.sent(key, webId, undefined);
  await lost();
  expect(await reconciled()).toEqual(["other 1"]);
});

test("a Baseline that goes while an answer is awaited gets no series any more", async () => {
  const sink = sinkOf();
  ledger.sent(key, webId, start + 100);
  const late = underWay();
  sink.transition(transitionOf(judgementOf(driftedVerdict()), judgementOf(inSync), { at: start + 300 }));
  sink.removed(key);
  await late();
  expect(await reconciled()).toEqual([]);
});

test("what does not count has a series per rule, and it goes with the last of it", async () => {
  const hidden = (rule: string) => ({ pointer: "/a", path: [], rule, reason: "because" });
  const judged = (...rules: readonly string[]) => ({ ...judgementOf(inSync), suppressed: rules.map(hidden) });
  engine.judge(judged("deployment-revision", "deployment-revision", "baseline-ignore"), start);
  const labels = 'baseline_namespace="shop",baseline="web"';
  expect(await series("plumbline_suppressed_changes")).toEqual([
    `plumbline_suppressed_changes{${labels},rule="deployment-revision"} 2`,
    `plumbline_suppressed_changes{${labels},rule="baseline-ignore"} 1`,
  ]);
  engine.judge(judged("baseline-ignore"), start);
  expect(await series("plumbline_suppressed_changes")).toEqual([
    `plumbline_suppressed_changes{${labels},rule="baseline-ignore"} 1`,
  ]);
  leader = false;
  expect(await series("plumbline_suppressed_changes")).toEqual([]);
});

const guard = { reason: "Shrunk", commit: "a".repeat(40), message: "9 of 10 objects are gone" } as const;
const rollback = { commit: "b".repeat(40), until: start, reason: "it fails", automatic: false } as const;
const state = (source: Partial<SourceState>, over: Partial<Baseline> = {}): BaselineState =>
  stateOf({ source: { ...ready, ...source }, baseline: baselineOf(over) });
test.each([
  ["none", state({}), 0, 0],
  ["a shrunk source", state({ guard }), 1, 0],
  ["a rewritten one", state({ guard: { ...guard, reason: "Rewritten" } }), 0, 1],
  ["one that Git is asked about", state({ guard: { ...guard, asking: true } }), 0, 0],
  ["one that was approved", state({ guard }, { approvedCommit: guard.commit }), 0, 0],
])("guards, one gauge for each reason: %s", async (_, given, shrunk, rewritten) => {
  engine.put(given);
  expect(await series("plumbline_baseline_guarded")).toEqual([
    `plumbline_baseline_guarded{baseline_namespace="shop",baseline="web",reason="Shrunk"} ${shrunk}`,
    `plumbline_baseline_guarded{baseline_namespace="shop",baseline="web",reason="Rewritten"} ${rewritten}`,
  ]);
});

test.each([
  ["none", state({}), 0, 0],
  ["asked for by a person", state({ rollback: { ...rollback, phase: "in-force" } }), 0, 1],
  ["by Plumbline itself", state({ rollback: { ...rollback, phase: "in-force", automatic: true } }), 1, 0],
  ["not there yet", state({ rollback: { ...rollback, phase: "rendering" } }), 0, 0],
  ["one that cannot be", state({ rollback: { ...rollback, phase: "failed" } }), 0, 0],
])("rollbacks, by who asked for them: %s", async (_, given, plumbline, other) => {
  engine.put(given);
  expect(await series("plumbline_baseline_rolled_back")).toEqual([
    `plumbline_baseline_rolled_back{baseline_namespace="shop",baseline="web",by="plumbline"} ${plumbline}`,
    `plumbline_baseline_rolled_back{baseline_namespace="shop",baseline="web",by="other"} ${other}`,
  ]);
});

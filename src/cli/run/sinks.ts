/** Every sink there is, wired to the engine and to one another. No logic. */
import type { KeyObject } from "node:crypto";
import type { ObjectApi } from "../../model/api.ts";
import type { EvidenceDoor } from "../../model/evidence.ts";
import { createRate } from "../../runtime/rate.ts";
import { createDriftRecords, type DriftRecordsSink } from "../../sinks/drift-records.ts";
import { createEvents } from "../../sinks/events.ts";
import { createFanOut, type FanOut } from "../../sinks/fan-out.ts";
import { createHealTraces } from "../../sinks/heal-traces.ts";
import { createHealLedger } from "../../sinks/heal-ledger.ts";
import { createDriftMetrics } from "../../sinks/metrics/drift-metrics.ts";
import type { Metrics } from "../../sinks/metrics/registry.ts";
import { collectStateGauges } from "../../sinks/metrics/state-gauges.ts";
import type { Sink, WritingSink } from "../../sinks/ports.ts";
import { createRefusedBaselines, type RefusedBaselines } from "../../sinks/refused-baselines.ts";
import { createRollbacks } from "../../sinks/rollbacks.ts";
import { createStatus } from "../../sinks/status.ts";
import { createTakeover, type Takeover } from "../../sinks/takeover.ts";
import { hashOfPlan } from "../../verdict/heal-plan.ts";
import { recordOfPlan, type ShownRecord } from "../../verdict/shown-plan.ts";
import { createHealing, type Healing, type HealingDeps } from "./healing.ts";

export interface SinksDeps
  extends Omit<HealingDeps, "ledger" | "announce" | "hashOf" | "isApproved" | "approvedBy" | "recordNow" | "changed"> {
  readonly api: ObjectApi;
  /** Of the hashes that approvals name. */
  readonly key: KeyObject;
  readonly metrics: Metrics;
  readonly evidence: EvidenceDoor;
}

export interface Sinks {
  readonly fanOut: FanOut;
  readonly records: DriftRecordsSink;
  readonly refusals: RefusedBaselines;
  readonly takeover: Takeover;
  readonly healing: Healing;
  /** What has a queue to run. */
  readonly parts: readonly Pick<WritingSink, "run">[];
}

/** Writes of our own that are no heal, per second: a status is not to wait behind five hundred records. */
const RECORD_WRITES = 15;
const STATUS_WRITES = 5;

export function createSinks(deps: SinksDeps): Sinks {
  const { config, writing, api, engine, metrics, evidence, key } = deps;
  const { clock, log, isLeader } = writing;
  const announce: HealingDeps["announce"] = (announcement) => events.announce(announcement);
  const ledger = createHealLedger();
  const planned = (...[baseline, id]: Parameters<typeof engine.inputOf>): ShownRecord | undefined => {
    const input = engine.inputOf(baseline, id);
    return input === undefined ? undefined : recordOfPlan(input, key);
  };
  const events = createEvents({ ...writing, api, engine, instance: config.podName });
  const rate = createRate(clock, STATUS_WRITES);
  const status = createStatus({
    ...writing,
    api,
    engine,
    remediation: ledger,
    isDroppedRecorded: (baseline) => records.isDroppedRecorded(baseline),
    rate,
  });
  const records: DriftRecordsSink = createDriftRecords({
    ...writing,
    api,
    engine,
    remediation: ledger,
    planned,
    approvalChanged: (baseline, id) => healing.remediation.approvalChanged(baseline, id),
    maxPerBaseline: config.maxDriftRecords,
    rate: createRate(clock, RECORD_WRITES),
  });
  const healing: Healing = createHealing({
    ...deps,
    ledger,
    announce,
    hashOf: (input, plan) => hashOfPlan(input, key, plan),
    isApproved: (baseline, id) => records.isApproved(baseline, id),
    approvedBy: (baseline, id) => records.approvedBy(baseline, id),
    recordNow: (baseline, id) => records.recordNow(baseline, id),
    changed(baseline, id) {
      records.touch(baseline, id);
      status.stateChanged(baseline);
    },
  });
  const rollbacks = createRollbacks({ ...writing, api, engine, announce, evidence });
  collectStateGauges(metrics, { engine, remediation: ledger, maxResourceSeries: config.maxResourceSeries });
  const driftMetrics = createDriftMetrics({ metrics, remediation: ledger, isLeader });
  const traces = createHealTraces({ ledger, engine, isLeader });
  const ends: Sink = { ...traces, name: "ends", transition: (transition) => healing.remediation.ended(transition) };
  const takeover = createTakeover({
    engine,
    ledger: healing.recall,
    tell: createFanOut([traces, driftMetrics, ends, events], log),
    retell: events.retell,
    isLeader,
    clock,
  });
  const { health, remediation, handBack } = healing;
  return {
    // A heal is waited for; all else may come after it.
    fanOut: createFanOut(
      [takeover, traces, driftMetrics, health, remediation, events, records, status, rollbacks, handBack],
      log,
    ),
    records,
    refusals: createRefusedBaselines({ api, isLeader, clock, log }),
    takeover,
    healing,
    parts: [remediation, events, records, status, rollbacks, handBack],
  };
}

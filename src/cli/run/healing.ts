/** Everything that puts objects back and gives up again what it wrote, wired together. No logic. */
import { createDryRun } from "../../cluster/dry-run.ts";
import type { LiveWatches } from "../../cluster/live-watches.ts";
import { createPatchRights } from "../../cluster/patch-rights.ts";
import type { SubjectAccess } from "../../cluster/subject-access.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ObjectApi } from "../../model/api.ts";
import type { EvidenceDoor } from "../../model/evidence.ts";
import type { ResourceId } from "../../model/resource.ts";
import { parseBaselineKey, type BaselineKey } from "../../model/snapshot.ts";
import type { Config } from "../../runtime/config.ts";
import { createRate } from "../../runtime/rate.ts";
import { createBreaker } from "../../sinks/breaker.ts";
import { createClaimants } from "../../sinks/claimants.ts";
import { createHandBack, type HandBack } from "../../sinks/hand-back.ts";
import type { HealLedger } from "../../sinks/heal-ledger.ts";
import { createHealLog } from "../../sinks/heal-log.ts";
import { createHealRecall } from "../../sinks/heal-recall.ts";
import { createHealRights } from "../../sinks/heal-rights.ts";
import { createHealSend } from "../../sinks/heal-send.ts";
import { witnessBreaker } from "../../sinks/heal-witness.ts";
import { createHealthAfter, healthSink } from "../../sinks/health-after.ts";
import { createHealthTold } from "../../sinks/health-told.ts";
import { collectBreakers, createFightCounter } from "../../sinks/metrics/fight-metrics.ts";
import type { Metrics } from "../../sinks/metrics/registry.ts";
import type { Announcement, Sink } from "../../sinks/ports.ts";
import { createRemediation, type Remediation, type RemediationDeps } from "../../sinks/remediation.ts";
import type { WriterDeps } from "../../sinks/writer.ts";
import { ownObjectsOf } from "../../verdict/own-objects.ts";
import type { ForeignClaims } from "./foreign-claims.ts";

export interface HealingDeps {
  readonly config: Config;
  readonly writing: WriterDeps;
  /** Asks for the lease once more at each write. */
  readonly api: ObjectApi;
  readonly access: SubjectAccess;
  readonly engine: Engine;
  readonly foreign: Pick<ForeignClaims, "isComplete" | "declaring" | "baselineOf">;
  readonly live: LiveWatches;
  readonly ledger: HealLedger;
  readonly metrics: Metrics;
  readonly evidence: EvidenceDoor;
  readonly announce: (announcement: Announcement) => void;
  /** What an approval of the plan would name. */
  readonly hashOf: RemediationDeps["hashOf"];
  readonly isApproved: (key: BaselineKey, id: ResourceId) => boolean;
  readonly approvedBy: RemediationDeps["keepers"]["approvedBy"];
  readonly recordNow: RemediationDeps["recordNow"];
  readonly changed: (key: BaselineKey, id: ResourceId) => void;
}

export interface Healing {
  readonly remediation: Remediation;
  readonly handBack: HandBack;
  /** Before {@link Healing.remediation} in the fan-out: what it sees is asked there. */
  readonly health: Sink;
  readonly recall: Pick<HealLedger, "recall">;
}

/** Fields given back, a second: off the hot path, and never in the way of a heal. */
const HAND_BACKS = 5;

export function createHealing(deps: HealingDeps): Healing {
  const { config, engine, foreign, api, ledger, metrics, evidence, announce } = deps;
  const { clock } = deps.writing;
  // Not before it is known what other shards declare: what two declare is put back by neither.
  const writing = { ...deps.writing, isLeader: () => deps.writing.isLeader() && foreign.isComplete() };
  const declaring = (id: ResourceId): readonly BaselineKey[] => [...engine.declaring(id), ...foreign.declaring(id)];
  const own = ownObjectsOf(config);
  const { platformNamespaces } = config;
  const rights = createHealRights(clock);
  const fights = createFightCounter(metrics);
  const witness = witnessBreaker(evidence, clock);
  const breaker = createBreaker(clock, (change) => {
    fights.changed(change);
    witness(change);
  });
  const forget: typeof breaker.forget = (key) => {
    breaker.forget(key);
    fights.forget(key);
  };
  const healthAfter = createHealthAfter({
    clock,
    settled: createHealthTold({ evidence, announce, clock }),
    judgementOf: (key, id) => engine.judgement(key, id),
  });
  const claimants = createClaimants({
    declaring,
    baselineOf: (key) => engine.outline(key)?.baseline ?? foreign.baselineOf(key),
    mayPatch: createPatchRights(deps.access, clock).mayPatch,
    platformNamespaces,
    unheard: engine.unheard,
    untried: engine.untried,
    unasked: engine.unasked,
    outline: engine.outline,
    checkNow: engine.checkNow,
    clock,
  });
  collectBreakers(metrics, { engine, breaker });
  return {
    recall: createHealRecall({ ledger, breaker, healthAfter, claimants }),
    health: healthSink(healthAfter, engine),
    remediation: createRemediation({
      ...writing,
      engine,
      ledger,
      rights,
      send: createHealSend({ api, ask: createDryRun(api) }),
      keepers: {
        limits: createHealLog(clock),
        breaker: { ...breaker, forget },
        healthAfter,
        claimants: claimants.others,
        declarers: claimants.declarers,
        stale: claimants.stale,
        isApproved: deps.isApproved,
        approvedBy: deps.approvedBy,
      },
      liveOptIn: config.liveOptIn,
      own,
      platformNamespaces,
      evidence,
      hashOf: deps.hashOf,
      mutatorsOf: (key, id) => engine.mutatorsOf(key, id),
      announce,
      counted: (baseline, result) => {
        const { namespace, name } = parseBaselineKey(baseline);
        metrics.count("plumbline_remediations_total", { baseline_namespace: namespace, baseline: name, result });
      },
      recordNow: deps.recordNow,
      changed: deps.changed,
    }),
    handBack: createHandBack({
      ...writing,
      api,
      engine: { ...engine, declaring },
      live: deps.live,
      rights,
      claimants: claimants.others,
      rate: createRate(clock, HAND_BACKS),
      liveOptIn: config.liveOptIn,
      own,
      platformNamespaces,
      evidence,
      announce,
    }),
  };
}

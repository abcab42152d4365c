/** The remediation sink with all it needs, on the world of the sinks' tests. */
import type { EvidenceRecord } from "../../src/model/evidence.ts";
import { createBreaker } from "../../src/sinks/breaker.ts";
import { createHealLedger, type HealLedger } from "../../src/sinks/heal-ledger.ts";
import { createHealLog } from "../../src/sinks/heal-log.ts";
import { createHealRights } from "../../src/sinks/heal-rights.ts";
import { createHealSend, type HealSendDeps } from "../../src/sinks/heal-send.ts";
import { createHealthAfter } from "../../src/sinks/health-after.ts";
import type { Announcement, RemediationResult } from "../../src/sinks/ports.ts";
import { createRemediation, type Remediation, type RemediationDeps } from "../../src/sinks/remediation.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { noEvidence } from "../../src/sinks/evidence/door.ts";
import { noOwnObjects } from "../../src/verdict/remedy.ts";
import type { World } from "./sink-world.ts";

export interface Healing {
  readonly sink: Remediation;
  readonly ledger: HealLedger;
  readonly told: Announcement[];
  readonly results: RemediationResult[];
  readonly evidence: EvidenceRecord[];
  approved: boolean;
}

interface HealSendApi {
  readonly api: HealSendDeps["api"];
  readonly clock: Clock;
}

export interface HealingOptions
  extends Partial<Pick<RemediationDeps, "own" | "mutatorsOf" | "hashOf" | "recordNow" | "platformNamespaces">> {
  readonly ask?: HealSendDeps["ask"];
  readonly ledger?: HealLedger;
}

/** All that a heal is asked about, at its most permissive: nobody else claims anything, and nothing is recorded. */
export function remediationDeps(
  { clock, log, isLeader, api, engine }: Pick<World, "log" | "isLeader" | "engine"> & HealSendApi,
  ledger: HealLedger,
  over: Partial<RemediationDeps> & Pick<HealingOptions, "ask"> & { readonly isApproved?: () => boolean } = {},
): RemediationDeps {
  const { ask, isApproved = () => true, ...rest } = over;
  return {
    clock,
    log,
    isLeader,
    engine,
    ledger,
    send: createHealSend({ api, ask: ask ?? ((question) => Promise.resolve({ ok: true, object: question.desired })) }),
    keepers: {
      limits: createHealLog(clock),
      breaker: createBreaker(clock),
      healthAfter: createHealthAfter({ clock }),
      claimants: (self, id) => ({ claimants: engine.declaring(id).filter((key) => key !== self), asking: false }),
      declarers: (self, id) => engine.declaring(id).filter((key) => key !== self),
      stale: () => ({ baselines: [], asking: false }),
      isApproved,
      approvedBy: () => undefined,
    },
    rights: createHealRights(clock),
    liveOptIn: true,
    own: noOwnObjects,
    platformNamespaces: ["shop"],
    evidence: noEvidence,
    hashOf: () => "h1",
    mutatorsOf: () => [],
    announce: () => {},
    counted: () => {},
    recordNow: () => Promise.resolve(true),
    changed: () => {},
    ...rest,
  };
}

export function startHealing(world: World, options: HealingOptions = {}): Healing {
  const { ledger = createHealLedger(), ...over } = options;
  const told: Announcement[] = [];
  const results: RemediationResult[] = [];
  const evidence: EvidenceRecord[] = [];
  const healing = { approved: false };
  const sink = world.start(
    createRemediation(
      remediationDeps(world, ledger, {
        isApproved: () => healing.approved,
        evidence: { record: (record) => evidence.push(record) },
        announce: (announcement) => told.push(announcement),
        counted: (_, result) => results.push(result),
        ...over,
      }),
    ),
  );
  return Object.assign(healing, { sink, ledger, told, results, evidence });
}

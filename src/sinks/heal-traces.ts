/**
 * Before anybody counts whose doing an end was: of a drift that only a record tells of, whoever wrote it down may have
 * put it back and been gone before it could say so. The object itself still tells. It writes nothing.
 */
import { isOurDoing } from "../verdict/our-doing.ts";
import { stepOf } from "./episodes.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { PairReader, Sink } from "./ports.ts";

export interface HealTracesDeps {
  readonly ledger: Pick<HealLedger, "actedSince" | "sent">;
  readonly engine: Pick<PairReader, "inputOf">;
  readonly isLeader: () => boolean;
}

export function createHealTraces({ ledger, engine, isLeader }: HealTracesDeps): Sink {
  return {
    name: "heal-traces",
    transition(transition) {
      const step = stepOf(transition);
      if (!isLeader() || step.kind !== "ended" || step.how !== "in-sync") return;
      const { verdict, firstObserved, desiredHash, resourceVersion } = step.before;
      // What this process judged itself it knows better.
      if (desiredHash !== undefined || resourceVersion !== undefined) return;
      const { baseline, id, at } = transition;
      if (ledger.actedSince(baseline, id, firstObserved)) return;
      const live = engine.inputOf(baseline, id)?.live;
      if (live?.state === "present" && isOurDoing(verdict, live.live, firstObserved)) ledger.sent(baseline, id, at);
    },
    stateChanged() {},
    removed() {},
    leading() {},
  };
}

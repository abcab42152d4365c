/**
 * What whoever takes the lease has to make up for. While nobody held it nothing was told or counted; what was, stands
 * in the Drift records. So what stands now without a record is told as if it had just begun, what has a record and
 * stands no more as if it had just ended, and nothing else. Since when a drift stands is the record's to say.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Remembered } from "./drift-seeds.ts";
import { stands } from "./episodes.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { EngineReader } from "./ports.ts";

export interface TakeoverDeps {
  readonly engine: Pick<EngineReader, "states" | "judgement" | "judgements"> & {
    adopt(judgements: readonly Judgement[]): void;
  };
  readonly ledger: Pick<HealLedger, "recall">;
  /** The sinks that tell and count; those that write states do so anyway. */
  readonly tell: { publish(transition: Transition): void };
  readonly clock: Pick<Clock, "now">;
}

export interface Takeover {
  /** @param recorded what the Drift records say at this moment */
  from(recorded: readonly Remembered[]): void;
}

/** False for what only a record says, because it was not looked at yet. */
const isLookedAt = (judgement: Judgement): boolean =>
  judgement.desiredHash !== undefined || judgement.resourceVersion !== undefined;

export function createTakeover({ engine, ledger, tell, clock }: TakeoverDeps): Takeover {
  const join = (key: BaselineKey, id: ResourceId): `${BaselineKey} ${IdKey}` => `${key} ${idKey(id)}`;

  const publish = (of: Judgement, before: Judgement | undefined, after: Judgement | undefined): void =>
    tell.publish({ baseline: of.baseline, id: of.id, before, after, at: clock.now(), replayed: false });

  return {
    from(recorded) {
      const known = new Set(recorded.map(({ judgement }) => join(judgement.baseline, judgement.id)));
      engine.adopt(recorded.map(({ judgement }) => judgement));
      for (const { judgement: before, remediation } of recorded) {
        const after = engine.judgement(before.baseline, before.id);
        if (stands(after) && remediation !== undefined) ledger.recall(before.baseline, before.id, remediation);
        if (after !== undefined && !stands(after)) publish(before, before, after);
      }
      for (const { baseline } of engine.states())
        for (const judgement of engine.judgements(baseline.key))
          if (stands(judgement) && isLookedAt(judgement) && !known.has(join(baseline.key, judgement.id)))
            publish(judgement, undefined, judgement);
    },
  };
}

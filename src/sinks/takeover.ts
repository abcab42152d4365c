/**
 * What becomes of the time in which another process held the lease, or nobody did. What the holder told and counted
 * stands in the Drift records. So what stands now without a record is told as if it had just begun, what has a record
 * and stands no more as if it had just ended. A record does not say whether its Event was written too: what this
 * process saw in the last seconds is told once more, under the name that every replica would give it, and the API
 * server refuses what is there already. Since when a drift stands is the record's to say. Who gains a lease that it lost
 * before tells nothing anew that it told then, recorded or not.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Remembered } from "./drift-seeds.ts";
import { stands, stepOf } from "./episodes.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { EngineReader, Sink } from "./ports.ts";

export interface TakeoverDeps {
  readonly engine: Pick<EngineReader, "states" | "judgement" | "open"> & {
    adopt(judgements: readonly Judgement[]): void;
  };
  readonly ledger: Pick<HealLedger, "recall">;
  /** The sinks that tell and count; those that write states do so anyway. */
  readonly tell: { publish(transition: Transition): void };
  /** Told, perhaps, by the process that led before; must come to nothing where it was. */
  readonly retell: (transition: Transition) => void;
  readonly isLeader: () => boolean;
  readonly clock: Pick<Clock, "now" | "monotonic">;
}

/** As a sink it only listens, for what another process ought to tell meanwhile. */
export interface Takeover extends Sink {
  /** @param recorded what the Drift records say at this moment */
  from(recorded: readonly Remembered[]): void;
}

/** Milliseconds: a lease, and as long again for Events that waited for their turn. */
export const hearingTime = 30_000;

/** Milliseconds for which a record may outlast the end that was told. */
const outlasting = 600_000;

/** False for what only a record says, because it was not looked at yet. */
const isLookedAt = (judgement: Judgement): boolean =>
  judgement.desiredHash !== undefined || judgement.resourceVersion !== undefined;

/** One end of an episode, of an object of a Baseline. */
type End = "began" | "ended";
type Of = Pick<Judgement, "baseline" | "id">;

const join = (key: BaselineKey, id: ResourceId): `${BaselineKey} ${IdKey}` => `${key} ${idKey(id)}`;

export function createTakeover({ engine, ledger, tell, retell, isLeader, clock }: TakeoverDeps): Takeover {
  /** Beginnings and ends that were another's to tell, oldest first; the last of each object counts. */
  const heard = new Map<string, { readonly transition: Transition; readonly since: number }>();

  /** Told by this process: what stands, and what ended and since when, oldest first. */
  const toldBegan = new Set<string>();
  const toldEnded = new Map<string, number>();

  const forgetOld = (): void => {
    for (const [name, { since }] of heard) {
      if (clock.monotonic() - since <= hearingTime) break;
      heard.delete(name);
    }
    for (const [name, since] of toldEnded) {
      if (clock.monotonic() - since <= outlasting) break;
      toldEnded.delete(name);
    }
  };

  const remember = (kind: End, { baseline, id }: Of): void => {
    const name = join(baseline, id);
    toldBegan.delete(name);
    toldEnded.delete(name);
    if (!isLeader()) return;
    if (kind === "began") toldBegan.add(name);
    else toldEnded.set(name, clock.monotonic());
  };
  const isTold = (kind: End, { baseline, id }: Of): boolean =>
    (kind === "began" ? toldBegan : toldEnded).has(join(baseline, id));

  const nameOf = (kind: End, { baseline, id }: Of): string => `${kind} ${join(baseline, id)}`;

  /** How it stands now, named by when and in which version it came to stand so, where this process saw that. */
  const publish = (kind: End, of: Judgement, before?: Judgement, after?: Judgement): void => {
    if (isTold(kind, of)) return;
    remember(kind, of);
    const name = nameOf(kind, of);
    const { transition } = heard.get(name) ?? {};
    heard.delete(name);
    const { baseline, id } = of;
    const { resourceVersion } = transition?.after ?? {};
    tell.publish({
      baseline,
      id,
      before: before ?? transition?.before,
      after: after === undefined || resourceVersion === undefined ? after : { ...after, resourceVersion },
      at: transition?.at ?? clock.now(),
      replayed: false,
    });
  };

  return {
    name: "takeover",
    transition(transition) {
      forgetOld();
      const { kind } = stepOf(transition);
      if (kind !== "began" && kind !== "ended") return;
      remember(kind, transition);
      if (isLeader()) return;
      const name = nameOf(kind, transition);
      heard.delete(name);
      heard.set(name, { transition, since: clock.monotonic() });
    },
    stateChanged() {},
    removed(key) {
      for (const [name, { transition }] of heard) if (transition.baseline === key) heard.delete(name);
      for (const told of [toldBegan, toldEnded])
        for (const name of told.keys()) if (name.startsWith(`${key} `)) told.delete(name);
    },
    leading() {},
    from(recorded) {
      forgetOld();
      const known = new Set(recorded.map(({ judgement }) => join(judgement.baseline, judgement.id)));
      engine.adopt(recorded.map(({ judgement }) => judgement));
      for (const { judgement: before, remediation } of recorded) {
        const after = engine.judgement(before.baseline, before.id);
        if (stands(after) && remediation !== undefined) ledger.recall(before.baseline, before.id, remediation);
        if (after !== undefined && !stands(after)) publish("ended", before, before, after);
      }
      for (const { baseline } of engine.states())
        for (const judgement of engine.open(baseline.key))
          if (stands(judgement) && isLookedAt(judgement) && !known.has(join(baseline.key, judgement.id)))
            publish("began", judgement, undefined, judgement);
      for (const { transition } of heard.values()) retell(transition);
      heard.clear();
    },
  };
}

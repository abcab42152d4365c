/**
 * Where remediation stands on each object, for records, gauges and metrics. In memory only; of an object that is as
 * declared again, or gone, nothing is kept once it is told whose doing that was.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { waitReasons, type RemediationReader, type RemediationState, type WaitReason } from "./ports.ts";

/** One object's run of attempts at one drift. */
export interface Attempts {
  /** What is being put back; another one starts over. */
  of: string;
  /** What is put back now came with what was put back before. */
  inWake: boolean;
  /** Those that the server answered; the others decide nothing. */
  count: number;
  /** In a row without an answer, or with one that only asked for patience. */
  unheard: number;
  /** In a row refused for want of a right. */
  denials: number;
  /** The last one failed for a reason that passes by itself. */
  passing: boolean;
  /** The last one was refused: nothing was written, and what refused it may be another day. */
  refused: boolean;
  /** Monotonic milliseconds before which no further attempt is made. */
  notBefore: number;
  /** The version that was written over, until the watch brings a later one; and until when to wait for it. */
  awaiting?: { readonly from: string; readonly until: number } | undefined;
}

/** What was deleted in order to be made anew is owed. */
export interface Debt {
  /** What an approval of the creation would name: what else Git says of it since is not owed. */
  readonly hash: string;
  /** The version that was deleted; undefined where another process did. */
  readonly of?: string;
}

const fresh: Omit<Attempts, "of"> = {
  inWake: false,
  count: 0,
  unheard: 0,
  denials: 0,
  passing: false,
  refused: false,
  notBefore: 0,
};

interface Entry {
  state?: RemediationState | undefined;
  attempts?: Attempts | undefined;
  /** Milliseconds since the epoch. */
  sentAt?: number | undefined;
  /** The version that our last write led to. */
  written?: string | undefined;
  /** There while a write is under way. */
  answered?: Promise<void> | undefined;
  /** We deleted it in order to make it anew, and it has not been made yet. */
  debt?: Debt | undefined;
  /** The last one that is on record. */
  decision?: string | undefined;
  /** What was said as an Event, so that it is said once. */
  readonly said: Set<string>;
}

export interface HealLedger extends RemediationReader {
  /** True where it says something else than before. */
  set(key: BaselineKey, id: ResourceId, state: RemediationState | undefined): boolean;
  /** What the watch is still to bring of the last write. */
  awaiting(key: BaselineKey, id: ResourceId): Attempts["awaiting"];
  /** The attempts at this very drift, or, where it `follows` from them, those at the one before. */
  attempts(key: BaselineKey, id: ResourceId, of: string, follows?: (before: string) => boolean): Attempts;
  /** A person had a hand in it: what was given up is tried as at first. */
  startOver(key: BaselineKey, id: ResourceId): void;
  /** `at` in milliseconds since the epoch; undefined: what we sent is not why it is as it is. */
  sent(key: BaselineKey, id: ResourceId, at: number | undefined): void;
  /**
   * It stands at this version ("" where it is absent): where that is not the one we wrote over last, somebody moved it
   * after us, and how it ends is not our doing.
   */
  seenAt(key: BaselineKey, id: ResourceId, version: string): void;
  /** The server stored our write as this version. */
  wrote(key: BaselineKey, id: ResourceId, version: string | undefined): void;
  /** The version that our last write led to, while what was put back has not come to an end. */
  written(key: BaselineKey, id: ResourceId): string | undefined;
  /** A write is under way until the promise resolves. */
  underWay(key: BaselineKey, id: ResourceId, answered: Promise<void>): void;
  /** It is about to be deleted in order to be made anew; undefined: it was not, after all. */
  remake(key: BaselineKey, id: ResourceId, debt: Debt | undefined): void;
  isRemade(key: BaselineKey, id: ResourceId): boolean;
  /** {@link Debt.hash} of what is owed. */
  owed(key: BaselineKey, id: ResourceId): string | undefined;
  /** It is there at this version, and not on its way out: true where so far something was owed, which is over. */
  returned(key: BaselineKey, id: ResourceId, version: string): boolean;
  /** True where it is another decision than the last one on this drift. */
  decide(key: BaselineKey, id: ResourceId, decision: string): boolean;
  /** True the first time. */
  sayOnce(key: BaselineKey, id: ResourceId, what: string): boolean;
  /** What a Drift record says of before a restart, or of another replica: it was said, and is not said again. */
  recall(key: BaselineKey, id: ResourceId, state: RemediationState): void;
  /** It is not to be put back, for now at least: when it is again, that starts over. How it ends may still be our doing. */
  settled(key: BaselineKey, id: ResourceId): void;
  /** It stands no more, and whose doing that was is told: nothing of it is kept. */
  over(key: BaselineKey, id: ResourceId): void;
  forget(key: BaselineKey): void;
}

/** What is owed is kept apart: whatever is said of the object besides, it is owed. */
function withoutDebt({ owed: _owed, ...state }: RemediationState): RemediationState {
  return state;
}

function wipe(entry: Entry): void {
  entry.state = undefined;
  entry.attempts = undefined;
  entry.written = undefined;
  entry.debt = undefined;
  entry.decision = undefined;
  entry.said.clear();
}

export function createHealLedger(): HealLedger {
  const entries = new Map<BaselineKey, Map<IdKey, Entry>>();
  const find = (key: BaselineKey, id: ResourceId): Entry | undefined => entries.get(key)?.get(idKey(id));
  const make = (key: BaselineKey, id: ResourceId): Entry => {
    const ofBaseline = entries.get(key) ?? new Map<IdKey, Entry>();
    entries.set(key, ofBaseline);
    const entry = ofBaseline.get(idKey(id)) ?? { said: new Set<string>() };
    ofBaseline.set(idKey(id), entry);
    return entry;
  };
  return {
    stateOf(key, id) {
      const { state, debt } = find(key, id) ?? {};
      return debt === undefined ? state : { ...(state ?? { state: "retrying", attempts: 0 }), owed: debt.hash };
    },
    actedSince(key, id, since) {
      const sentAt = find(key, id)?.sentAt;
      return sentAt !== undefined && sentAt >= since;
    },
    waiting(key) {
      const found = Object.fromEntries(waitReasons.map((reason) => [reason, 0])) as Record<WaitReason, number>;
      for (const { state } of entries.get(key)?.values() ?? []) {
        if (state?.state === "waiting" && state.waitingFor !== undefined) found[state.waitingFor] += 1;
      }
      return found;
    },
    set(key, id, state) {
      if (state === undefined && find(key, id) === undefined) return false;
      const entry = make(key, id);
      const plain = state === undefined ? undefined : withoutDebt(state);
      if (JSON.stringify(entry.state) === JSON.stringify(plain)) return false;
      entry.state = plain;
      return true;
    },
    awaiting: (key, id) => find(key, id)?.attempts?.awaiting,
    attempts(key, id, of, follows = () => false) {
      const entry = make(key, id);
      const before = entry.attempts;
      if (before !== undefined && before.of !== of && follows(before.of)) Object.assign(before, { of, inWake: true });
      if (entry.attempts?.of !== of) entry.attempts = { ...fresh, of };
      return entry.attempts;
    },
    startOver(key, id) {
      const { attempts, said } = find(key, id) ?? {};
      if (attempts !== undefined) Object.assign(attempts, { count: 0, notBefore: 0 });
      said?.delete("failed");
    },
    sent(key, id, at) {
      make(key, id).sentAt = at;
    },
    seenAt(key, id, version) {
      const entry = find(key, id);
      if (entry?.attempts?.awaiting === undefined || entry.attempts.awaiting.from === version) return;
      entry.sentAt = undefined;
    },
    wrote(key, id, version) {
      make(key, id).written = version;
    },
    written: (key, id) => find(key, id)?.written,
    underWay(key, id, answered) {
      const entry = make(key, id);
      const over = answered.then(() => {
        if (entry.answered === over) entry.answered = undefined;
      });
      entry.answered = over;
    },
    answered: (key, id) => find(key, id)?.answered,
    remake(key, id, debt) {
      make(key, id).debt = debt;
    },
    isRemade: (key, id) => find(key, id)?.debt !== undefined,
    owed: (key, id) => find(key, id)?.debt?.hash,
    returned(key, id, version) {
      const entry = find(key, id);
      // What we deleted a moment ago is seen until the watch has brought it.
      if (entry?.debt === undefined || entry.debt.of === version) return false;
      entry.debt = undefined;
      return true;
    },
    decide(key, id, decision) {
      const entry = make(key, id);
      const isNew = entry.decision !== decision;
      entry.decision = decision;
      return isNew;
    },
    sayOnce(key, id, what) {
      const { said } = make(key, id);
      if (said.has(what)) return false;
      said.add(what);
      return true;
    },
    recall(key, id, state) {
      const entry = make(key, id);
      entry.state ??= withoutDebt(state);
      // What this process deleted itself it knows better.
      if (entry.debt?.of === undefined) entry.debt = state.owed === undefined ? undefined : { hash: state.owed };
      if (state.state === "failed") entry.said.add("failed");
      if (state.waitingFor !== undefined)
        entry.said.add(state.waitingFor === "fight" ? "fight" : `wait ${state.waitingFor}`);
    },
    settled(key, id) {
      const entry = find(key, id);
      if (entry === undefined) return;
      if (entry.sentAt === undefined) entries.get(key)?.delete(idKey(id));
      wipe(entry);
    },
    over(key, id) {
      const entry = find(key, id);
      if (entry === undefined) return;
      wipe(entry);
      const { sentAt } = entry;
      const drop = (): void => {
        // Unless it drifted once more meanwhile.
        const isIdle = entry.state === undefined && entry.attempts === undefined && entry.sentAt === sentAt;
        if (find(key, id) === entry && isIdle) entries.get(key)?.delete(idKey(id));
      };
      // Who tells whose doing it was waits for the answer too, and asked for it before.
      if (entry.answered === undefined) return drop();
      void entry.answered.then(drop);
    },
    forget(key) {
      entries.delete(key);
    },
  };
}

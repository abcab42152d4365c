/**
 * Keeps what was found of an object, publishes what is new of it, and notes what the next verdict has to know. The
 * one place where a judgement becomes a transition.
 */
import type { IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { isStanding, type LeaveReason } from "../model/verdict.ts";
import { settle, type BaselineRecord } from "./baseline-store.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import { noteGood } from "./good-revision.ts";
import { liveOf } from "./look.ts";
import { meaningOf } from "./meaning.ts";
import type { EnginePorts } from "./ports.ts";
import type { Judged } from "./reconcile.ts";
import { addsUpAlike } from "./tally.ts";
import type { VerdictStore } from "./verdict-store.ts";

export interface Recorder {
  /** Returns when to look again, milliseconds since the epoch; undefined: when something happens. */
  keep(record: BaselineRecord, entry: Considered, judged: Exclude<Judged, { kind: "held" }>): number | undefined;
  /** The object is not considered any more. @param why of one that Git never declared */
  leave(record: BaselineRecord, id: IdKey, why?: LeaveReason): void;
  /** Everything was judged and nothing waits: the revision is one to remember, and may be a good one. True where that is news. */
  settled(record: BaselineRecord): boolean;
}

export interface RecorderDeps {
  readonly ports: Pick<EnginePorts, "clock" | "publish" | "observe">;
  readonly desired: DesiredStore;
  readonly verdicts: VerdictStore;
  changed(key: BaselineKey): void;
  /** Kinds in use may be others now. */
  watch(): void;
}

/** Milliseconds for which a Baseline's objects need no judgement that only says that nothing is seen yet. */
export const beginning = 30_000;

type Found = Extract<Judged, { kind: "judged" }>;

export function createRecorder({ ports, desired, verdicts, changed, watch }: RecorderDeps): Recorder {
  const { clock, observe = {} } = ports;

  /** Of what is not declared any more: few, and none of it in sync. */
  const illElsewhere = (record: BaselineRecord): number => {
    const { key } = record.baseline;
    let count = 0;
    for (const [id, { health }] of verdicts.open(key)) {
      const isIll = health?.state === "degraded" || health?.state === "progressing";
      if (isIll && desired.get(key, id)?.desired === undefined) count += 1;
    }
    return count;
  };

  const settled = (record: BaselineRecord): boolean => {
    const isSettled = settle(record, () => desired.uncertain(record.baseline.key));
    return noteGood(record, clock.monotonic(), () => illElsewhere(record)) || isSettled;
  };

  const leave: Recorder["leave"] = (record, id, why) => {
    const { key } = record.baseline;
    record.unjudged.delete(id);
    record.pending.delete(id);
    record.overdue.delete(id);
    record.unmatched.delete(id);
    desired.forget(key, id);
    const transition = verdicts.leave(key, id, clock.now());
    if (transition !== undefined) ports.publish(why === undefined ? transition : { ...transition, left: why });
  };

  /** What the next verdict on the object has to know of this one. */
  const remember = (record: BaselineRecord, entry: Considered, { grounds, judgement }: Found): void => {
    if (grounds.live.state !== "present") return;
    const { uid = grounds.live.live.uid } = judgement;
    const before = entry.uid;
    entry.seenLive = true;
    entry.uid = uid;
    if (judgement.verdict.kind !== "in-sync") return;
    if (before !== undefined && before !== uid) observe.recreated?.(record.baseline.key, entry.id, before, uid);
    entry.previous = entry.desired;
    entry.lastInSync = liveOf(grounds.live.live);
  };

  /** Whether what Git says of it has ever been true. */
  const noteDelivery = (record: BaselineRecord, entry: Considered, { judgement: { verdict } }: Found): void => {
    if (verdict.kind === "unknown") return;
    const { desired: now, previous, key } = entry;
    const isOwed = isStanding(verdict) && now !== undefined && previous?.hash !== now.hash;
    if (isOwed && previous !== undefined) record.overdue.add(key);
    else record.overdue.delete(key);
    if (isOwed && previous === undefined) record.unmatched.set(key, entry.changedAt);
    else record.unmatched.delete(key);
  };

  /** True where what the Baseline waits for is something else than before. */
  const note = (record: BaselineRecord, entry: Considered, { judgement, waiting }: Found): boolean => {
    const { pending, unjudged } = record;
    const since = pending.get(entry.key);
    const rest = unjudged.size;
    if (judgement.verdict.kind === "pending") pending.set(entry.key, entry.changedAt);
    else pending.delete(entry.key);
    if (!waiting) unjudged.delete(entry.key);
    else if (entry.desired !== undefined) unjudged.add(entry.key);
    return since !== pending.get(entry.key) || rest !== unjudged.size;
  };

  const isBeginning = ({ since }: BaselineRecord): boolean => clock.monotonic() < since + beginning;

  return {
    keep(record, entry, judged) {
      const { key } = record.baseline;
      if (judged.kind === "gone") {
        leave(record, entry.key);
        watch();
        settled(record);
        changed(key);
        return undefined;
      }
      const { judgement, grounds, waiting } = judged;
      if (waiting && isBeginning(record) && verdicts.get(key, entry.key) === undefined) {
        // Counted as unknown as it is; keeping it for each of fifty thousand would only have them judged twice.
        if (note(record, entry, judged)) changed(key);
        return undefined;
      }
      const said = meaningOf(judgement, grounds);
      const { transition, current, replaced } = verdicts.record(judgement, said, {
        now: clock.now(),
        waiting,
        id: entry.key,
      });
      const counts = replaced === undefined || !addsUpAlike(replaced, current);
      if (counts) {
        record.tally.remove(replaced);
        record.tally.add(current);
      }
      const moved = note(record, entry, judged);
      remember(record, entry, judged);
      noteDelivery(record, entry, judged);
      const isSettled = settled(record);
      if (transition !== undefined) ports.publish(transition);
      if (isSettled || counts || moved || transition !== undefined) changed(key);
      return judgement.verdict.kind === "pending" ? judgement.verdict.until : undefined;
    },
    leave,
    settled,
  };
}

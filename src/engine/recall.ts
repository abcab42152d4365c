/**
 * A Baseline's memory of before a restart, made ready for its first snapshot: what the settled revision declared, what
 * was reported, and since when each object waits, so that a restart neither shortens nor extends a grace period.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import { parseRevision, type DesiredObject, type Snapshot } from "../model/snapshot.ts";
import { pendingCap, type BaselineMemory } from "../model/state.ts";
import { isStray, type Judgement } from "../model/verdict.ts";

/** How much of a desired hash a status remembers: hex digits. */
export const rememberedHash = 16;

/** What is known of the time before a restart, for a Baseline's first snapshot. */
export interface Recall {
  /** What an object was at the settled revision. */
  previous(key: IdKey, desired: DesiredObject): DesiredObject | undefined;
  changedAt(key: IdKey, desired: DesiredObject, previous: DesiredObject | undefined): number;
  /** Objects of the settled revision; none where the snapshot is of that very revision. */
  readonly settled: ReadonlyMap<IdKey, DesiredObject>;
  /** Reported before the restart; they are considered whether the snapshot has them or not. */
  readonly reported: readonly { readonly id: ResourceId; readonly version: string; readonly dropped: boolean }[];
}

export interface RecallInput {
  readonly memory: BaselineMemory;
  /** Placed objects of the settled revision, empty where it could not be rendered; or the snapshot is of it. */
  readonly settled: ReadonlyMap<IdKey, DesiredObject> | "the snapshot";
  readonly snapshot: Snapshot;
  readonly reported: Iterable<Judgement>;
}

const NONE: ReadonlyMap<IdKey, DesiredObject> = new Map();

export function recallFrom({ memory, settled, snapshot, reported }: RecallInput): Recall {
  const waiting = new Map((memory.pending ?? []).map((entry) => [idKey(entry.id), entry]));
  const remembered = memory.revision === undefined ? undefined : parseRevision(memory.revision);
  const sameRevision = remembered?.commit === snapshot.revision.commit;
  /** A status may not have room for all: an object that it leaves out waited no longer than the last it names. */
  const unlisted = memory.pending?.findLast((one) => one.unmatched !== true)?.since;
  const isCut = waiting.size >= pendingCap && [...waiting.values()].some((one) => one.unmatched === true);
  const standing = new Set(isCut ? [...reported].map(({ id }) => idKey(id)) : []);
  const isSame = settled === "the snapshot";
  const wasMatched = (key: IdKey, { hash }: DesiredObject): boolean => {
    const known = waiting.get(key);
    if (known === undefined) return !standing.has(key);
    return known.unmatched !== true || !hash.startsWith(known.hash);
  };
  return {
    settled: isSame ? NONE : settled,
    previous: (key, desired) => (wasMatched(key, desired) ? (isSame ? desired : settled.get(key)) : undefined),
    // What Git never declared is found again where it is looked for, or it is not reported any more.
    reported: [...reported].flatMap(({ id, version, verdict }) =>
      isStray(verdict) ? [] : [{ id, version, dropped: verdict.kind === "unmanaged" }],
    ),
    changedAt(key, object, previous) {
      const known = waiting.get(key);
      if (known !== undefined && object.hash.startsWith(known.hash)) return known.since;
      // Git moved while nobody looked: this is when we learnt of it.
      if (!sameRevision && previous?.hash !== object.hash) return snapshot.fetchedAt;
      return unlisted ?? memory.fetchedAt ?? snapshot.fetchedAt;
    },
  };
}

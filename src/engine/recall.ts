/**
 * A Baseline's memory of before a restart, made ready for its first snapshot: what the settled revision declared, what
 * was reported, and since when each object waits, so that a restart neither shortens nor extends a grace period.
 */
import { idKey, type IdKey } from "../model/resource.ts";
import { parseRevision, type DesiredObject, type Snapshot } from "../model/snapshot.ts";
import type { BaselineMemory } from "../model/state.ts";
import type { Judgement } from "../model/verdict.ts";
import type { Recall } from "./desired-store.ts";

/** How much of a desired hash a status remembers: hex digits. */
export const rememberedHash = 16;

export interface RecallInput {
  readonly memory: BaselineMemory;
  /** Placed objects of the settled revision; empty where it could not be rendered. */
  readonly settled: readonly DesiredObject[];
  readonly snapshot: Snapshot;
  readonly reported: Iterable<Judgement>;
}

export function recallFrom({ memory, settled, snapshot, reported }: RecallInput): Recall {
  const waiting = new Map((memory.pending ?? []).map((entry) => [idKey(entry.id), entry]));
  const remembered = memory.revision === undefined ? undefined : parseRevision(memory.revision);
  const sameRevision = remembered?.commit === snapshot.revision.commit;
  /** A status may not have room for all: an object that it leaves out waited no longer than the last it names. */
  const unlisted = memory.pending?.at(-1)?.since;
  return {
    settled: new Map<IdKey, DesiredObject>(settled.map((object) => [idKey(object.id), object])),
    reported: [...reported].map(({ id, version, verdict }) => ({ id, version, dropped: verdict.kind === "unmanaged" })),
    changedAt(object, previous) {
      const known = waiting.get(idKey(object.id));
      if (known !== undefined && object.hash.startsWith(known.hash)) return known.since;
      // Git moved while nobody looked: this is when we learnt of it.
      if (!sameRevision && previous?.hash !== object.hash) return snapshot.fetchedAt;
      return unlisted ?? memory.fetchedAt ?? snapshot.fetchedAt;
    },
  };
}

/**
 * One object that one Baseline considers, and how it comes to be considered: declared, remembered from before a restart,
 * or found where nobody declares anything.
 */
import type { LiveObject } from "../model/live.ts";
import { idKey, kindRef, type IdKey, type ResourceId } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Declared } from "./declarations.ts";
import type { KindsInUse, KindUse } from "./kinds-in-use.ts";
import type { Recall } from "./recall.ts";

/** One object that one Baseline considers. There are tens of thousands: every field counts. */
export interface Considered {
  readonly id: ResourceId;
  /** The one text of this id: whoever keeps it under its id takes this one. */
  readonly key: IdKey;
  /** At the API version that is declared. */
  kind: KindUse;
  /** Place among those of its kind. */
  at: number;
  desired: DesiredObject | undefined;
  /** Desired at the last revision at which the object was in sync. */
  previous: DesiredObject | undefined;
  /** Its desired as another render of the same commit gave it, where that was something else. */
  otherRender: DesiredObject | undefined;
  /** Milliseconds since the epoch at which the revision that changed its desired was fetched. */
  changedAt: number;
  seenLive: boolean;
  /** A snapshot without bad documents did not declare it. */
  dropped: boolean;
  /** Nobody declared it, ever: it was found where the Baseline has objects looked for. */
  found: boolean;
  /** A GET found it absent, and no event has come since. */
  absenceConfirmed: boolean;
  /** Whether its kind must be watched: not where the Baseline may not see it. */
  watched: boolean;
  scalable: boolean;
  uid: string | undefined;
  /** Live as it was when last in sync: usually the very object that the live store holds, so it costs nothing. */
  lastInSync: LiveObject | undefined;
}

/** What entries are made by. */
interface Entering {
  /** Milliseconds since the epoch at which the revision was fetched. */
  readonly at: number;
  readonly complete: boolean;
  readonly recall?: Recall;
  watched(id: ResourceId): boolean;
}

export const kindOf = ({ apiVersion, id }: DesiredObject) => kindRef(apiVersion, id.kind);

/** Of what nothing is known yet. */
function entryOf(id: ResourceId, key: IdKey, kind: KindUse, watched: boolean): Considered {
  return {
    id,
    key,
    kind,
    at: 0,
    desired: undefined,
    previous: undefined,
    otherRender: undefined,
    changedAt: 0,
    seenLive: false,
    dropped: false,
    found: false,
    absenceConfirmed: false,
    watched,
    scalable: false,
    uid: undefined,
    lastInSync: undefined,
  };
}

export function firstSeen(desired: DesiredObject, key: IdKey, input: Entering, kind: KindUse): Considered {
  const entry = entryOf(desired.id, key, kind, input.watched(desired.id));
  const previous = input.recall?.previous(key, desired);
  entry.desired = desired;
  entry.previous = previous;
  entry.changedAt = input.recall?.changedAt(key, desired, previous) ?? input.at;
  entry.seenLive = previous !== undefined;
  entry.scalable = kind.scales || desired.replicated;
  return entry;
}

/** What was declared, or reported, before the restart and is not declared now. */
export function* forgotten(
  recall: Recall,
  shelf: { readonly entries: ReadonlyMap<IdKey, Considered> },
  input: Entering,
  kinds: KindsInUse,
): Generator<Considered> {
  const isNew = (key: IdKey): boolean => !shelf.entries.has(key);
  const dropped = new Set(recall.reported.flatMap((one) => (one.dropped ? idKey(one.id) : [])));
  for (const [key, previous] of recall.settled) {
    if (!isNew(key)) continue;
    const entry = entryOf(previous.id, key, kinds.use(kindOf(previous)), input.watched(previous.id));
    const isDropped = input.complete || dropped.has(key);
    yield Object.assign(entry, { previous, changedAt: input.at, seenLive: true, dropped: isDropped });
  }
  for (const { id, version } of recall.reported) {
    const key = idKey(id);
    if (!isNew(key)) continue;
    const entry = entryOf(id, key, kinds.use({ ...id, version }), input.watched(id));
    yield Object.assign(entry, { changedAt: input.at, seenLive: true, dropped: input.complete || dropped.has(key) });
  }
}

/** What nobody declares, as it was found. */
export interface Found {
  readonly id: ResourceId;
  readonly key: IdKey;
  readonly kind: KindUse;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Not watched for its own sake: whoever looks for such objects watches their metadata. Gone, it is forgotten. */
export function foundAt({ id, key, kind, at }: Found): Considered {
  const entry = entryOf(id, key, kind, false);
  return Object.assign(entry, { changedAt: at, seenLive: true, dropped: true, found: true });
}

/** Declared by several at once: whichever it will be, Git has it. True where this is news. */
export function undrop(entry: Considered, declared: Declared): boolean {
  if (!entry.dropped || declared === undefined) return false;
  entry.dropped = false;
  return true;
}

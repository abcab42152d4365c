/**
 * What each Baseline declares, and did declare: the current snapshot, and per object what Git said when it was last in
 * sync. A snapshot is swapped in by what it changes, in slices; until it is in whole, its Baseline's objects wait (the
 * owner's promise). Objects dropped from Git stay until somebody forgets them. Decides nothing, reads nothing from the
 * cluster.
 */
import type { LiveObject } from "../model/live.ts";
import { idKey, kindRef, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey, DesiredObject } from "../model/snapshot.ts";
import { single, type Declared } from "./declarations.ts";
import { KindsInUse, type KindUse } from "./kinds-in-use.ts";
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
  /** A GET found it absent, and no event has come since. */
  absenceConfirmed: boolean;
  /** Whether its kind must be watched: not where the Baseline may not see it. */
  watched: boolean;
  scalable: boolean;
  uid: string | undefined;
  /** Live as it was when last in sync: usually the very object that the live store holds, so it costs nothing. */
  lastInSync: LiveObject | undefined;
}

export interface SwapInput {
  /** What is declared now under each id that the snapshot touches. */
  readonly touched: ReadonlyMap<IdKey, Declared>;
  /** Milliseconds since the epoch at which the revision was fetched. */
  readonly at: number;
  /** False while there are bad documents: then nothing is dropped. */
  readonly complete: boolean;
  /** The same snapshot placed anew: an id that goes is a misplaced one, not one that Git dropped. */
  readonly replaced: boolean;
  readonly recall?: Recall;
  watched(id: ResourceId): boolean;
}

export interface Swap {
  /** Ids to judge: their desired came, changed or went. */
  readonly changed: readonly IdKey[];
  /** Ids that are not considered any more. */
  readonly left: readonly IdKey[];
  /** An object that was declared before is declared otherwise now. */
  readonly rewritten: boolean;
}

/** Told of every entry that comes and goes. */
export interface EntryObserver {
  entered(key: BaselineKey, id: IdKey): void;
  left(key: BaselineKey, id: IdKey): void;
}

interface Shelf {
  readonly entries: Map<IdKey, Considered>;
  /** Those that the snapshot does not declare. */
  readonly undeclared: Set<Considered>;
  /** The only item of an object's declarers in most cases, shared by all of them. */
  readonly alone: readonly BaselineKey[];
}

const NOBODY: readonly BaselineKey[] = [];
const kindOf = ({ apiVersion, id }: DesiredObject) => kindRef(apiVersion, id.kind);

export class DesiredStore {
  readonly #shelves = new Map<BaselineKey, Shelf>();
  readonly #declarers = new Map<IdKey, readonly BaselineKey[]>();
  readonly #observer: EntryObserver;
  readonly kinds = new KindsInUse();

  constructor(observer: EntryObserver) {
    this.#observer = observer;
  }

  /** Baselines that consider an object: declare it, or did. */
  considering(id: IdKey): readonly BaselineKey[] {
    return this.#declarers.get(id) ?? NOBODY;
  }

  get(key: BaselineKey, id: IdKey): Considered | undefined {
    return this.#shelves.get(key)?.entries.get(id);
  }

  all(key: BaselineKey): Iterable<Considered> {
    return this.#shelves.get(key)?.entries.values() ?? [];
  }

  size(key: BaselineKey): number {
    return this.#shelves.get(key)?.entries.size ?? 0;
  }

  /** Those that the snapshot declares. */
  declared(key: BaselineKey): number {
    const shelf = this.#shelves.get(key);
    return shelf === undefined ? 0 : shelf.entries.size - shelf.undeclared.size;
  }

  /** Those that bad documents may still declare. */
  uncertain(key: BaselineKey): number {
    let count = 0;
    for (const entry of this.#shelves.get(key)?.undeclared ?? []) if (!entry.dropped) count += 1;
    return count;
  }

  *swap(key: BaselineKey, input: SwapInput): Generator<void, Swap> {
    const shelf = this.#shelf(key);
    const changed: IdKey[] = [];
    const left: IdKey[] = [];
    let rewritten = false;
    // Declared neither before nor now: what is undeclared by this swap is none of them.
    const before = [...shelf.undeclared];
    for (const [id, declared] of input.touched) {
      const desired = single(declared);
      const known = shelf.entries.get(id);
      if (desired !== undefined && known === undefined) {
        this.#insert(key, shelf, firstSeen(desired, id, input, this.kinds.use(kindOf(desired))));
        changed.push(id);
      } else if (desired !== undefined && known !== undefined) {
        rewritten ||= known.desired !== undefined && known.desired.hash !== desired.hash;
        if (this.#update(shelf, known, desired, input)) changed.push(known.key);
      } else if (known?.desired !== undefined) {
        if (input.replaced) left.push(known.key);
        else if (drop(shelf, known, input.complete)) changed.push(known.key);
      }
      yield;
    }
    for (const entry of before)
      if (entry.desired === undefined && drop(shelf, entry, input.complete)) changed.push(entry.key);
    if (input.recall !== undefined) {
      for (const entry of forgotten(input.recall, shelf, input, this.kinds)) {
        this.#insert(key, shelf, entry);
        changed.push(entry.key);
        yield;
      }
    }
    return { changed, left, rewritten };
  }

  /** The commit in force rendered once more; answers with the ids that came out otherwise. */
  *compareRender(key: BaselineKey, others: ReadonlyMap<IdKey, Declared>): Generator<void, readonly IdKey[]> {
    const changed: IdKey[] = [];
    for (const [id, declared] of others) {
      const other = single(declared);
      const entry = this.get(key, id);
      yield;
      if (other === undefined || entry?.desired === undefined || entry.desired.hash === other.hash) continue;
      entry.otherRender = other;
      changed.push(entry.key);
    }
    return changed;
  }

  /** Whether the Baseline may see it turned out otherwise than it was taken to be. */
  watch(entry: Considered, watched: boolean): void {
    if (entry.watched === watched) return;
    this.kinds.remove(entry);
    entry.watched = watched;
    this.kinds.add(entry);
  }

  forget(key: BaselineKey, id: IdKey): void {
    const shelf = this.#shelves.get(key);
    const entry = shelf?.entries.get(id);
    if (shelf === undefined || entry === undefined) return;
    this.#observer.left(key, id);
    shelf.entries.delete(id);
    shelf.undeclared.delete(entry);
    this.kinds.remove(entry);
    const others = this.considering(id).filter((other) => other !== key);
    const [other] = others;
    if (other === undefined) this.#declarers.delete(id);
    else this.#declarers.set(id, others.length === 1 ? this.#shelf(other).alone : others);
  }

  /** Forgets whatever is left of a Baseline. */
  remove(key: BaselineKey): void {
    for (const id of this.#shelves.get(key)?.entries.keys() ?? []) this.forget(key, id);
    this.#shelves.delete(key);
  }

  #shelf(key: BaselineKey): Shelf {
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const fresh = { entries: new Map<IdKey, Considered>(), undeclared: new Set<Considered>(), alone: [key] };
    this.#shelves.set(key, fresh);
    return fresh;
  }

  #insert(key: BaselineKey, shelf: Shelf, entry: Considered): void {
    shelf.entries.set(entry.key, entry);
    if (entry.desired === undefined) shelf.undeclared.add(entry);
    this.kinds.add(entry);
    const others = this.#declarers.get(entry.key);
    this.#declarers.set(entry.key, others === undefined ? shelf.alone : [...others, key]);
    this.#observer.entered(key, entry.key);
  }

  /** True where the object has to be judged again. */
  #update(shelf: Shelf, entry: Considered, desired: DesiredObject, input: SwapInput): boolean {
    const same = entry.desired?.hash === desired.hash;
    const watched = input.watched(entry.id);
    const kind = this.kinds.use(kindOf(desired));
    const scalable = kind.scales || desired.replicated;
    const isElsewhere = kind !== entry.kind || watched !== entry.watched || scalable !== entry.scalable;
    const changed = !same || watched !== entry.watched || kind.version !== entry.kind.version;
    if (!same && !input.replaced) entry.changedAt = input.at;
    if (!same) entry.otherRender = undefined;
    if (kind.version !== entry.kind.version) entry.absenceConfirmed = false;
    // What it was in sync with is the very same text: no reason to keep it twice.
    if (entry.previous?.hash === desired.hash) entry.previous = desired;
    shelf.undeclared.delete(entry);
    entry.desired = desired;
    entry.dropped = false;
    if (!isElsewhere) return changed;
    this.kinds.remove(entry);
    Object.assign(entry, { kind, watched, scalable });
    this.kinds.add(entry);
    return changed;
  }
}

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
    absenceConfirmed: false,
    watched,
    scalable: false,
    uid: undefined,
    lastInSync: undefined,
  };
}

function firstSeen(desired: DesiredObject, key: IdKey, input: SwapInput, kind: KindUse): Considered {
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
function* forgotten(recall: Recall, shelf: Shelf, input: SwapInput, kinds: KindsInUse): Generator<Considered> {
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

/** True where this is news. */
function drop(shelf: Shelf, entry: Considered, complete: boolean): boolean {
  const news = entry.desired !== undefined || (complete && !entry.dropped);
  entry.previous ??= entry.desired;
  entry.desired = undefined;
  entry.dropped ||= complete;
  shelf.undeclared.add(entry);
  return news;
}

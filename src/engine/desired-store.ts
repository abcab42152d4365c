/**
 * What each Baseline declares, and did declare: the current snapshot, per object what Git said when it was last in
 * sync, and what it said last of what it dropped. A snapshot is swapped in by what it changes, in slices; until it is in
 * whole, its Baseline's objects wait (the owner's promise). Objects dropped from Git stay until somebody forgets them.
 * Decides nothing, reads nothing from the cluster.
 */
import type { IdKey, ResourceId } from "../model/resource.ts";
import type { BaselineKey, DesiredObject } from "../model/snapshot.ts";
import { type Considered, firstSeen, forgotten, type Found, foundAt, kindOf, undrop } from "./considered.ts";
import { single, type Declared } from "./declarations.ts";
import { KindsInUse } from "./kinds-in-use.ts";
import type { Recall } from "./recall.ts";

export type { Considered };

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
  /** Those that the snapshot does not declare, with what Git said of each last; undefined where that was never seen. */
  readonly undeclared: Map<Considered, DesiredObject | undefined>;
  /** How many it declares, by namespace; those that live in none left out. */
  readonly namespaces: Map<string, number>;
  /** The only item of an object's declarers in most cases, shared by all of them. */
  readonly alone: readonly BaselineKey[];
}

const NOBODY: readonly BaselineKey[] = [];
const NOWHERE: ReadonlyMap<string, number> = new Map();

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
    return this.size(key) - (this.#shelves.get(key)?.undeclared.size ?? 0);
  }

  /** Namespaces in which the snapshot declares something, with how much. */
  namespaces(key: BaselineKey): ReadonlyMap<string, number> {
    return this.#shelves.get(key)?.namespaces ?? NOWHERE;
  }

  /** Whether a Baseline that may see it has it from Git: declares it, or did. What was only found is not. */
  isClaimed(id: IdKey): boolean {
    return this.#isSeen(id, ({ found }) => !found);
  }

  /** Whether a Baseline that may see it declares it now. */
  isDeclared(id: IdKey): boolean {
    return this.#isSeen(id, ({ desired }) => desired !== undefined);
  }

  /** Nobody declares it, and this Baseline has such objects looked for. The same entry where it is known already. */
  find(key: BaselineKey, found: Found): Considered {
    const { kind } = found;
    const shelf = this.#shelf(key);
    const known = shelf.entries.get(found.key);
    if (known === undefined) {
      const entry = foundAt(found);
      this.#insert(key, shelf, entry);
      return entry;
    }
    if (known.kind === kind) return known;
    this.kinds.remove(known);
    known.kind = kind;
    this.kinds.add(known);
    return known;
  }

  /** Those that were only found. */
  *found(key: BaselineKey): Generator<Considered> {
    for (const entry of this.#shelves.get(key)?.undeclared.keys() ?? []) if (entry.found) yield entry;
  }

  /** Those that bad documents may still declare. */
  uncertain(key: BaselineKey): number {
    let count = 0;
    for (const entry of this.#shelves.get(key)?.undeclared.keys() ?? []) if (!entry.dropped) count += 1;
    return count;
  }

  /** What Git said of an object last, where it does not declare it any more and this process has seen that, or had it told. */
  lastDeclared(key: BaselineKey, entry: Considered): DesiredObject | undefined {
    return this.#shelves.get(key)?.undeclared.get(entry);
  }

  /** What was declared by the last revision that counted before a restart: its word on what is dropped is the last. */
  *recallLast(key: BaselineKey, declared: ReadonlyMap<IdKey, DesiredObject>): Generator<void, void> {
    const { undeclared } = this.#shelf(key);
    for (const [entry, last] of undeclared) {
      if (last === undefined) undeclared.set(entry, declared.get(entry.key));
      yield;
    }
  }

  *swap(key: BaselineKey, input: SwapInput): Generator<void, Swap> {
    const shelf = this.#shelf(key);
    const changed: IdKey[] = [];
    const left: IdKey[] = [];
    let rewritten = false;
    // Declared neither before nor now: what is undeclared by this swap is none of them.
    const before = [...shelf.undeclared.keys()].filter(({ found }) => !found);
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
      } else if (known !== undefined && undrop(known, declared)) changed.push(known.key);
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
    if (entry.desired !== undefined) count(shelf, entry, -1);
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

  #isSeen(id: IdKey, holds: (entry: Considered) => boolean): boolean {
    return this.considering(id).some((key) => {
      const entry = this.get(key, id);
      return entry !== undefined && entry.watched && holds(entry);
    });
  }

  #shelf(key: BaselineKey): Shelf {
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const fresh = {
      entries: new Map<IdKey, Considered>(),
      undeclared: new Map<Considered, DesiredObject | undefined>(),
      namespaces: new Map<string, number>(),
      alone: [key],
    };
    this.#shelves.set(key, fresh);
    return fresh;
  }

  #insert(key: BaselineKey, shelf: Shelf, entry: Considered): void {
    shelf.entries.set(entry.key, entry);
    if (entry.desired === undefined) shelf.undeclared.set(entry, undefined);
    else count(shelf, entry, 1);
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
    if (entry.desired === undefined) count(shelf, entry, 1);
    entry.desired = desired;
    entry.dropped = false;
    entry.found = false;
    if (!isElsewhere) return changed;
    this.kinds.remove(entry);
    Object.assign(entry, { kind, watched, scalable });
    this.kinds.add(entry);
    return changed;
  }
}

/** True where this is news. */
function drop(shelf: Shelf, entry: Considered, complete: boolean): boolean {
  const news = entry.desired !== undefined || (complete && !entry.dropped);
  if (entry.desired !== undefined) {
    count(shelf, entry, -1);
    shelf.undeclared.set(entry, entry.desired);
  }
  entry.desired = undefined;
  entry.dropped ||= complete;
  return news;
}

function count({ namespaces }: Shelf, { id: { namespace } }: Considered, by: 1 | -1): void {
  if (namespace === "") return;
  const left = (namespaces.get(namespace) ?? 0) + by;
  if (left > 0) namespaces.set(namespace, left);
  else namespaces.delete(namespace);
}

/**
 * What each Baseline declares, and did declare: the current snapshot, and per object what Git said when it was last in
 * sync. A snapshot is swapped whole, between two looks at it. Objects dropped from Git stay until somebody forgets
 * them. Decides nothing, reads nothing from the cluster.
 */
import type { LiveObject } from "../model/live.ts";
import { idKey, kindKey, kindRef, type IdKey, type KindRef, type ResourceId } from "../model/resource.ts";
import type { BaselineKey, DesiredObject } from "../model/snapshot.ts";

/** One object that one Baseline considers. */
export interface Considered {
  readonly id: ResourceId;
  readonly key: IdKey;
  /** API version without the group. */
  version: string;
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

/** What is known of the time before a restart, for a Baseline's first snapshot. */
export interface Recall {
  /** Objects of the settled revision. */
  readonly settled: ReadonlyMap<IdKey, DesiredObject>;
  changedAt(object: DesiredObject, previous: DesiredObject | undefined): number;
  /** Reported before the restart; they are considered whether the snapshot has them or not. */
  readonly reported: readonly { readonly id: ResourceId; readonly version: string; readonly dropped: boolean }[];
}

export interface SwapInput {
  readonly objects: readonly DesiredObject[];
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
}

const SCALABLE = new Set(["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "/ReplicationController"]);

/** Whether an autoscaler may own the object's replicas. */
function isScalable(desired: DesiredObject): boolean {
  return SCALABLE.has(`${desired.id.group}/${desired.id.kind}`) || desired.replicated;
}

const versionOf = (desired: DesiredObject): string => kindRef(desired.apiVersion, desired.id.kind).version;

export class DesiredStore {
  readonly #baselines = new Map<BaselineKey, Map<IdKey, Considered>>();
  readonly #declarers = new Map<IdKey, readonly BaselineKey[]>();
  readonly #kinds = new Map<string, { readonly kind: KindRef; count: number }>();
  #scalable = 0;
  /** Goes up whenever {@link kinds} or {@link scalable} may answer otherwise. */
  kindsVersion = 0;

  /** Baselines that consider an object: declare it, or did. */
  considering(id: IdKey): readonly BaselineKey[] {
    return this.#declarers.get(id) ?? [];
  }

  get(key: BaselineKey, id: IdKey): Considered | undefined {
    return this.#baselines.get(key)?.get(id);
  }

  all(key: BaselineKey): Iterable<Considered> {
    return this.#baselines.get(key)?.values() ?? [];
  }

  size(key: BaselineKey): number {
    return this.#baselines.get(key)?.size ?? 0;
  }

  /** Kinds of what is considered and may be seen. */
  kinds(): readonly KindRef[] {
    return [...this.#kinds.values()].map(({ kind }) => kind);
  }

  /** Whether autoscalers matter to anything considered. */
  get scalable(): boolean {
    return this.#scalable > 0;
  }

  swap(key: BaselineKey, input: SwapInput): Swap {
    const entries = this.#baselines.get(key) ?? new Map<IdKey, Considered>();
    this.#baselines.set(key, entries);
    const changed: IdKey[] = [];
    const left: IdKey[] = [];
    const declared = new Set<IdKey>();
    for (const desired of input.objects) {
      const id = idKey(desired.id);
      declared.add(id);
      const known = entries.get(id);
      if (known === undefined) {
        this.#insert(key, entries, firstSeen(desired, id, input));
        changed.push(id);
      } else if (this.#update(known, desired, input)) changed.push(id);
    }
    if (input.recall !== undefined) {
      for (const entry of forgotten(input.recall, declared, input)) {
        this.#insert(key, entries, entry);
        changed.push(entry.key);
      }
    }
    for (const entry of entries.values()) {
      if (declared.has(entry.key)) continue;
      if (input.replaced && entry.desired !== undefined) {
        left.push(entry.key);
      } else if (drop(entry, input.complete)) changed.push(entry.key);
    }
    for (const id of left) this.forget(key, id);
    return { changed, left };
  }

  /** The commit in force rendered once more; answers with the ids that came out otherwise. */
  compareRender(key: BaselineKey, objects: readonly DesiredObject[]): readonly IdKey[] {
    return objects.flatMap((other) => {
      const entry = this.get(key, idKey(other.id));
      if (entry?.desired === undefined || entry.desired.hash === other.hash) return [];
      entry.otherRender = other;
      return [entry.key];
    });
  }

  forget(key: BaselineKey, id: IdKey): void {
    const entries = this.#baselines.get(key);
    const entry = entries?.get(id);
    if (entries === undefined || entry === undefined) return;
    entries.delete(id);
    this.#uncount(entry);
    const others = this.considering(id).filter((other) => other !== key);
    if (others.length === 0) this.#declarers.delete(id);
    else this.#declarers.set(id, others);
  }

  remove(key: BaselineKey): readonly IdKey[] {
    const ids = [...(this.#baselines.get(key)?.keys() ?? [])];
    for (const id of ids) this.forget(key, id);
    this.#baselines.delete(key);
    return ids;
  }

  #insert(key: BaselineKey, entries: Map<IdKey, Considered>, entry: Considered): void {
    entries.set(entry.key, entry);
    this.#count(entry);
    this.#declarers.set(entry.key, [...this.considering(entry.key), key]);
  }

  /** True where the object has to be judged again. */
  #update(entry: Considered, desired: DesiredObject, input: SwapInput): boolean {
    const same = entry.desired?.hash === desired.hash;
    const watched = input.watched(entry.id);
    const version = versionOf(desired);
    const changed = !same || watched !== entry.watched || version !== entry.version;
    this.#uncount(entry);
    if (!same && !input.replaced) entry.changedAt = input.at;
    if (!same) entry.otherRender = undefined;
    if (version !== entry.version) entry.absenceConfirmed = false;
    Object.assign(entry, { desired, version, watched, scalable: isScalable(desired), dropped: false });
    this.#count(entry);
    return changed;
  }

  #count(entry: Considered): void {
    if (!entry.watched) return;
    if (entry.scalable) this.#scalable += 1;
    const kind = { group: entry.id.group, version: entry.version, kind: entry.id.kind };
    const known = this.#kinds.get(kindKey(kind));
    if (known !== undefined) known.count += 1;
    else {
      this.#kinds.set(kindKey(kind), { kind, count: 1 });
      this.kindsVersion += 1;
    }
    if (entry.scalable && this.#scalable === 1) this.kindsVersion += 1;
  }

  #uncount(entry: Considered): void {
    if (!entry.watched) return;
    if (entry.scalable) this.#scalable -= 1;
    const key = kindKey({ group: entry.id.group, version: entry.version, kind: entry.id.kind });
    const known = this.#kinds.get(key);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count === 0) this.#kinds.delete(key);
    if (known.count === 0 || (entry.scalable && this.#scalable === 0)) this.kindsVersion += 1;
  }
}

function entryOf(id: ResourceId, version: string, watched: boolean): Considered {
  return {
    id,
    key: idKey(id),
    version,
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

function firstSeen(desired: DesiredObject, id: IdKey, input: SwapInput): Considered {
  const previous = input.recall?.settled.get(id);
  return {
    ...entryOf(desired.id, versionOf(desired), input.watched(desired.id)),
    desired,
    previous,
    changedAt: input.recall?.changedAt(desired, previous) ?? input.at,
    seenLive: previous !== undefined,
    scalable: isScalable(desired),
  };
}

/** What was declared, or reported, before the restart and is not declared now. */
function forgotten(recall: Recall, declared: ReadonlySet<IdKey>, input: SwapInput): readonly Considered[] {
  const found = new Map<IdKey, Considered>();
  for (const [id, previous] of recall.settled) {
    if (declared.has(id)) continue;
    const entry = entryOf(previous.id, versionOf(previous), input.watched(previous.id));
    found.set(id, { ...entry, previous, changedAt: input.at, seenLive: true, dropped: input.complete });
  }
  for (const { id, version, dropped } of recall.reported) {
    const key = idKey(id);
    if (declared.has(key)) continue;
    const entry = found.get(key) ?? entryOf(id, version, input.watched(id));
    found.set(key, { ...entry, changedAt: input.at, seenLive: true, dropped: dropped || input.complete });
  }
  return [...found.values()];
}

/** True where this is news. */
function drop(entry: Considered, complete: boolean): boolean {
  const news = entry.desired !== undefined || (complete && !entry.dropped);
  entry.previous ??= entry.desired;
  entry.desired = undefined;
  entry.dropped ||= complete;
  return news;
}

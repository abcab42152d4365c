/**
 * Which kinds are considered, by how much and where: what is to be watched, and who is to be looked at again when
 * something concerns one kind. Kept as entries come and go; nothing here walks over all of them.
 */
import { kindKey, type KindRef } from "../model/resource.ts";
import type { Considered } from "./desired-store.ts";
import type { WatchedKind } from "./ports.ts";

/** A kind at one version, and everything considered of it. Shared by its entries. */
export interface KindUse extends KindRef {
  readonly key: string;
  /** Whether an autoscaler may own the replicas of every object of this kind. */
  readonly scales: boolean;
  readonly entries: Considered[];
  /** How many may be seen, by namespace ("" for none). */
  readonly namespaces: Map<string, number>;
}

const SCALES = new Set(["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "/ReplicationController"]);

export class KindsInUse {
  readonly #kinds = new Map<string, KindUse>();
  #scalable = 0;
  /** Goes up whenever {@link watched} or {@link scalable} may answer otherwise. */
  version = 0;

  use(kind: KindRef): KindUse {
    const key = kindKey(kind);
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const scales = SCALES.has(`${kind.group}/${kind.kind}`);
    const { group, version } = kind;
    const fresh = { group, version, kind: kind.kind, key, scales, entries: [], namespaces: new Map<string, number>() };
    this.#kinds.set(key, fresh);
    return fresh;
  }

  /** Kinds of what is considered and may be seen, and where it is. */
  watched(): readonly WatchedKind[] {
    return [...this.#kinds.values()]
      .filter(({ namespaces }) => namespaces.size > 0)
      .map(({ group, version, kind, namespaces }) => ({ group, version, kind, namespaces: [...namespaces.keys()] }));
  }

  /** Whether autoscalers matter to anything considered. */
  get scalable(): boolean {
    return this.#scalable > 0;
  }

  all(): Iterable<KindUse> {
    return this.#kinds.values();
  }

  add(entry: Considered): void {
    const { entries, key } = entry.kind;
    if (entries.length === 0) this.#kinds.set(key, entry.kind);
    entry.at = entries.length;
    entries.push(entry);
    if (entry.watched) this.#see(entry);
  }

  /** The last one takes its place: whoever walks `entries` from the end misses none that stays. */
  remove(entry: Considered): void {
    const { entries } = entry.kind;
    const last = entries.pop();
    if (last !== undefined && last !== entry) {
      entries[entry.at] = last;
      last.at = entry.at;
    }
    if (entry.watched) this.#unsee(entry);
    if (entries.length === 0) this.#kinds.delete(entry.kind.key);
  }

  #see({ kind, id, scalable }: Considered): void {
    const count = kind.namespaces.get(id.namespace) ?? 0;
    kind.namespaces.set(id.namespace, count + 1);
    if (count === 0) this.version += 1;
    if (scalable) this.#scalable += 1;
    if (scalable && this.#scalable === 1) this.version += 1;
  }

  #unsee({ kind, id, scalable }: Considered): void {
    const count = kind.namespaces.get(id.namespace) ?? 0;
    if (count > 1) kind.namespaces.set(id.namespace, count - 1);
    else {
      kind.namespaces.delete(id.namespace);
      this.version += 1;
    }
    if (scalable) this.#scalable -= 1;
    if (scalable && this.#scalable === 0) this.version += 1;
  }
}

/**
 * The objects of one kind (in one namespace, where watches are limited to namespaces), trimmed. A listing is staged
 * aside and swapped in whole; what differs from before is found by key, so that deletions in a gap are found too.
 * Tells of an object only when something a verdict can depend on changed.
 */
import { getString } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import { dropOwnership, type TextPool } from "./ownership-text.ts";
import type { ReflectorSink } from "./reflector.ts";
import { saysTheSame, trim, type HealthOf, type StoredObject } from "./stored-object.ts";

export interface LiveStoreOptions {
  readonly healthOf: HealthOf;
  readonly pool: TextPool;
  /** `receivedAt`: milliseconds since the epoch. */
  readonly onChange: (namespace: string, name: string, receivedAt: number) => void;
}

export interface LiveStore extends ReflectorSink {
  get(namespace: string, name: string): StoredObject | undefined;
  values(): Iterable<StoredObject>;
  size(): number;
  /** Forgets everything, in silence: the kind is gone, or no longer watched. */
  clear(): void;
}

function keyOf(object: KubeObject): string {
  return `${getString(object.metadata, "namespace") ?? ""}/${getString(object.metadata, "name") ?? ""}`;
}

export function createLiveStore({ healthOf, pool, onChange }: LiveStoreOptions): LiveStore {
  let objects = new Map<string, StoredObject>();
  let staged = new Map<string, StoredObject>();
  let listedOnce = false;

  const announce = (key: string, receivedAt: number): void => {
    const slash = key.indexOf("/");
    onChange(key.slice(0, slash), key.slice(slash + 1), receivedAt);
  };

  /** The object as it is kept; the very one we hold where the server sends the same version again. */
  const keep = (object: KubeObject, held: StoredObject | undefined, receivedAt: number): StoredObject =>
    held !== undefined &&
    held.resourceVersion === getString(object.metadata, "resourceVersion") &&
    held.uid === getString(object.metadata, "uid")
      ? held
      : trim(object, receivedAt, healthOf, pool);

  const discard = (gone: StoredObject | undefined, unless?: StoredObject): void => {
    if (gone !== undefined && gone !== unless) dropOwnership(gone.ownership, pool);
  };

  const unstageAll = (): void => {
    for (const [key, object] of staged) discard(object, objects.get(key));
    staged = new Map();
  };

  return {
    begin: unstageAll,

    stage(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      const next = keep(object, held, receivedAt);
      const before = staged.get(key);
      staged.set(key, next);
      if (before !== next) discard(before, held);
    },

    unstage(object) {
      const key = keyOf(object);
      discard(staged.get(key), objects.get(key));
      staged.delete(key);
    },

    commit(receivedAt) {
      const before = objects;
      objects = staged;
      staged = new Map();
      const changed: string[] = [];
      for (const [key, next] of objects) {
        const held = before.get(key);
        if (held === next) continue;
        if (held === undefined || !saysTheSame(held, next)) changed.push(key);
        discard(held);
      }
      for (const [key, held] of before) {
        if (objects.has(key)) continue;
        changed.push(key);
        discard(held);
      }
      // Nobody can have judged what was never listed; that the kind is live now is told for the whole of it.
      if (listedOnce) for (const key of changed) announce(key, receivedAt);
      listedOnce = true;
    },

    apply(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      const next = keep(object, held, receivedAt);
      if (held === next) return;
      objects.set(key, next);
      discard(held);
      if (held === undefined || !saysTheSame(held, next)) announce(key, receivedAt);
    },

    remove(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      if (held === undefined) return;
      objects.delete(key);
      discard(held);
      announce(key, receivedAt);
    },

    get: (namespace, name) => objects.get(`${namespace}/${name}`),
    values: () => objects.values(),
    size: () => objects.size,

    clear() {
      unstageAll();
      for (const held of objects.values()) discard(held);
      objects = new Map();
      listedOnce = false;
    },
  };
}

/**
 * The objects of one kind (in one namespace, where watches are limited to namespaces), trimmed. A listing is staged
 * aside and swapped in whole; what differs from before is found by key while it is staged, so that deletions in a gap
 * are found too and the swap itself takes no time. Tells of an object only when something a verdict can depend on
 * changed.
 */
import { getString } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import { isManagedBy } from "./ownership-text.ts";
import type { ReflectorSink } from "./reflector.ts";
import { discard, saysTheSame, trim, type HealthOf, type StoragePool, type StoredObject } from "./stored-object.ts";

export interface LiveStoreOptions {
  readonly healthOf: HealthOf;
  readonly pool: StoragePool;
  /** `receivedAt`: milliseconds since the epoch. */
  readonly onChange: (namespace: string, name: string, receivedAt: number) => void;
  /** Calls in a later turn of the event loop. */
  readonly later: (call: () => void) => void;
  /** What the objects are, where only their metadata is watched: then the server calls each a PartialObjectMetadata. */
  readonly as?: { readonly apiVersion: string; readonly kind: string };
}

export interface LiveStore extends ReflectorSink {
  get(namespace: string, name: string): StoredObject | undefined;
  values(): Iterable<StoredObject>;
  /** Namespace and name of each. */
  names(): Iterable<readonly [namespace: string, name: string]>;
  /**
   * Namespace and name of the objects of which the manager owns something; undefined for each of the others, so that whoever
   * looks through them all can stop for a while.
   */
  managedBy(manager: string): Iterable<readonly [namespace: string, name: string] | undefined>;
  size(): number;
  /** Forgets everything, in silence: the kind is gone, or no longer watched. */
  clear(): void;
}

function partsOf(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** What is to be let go of, and whether that is news. */
interface Replaced {
  readonly key: string;
  readonly held: StoredObject | undefined;
  readonly tell: boolean;
}

/** Each when it is asked for: nobody else may change what is gone through. */
function* silently(gone: Iterable<readonly [string, StoredObject]>): Generator<Replaced, undefined> {
  for (const [key, held] of gone) yield { key, held, tell: false };
}

/** How many are worked off at once: tens of thousands would keep everything else waiting. */
const SLICE = 500;

function keyOf({ metadata }: KubeObject): string {
  return `${getString(metadata, "namespace") ?? ""}/${getString(metadata, "name") ?? ""}`;
}

export function createLiveStore({ healthOf, pool, onChange, later, as }: LiveStoreOptions): LiveStore {
  let objects = new Map<string, StoredObject>();
  let staged = new Map<string, StoredObject>();
  /** What the staged listing has otherwise than what is held. */
  let replaced = new Map<string, Replaced>();
  /** Number of the staged listing, and how much of what is held it has. */
  let listing = 0;
  let found = 0;
  let listedOnce = false;

  const announce = (key: string, receivedAt: number): void => onChange(...partsOf(key), receivedAt);

  /** The object as it is kept; the very one we hold where the server sends the same version again. */
  const keep = (object: KubeObject, held: StoredObject | undefined, receivedAt: number): StoredObject =>
    held !== undefined &&
    held.resourceVersion === getString(object.metadata, "resourceVersion") &&
    held.uid === getString(object.metadata, "uid")
      ? held
      : trim(as === undefined ? object : { ...object, ...as }, receivedAt, healthOf, { pool, held });

  const drop = (gone: StoredObject | undefined, unless?: StoredObject): void => {
    if (gone !== undefined && gone !== unless) discard(gone, pool);
  };

  const unstageAll = (): void => {
    const unused = [...staged].filter(([key, object]) => objects.get(key) !== object);
    startOver();
    workOff(silently(unused), 0);
  };

  const startOver = (): void => {
    staged = new Map();
    replaced = new Map();
    found = 0;
  };

  /** Lets go of what was replaced and tells what is new; what is much, over several turns. */
  const workOff = (left: Iterator<Replaced>, receivedAt: number): void => {
    for (let done = 0; done < SLICE; done++) {
      const next = left.next();
      if (next.done === true) return;
      const { key, held, tell } = next.value;
      drop(held);
      if (tell) announce(key, receivedAt);
    }
    later(() => workOff(left, receivedAt));
  };

  return {
    begin() {
      unstageAll();
      listing += 1;
    },

    stage(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      const next = keep(object, held, receivedAt);
      const before = staged.get(key);
      staged.set(key, next);
      if (before !== next) drop(before, held);
      if (held !== undefined && held.listing !== listing) {
        held.listing = listing;
        found += 1;
      }
      // Nobody can have judged what was never listed; that the kind is live now is told for the whole of it.
      if (!listedOnce) return;
      if (held === next) replaced.delete(key);
      else replaced.set(key, { key, held, tell: held === undefined || !saysTheSame(held, next) });
    },

    unstage(object) {
      const key = keyOf(object);
      const held = objects.get(key);
      const before = staged.get(key);
      if (before === undefined) return;
      drop(before, held);
      staged.delete(key);
      replaced.delete(key);
      if (held === undefined) return;
      held.listing = 0;
      found -= 1;
    },

    commit(receivedAt) {
      const differences = [...replaced.values()];
      if (found < objects.size)
        for (const [key, held] of objects) if (held.listing !== listing) differences.push({ key, held, tell: true });
      objects = staged;
      startOver();
      listedOnce = true;
      workOff(differences.values(), receivedAt);
    },

    apply(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      const next = keep(object, held, receivedAt);
      if (held === next) return;
      objects.set(key, next);
      drop(held);
      if (held === undefined || !saysTheSame(held, next)) announce(key, receivedAt);
    },

    remove(object, receivedAt) {
      const key = keyOf(object);
      const held = objects.get(key);
      if (held === undefined) return;
      objects.delete(key);
      drop(held);
      announce(key, receivedAt);
    },

    get: (namespace, name) => objects.get(`${namespace}/${name}`),
    values: () => objects.values(),
    *names() {
      for (const key of objects.keys()) yield partsOf(key);
    },
    *managedBy(manager) {
      for (const [key, { owners }] of objects) yield isManagedBy(owners, manager) ? partsOf(key) : undefined;
    },
    size: () => objects.size,

    clear() {
      unstageAll();
      const held = objects;
      objects = new Map();
      listedOnce = false;
      workOff(silently(held), 0);
    },
  };
}

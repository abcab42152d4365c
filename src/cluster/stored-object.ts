/**
 * One object as the live store keeps it: the text of what it says, without `status` (its health is read first), and
 * beside it only what versions are told apart by. What many objects have in common is held once. Whether a newer
 * version says anything new is decided here, by comparing texts, so that a heartbeat ends here.
 */
import type { Health, LiveObject } from "../model/live.ts";
import type { KubeObject } from "../model/resource.ts";
import { packObject, unpackObject, type PackedObject } from "./object-text.ts";
import { createOwnerPool, formatOwnership, sameOwners, type Ownership, type OwnerPool } from "./ownership-text.ts";
import { createSharedValues, type SharedValues } from "./shared-values.ts";

export type HealthOf = (object: KubeObject) => Health;

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the objects of a process have in common. */
export interface StoragePool {
  readonly owners: OwnerPool;
  readonly healths: SharedValues<Health>;
  readonly types: SharedValues<TypeMeta>;
}

export function createStoragePool(): StoragePool {
  return {
    owners: createOwnerPool(),
    healths: createSharedValues(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`)),
    types: createSharedValues(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
  };
}

interface StoredParts {
  readonly type: TypeMeta;
  readonly packed: PackedObject;
  readonly ownership: Ownership;
  readonly health: Health;
  readonly receivedAt: number;
}

class StoredObject implements LiveObject {
  readonly type: TypeMeta;
  readonly text: string;
  /** Undefined where it says none: it is a file's. */
  readonly ownUid: string | undefined;
  readonly ownVersion: string | undefined;
  readonly generation: number | undefined;
  readonly owners: Ownership["owners"];
  readonly times: string;
  readonly health: Health;
  readonly receivedAt: number;
  /** The last listing that has it, for its store to set: whatever a listing does not have is gone. */
  listing = 0;

  constructor({ type, packed, ownership, health, receivedAt }: StoredParts) {
    this.type = type;
    this.text = packed.text;
    this.ownUid = packed.uid;
    this.ownVersion = packed.resourceVersion;
    this.generation = packed.generation;
    this.owners = ownership.owners;
    this.times = ownership.times;
    this.health = health;
    this.receivedAt = receivedAt;
  }

  get object(): KubeObject {
    const { text, ownUid: uid, ownVersion: resourceVersion, generation } = this;
    return unpackObject({ text, uid, resourceVersion, generation }, this.type);
  }

  get uid(): string {
    return this.ownUid ?? "";
  }

  get resourceVersion(): string {
    return this.ownVersion ?? "";
  }

  get managedFields(): string {
    return formatOwnership(this);
  }
}

export type { StoredObject };

function readHealth(object: KubeObject, healthOf: HealthOf): Health {
  try {
    return healthOf(object);
  } catch {
    // A status of an unheard-of shape is no reason to lose the object.
    return { state: "unknown", reason: "its status could not be read" };
  }
}

export interface Sharing {
  readonly pool: StoragePool;
  /** An older version: what is the same in both is shared. */
  readonly held?: StoredObject | undefined;
}

/** The object as it is kept. Give what was taken from the pool back with {@link discard}. */
export function trim(
  object: KubeObject,
  receivedAt: number,
  healthOf: HealthOf,
  { pool, held }: Sharing = { pool: createStoragePool() },
): StoredObject {
  const { uid, text, ...rest } = packObject(object);
  const packed = {
    ...rest,
    text: text === held?.text ? held.text : text,
    uid: uid === held?.ownUid ? held?.ownUid : uid,
  };
  return new StoredObject({
    packed,
    type: pool.types.take({ apiVersion: object.apiVersion, kind: object.kind }),
    ownership: pool.owners.take(object.metadata["managedFields"]),
    health: pool.healths.take(readHealth(object, healthOf)),
    receivedAt,
  });
}

export function discard(gone: StoredObject, pool: StoragePool): void {
  pool.owners.drop(gone.owners);
  pool.healths.drop(gone.health);
  pool.types.drop(gone.type);
}

/**
 * Whether nothing that a verdict can depend on differs: content, uid, deletion, owners of fields, state of health. Keys
 * in another order count as another content: that costs a judgement and hides nothing.
 */
export function saysTheSame(left: StoredObject, right: StoredObject): boolean {
  return (
    left.text === right.text &&
    left.ownUid === right.ownUid &&
    left.type === right.type &&
    left.health.state === right.health.state &&
    sameOwners(left.owners, right.owners)
  );
}

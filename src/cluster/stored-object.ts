/**
 * One object as the live store keeps it: without `status` (its health is read first) and with its ownership as shared
 * text. Whether a newer version of it says anything new is decided here, so that a heartbeat ends here.
 */
import { getString, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { Health, LiveObject } from "../model/live.ts";
import type { KubeObject } from "../model/resource.ts";
import { formatOwnership, readOwnership, sameOwners, type Ownership, type TextPool } from "./ownership-text.ts";

export type HealthOf = (object: KubeObject) => Health;

export class StoredObject implements LiveObject {
  readonly object: KubeObject;
  readonly ownership: Ownership;
  readonly health: Health;
  readonly receivedAt: number;

  constructor(object: KubeObject, ownership: Ownership, health: Health, receivedAt: number) {
    this.object = object;
    this.ownership = ownership;
    this.health = health;
    this.receivedAt = receivedAt;
  }

  get uid(): string {
    return getString(this.object.metadata, "uid") ?? "";
  }

  get resourceVersion(): string {
    return getString(this.object.metadata, "resourceVersion") ?? "";
  }

  get managedFields(): string {
    return formatOwnership(this.ownership);
  }
}

function readHealth(object: KubeObject, healthOf: HealthOf): Health {
  try {
    return healthOf(object);
  } catch {
    // A status of an unheard-of shape is no reason to lose the object.
    return { state: "unknown", reason: "its status could not be read" };
  }
}

export function trim(object: KubeObject, receivedAt: number, healthOf: HealthOf, pool?: TextPool): StoredObject {
  const health = readHealth(object, healthOf);
  // Copied without the two, not deleted from: V8 keeps a copied object smaller.
  const { status: _, ...kept } = object;
  const { managedFields, ...metadata } = object.metadata;
  return new StoredObject({ ...kept, metadata } as KubeObject, readOwnership(managedFields, pool), health, receivedAt);
}

/** Change with every write, and say nothing by themselves. */
const restless = new Set(["resourceVersion", "generation"]);

/** Whether nothing that a verdict can depend on differs: content, uid, deletion, owners of fields, state of health. */
export function saysTheSame(left: StoredObject, right: StoredObject): boolean {
  return (
    left.health.state === right.health.state &&
    sameMembers(left.object.metadata, right.object.metadata, restless) &&
    sameMembers(left.object, right.object, METADATA) &&
    sameOwners(left.ownership, right.ownership)
  );
}

const METADATA = new Set(["metadata"]);
const NONE: ReadonlySet<string> = new Set();

function sameMembers(left: JsonObject, right: JsonObject, except: ReadonlySet<string>): boolean {
  let members = 0;
  for (const key in left) {
    if (except.has(key)) continue;
    members += 1;
    if (!Object.hasOwn(right, key) || !same(left[key], right[key])) return false;
  }
  for (const key in right) if (!except.has(key)) members -= 1;
  return members === 0;
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item: Json, index) => same(item, right[index]));
  }
  return isObject(left) && isObject(right) && sameMembers(left, right, NONE);
}

/**
 * Who deploys an object, told by what they own rather than by name: a manager that owns something Git declares is a
 * deployer of it, and what else it set is not a controller's doing.
 */
import { isArray, isObject, parseJson, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { FieldSet } from "./field-set.ts";
import type { ManagedEntry, ManagedFields } from "./managed-fields.ts";
import { sameJson } from "./same-json.ts";

function readText(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What a key of a field set leads to in the object; undefined where the object has no such thing. */
export function declaredAt(parent: Json, key: string): Json | undefined {
  const rest = key.slice(2);
  if (key.startsWith("f:")) return isObject(parent) && Object.hasOwn(parent, rest) ? parent[rest] : undefined;
  if (!isArray(parent)) return undefined;
  const wanted = readText(rest);
  if (wanted === undefined) return undefined;
  if (key.startsWith("v:")) return parent.find((item) => sameJson(item, wanted));
  if (!key.startsWith("k:") || !isObject(wanted)) return undefined;
  return parent.find((item) => {
    if (!isObject(item)) return false;
    const stated = Object.keys(wanted).filter((name) => Object.hasOwn(item, name));
    return stated.length > 0 && stated.every((name) => sameJson(item[name] ?? null, wanted[name] ?? null));
  });
}

/** Names of an item's keys: whoever touches anything in it must state them, and declares nothing by that. */
function keyNames(key: string): readonly string[] {
  const keys = key.startsWith("k:") ? readText(key.slice(2)) : undefined;
  return isObject(keys) ? Object.keys(keys) : [];
}

/** True where the set owns a leaf that the value declares. Owning a map says nothing of what is in it. */
function ownsDeclared(set: FieldSet, declared: Json, stated: readonly string[] = []): boolean {
  return Object.entries(set).some(([key, below]) => {
    if (key === "." || !isObject(below) || stated.some((name) => key === `f:${name}`)) return false;
    const value = declaredAt(declared, key);
    if (value === undefined) return false;
    return Object.keys(below).length === 0 ? !key.startsWith("k:") : ownsDeclared(below, value, keyNames(key));
  });
}

function withoutIdentity(desired: KubeObject): JsonObject {
  const { apiVersion: _version, kind: _kind, status: _status, metadata, ...rest } = desired;
  const { name: _name, namespace: _namespace, ...marks } = metadata;
  return { ...rest, metadata: marks };
}

/** True where one of these owners owns, in any of its entries, something that Git declares. */
export function ownersDeclare(owners: readonly ManagedEntry[], managed: ManagedFields, desired: KubeObject): boolean {
  const declared = withoutIdentity(desired);
  const names = new Set(owners.map((entry) => entry.manager));
  return managed
    .entries()
    .some((entry) => names.has(entry.manager) && entry.subresource === "" && ownsDeclared(entry.fields, declared));
}

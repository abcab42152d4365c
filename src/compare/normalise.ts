/**
 * A desired object as the API server would store it, before defaults: nulls, zeros and empties as the kind treats them,
 * `stringData` folded. Values keep their spelling (`1000m` stays); equality is for the comparison to say. Fields that the
 * schema does not know stay: whether the server knows them shows only where it holds them. What needs no change is
 * shared with the input, which is never altered.
 * Source: drift semantics, section 4 (docs/semantics.md).
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { objectMeta } from "./schema-meta.ts";
import { isNeverStored, isReplaced, isSilent, keepsZero } from "./zeros.ts";

export type Draft = Record<string, Json>;
type Struct = Extract<TypeNode, { type: "struct" }>;

/** Below this the value is taken as it stands; no real schema comes near. */
export const MAX_DEPTH = 250;

const dropped: unique symbol = Symbol("dropped");
type Normal = Json | typeof dropped;

/** A copy to change, made when the first change comes. What it has may be set as usual, what it may lack by {@link put}. */
export function draftOf(object: JsonObject): Draft {
  return { ...object };
}

/** Sets an entry under a key that others chose: `__proto__` is a key like any other, and never a prototype. */
export function put(draft: Draft, key: string, value: Json): void {
  if (key === "__proto__")
    Object.defineProperty(draft, key, { value, enumerable: true, writable: true, configurable: true });
  else draft[key] = value;
}

function isZero(value: Json): boolean {
  return value === false || value === 0 || value === "" || value === 0n;
}

export function isEmpty(value: Json): boolean {
  return (isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

/** True for a field whose struct is part of its parent: `{}` says no more than absence. */
export function isValueStruct(node: TypeNode): boolean {
  return node.type === "struct" && isObject(node.default) && Object.keys(node.default).length === 0;
}

/** True for a zero that the server writes out even where it is not stated, as the schema declares: there it is a value. */
function isWritten(struct: Struct, name: string, node: TypeNode, value: Json): boolean {
  return node.default === value && !isSilent(struct.name, name) && !isReplaced(struct.name, name);
}

/** True where, in a built-in, this value says no more than absence does. */
function isAbsence(struct: Struct, name: string, node: TypeNode, value: Json): boolean {
  switch (node.type) {
    case "scalar":
      if (node.scalar === "quantity" || node.scalar === "int-or-string") return false;
      return isZero(value) && !keepsZero(struct.name, name) && !isWritten(struct, name, node, value);
    case "list":
    case "map":
      return isEmpty(value);
    case "struct":
      return isValueStruct(node) && isEmpty(value);
    case "untyped":
      return false;
  }
}

/** What null stands for in a built-in's map or list: the zero of the entries' type, or itself in free JSON. */
function zeroOf(node: TypeNode): Json {
  if (node.type === "scalar") return node.scalar === "quantity" ? "0" : "";
  if (node.type === "untyped") return null;
  return node.type === "list" ? [] : {};
}

/** A null in a custom resource: a value where it may be one, else absent, so that a default can take its place. */
function customNull(node: TypeNode): null | typeof dropped {
  return node.nullable === true ? null : dropped;
}

function normaliseField(
  struct: Struct,
  [name, value]: readonly [string, Json],
  native: boolean,
  depth: number,
): Normal {
  const node = struct.field(name);
  if (node === undefined) return value === null && (native || !struct.keepsUnknown) ? dropped : value;
  // The server reads the metadata of every kind into the same struct.
  const inner = native || node === objectMeta;
  if (value === null) {
    return inner ? dropped : customNull(node);
  }
  if (inner && isNeverStored(struct.name, name)) return dropped;
  const normal = normaliseValue(node, value, inner, depth + 1);
  if (inner && isAbsence(struct, name, node, normal)) return dropped;
  return normal;
}

function normaliseStruct(struct: Struct, object: JsonObject, native: boolean, depth: number): JsonObject {
  let draft: Draft | undefined;
  for (const name of Object.keys(object)) {
    const value = object[name] as Json;
    const normal = normaliseField(struct, [name, value], native, depth);
    if (normal === value) continue;
    draft ??= draftOf(object);
    if (normal === dropped) delete draft[name];
    else draft[name] = normal;
  }
  return draft ?? object;
}

function normaliseMap(values: TypeNode, object: JsonObject, native: boolean, depth: number): JsonObject {
  let draft: Draft | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] as Json;
    let normal: Normal;
    if (value !== null) normal = normaliseValue(values, value, native, depth + 1);
    else if (native) normal = zeroOf(values);
    else {
      normal = customNull(values);
      // Nothing fills in the entries of a map later: the server puts the default in the place of the null.
      if (normal === dropped && values.default !== undefined) normal = normaliseDefault(values, values.default);
    }
    if (normal === value) continue;
    draft ??= draftOf(object);
    if (normal === dropped) delete draft[key];
    else draft[key] = normal;
  }
  return draft ?? object;
}

function normaliseList(items: TypeNode, list: readonly Json[], native: boolean, depth: number): readonly Json[] {
  let draft: Json[] | undefined;
  for (const [index, item] of list.entries()) {
    const value = item === null && native ? zeroOf(items) : item;
    const normal = value === null ? value : normaliseValue(items, value, native, depth + 1);
    if (normal === item) continue;
    draft ??= [...list];
    draft[index] = normal;
  }
  return draft ?? list;
}

function normaliseValue(node: TypeNode, value: Json, native: boolean, depth: number): Json {
  if (depth > MAX_DEPTH) return value;
  if (isObject(value)) {
    if (node.type === "struct") return normaliseStruct(node, value, native, depth);
    if (node.type === "map") return normaliseMap(node.values(), value, native, depth);
  } else if (isArray(value) && node.type === "list") return normaliseList(node.items(), value, native, depth);
  return value;
}

/** A default that a CRD declares, as the server fills it in: what is embedded in it is read like any other object. */
export function normaliseDefault(node: TypeNode, value: Json): Json {
  return normaliseValue(node, value, false, 0);
}

/** Standard base64 of the text's UTF-8. */
function encodeBase64(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

/** A Secret's `stringData` is written into `data`, over what is there. */
function foldStringData(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return object;
  const data: Draft = draftOf(isObject(rest["data"]) ? rest["data"] : {});
  for (const [key, value] of Object.entries(stringData)) {
    if (typeof value === "string" || value === null) put(data, key, encodeBase64(value ?? ""));
  }
  return { ...rest, data } as KubeObject;
}

/** Idempotent. */
export function normaliseDesired(object: KubeObject, schema: KindSchema): KubeObject {
  const folded = object.apiVersion === "v1" && object.kind === "Secret" ? foldStringData(object) : object;
  return normaliseValue(schema.root, folded, schema.builtIn, 0) as KubeObject;
}

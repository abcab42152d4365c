/**
 * A desired object as the API server would store it, before defaults: nulls, zeros and empties as the kind treats them,
 * unknown fields pruned, `stringData` folded. Values keep their spelling (`1000m` stays); equality is for the
 * comparison to say. What needs no change is shared with the input, which is never altered.
 * Source: drift semantics, section 4 (docs/semantics.md).
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { objectMeta } from "./schema-meta.ts";
import { keepsZero } from "./zeros.ts";

export type Draft = Record<string, Json>;
type Struct = Extract<TypeNode, { type: "struct" }>;

/** Below this the value is taken as it stands; no real schema comes near. */
export const MAX_DEPTH = 250;

const dropped: unique symbol = Symbol("dropped");
type Normal = Json | typeof dropped;

/** A copy to change, made when the first change comes; without a prototype, so that `__proto__` is a key like any other. */
export function draftOf(object: JsonObject): Draft {
  return Object.assign(Object.create(null) as Draft, object);
}

function isZero(value: Json): boolean {
  return value === false || value === 0 || value === "" || value === 0n;
}

function isEmpty(value: Json): boolean {
  return (isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

/** True for a field whose struct is part of its parent: `{}` says no more than absence. */
export function isValueStruct(node: TypeNode): boolean {
  return node.type === "struct" && isObject(node.default) && Object.keys(node.default).length === 0;
}

/** True where, in a built-in, this value says no more than absence does. */
function isAbsence(struct: Struct, name: string, node: TypeNode, value: Json): boolean {
  switch (node.type) {
    case "scalar":
      if (node.scalar === "quantity" || node.scalar === "int-or-string") return false;
      return isZero(value) && !keepsZero(struct.name, name);
    case "list":
    case "map":
      return isEmpty(value);
    case "struct":
      return isValueStruct(node) && isEmpty(value);
    case "untyped":
      return false;
  }
}

/** What null stands for as an entry of a built-in's map: the zero of the entries' type. */
function zeroOf(node: TypeNode): Json {
  if (node.type === "scalar") return node.scalar === "quantity" ? "0" : "";
  return node.type === "list" ? [] : {};
}

function normaliseField(
  struct: Struct,
  [name, value]: readonly [string, Json],
  native: boolean,
  depth: number,
): Normal {
  const node = struct.field(name);
  if (node === undefined) return struct.keepsUnknown ? value : dropped;
  // The server reads the metadata of every kind into the same struct.
  const inner = native || node === objectMeta;
  if (value === null) {
    return !inner && (node.nullable || node.type === "untyped") ? null : dropped;
  }
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
    else normal = values.nullable || values.type === "untyped" ? null : dropped;
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
    if (typeof value === "string" || value === null) data[key] = encodeBase64(value ?? "");
  }
  return { ...rest, data } as KubeObject;
}

/**
 * Idempotent. Fields of a built-in that the schema does not know are pruned, as the server prunes them; a custom
 * resource's where its schema says so.
 */
export function normaliseDesired(object: KubeObject, schema: KindSchema): KubeObject {
  const folded = object.apiVersion === "v1" && object.kind === "Secret" ? foldStringData(object) : object;
  return normaliseValue(schema.root, folded, schema.builtIn, 0) as KubeObject;
}

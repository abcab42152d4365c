/**
 * Fills in what the API server would: the defaults a schema declares (a CRD's as the server applies them), and for
 * built-in kinds the rows of `defaults/`. What needs no change is shared with the input, which is never altered.
 * Source: drift semantics, section 3 (docs/semantics.md); the rows are proven by `npm run truth -- defaults`.
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { clusterRows } from "./defaults/cluster.ts";
import { coreRows } from "./defaults/core.ts";
import { podRows } from "./defaults/pods.ts";
import { holdsIn, type DefaultPlace, type DefaultRow } from "./defaults/row.ts";
import { workloadRows } from "./defaults/workloads.ts";
import { draftOf, MAX_DEPTH, normaliseDefault, normaliseDesired, put, type Draft } from "./normalise.ts";
import { isSilent, shortTypeName } from "./zeros.ts";

type Struct = Extract<TypeNode, { type: "struct" }>;

export const defaultRows: readonly DefaultRow[] = [...podRows, ...coreRows, ...workloadRows, ...clusterRows];
export const rowsByType = Map.groupBy(defaultRows, (row) => row.type);

interface Filling {
  readonly rows: readonly DefaultRow[];
  readonly declared: readonly { readonly field: string; readonly value: Json }[];
}

const fillings = new WeakMap<TypeNode, Filling>();

/** The schema's own defaults; what is only the zero of a type that JSON cannot show as such is left out. */
function declaredDefaults(struct: Struct): Filling["declared"] {
  return struct.fields().flatMap((field) => {
    const node = struct.field(field);
    if (node?.default === undefined || (node.default === null && !node.nullable)) return [];
    if (isSilent(struct.name, field)) return [];
    const stands = node.type !== "scalar" || !isObject(node.default);
    if (!stands) return [];
    return [{ field, value: struct.name === "" ? normaliseDefault(node, node.default) : node.default }];
  });
}

function fillingOf(struct: Struct): Filling {
  const known = fillings.get(struct);
  if (known !== undefined) return known;
  const rows = struct.name === "" ? [] : (rowsByType.get(shortTypeName(struct.name)) ?? []);
  const made: Filling = { rows, declared: declaredDefaults(struct) };
  fillings.set(struct, made);
  return made;
}

function valueOf(row: DefaultRow, parent: JsonObject, place: DefaultPlace): Json | undefined {
  if (!holdsIn(row, place.server)) return undefined;
  if (row.over !== true && Object.hasOwn(parent, row.field)) return undefined;
  if (row.when !== undefined && !row.when(parent, place)) return undefined;
  return typeof row.value === "function" ? row.value(parent, place) : row.value;
}

function fillRows(rows: readonly DefaultRow[], object: JsonObject, place: DefaultPlace): JsonObject {
  let draft: Draft | undefined;
  for (const row of rows) {
    const value = valueOf(row, draft ?? object, place);
    if (value === undefined || (value === null && !Object.hasOwn(draft ?? object, row.field))) continue;
    draft ??= draftOf(object);
    if (value === null) delete draft[row.field];
    else draft[row.field] = value;
  }
  return draft ?? object;
}

function fillDeclared(declared: Filling["declared"], object: JsonObject, place: DefaultPlace): JsonObject {
  let draft: Draft | undefined;
  for (const { field, value } of declared) {
    // What is never compared is never filled in either.
    if (Object.hasOwn(object, field) || (place.depth === 0 && field === "status")) continue;
    draft ??= draftOf(object);
    put(draft, field, value);
  }
  return draft ?? object;
}

function fillStruct(struct: Struct, object: JsonObject, place: DefaultPlace): JsonObject {
  const { rows, declared } = fillingOf(struct);
  const filled = fillDeclared(declared, fillRows(rows, object, place), place);
  let draft: Draft | undefined;
  for (const name of Object.keys(filled)) {
    const value = filled[name] as Json;
    if (typeof value !== "object" || value === null) continue;
    const node = struct.field(name);
    if (node === undefined) continue;
    const inner = fillValue(node, value, place);
    if (inner === value) continue;
    draft ??= draftOf(filled);
    draft[name] = inner;
  }
  return draft ?? filled;
}

function fillMap(values: TypeNode, object: JsonObject, place: DefaultPlace): JsonObject {
  if (values.type === "scalar") return object;
  let draft: Draft | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] as Json;
    const inner = fillValue(values, value, place);
    if (inner === value) continue;
    draft ??= draftOf(object);
    draft[key] = inner;
  }
  return draft ?? object;
}

function fillList(items: TypeNode, list: readonly Json[], place: DefaultPlace): readonly Json[] {
  if (items.type === "scalar") return list;
  let draft: Json[] | undefined;
  for (const [index, item] of list.entries()) {
    const inner = fillValue(items, item, place);
    if (inner === item) continue;
    draft ??= [...list];
    draft[index] = inner;
  }
  return draft ?? list;
}

function fillValue(node: TypeNode, value: Json, outer: DefaultPlace): Json {
  if (outer.depth >= MAX_DEPTH) return value;
  const place = { ...outer, depth: outer.depth + 1 };
  if (isObject(value)) {
    if (node.type === "struct") return fillStruct(node, value, place);
    if (node.type === "map") return fillMap(node.values(), value, place);
  } else if (isArray(value) && node.type === "list") return fillList(node.items(), value, place);
  return value;
}

/** Idempotent. @param object normalised */
export function applyDefaults(object: KubeObject, schema: KindSchema): KubeObject {
  const { server } = schema;
  const place = { root: object, depth: -1, ...(server !== undefined && { server }) };
  return fillValue(schema.root, object, place) as KubeObject;
}

/** The default of one field of a struct as it stands, beside its siblings; undefined where the server would leave it out. */
export function defaultOf(struct: Struct, parent: JsonObject, field: string, place: DefaultPlace): Json | undefined {
  const { [field]: _, ...without } = parent;
  return fillStruct(struct, without, place)[field];
}

/** The sibling that is filled in from the field and fills it in turn, if there is one. */
export function mutualOf(struct: Struct, field: string): string | undefined {
  return fillingOf(struct).rows.find((row) => row.field === field && row.mutual !== undefined)?.mutual;
}

export interface Prepared {
  /** What Git states, as the server would store it. */
  readonly stated: KubeObject;
  /** The same with every default. */
  readonly defaulted: KubeObject;
}

interface Remembered extends Prepared {
  readonly desired: KubeObject;
  readonly schema: KindSchema;
}

/** Of one judgement the same object is asked about several times; the next judgement decodes it anew. */
let last: Remembered | undefined;

/** Both forms of a desired object; those of the object asked about last are remembered. */
export function prepareDesired(desired: KubeObject, schema: KindSchema): Prepared {
  if (last !== undefined && last.desired === desired && last.schema === schema) return last;
  const stated = normaliseDesired(desired, schema);
  last = { desired, schema, stated, defaulted: applyDefaults(stated, schema) };
  return last;
}

/** What Git declares, with every default the server would fill in: what a heal restores, field by field. */
export function defaultedDesired(desired: KubeObject, schema: KindSchema): KubeObject {
  return prepareDesired(desired, schema).defaulted;
}

/**
 * What the walk finds on its way, and how something that only one side has is told: down to its smallest whole things
 * (entries of a map, items of a keyed list, values of a set; a struct or an atomic list as one).
 */
import { lastApplied } from "../model/annotations.ts";
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { TypeNode } from "../model/schema.ts";
import { keysOf, pairByKeys, pairByValue } from "./list-pairing.ts";
import { isEmpty, isValueStruct } from "./normalise.ts";
import { fieldOf, itemOf, type Place } from "./place.ts";
import { sameJson } from "./same-json.ts";
import type { UnknownField } from "./unknown-field.ts";

export interface Finding {
  readonly op: "changed" | "added" | "removed";
  readonly place: Place;
  /** With defaults. */
  readonly desired?: Json;
  readonly live?: Json;
  /** False where Git leaves the value to its default. */
  readonly stated: boolean;
  readonly atomicDepth?: number;
  readonly note?: string;
}

/**
 * Why a place is no difference: both sides say the same, only the server's default stands (`default`: nobody states it;
 * `follows`: it is the default beside what else runs), a zero says no more than absence, the server pruned it, or it is
 * never compared.
 */
export type Accord = "equal" | "default" | "follows" | "zero" | "pruned" | "never-compared";

/** The three values of one place; `desired` and `live` may each be missing, `stated` is where `desired` may be. */
export interface Three<Value> {
  readonly desired: Value;
  readonly stated: Json | undefined;
  readonly live: Value;
}

export interface Agreed {
  readonly accord: Accord;
  readonly place: Place;
  /** With defaults. */
  readonly desired?: Json | undefined;
  readonly live?: Json | undefined;
}

/** Of a keyed list whose items are the same, in an order that means something else. */
export const orderNote = "the order differs";
export const duplicatesNote = "duplicate keys: compared in order";

/** What the walk knows on its way down; the first six are the same all the way. */
export interface Way {
  readonly live: KubeObject;
  readonly findings: Finding[];
  /** Lists with duplicate keys. */
  readonly duplicates: Place[];
  /** Fields that Git states and the server does not know. */
  readonly unknown: UnknownField[];
  /** Places that agree only as long as what runs beside them stays (`follows`). */
  readonly followers: Place[];
  /** Hears of every place that agrees, down to its leaves; the walk does without it what it can. */
  readonly trace: ((agreed: Agreed) => void) | undefined;
  /** Minor of the server, where it is known. */
  readonly server: string | undefined;
  /** Zeros and empties are absence here. */
  readonly native: boolean;
  /** What live lacks of a default counts, unless the server fills in that very field: true inside a default list or map. */
  readonly strict: boolean;
  /** Length of the path of the outermost list or map that is merged as a whole. */
  readonly atomicDepth: number | undefined;
  readonly note: string | undefined;
}

export function report(way: Way, finding: Omit<Finding, "atomicDepth" | "note">, note = way.note): void {
  way.findings.push({
    ...finding,
    ...(way.atomicDepth !== undefined && { atomicDepth: way.atomicDepth }),
    ...(note !== undefined && { note }),
  });
}

/** The way on from a map or list that may be merged as a whole. */
export function atomicAt(way: Way, place: Place, atomic: boolean): Way {
  return atomic && way.atomicDepth === undefined ? { ...way, atomicDepth: place.length } : way;
}

/** True where the server has nothing left of it, once it has pruned what it does not know. */
function isEmptyStruct(struct: Extract<TypeNode, { type: "struct" }>, value: JsonObject): boolean {
  return Object.entries(value).every(([name, entry]) => {
    const node = struct.field(name);
    return node === undefined ? !struct.keepsUnknown : isValueStruct(node) && isNothing(node, entry);
  });
}

/** In a built-in, a value that says no more than its absence. */
export function isNothing(node: TypeNode, value: Json): boolean {
  if (value === null) return true;
  if (node.type === "list" || node.type === "map") return isEmpty(value);
  if (node.type === "struct" && isValueStruct(node)) return isObject(value) && isEmptyStruct(node, value);
  return node.default !== undefined && sameJson(node.default, value);
}

/** Evidence of what was applied, never compared. */
export function isLastApplied(key: string, place: Place): boolean {
  if (key !== lastApplied || place.length !== 2) return false;
  return place.element === "annotations" && place.parent?.element === "metadata";
}

function isAtomic(node: TypeNode): boolean {
  if (node.type === "list") return node.list === "atomic";
  return (node.type === "map" || node.type === "struct") && node.atomic;
}

/** The parts of a value that are whole things of their own; undefined where the value is one itself. */
function partsOf(node: TypeNode, value: Json, place: Place): readonly (readonly [Place, Json])[] | undefined {
  if (isEmpty(value)) return undefined;
  if (node.type === "map" && isObject(value)) {
    const entries = Object.entries(value).filter(([key]) => !isLastApplied(key, place));
    return entries.map(([key, entry]) => [fieldOf(place, key), entry] as const);
  }
  if (node.type !== "list" || node.list === "atomic" || !isArray(value)) return undefined;
  const pairing = node.list === "map" ? pairByKeys([], value, keysOf(node)) : pairByValue([], value);
  if ("unpaired" in pairing) return undefined;
  return pairing.pairs.map(({ element, live }) => [itemOf(place, element, live, live), value[live] as Json] as const);
}

export interface OneSided {
  readonly op: "added" | "removed";
  readonly value: Json;
  /** False where Git leaves it to its default. */
  readonly stated: boolean;
}

const notRefilled = "part of a default, which the server does not fill in again";

/** Something that only one side has, down to its smallest whole things. */
export function reportOneSided(node: TypeNode, { op, value, stated }: OneSided, place: Place, outer: Way): void {
  const way = atomicAt(outer, place, isAtomic(node));
  const parts = partsOf(node, value, place) ?? [[place, value] as const];
  for (const [at, part] of parts) {
    if (op === "added") report(way, { op, place: at, live: part, stated });
    else report(way, { op, place: at, desired: part, stated }, stated ? way.note : notRefilled);
  }
}

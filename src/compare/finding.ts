/**
 * What the walk finds on its way, and how something that only one side has is told: down to its smallest whole things
 * (entries of a map, items of a keyed list, values of a set; a struct or an atomic list as one).
 */
import { lastApplied } from "../model/annotations.ts";
import { isArray, isObject, type Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { TypeNode } from "../model/schema.ts";
import { pairByKeys, pairByValue } from "./list-pairing.ts";
import { isValueStruct } from "./normalise.ts";
import { fieldOf, itemOf, type Place } from "./place.ts";
import { sameJson } from "./same-json.ts";

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

/** What the walk knows on its way down; the first three are the same all the way. */
export interface Way {
  readonly live: KubeObject;
  readonly findings: Finding[];
  /** Lists with duplicate keys. */
  readonly duplicates: Place[];
  /** Zeros and empties are absence here. */
  readonly native: boolean;
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

function isEmpty(value: Json): boolean {
  if (isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** In a built-in, a value that says no more than its absence. */
export function isNothing(node: TypeNode, value: Json): boolean {
  if (value === null) return true;
  if (node.type === "list" || node.type === "map" || isValueStruct(node)) return isEmpty(value);
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
  const pairing = node.list === "map" ? pairByKeys([], value, node.keys) : pairByValue([], value);
  if ("unpaired" in pairing) return undefined;
  return pairing.pairs.map(({ element, live }) => [itemOf(place, element, live, live), value[live] as Json] as const);
}

export interface OneSided {
  readonly op: "added" | "removed";
  readonly value: Json;
}

/** Something that only one side has, down to its smallest whole things. */
export function reportOneSided(node: TypeNode, { op, value }: OneSided, place: Place, outer: Way): void {
  const way = atomicAt(outer, place, isAtomic(node));
  const parts = partsOf(node, value, place) ?? [[place, value] as const];
  for (const [at, part] of parts) {
    report(
      way,
      op === "added" ? { op, place: at, live: part, stated: true } : { op, place: at, desired: part, stated: true },
    );
  }
}

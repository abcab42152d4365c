/**
 * Where the comparison stands, as a chain from the root: cheap to extend while walking, turned into a path and pointer
 * tokens only for what differs. Also finds the same place in another version of the object, by its typed path.
 */
import { isArray, isObject, type Json } from "../model/json.ts";
import type { Path, PathElement } from "../model/path.ts";
import { sameJson } from "./same-json.ts";

export interface Place {
  readonly parent: Place | undefined;
  /** A struct field or map entry by its name alone; anything else as the element itself. */
  readonly element: string | PathElement;
  /** Token in the desired object and in the live one; the same but for list items. */
  readonly desired: string | number;
  readonly live: string | number;
  /** How many elements lead here. */
  readonly length: number;
}

export const root: Place = { parent: undefined, element: "", desired: "", live: "", length: 0 };

export function fieldOf(parent: Place, name: string): Place {
  return { parent, element: name, desired: name, live: name, length: parent.length + 1 };
}

export function itemOf(parent: Place, element: PathElement, desired: number, live: number): Place {
  return { parent, element, desired, live, length: parent.length + 1 };
}

function chain(place: Place): readonly Place[] {
  const places: Place[] = [];
  for (let at: Place = place; at.parent !== undefined; at = at.parent) places.push(at);
  return places.toReversed();
}

export function pathOf(place: Place): Path {
  return chain(place).map(({ element }) => (typeof element === "string" ? { type: "field", name: element } : element));
}

export function tokensOf(place: Place, side: "desired" | "live"): readonly (string | number)[] {
  return chain(place).map((at) => at[side]);
}

function step(value: Json | undefined, element: PathElement): Json | undefined {
  if (element.type === "field") {
    return isObject(value) && Object.hasOwn(value, element.name) ? value[element.name] : undefined;
  }
  if (!isArray(value)) return undefined;
  if (element.type === "index") return value[element.index];
  if (element.type === "value") return value.find((item) => sameJson(item, element.value));
  const keys = Object.entries(element.keys);
  return value.find((item) => isObject(item) && keys.every(([key, wanted]) => sameKey(item[key], wanted)));
}

/** A key that is left out was filled in by a default, and is not told apart here. */
function sameKey(found: Json | undefined, wanted: Json): boolean {
  return found === undefined || sameJson(found, wanted);
}

/** True where the object has something at the path. */
export function hasPath(object: Json, path: Path): boolean {
  let at: Json | undefined = object;
  for (const element of path) at = step(at, element);
  return at !== undefined;
}

function compareElements(one: PathElement, other: PathElement): number {
  if (one.type === "index" && other.type === "index") return one.index - other.index;
  const left = JSON.stringify(one, stringifyBig);
  const right = JSON.stringify(other, stringifyBig);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function stringifyBig(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Element by element; a path before what is below it. */
export function comparePaths(one: Path, other: Path): number {
  for (const [index, element] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    const order = compareElements(element, against);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

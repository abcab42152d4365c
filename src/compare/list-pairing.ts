/**
 * Which item of a desired list is which of the live one: by keys, or by value. A list whose keys do not tell its items
 * apart is not paired at all; it is then compared in order.
 */
import { formatJson, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { PathElement } from "../model/path.ts";
import type { TypeNode } from "../model/schema.ts";

export interface Pair {
  readonly element: PathElement;
  /** Index in the desired list, -1 where it has none. */
  readonly desired: number;
  /** Index in the live list, -1 where it has none. */
  readonly live: number;
}

export type Pairing = { readonly pairs: readonly Pair[] } | { readonly unpaired: "duplicate-keys" | "not-objects" };

type Keyed = { readonly keys: ReadonlyMap<string, number> } | { readonly unpaired: "duplicate-keys" | "not-objects" };

function tag(value: Json | undefined): string {
  if (typeof value === "string") return `s${value}`;
  return value === undefined ? "" : formatJson(value);
}

/** A key of a `map` list, and what it is where an item leaves it out. */
export interface ListKey {
  readonly name: string;
  readonly default: Json | undefined;
}

const known = new WeakMap<TypeNode, readonly ListKey[]>();

/** The keys of a list, with the defaults that its schema declares for them (`protocol: TCP`). */
export function keysOf(list: Extract<TypeNode, { type: "list" }>): readonly ListKey[] {
  const found = known.get(list);
  if (found !== undefined) return found;
  const items = list.items();
  const keys = list.keys.map((name): ListKey => {
    const node = items.type === "struct" ? items.field(name) : undefined;
    const value = node?.type === "scalar" ? node.default : undefined;
    // OpenAPI gives every required text the default "", which names nothing.
    return { name, default: typeof value === "string" && value !== "" ? value : undefined };
  });
  known.set(list, keys);
  return keys;
}

function keyOf(item: Json | undefined, keys: readonly ListKey[]): string | undefined {
  if (!isObject(item)) return undefined;
  const [first, second] = keys;
  if (first === undefined) return "";
  if (second === undefined) return tag(item[first.name] ?? first.default);
  return keys.map((key) => tag(item[key.name] ?? key.default)).join("\u0000");
}

function keyed(list: readonly Json[], keys: readonly ListKey[]): Keyed {
  const found = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const key = keyOf(item, keys);
    if (key === undefined) return { unpaired: "not-objects" };
    if (found.has(key)) return { unpaired: "duplicate-keys" };
    found.set(key, index);
  }
  return { keys: found };
}

/** An item that has none of its keys is named by where it stands. */
function keyElement(item: Json | undefined, index: number, keys: readonly ListKey[]): PathElement {
  const found: Record<string, Json> = {};
  let isNamed = false;
  for (const key of isObject(item) ? keys : []) {
    const value = (item as JsonObject)[key.name] ?? key.default;
    if (value !== undefined) found[key.name] = value;
    isNamed ||= isObject(item) && item[key.name] !== undefined;
  }
  return isNamed ? { type: "key", keys: found } : { type: "index", index };
}

function join(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>, element: ElementMaker): Pairing {
  const pairs: Pair[] = [];
  for (const [key, desired] of one) {
    pairs.push({ element: element("desired", desired), desired, live: other.get(key) ?? -1 });
  }
  for (const [key, live] of other) {
    if (!one.has(key)) pairs.push({ element: element("live", live), desired: -1, live });
  }
  return { pairs };
}

type ElementMaker = (side: "desired" | "live", index: number) => PathElement;

/** Items of a `map` list. A missing key is its default; two that miss one without a default agree in it. */
export function pairByKeys(desired: readonly Json[], live: readonly Json[], keys: readonly ListKey[]): Pairing {
  const one = keyed(desired, keys);
  if ("unpaired" in one) return one;
  const other = keyed(live, keys);
  if ("unpaired" in other) return other;
  return join(one.keys, other.keys, (side, index) =>
    keyElement(side === "desired" ? desired[index] : live[index], index, keys),
  );
}

/** Items of a `set`; said twice is said once. */
export function pairByValue(desired: readonly Json[], live: readonly Json[]): Pairing {
  const read = (list: readonly Json[]): Map<string, number> | undefined => {
    const found = new Map<string, number>();
    for (const [index, item] of list.entries()) {
      if (typeof item === "object" && item !== null) return undefined;
      if (!found.has(tag(item))) found.set(tag(item), index);
    }
    return found;
  };
  const one = read(desired);
  const other = read(live);
  if (one === undefined || other === undefined) return { unpaired: "not-objects" };
  return join(one, other, (side, index) => ({
    type: "value",
    value: (side === "desired" ? desired[index] : live[index]) ?? null,
  }));
}

/** Above this a list is not searched for equal items. */
const MAX_SEARCHED = 100;

/**
 * Items of a list without keys whose order means nothing: each with an equal one, then those that are left in order.
 * @param same whether a desired item and a live one are equal, by their indices
 */
export function pairEqual(desired: number, live: number, same: (one: number, other: number) => boolean): Pairing {
  if (desired !== live || desired > MAX_SEARCHED) return { unpaired: "not-objects" };
  const left = new Set(Array.from({ length: live }, (_, index) => index));
  const equals = Array.from({ length: desired }, (_, one) => {
    const found = left.has(one) && same(one, one) ? one : [...left].find((other) => same(one, other));
    if (found !== undefined) left.delete(found);
    return found;
  });
  const rest = [...left];
  const pairs = equals.map((found, index): Pair => {
    const at = found ?? rest.shift() ?? index;
    return { element: { type: "index", index: at }, desired: index, live: at };
  });
  return { pairs };
}

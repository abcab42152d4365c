/**
 * Which item of a desired list is which of the live one: by keys, or by value. A list whose keys do not tell its items
 * apart is not paired at all; it is then compared in order.
 */
import { formatJson, isObject, type Json } from "../model/json.ts";
import type { PathElement } from "../model/path.ts";

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

function keyOf(item: Json | undefined, keys: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined;
  const [first = "", second] = keys;
  if (second === undefined) return tag(item[first]);
  return keys.map((key) => tag(item[key])).join("\u0000");
}

function keyed(list: readonly Json[], keys: readonly string[]): Keyed {
  const found = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const key = keyOf(item, keys);
    if (key === undefined) return { unpaired: "not-objects" };
    if (found.has(key)) return { unpaired: "duplicate-keys" };
    found.set(key, index);
  }
  return { keys: found };
}

function keyElement(item: Json | undefined, keys: readonly string[]): PathElement {
  const found: Record<string, Json> = {};
  if (isObject(item)) {
    for (const key of keys) {
      const value = item[key];
      if (value !== undefined) found[key] = value;
    }
  }
  return { type: "key", keys: found };
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

/** Items of a `map` list. Defaults of missing keys are filled in before; two that still miss one agree in it. */
export function pairByKeys(desired: readonly Json[], live: readonly Json[], keys: readonly string[]): Pairing {
  const one = keyed(desired, keys);
  if ("unpaired" in one) return one;
  const other = keyed(live, keys);
  if ("unpaired" in other) return other;
  return join(one.keys, other.keys, (side, index) =>
    keyElement(side === "desired" ? desired[index] : live[index], keys),
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

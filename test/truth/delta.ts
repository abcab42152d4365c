/**
 * What moved between two answers of the server to the same question, told by the rule of the smallest whole thing
 * (drift semantics, section 3). Both sides are in the server's own normal form, so plain equality is enough: there are
 * no defaults, zeros or quantities in here, which are what the comparison has to get right.
 */
import { getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { Path, PathElement } from "../../src/model/path.ts";
import { free, type Type, type Types } from "./types.ts";

export interface Delta {
  readonly path: Path;
  /** Into the second answer, or into the first where only that has it. */
  readonly tokens: readonly (string | number)[];
  readonly before?: Json;
  readonly after?: Json;
  /** Lengths of the paths of the lists and maps around it that both answers have. */
  readonly inside: readonly number[];
  /** Only the order of a keyed list moved. */
  readonly order?: true;
}

interface At {
  readonly path: Path;
  readonly inside: readonly number[];
  readonly tokens: readonly (string | number)[];
}

const server: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "selfLink",
]);
const outside: ReadonlySet<string> = new Set(["apiVersion", "kind", "status"]);
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Never compared: what the object is called, what only the server writes, and the note of what was applied. */
export function isOutside(path: Path): boolean {
  const [first, second, third] = path.map((element) => (element.type === "field" ? element.name : ""));
  if (first === undefined) return false;
  if (path.length === 1) return outside.has(first);
  if (first !== "metadata" || second === undefined) return outside.has(first);
  return server.has(second) || (second === "annotations" && third === LAST_APPLIED);
}

export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isArray(one) && isArray(other))
    return one.length === other.length && one.every((item, at) => same(item, other[at]));
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

/** An item that has none of its keys is named by where it stands. */
export function elementOf(item: Json | undefined, keys: readonly string[], index: number): PathElement {
  const found: Record<string, Json> = {};
  for (const key of keys) {
    const value = isObject(item) ? item[key] : undefined;
    if (value !== undefined) found[key] = value;
  }
  return Object.keys(found).length === 0 ? { type: "index", index } : { type: "key", keys: found };
}

const nameOf = (item: Json | undefined, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => (isObject(item) ? (item[key] ?? null) : null)));

/** Index by key; undefined where two items have the same. */
export function byKey(list: readonly Json[], keys: readonly string[]): ReadonlyMap<string, number> | undefined {
  const found = new Map(list.map((item, index) => [nameOf(item, keys), index] as const));
  return found.size === list.length && list.every(isObject) ? found : undefined;
}

/** Where the order of a keyed list means something: containers, and variables that use others. */
function orderMoved(field: string, before: readonly Json[], after: readonly Json[], keys: readonly string[]): boolean {
  const names = (list: readonly Json[], other: readonly Json[]): readonly string[] => {
    const there = new Set(other.map((item) => nameOf(item, keys)));
    return list.map((item) => nameOf(item, keys)).filter((name) => there.has(name));
  };
  if (field === "containers" || field === "initContainers" || field === "MutatingWebhook")
    return !same(names(before, after), names(after, before));
  if (field !== "env") return false;
  const place = (list: readonly Json[], name: string): number =>
    list.findIndex((item) => getString(item, "name") === name);
  return before.some((user) => {
    const used = [...(getString(user, "value") ?? "").matchAll(/\$\$|\$\(([^()]+)\)/g)].map(([, name = ""]) => name);
    const own = getString(user, "name") ?? "";
    return used.some((name) => {
      const places = [place(before, own), place(before, name), place(after, own), place(after, name)] as const;
      if (places.includes(-1)) return false;
      return places[0] < places[1] !== places[2] < places[3];
    });
  });
}

/** Each item where the other list has an equal one; what is left over fills the gaps in order. */
function inTheOrderOf(other: readonly Json[], list: readonly Json[]): readonly Json[] {
  const left = list.filter((item) => !other.some((one) => same(one, item)));
  return other.map((one) => (list.some((item) => same(item, one)) ? one : (left.shift() ?? null)));
}

/** @param native zeros of a list or map, and null, are absence, as the server writes built-in kinds */
export function readDelta(
  types: Types,
  root: Type,
  before: JsonObject,
  after: JsonObject,
  native: boolean,
): readonly Delta[] {
  const found: Delta[] = [];
  const isNothing = (value: Json | undefined, type: Type): boolean => {
    if (value === undefined) return true;
    if (!native) return false;
    if (value === null) return true;
    if (isArray(value)) return value.length === 0;
    return type.shape === "map" && isObject(value) && Object.keys(value).length === 0;
  };
  const under = (at: At, element: PathElement, token: string | number): At => ({
    path: [...at.path, element],
    tokens: [...at.tokens, token],
    inside: at.inside,
  });
  const within = (at: At): At => ({ ...at, inside: [...at.inside, at.path.length] });
  const field = (at: At, name: string): At => under(at, { type: "field", name }, name);

  function oneSided(type: Type, value: Json, side: "before" | "after", at: At): void {
    if (isObject(value) && type.shape === "map" && Object.keys(value).length > 0) {
      for (const [key, entry] of Object.entries(value)) found.push({ ...field(at, key), [side]: entry });
    } else if (
      isArray(value) &&
      value.length > 0 &&
      type.shape === "map-list" &&
      byKey(value, type.keys) !== undefined
    ) {
      for (const [index, item] of value.entries())
        found.push({ ...under(at, elementOf(item, type.keys, index), index), [side]: item });
    } else if (isArray(value) && value.length > 0 && type.shape === "set") {
      for (const [index, item] of value.entries())
        found.push({ ...under(at, { type: "value", value: item }, index), [side]: item });
    } else found.push({ ...at, [side]: value });
  }

  function objects(type: Type, one: JsonObject, other: JsonObject, at: At): void {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const below = field(at, key);
      if (isOutside(below.path)) continue;
      const inner = types.under(type, key);
      const entry = type.shape === "map" || type.shape === "free";
      const left = Object.hasOwn(one, key) ? one[key] : undefined;
      const right = Object.hasOwn(other, key) ? other[key] : undefined;
      const noLeft = entry ? left === undefined : isNothing(left, inner);
      const noRight = entry ? right === undefined : isNothing(right, inner);
      if (noLeft && noRight) continue;
      if (noLeft) oneSided(inner, right as Json, "after", below);
      else if (noRight) oneSided(inner, left as Json, "before", below);
      else values(inner, left as Json, right as Json, below);
    }
  }

  function keyed(type: Type, one: readonly Json[], other: readonly Json[], at: At): boolean {
    const left = byKey(one, type.keys);
    const right = byKey(other, type.keys);
    if (left === undefined || right === undefined) return false;
    const items = types.item(type);
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      const [here, there] = [left.get(name), right.get(name)];
      const item = here === undefined ? other[there ?? 0] : one[here];
      const index = there ?? here ?? 0;
      const below = under(at, elementOf(item, type.keys, index), index);
      if (here !== undefined && there !== undefined) values(items, one[here] ?? null, other[there] ?? null, below);
      else if (here === undefined) found.push({ ...below, after: item ?? null });
      else found.push({ ...below, before: item ?? null });
    }
    const last = at.path.at(-1);
    const field = last?.type === "field" ? last.name : "";
    const name = items.name.endsWith(".MutatingWebhook") ? "MutatingWebhook" : field;
    if (orderMoved(name, one, other, type.keys)) found.push({ ...at, before: one, after: other, order: true });
    return true;
  }

  function sets(one: readonly Json[], other: readonly Json[], at: At): void {
    for (const [index, value] of one.entries())
      if (!other.some((item) => same(item, value)))
        found.push({ ...under(at, { type: "value", value }, index), before: value });
    for (const [index, value] of other.entries())
      if (!one.some((item) => same(item, value)))
        found.push({ ...under(at, { type: "value", value }, index), after: value });
  }

  function lists(type: Type, one: readonly Json[], other: readonly Json[], at: At): void {
    if (type.shape === "map-list" && keyed(type, one, other, at)) return;
    if (type.shape === "set") sets(one, other, at);
    else if (one.length !== other.length) found.push({ ...at, before: one, after: other });
    else {
      const items = type.shape === "free" ? free : types.item(type);
      // The server itself gives the metrics of an autoscaler back in another order.
      const before = items.name.endsWith(".MetricSpec") ? inTheOrderOf(other, one) : one;
      for (const [index, value] of before.entries())
        values(items, value, other[index] ?? null, under(at, { type: "index", index }, index));
    }
  }

  function values(type: Type, one: Json, other: Json, at: At): void {
    if (same(one, other)) return;
    if (isObject(one) && isObject(other)) objects(type, one, other, type.shape === "map" ? within(at) : at);
    else if (isArray(one) && isArray(other)) lists(type, one, other, within(at));
    else found.push({ ...at, before: one, after: other });
  }

  objects(root, before, after, { path: [], tokens: [], inside: [] });
  return found;
}

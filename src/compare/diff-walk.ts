/**
 * The walk behind `diffObjects`: both objects at once, along the schema. Three values go hand in hand: `desired` with
 * every default, `stated` without (what Git says itself), and `live`. A default that the live object lacks is no
 * difference: the server would have filled it in.
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { defaultOf } from "./defaults.ts";
import { sameScalar } from "./equality.ts";
import { atomicAt, isLastApplied, isNothing, report, reportOneSided, type Finding, type Way } from "./finding.ts";
import { orderDiffers } from "./list-order.ts";
import { pairByKeys, pairByValue, type Pairing } from "./list-pairing.ts";
import { MAX_DEPTH } from "./normalise.ts";
import { fieldOf, itemOf, root, type Place } from "./place.ts";
import { sameJson } from "./same-json.ts";
import { objectMeta } from "./schema-meta.ts";
import { serverMetadata } from "../model/server-fields.ts";

export interface Sides {
  readonly stated: KubeObject;
  readonly defaulted: KubeObject;
  readonly live: KubeObject;
  readonly schema: KindSchema;
}

export interface Findings {
  readonly findings: readonly Finding[];
  /** Lists with duplicate keys. */
  readonly duplicates: readonly Place[];
}

type Struct = Extract<TypeNode, { type: "struct" }>;
type List = Extract<TypeNode, { type: "list" }>;

/** The three values of one place; `desired` and `live` may each be missing, `stated` is where `desired` may be. */
interface Three<Value> {
  readonly desired: Value;
  readonly stated: Json | undefined;
  readonly live: Value;
}

const untyped: TypeNode = { type: "untyped" };
const nothing: ReadonlySet<string> = new Set();
const neverInRoot: ReadonlySet<string> = new Set(["apiVersion", "kind", "status"]);
/** Set by the server, or what the pair was found by. */
const neverInMetadata: ReadonlySet<string> = new Set(["name", "namespace", ...serverMetadata]);

function entryOf(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function itemAt(value: Json | undefined, index: number): Json | undefined {
  return isArray(value) ? value[index] : undefined;
}

function neverCompared(place: Place): ReadonlySet<string> {
  if (place.length === 0) return neverInRoot;
  return place.length === 1 && place.element === "metadata" ? neverInMetadata : nothing;
}

/** What the server would fill in just so beside what else runs: it follows from another change. */
function isLiveDefault(
  struct: Struct,
  live: JsonObject,
  name: string,
  at: { root: KubeObject; depth: number },
): boolean {
  const filled = defaultOf(struct, live, name, at);
  return filled !== undefined && sameJson(filled, live[name] as Json);
}

/** One entry of a struct or map, where the sides are not the very same value. */
function walkEntry(node: TypeNode, three: Three<Json | undefined>, place: Place, way: Way): void {
  const { desired, stated, live } = three;
  if (desired !== undefined && live !== undefined) {
    walkValue(node, { desired, stated, live }, place, way);
  } else if (desired !== undefined) {
    // Where nobody states it, the server, which would have filled it in, knows better than our table.
    if (stated === undefined || (way.native && isNothing(node, desired))) return;
    reportOneSided(node, { op: "removed", value: desired }, place, way);
  } else if (live !== undefined && !(way.native && isNothing(node, live))) {
    reportOneSided(node, { op: "added", value: live }, place, way);
  }
}

function walkStruct(struct: Struct, sides: Three<JsonObject>, place: Place, outer: Way): void {
  const way = atomicAt(outer, place, struct.atomic);
  const { desired, stated, live } = sides;
  const never = neverCompared(place);
  const visit = (name: string, wanted: Json | undefined, found: Json | undefined): void => {
    if (never.has(name)) return;
    const node = struct.field(name) ?? untyped;
    const said = entryOf(stated, name);
    if (said === undefined && found !== undefined && !(isObject(wanted) && isObject(found))) {
      if (isLiveDefault(struct, live, name, { root: way.live, depth: place.length })) return;
    }
    const inner = node === objectMeta && !way.native ? { ...way, native: true } : way;
    walkEntry(node, { desired: wanted, stated: said, live: found }, fieldOf(place, name), inner);
  };
  for (const name of Object.keys(desired)) {
    const wanted = desired[name];
    const found = Object.hasOwn(live, name) ? live[name] : undefined;
    if (wanted !== found) visit(name, wanted, found);
  }
  for (const name of Object.keys(live)) if (!Object.hasOwn(desired, name)) visit(name, undefined, live[name]);
}

function walkMap(values: TypeNode, sides: Three<JsonObject>, place: Place, way: Way): void {
  const { desired, stated, live } = sides;
  const rounds = way.native && values.type === "scalar" && values.scalar === "quantity";
  // An entry is a value, whatever it is: an empty label is not an absent one.
  const alone = way.native ? { ...way, native: false } : way;
  const visit = (key: string, wanted: Json | undefined, found: Json | undefined): void => {
    if (isLastApplied(key, place)) return;
    const both = wanted !== undefined && found !== undefined;
    if (both && rounds && sameScalar("quantity", wanted, found, true)) return;
    const three = { desired: wanted, stated: entryOf(stated, key), live: found };
    walkEntry(values, three, fieldOf(place, key), both ? way : alone);
  };
  for (const key of Object.keys(desired)) {
    const wanted = desired[key];
    const found = Object.hasOwn(live, key) ? live[key] : undefined;
    if (wanted !== found) visit(key, wanted, found);
  }
  for (const key of Object.keys(live)) if (!Object.hasOwn(desired, key)) visit(key, undefined, live[key]);
}

/** In order, item by item; where the lengths differ, the list as a whole. */
function walkInOrder(items: TypeNode, sides: Three<readonly Json[]>, place: Place, outer: Way): void {
  const { desired, stated, live } = sides;
  const way = atomicAt(outer, place, true);
  if (desired.length !== live.length) {
    report(way, { op: "changed", place, desired, live, stated: stated !== undefined });
    return;
  }
  for (const [index, wanted] of desired.entries()) {
    const found = live[index] as Json;
    if (wanted === found) continue;
    const at = itemOf(place, { type: "index", index }, index, index);
    walkValue(items, { desired: wanted, stated: itemAt(stated, index), live: found }, at, way);
  }
}

function pairItems(list: List, sides: Three<readonly Json[]>): Pairing | undefined {
  if (list.list === "map") return pairByKeys(sides.desired, sides.live, list.keys);
  return list.list === "set" ? pairByValue(sides.desired, sides.live) : undefined;
}

function walkList(list: List, sides: Three<readonly Json[]>, place: Place, way: Way): void {
  const { desired, stated, live } = sides;
  const items = list.items();
  const pairing = pairItems(list, sides);
  if (pairing === undefined || "unpaired" in pairing) {
    const isDuplicate = pairing?.unpaired === "duplicate-keys";
    if (isDuplicate) way.duplicates.push(place);
    walkInOrder(items, sides, place, isDuplicate ? { ...way, note: "duplicate keys: compared in order" } : way);
    return;
  }
  for (const { element, desired: one, live: other } of pairing.pairs) {
    const wanted = desired[one];
    const found = live[other];
    if (wanted === found) continue;
    const at = itemOf(place, element, one, other);
    const said = itemAt(stated, one);
    if (wanted !== undefined && found !== undefined) {
      walkValue(items, { desired: wanted, stated: said, live: found }, at, way);
    } else if (found !== undefined) report(way, { op: "added", place: at, live: found, stated: true });
    else if (wanted !== undefined && said !== undefined) {
      report(way, { op: "removed", place: at, desired: wanted, stated: true });
    }
  }
  const name = typeof place.element === "string" ? place.element : "";
  if (orderDiffers(name, desired, pairing.pairs)) {
    report(way, { op: "changed", place, desired, live, stated: stated !== undefined }, "the order differs");
  }
}

function walkObjects(node: TypeNode, sides: Three<JsonObject>, place: Place, way: Way): void {
  if (node.type === "struct") walkStruct(node, sides, place, way);
  else if (node.type === "map") walkMap(node.values(), sides, place, atomicAt(way, place, node.atomic));
  else walkMap(untyped, sides, place, way.native ? { ...way, native: false } : way);
}

function walkValue(node: TypeNode, both: Three<Json>, place: Place, way: Way): void {
  const { desired, stated, live } = both;
  if (place.length <= MAX_DEPTH) {
    if (isObject(desired) && isObject(live)) {
      walkObjects(node, { desired, stated, live }, place, way);
      return;
    }
    if (isArray(desired) && isArray(live)) {
      const sides = { desired, stated, live };
      if (node.type === "list") walkList(node, sides, place, way);
      else walkInOrder(untyped, sides, place, way);
      return;
    }
  }
  const same = node.type === "scalar" ? sameScalar(node.scalar, desired, live) : sameJson(desired, live);
  if (!same) report(way, { op: "changed", place, desired, live, stated: stated !== undefined });
}

/** Both sides from their roots. Only `live` is looked at as it is; the other two come from the desired object. */
export function compareObjects(sides: Sides): Findings {
  const findings: Finding[] = [];
  const duplicates: Place[] = [];
  const way: Way = {
    live: sides.live,
    findings,
    duplicates,
    native: sides.schema.builtIn,
    atomicDepth: undefined,
    note: undefined,
  };
  const both = { desired: sides.defaulted, stated: sides.stated, live: sides.live };
  walkValue(sides.schema.root, both, root, way);
  return { findings, duplicates };
}

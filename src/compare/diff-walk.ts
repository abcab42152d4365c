/**
 * The walk behind `diffObjects`: both objects at once, along the schema. Three values go hand in hand: `desired` with
 * every default, `stated` without (what Git says itself), and `live`. A default that the live object lacks is no
 * difference: the server would have filled it in. A field that the schema does not know is compared as it stands where
 * live holds it (the server is newer than our schema), and is pruned where live lacks it.
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { serverMetadata } from "../model/server-fields.ts";
import { accordOf, type FieldOfStruct } from "./accord.ts";
import { sameScalar } from "./equality.ts";
import {
  atomicAt,
  duplicatesNote,
  isLastApplied,
  isNothing,
  report,
  reportOneSided,
  type Accord,
  type Agreed,
  orderNote,
  type Finding,
  type Three,
  type Way,
} from "./finding.ts";
import { isSameAsWhole, isUnordered, orderDiffers } from "./list-order.ts";
import { keysOf, pairByKeys, pairByValue, pairEqual, type Pairing } from "./list-pairing.ts";
import { isEmpty, MAX_DEPTH } from "./normalise.ts";
import { fieldOf, itemOf, root, type Place } from "./place.ts";
import { sameJson } from "./same-json.ts";
import { objectMeta } from "./schema-meta.ts";
import type { UnknownField } from "./unknown-field.ts";

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
  readonly unknown: readonly UnknownField[];
  /** What agrees only as long as what runs beside it stays. */
  readonly followers: readonly Place[];
}

type Struct = Extract<TypeNode, { type: "struct" }>;
type List = Extract<TypeNode, { type: "list" }>;

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

function agree(way: Way, accord: Accord, place: Place, three: Three<Json | undefined>): void {
  if (accord === "follows") way.followers.push(place);
  way.trace?.({ accord, place, desired: three.desired, live: three.live });
}

/** Inside a list or map that is all default nothing is filled in: what live lacks there, somebody took away. */
function insideOf(way: Way, stated: Json | undefined): Way {
  return stated === undefined && !way.strict ? { ...way, strict: true } : way;
}

/** A list of a built-in that is left empty is gone, whether the server says `[]`, null or nothing. */
function isNoList(node: TypeNode, live: Json): boolean {
  return live === null || (node.type === "list" && isEmpty(live));
}

/** One entry of a struct or map, where the sides are not the very same value. */
function walkEntry(node: TypeNode, three: Three<Json | undefined>, place: Place, way: Way): void {
  const { desired, stated, live } = three;
  if (desired !== undefined && live !== undefined && !(way.native && isNoList(node, live))) {
    walkValue(node, { desired, stated, live }, place, way);
  } else if (desired !== undefined) {
    // Where nobody states it, the server, which would have filled it in, knows better than our table.
    if (stated === undefined && !way.strict) agree(way, "default", place, three);
    // `kubectl apply` leaves a null out of what it creates, other ways of sending it do not.
    else if (desired === null || (way.native && isNothing(node, desired))) agree(way, "zero", place, three);
    else reportOneSided(node, { op: "removed", value: desired, stated: stated !== undefined }, place, way);
  } else if (live !== undefined) {
    if (way.native && isNothing(node, live)) agree(way, "zero", place, three);
    else reportOneSided(node, { op: "added", value: live, stated: true }, place, way);
  }
}

/** One field of a struct, and what its siblings and the schema say of it. */
function walkField(field: FieldOfStruct, three: Three<Json | undefined>, place: Place, way: Way): void {
  const accord = accordOf(field, three, place.length - 1, way);
  const node = field.struct.field(field.name);
  if (accord === "pruned" && node === undefined) way.unknown.push({ ...field, place });
  if (accord !== undefined) return agree(way, accord, place, three);
  if (node === undefined) return walkEntry(untyped, three, place, withNative(way, false));
  walkEntry(node, three, place, node === objectMeta ? withNative(way, true) : way);
}

function walkStruct(struct: Struct, sides: Three<JsonObject>, place: Place, outer: Way): void {
  const way = atomicAt(outer, place, struct.atomic);
  const { desired, stated, live } = sides;
  const never = neverCompared(place);
  const visit = (name: string, wanted: Json | undefined, found: Json | undefined): void => {
    const three = { desired: wanted, stated: entryOf(stated, name), live: found };
    if (never.has(name)) agree(way, "never-compared", fieldOf(place, name), three);
    else walkField({ struct, name, parent: live, statedParent: stated }, three, fieldOf(place, name), way);
  };
  // A built-in's null says that nothing is there, also where the server gives it back.
  const liveAt = (name: string): Json | undefined => {
    const found = Object.hasOwn(live, name) ? live[name] : undefined;
    return found === null && way.native ? undefined : found;
  };
  for (const name of Object.keys(desired)) {
    const [wanted, found] = [desired[name], liveAt(name)];
    if (wanted !== found || way.trace !== undefined) visit(name, wanted, found);
  }
  for (const name of Object.keys(live)) if (!Object.hasOwn(desired, name)) visit(name, undefined, liveAt(name));
}

function withNative(way: Way, native: boolean): Way {
  return way.native === native ? way : { ...way, native };
}

function walkMap(values: TypeNode, sides: Three<JsonObject>, place: Place, outer: Way): void {
  const { desired, stated, live } = sides;
  const way = insideOf(outer, stated);
  const rounds = way.native && values.type === "scalar" && values.scalar === "quantity";
  // An entry is a value, whatever it is: an empty label is not an absent one.
  const alone = withNative(way, false);
  const visit = (key: string, wanted: Json | undefined, found: Json | undefined): void => {
    const three = { desired: wanted, stated: entryOf(stated, key), live: found };
    const at = fieldOf(place, key);
    const both = wanted !== undefined && found !== undefined;
    if (isLastApplied(key, place)) agree(way, "never-compared", at, three);
    else if (both && rounds && sameScalar("quantity", wanted, found, true)) agree(way, "equal", at, three);
    else walkEntry(values, three, at, both ? way : alone);
  };
  for (const key of Object.keys(desired)) {
    const wanted = desired[key];
    const found = Object.hasOwn(live, key) ? live[key] : undefined;
    if (wanted !== found || way.trace !== undefined) visit(key, wanted, found);
  }
  for (const key of Object.keys(live)) if (!Object.hasOwn(desired, key)) visit(key, undefined, live[key]);
}

/** In order, item by item; where the lengths differ, the list as a whole. */
function walkInOrder(items: TypeNode, sides: Three<readonly Json[]>, place: Place, outer: Way): void {
  const { desired, stated, live } = sides;
  const way = insideOf(atomicAt(outer, place, true), stated);
  if (desired.length !== live.length) {
    report(way, { op: "changed", place, desired, live, stated: stated !== undefined });
    return;
  }
  for (const [index, wanted] of desired.entries()) {
    const found = live[index] as Json;
    if (wanted === found && way.trace === undefined) continue;
    const at = itemOf(place, { type: "index", index }, index, index);
    walkValue(items, { desired: wanted, stated: itemAt(stated, index), live: found }, at, way);
  }
}

/** True where nothing differs between two items of a list. */
function isSameItem(items: TypeNode, three: Three<Json>, way: Way): boolean {
  const findings: Finding[] = [];
  walkValue(items, three, root, { ...way, findings, unknown: [], trace: undefined });
  return findings.length === 0;
}

function pairItems(list: List, sides: Three<readonly Json[]>, name: string, way: Way): Pairing | undefined {
  const { desired, stated, live } = sides;
  if (list.list === "map") return pairByKeys(desired, live, keysOf(list));
  if (list.list === "set") return pairByValue(desired, live);
  const items = list.items();
  if (!isUnordered(name, items)) return undefined;
  return pairEqual(desired.length, live.length, (one, other) =>
    isSameItem(items, { desired: desired[one] ?? null, stated: itemAt(stated, one), live: live[other] ?? null }, way),
  );
}

function walkList(list: List, sides: Three<readonly Json[]>, place: Place, outer: Way): void {
  const { desired, stated, live } = sides;
  const items = list.items();
  const name = typeof place.element === "string" ? place.element : "";
  if (isSameAsWhole(name, items, desired, live)) return;
  const way = insideOf(atomicAt(outer, place, list.list === "atomic"), stated);
  const pairing = pairItems(list, sides, name, way);
  if (pairing === undefined || "unpaired" in pairing) {
    const isDuplicate = pairing?.unpaired === "duplicate-keys";
    if (isDuplicate) way.duplicates.push(place);
    walkInOrder(items, sides, place, isDuplicate ? { ...way, note: duplicatesNote } : way);
    return;
  }
  for (const { element, desired: one, live: other } of pairing.pairs) {
    const wanted = desired[one];
    const found = live[other];
    if (wanted === found && way.trace === undefined) continue;
    const at = itemOf(place, element, one, other);
    const said = itemAt(stated, one);
    if (wanted !== undefined && found !== undefined) {
      walkValue(items, { desired: wanted, stated: said, live: found }, at, way);
    } else if (found !== undefined) report(way, { op: "added", place: at, live: found, stated: true });
    else if (wanted !== undefined && said === undefined && stated !== undefined) {
      agree(way, "default", at, { desired: wanted, stated: said, live: found });
    } else if (wanted !== undefined) {
      report(way, { op: "removed", place: at, desired: wanted, stated: said !== undefined });
    }
  }
  if (orderDiffers(name, items, desired, pairing.pairs)) {
    report(way, { op: "changed", place, desired, live, stated: stated !== undefined }, orderNote);
  }
}

function walkObjects(node: TypeNode, sides: Three<JsonObject>, place: Place, way: Way): void {
  if (node.type === "struct") walkStruct(node, sides, place, way);
  else if (node.type === "map") walkMap(node.values(), sides, place, atomicAt(way, place, node.atomic));
  else walkMap(untyped, sides, place, withNative(way, false));
}

function walkValue(node: TypeNode, both: Three<Json>, place: Place, way: Way): void {
  const { desired, stated, live } = both;
  // Two empty ones have no leaf that would be heard of.
  if (way.trace !== undefined && isEmpty(desired) && isEmpty(live))
    agree(way, stated === undefined ? "default" : "equal", place, both);
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
  else agree(way, stated === undefined ? "default" : "equal", place, both);
}

/**
 * Both sides from their roots. Only `live` is looked at as it is; the other two come from the desired object.
 * @param trace hears of every place that agrees
 */
export function compareObjects(sides: Sides, trace?: (agreed: Agreed) => void): Findings {
  const findings: Finding[] = [];
  const duplicates: Place[] = [];
  const unknown: UnknownField[] = [];
  const followers: Place[] = [];
  const way: Way = {
    live: sides.live,
    findings,
    duplicates,
    unknown,
    followers,
    trace,
    server: sides.schema.server,
    native: sides.schema.builtIn,
    strict: !sides.schema.builtIn,
    atomicDepth: undefined,
    note: undefined,
  };
  const both = { desired: sides.defaulted, stated: sides.stated, live: sides.live };
  walkValue(sides.schema.root, both, root, way);
  return { findings, duplicates, unknown, followers };
}

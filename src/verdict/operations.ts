/**
 * What a heal would do, before anything is done: RFC 6902 operations for exactly the differences that count and whose
 * cause the Baseline lists, list items resolved to their index in the very live object given. Built from desired and
 * live as they are, never from a redacted copy; the result may hold Secret values and is never shown as it is.
 */
import type { Difference } from "../compare/difference.ts";
import { indexOfElement } from "../compare/selector.ts";
import { sameJson } from "../compare/same-json.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { PathElement } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import { causesFrom, countAgainstPrevious, countDifferences, type PairInput } from "./counting.ts";
import { locate, workOn, type WorkingCopy } from "./working-copy.ts";
import { serverMetadata } from "../model/server-fields.ts";

/** Where an item goes that Git has and live lacks: behind the nearest item that precedes it in Git and is there. */
function placeInList(list: readonly Json[], wanted: readonly Json[], element: PathElement): number {
  const own = indexOfElement(wanted, element);
  for (let before = own - 1; before >= 0; before--) {
    const neighbour = wanted[before];
    const found = list.findIndex((item) => isSameItem(item, neighbour, element));
    if (found >= 0) return found + 1;
  }
  return own < 0 ? list.length : 0;
}

function isSameItem(item: Json, other: Json | undefined, element: PathElement): boolean {
  if (other === undefined) return false;
  if (element.type !== "key") return sameJson(item, other);
  if (!isObject(item) || !isObject(other)) return false;
  return Object.keys(element.keys).every((key) => {
    const [one, two] = [item[key], other[key]];
    return one === undefined || two === undefined || sameJson(one, two);
  });
}

/** What is to stand at the end of a path of which live has nothing, wrapped in the containers that lack too. */
function wrap(value: Json, missing: readonly PathElement[]): Json {
  return missing.toReversed().reduce<Json>((inner, element) => {
    return element.type === "field" ? { [element.name]: inner } : [inner];
  }, value);
}

function addWhatLacks(copy: WorkingCopy, difference: Difference, desired: KubeObject, value: Json): void {
  const { path } = difference;
  const found = locate(copy.root(), path);
  const next = path[found.depth];
  if (next === undefined) return copy.apply("replace", found.tokens, value);
  const inner = wrap(value, path.slice(found.depth + 1));
  if (next.type === "field") {
    // `annotations: null` and the like: there is a key, and nothing to put anything into.
    if (!isObject(found.value)) return copy.apply("replace", found.tokens, { [next.name]: inner });
    return copy.apply("add", [...found.tokens, next.name], inner);
  }
  if (!isArray(found.value)) return copy.apply("replace", found.tokens, [inner]);
  const wanted = locate(desired, path.slice(0, found.depth)).value;
  const index = next.type === "index" ? next.index : placeInList(found.value, isArray(wanted) ? wanted : [], next);
  return copy.apply("add", [...found.tokens, Math.min(index, found.value.length)], inner);
}

/** An order that changed is put right by moving the items live has; nothing about the items themselves changes. */
function reordered(live: readonly Json[], wanted: readonly Json[], key: string): readonly Json[] {
  const rank = (item: Json): number =>
    wanted.findIndex((one) => sameJson(getIn(one, key) ?? one, getIn(item, key) ?? item));
  const known = live.filter((item) => rank(item) >= 0).toSorted((one, other) => rank(one) - rank(other));
  let next = 0;
  // Items of others keep their places between those of Git.
  return live.map((item) => (rank(item) < 0 ? item : (known[next++] ?? item)));
}

function isReorder({ op, desired, live, atomicDepth }: Difference): boolean {
  return op === "changed" && atomicDepth === undefined && isArray(desired) && isArray(live) && live.every(isObject);
}

function planOne(copy: WorkingCopy, difference: Difference, desired: KubeObject): void {
  const { op, path, desired: value } = difference;
  if (op === "removed") return value === undefined ? undefined : addWhatLacks(copy, difference, desired, value);
  const found = locate(copy.root(), path);
  if (found.depth < path.length) return;
  // What Git leaves to its default goes: the server fills the default in, and nobody's hand owns it.
  if (op === "added" || value === undefined) return copy.apply("remove", found.tokens);
  if (isReorder(difference) && isArray(found.value) && isArray(value))
    return copy.apply("replace", found.tokens, reordered(found.value, value, "name"));
  return copy.apply("replace", found.tokens, value);
}

/** Additions go first: an item whose key was edited is one thing added and one removed, in one list. */
const TURN: Readonly<Record<Difference["op"], number>> = { added: 0, removed: 1, changed: 2 };

/**
 * The patch that makes `live` what Git says at each counting path, and nothing else. Its first operation replaces
 * `/metadata/resourceVersion` with the version judged, so that a race is a 409. Empty where nothing counts, and where
 * the Baseline lists none of the causes.
 */
export function planOperations(input: PairInput): readonly JsonObject[] {
  const { counting } = countDifferences(input);
  if (counting.length === 0) return [];
  const causeOf = causesFrom(countAgainstPrevious(input));
  const { causes } = input.baseline.remediation;
  const copy = workOn(input.live.object);
  const turns = counting
    .filter((difference) => causes.includes(causeOf(difference)))
    .toSorted((one, other) => TURN[one.op] - TURN[other.op]);
  for (const difference of turns) planOne(copy, difference, input.desired.object);
  const operations = copy.operations();
  if (operations.length === 0) return [];
  return [{ op: "replace", path: "/metadata/resourceVersion", value: input.live.resourceVersion }, ...operations];
}

/** The body of the POST for a missing object: as declared, without what only a server may set. */
export function createBody(desired: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = desired;
  const entries = Object.entries(metadata).filter(([key]) => !serverMetadata.has(key));
  return { ...rest, metadata: Object.fromEntries(entries) };
}

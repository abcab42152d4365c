/**
 * What a heal would do, before anything is done: RFC 6902 operations for exactly the differences that count and whose
 * cause the Baseline lists, list items resolved to their index in the very live object given. Built from desired and
 * live as they are, never from a redacted copy; the result may hold Secret values and is never shown as it is.
 */
import { applyDefaults } from "../compare/defaults.ts";
import type { Difference } from "../compare/difference.ts";
import { normaliseDesired } from "../compare/normalise.ts";
import { indexOfElement } from "../compare/selector.ts";
import { sameJson } from "../compare/same-json.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { formatPath, type PathElement } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import { causesOf } from "./causes.ts";
import { countAgainstPrevious, countDifferences, type PairInput } from "./counting.ts";
import { locate, versionGuard, withoutAt, workOn, type Operation, type WorkingCopy } from "./working-copy.ts";
import { serverMetadata } from "../model/server-fields.ts";
import type { Cause } from "../model/verdict.ts";

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

/** True where the server fills this very default in again once the field is gone. */
function isRefilled(
  copy: WorkingCopy,
  tokens: readonly (string | number)[],
  { path, defaulted }: Difference,
  schema: KindSchema,
): boolean {
  if (defaulted === undefined || typeof tokens.at(-1) === "number") return defaulted === undefined;
  const without = withoutAt(copy.root(), tokens) as KubeObject;
  const found = locate(applyDefaults(normaliseDesired(without, schema), schema), path);
  return found.depth === path.length && sameJson(found.value, defaulted);
}

function planOne(copy: WorkingCopy, difference: Difference, { desired: { object }, schema }: PairInput): void {
  const { op, path, desired: value, defaulted, answered } = difference;
  if (op === "removed") return value === undefined ? undefined : addWhatLacks(copy, difference, object, value);
  const found = locate(copy.root(), path);
  if (found.depth < path.length) return;
  // What Git leaves to its default goes: the server fills the default in, and nobody's hand owns it. Where it does not
  // (in a list that is all default, or where admission sets it), the default is written.
  if (op === "added" || value === undefined) {
    const goes = defaulted === undefined || (answered !== true && isRefilled(copy, found.tokens, difference, schema));
    return goes ? copy.apply("remove", found.tokens) : copy.apply("replace", found.tokens, defaulted);
  }
  if (isReorder(difference) && isArray(found.value) && isArray(value))
    return copy.apply("replace", found.tokens, reordered(found.value, value, "name"));
  return copy.apply("replace", found.tokens, value);
}

/**
 * Additions go first: an item whose key was edited is one thing added and one removed, in one list. Defaults go last:
 * what the server fills in depends on what stands beside it.
 */
function turnOf({ op, defaulted }: Difference): number {
  if (op === "added") return defaulted === undefined ? 0 : 3;
  return op === "removed" ? 1 : 2;
}

/** A plan that leaves something to do is gone on with so many times: what follows from one change shows when it is undone. */
const MAX_ROUNDS = 4;

/** In the order in which they are planned. */
function inTurn(counting: readonly Difference[]): readonly Difference[] {
  return counting.toSorted((one, other) => turnOf(one) - turnOf(other));
}

const isScalar = (value: Json | undefined): boolean => value !== undefined && !isArray(value) && !isObject(value);

/** One value for another, in a place that both sides have: putting it back touches nothing else. */
const isPlain = ({ op, desired, live }: Difference): boolean => op === "changed" && isScalar(desired) && isScalar(live);

/** What is left to do once the copy is what it is. */
function nextRound(input: PairInput, copy: WorkingCopy, left: Set<string>): readonly Difference[] {
  const { uid, resourceVersion, managedFields, health, receivedAt } = input.live;
  // Named one by one: of a stored object they are getters, and a spread would lose them, and with them whose fields are whose.
  const live = { uid, resourceVersion, managedFields, health, receivedAt, object: copy.root() as KubeObject };
  const { counting } = countDifferences({ ...input, live });
  return inTurn(counting.filter(({ op, path }) => !left.has(`${op} ${formatPath(path)}`)));
}

/**
 * The patch that makes `live` what Git says at each counting path, and at those that only followed from one of them
 * (the `serviceAccount` beside a `serviceAccountName`). Its first operation replaces `/metadata/resourceVersion` with
 * the version judged, so that a race is a 409. Empty where nothing counts, and where the Baseline lists none of the
 * causes.
 * @param counted what was counted for this very pair, where that is known
 */
export function planOperations(input: PairInput, counted = countDifferences(input)): readonly Operation[] {
  const first = inTurn(counted.counting);
  if (first.length === 0) return [];
  const copy = workOn(input.live.object);
  const causeOf = causesOf(input, countAgainstPrevious(input));
  const causes: readonly Cause[] = input.baseline.remediation.causes;
  const isListed = (difference: Difference): boolean => causes.includes(causeOf(difference));
  const left = new Set(first.filter((one) => !isListed(one)).map(({ op, path }) => `${op} ${formatPath(path)}`));
  const all = first.filter(isListed);
  let turns: readonly Difference[] = all;
  for (let round = 0; round < MAX_ROUNDS && turns.length > 0; round += 1) {
    const before = copy.operations().length;
    for (const difference of turns) planOne(copy, difference, input);
    const isDone = copy.operations().length === before || (counted.final && turns === all && all.every(isPlain));
    turns = isDone ? [] : nextRound(input, copy, left);
  }
  const operations = copy.operations();
  if (operations.length === 0) return [];
  return [{ op: "replace", path: versionGuard, value: input.live.resourceVersion }, ...operations];
}

/** The body of the POST for a missing object: as declared, without what only a server may set. */
export function createBody(desired: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = desired;
  const entries = Object.entries(metadata).filter(([key]) => !serverMetadata.has(key));
  return { ...rest, metadata: Object.fromEntries(entries) };
}

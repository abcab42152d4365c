/**
 * What an object has to say in Git so that what runs is as declared: the way of a heal, walked from the other side. Pure.
 * Each difference that counts and was chosen is taken over from live, without what the server would fill in anyway.
 */
import { applyDefaults } from "../../compare/defaults.ts";
import type { Difference } from "../../compare/difference.ts";
import { normaliseDesired } from "../../compare/normalise.ts";
import { maskValue } from "../../compare/redact.ts";
import { sameJson } from "../../compare/same-json.ts";
import { child, indexOfElement, matchesPath, type PathPattern } from "../../compare/selector.ts";
import { declare } from "../../model/desired.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { formatPath, type Path } from "../../model/path.ts";
import { idOf, type KubeObject } from "../../model/resource.ts";
import type { KindSchema } from "../../model/schema.ts";
import { countDifferences, type PairInput } from "../../verdict/counting.ts";
import { locate, withoutAt, workOn, type WorkingCopy } from "../../verdict/working-copy.ts";
import { showPathsOf } from "../output/shown-path.ts";

export interface Adoption {
  /** As Git has to declare it; of an object in a namespace that it does not name itself, with that namespace. */
  readonly target: KubeObject;
  readonly adopted: readonly Difference[];
  /** What still counts: not chosen, or such that taking it over does not settle it. */
  readonly left: readonly Difference[];
  /** Paths, as they may be shown, of values that nobody may be shown, and which are left as they are. */
  readonly hidden: readonly string[];
}

/** Taking one thing over may show another that followed from it. */
const MAX_ROUNDS = 4;

const keyOf = ({ op, path }: Difference): string => `${op} ${formatPath(path)}`;

/** Where an item goes that live has and Git lacks: behind the nearest that precedes it in live and is there. */
function placeOf(list: readonly Json[], live: readonly Json[], own: number): number {
  for (let before = own - 1; before >= 0; before -= 1) {
    const neighbour = live[before] ?? null;
    const found = list.findIndex((item) => isSame(item, neighbour));
    if (found >= 0) return found + 1;
  }
  return own < 0 ? list.length : 0;
}

/** The same item, whatever else it says. */
function isSame(item: Json, other: Json): boolean {
  const name = ["name", "key", "mountPath", "containerPort", "port"].find((one) => getIn(item, one) !== undefined);
  return name === undefined ? sameJson(item, other) : sameJson(getIn(item, name) ?? null, getIn(other, name) ?? null);
}

/** Puts a value where live has it; what encloses it is made where it lacks. */
function put(copy: WorkingCopy, path: Path, value: Json, live: KubeObject): readonly (string | number)[] {
  const found = locate(copy.root(), path);
  const next = path[found.depth];
  if (next === undefined) {
    copy.apply("replace", found.tokens, value);
    return found.tokens;
  }
  const inner = path
    .slice(found.depth + 1)
    .reduceRight<Json>((below, element) => (element.type === "field" ? { [element.name]: below } : [below]), value);
  if (next.type === "field") {
    if (!isObject(found.value)) {
      copy.apply("replace", found.tokens, { [next.name]: inner });
      return found.tokens;
    }
    copy.apply("add", [...found.tokens, next.name], inner);
    return [...found.tokens, next.name];
  }
  if (!isArray(found.value)) {
    copy.apply("replace", found.tokens, [inner]);
    return found.tokens;
  }
  let list: Json | undefined = live;
  for (const element of path.slice(0, found.depth)) list = child(list, element);
  const items = isArray(list) ? list : [];
  const index = Math.min(placeOf(found.value, items, indexOfElement(items, next)), found.value.length);
  copy.apply("add", [...found.tokens, index], inner);
  return [...found.tokens, index];
}

/** Tokens of everything below a value, the deepest first. */
function below(
  value: Json | undefined,
  tokens: readonly (string | number)[],
): readonly (readonly (string | number)[])[] {
  const children: readonly (readonly [string | number, Json])[] = isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : isObject(value)
      ? Object.entries(value)
      : [];
  return children.flatMap(([token, one]) => [
    ...below(one, [...tokens, token]),
    ...(typeof token === "string" ? [[...tokens, token]] : []),
  ]);
}

/** Leaves out of what was just put in what the server fills in again. */
function trim(copy: WorkingCopy, tokens: readonly (string | number)[], schema: KindSchema): void {
  const filled = (root: Json): Json => applyDefaults(normaliseDesired(root as KubeObject, schema), schema);
  const value = tokens.reduce<Json | undefined>(
    (here, token) => (isArray(here) ? here[Number(token)] : getIn(here, String(token))),
    copy.root(),
  );
  const whole = filled(copy.root());
  for (const one of below(value, tokens))
    if (sameJson(filled(withoutAt(copy.root(), one)), whole)) copy.apply("remove", one);
}

/** The items Git has, in the order in which live has them. */
function reordered(git: readonly Json[], live: readonly Json[]): readonly Json[] {
  const rank = (item: Json): number => {
    const found = live.findIndex((one) => isSame(item, one));
    return found < 0 ? live.length : found;
  };
  return git.toSorted((one, other) => rank(one) - rank(other));
}

function adoptOne(copy: WorkingCopy, difference: Difference, { live: { object }, schema }: PairInput): void {
  const { op, path, live, atomicDepth } = difference;
  const found = locate(copy.root(), path);
  const isThere = found.depth === path.length;
  if (op === "removed" || live === undefined) return isThere ? copy.apply("remove", found.tokens) : undefined;
  const isOrder = op === "changed" && atomicDepth === undefined && isArray(live) && live.every(isObject);
  if (isOrder && isThere && isArray(found.value))
    return copy.apply("replace", found.tokens, reordered(found.value, live));
  trim(copy, put(copy, path, live, object), schema);
}

export interface AdoptionRequest {
  readonly pair: PairInput;
  /** Only what these name or enclose; empty: everything. */
  readonly paths: readonly PathPattern[];
}

export function adopt({ pair, paths }: AdoptionRequest): Adoption {
  const { desired, live, baseline } = pair;
  const kind = idOf(live.object);
  const show = showPathsOf(pair);
  const isChosen = ({ path }: Difference): boolean =>
    paths.length === 0 || paths.some((pattern) => matchesPath(pattern, path, desired.object));
  const isHidden = ({ path, live: value, desired: declared }: Difference): boolean =>
    [value, declared].some((one) => {
      const at = { kind, path, sensitive: baseline.compare.sensitive };
      return one !== undefined && !sameJson(maskValue(one, at), one);
    });
  const countIn = (target: KubeObject): readonly Difference[] =>
    countDifferences({ ...pair, desired: declare(target, desired.source) }).counting;
  let target = desired.object;
  let counting = countIn(target);
  const hidden = counting.filter((one) => isChosen(one) && isHidden(one)).map(({ path }) => show(path));
  const adopted = counting.filter((one) => isChosen(one) && !isHidden(one));
  const tried = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const turns = counting.filter((one) => isChosen(one) && !isHidden(one));
    const before = turns.map(keyOf).join("\n");
    if (turns.length === 0 || tried.has(before)) break;
    tried.add(before);
    const copy = workOn(target);
    // What goes first makes room: an item whose key was edited is one removed and one added.
    for (const one of turns.toSorted((a, b) => Number(b.op === "removed") - Number(a.op === "removed")))
      adoptOne(copy, one, pair);
    target = copy.root() as KubeObject;
    counting = countIn(target);
  }
  return { target, adopted, left: counting, hidden };
}

/** The target as the file has to write it: without what its List or its folder says of it. */
export function asWritten(written: Json, target: KubeObject): Json {
  const { metadata, ...rest } = target;
  const said = getIn(written, "metadata", "namespace");
  const { namespace: _placed, ...others } = metadata;
  const head = Object.fromEntries(
    Object.entries(rest).filter(
      ([key]) => getIn(written, key) !== undefined || (key !== "apiVersion" && key !== "kind"),
    ),
  );
  const placed: JsonObject = said === undefined ? others : { ...others, namespace: said };
  return { ...head, metadata: placed };
}

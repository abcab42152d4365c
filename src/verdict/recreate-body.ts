/**
 * The body of an object that is made anew: what Git says, and of what ran before what nobody objected to and the next
 * one would otherwise take back (the number of replicas an autoscaler chose, a value under an ignore, a person's
 * switches). From both sides as they are, never from a redacted copy.
 */
import { diffObjects } from "../compare/diff.ts";
import type { Difference } from "../compare/difference.ts";
import { normaliseDesired } from "../compare/normalise.ts";
import { liveSwitches } from "../model/annotations.ts";
import { getStrings, isObject, type JsonObject } from "../model/json.ts";
import { formatPath } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import { countDifferences, type PairInput } from "./counting.ts";
import { createBody } from "./operations.ts";
import { locate, workOn, type WorkingCopy } from "./working-copy.ts";

const placeOf = ({ op, path }: Difference): string => `${op} ${formatPath(path)}`;

/** What differs and does not count. */
function unopposed(input: PairInput): readonly Difference[] {
  const { desired, live, schema } = input;
  const counting = new Set(countDifferences(input).counting.map(placeOf));
  const { differences } = diffObjects({ desired: desired.object, live: live.object, schema });
  return differences.filter((difference) => !counting.has(placeOf(difference)));
}

/** What only live has is mostly the server's own and filled in anew; a number of replicas is somebody's choice. */
const isChosen = ({ op, path }: Difference): boolean =>
  op === "changed" || (op === "added" && formatPath(path) === ".spec.replicas");

function keep(copy: WorkingCopy, { path, live }: Difference): void {
  if (live === undefined) return;
  const found = locate(copy.root(), path);
  const next = path[found.depth];
  if (next === undefined) return copy.apply("replace", found.tokens, live);
  const isLast = found.depth === path.length - 1;
  if (isLast && next.type === "field" && isObject(found.value)) copy.apply("add", [...found.tokens, next.name], live);
}

function withSwitches(desired: KubeObject, live: KubeObject): KubeObject {
  const git = getStrings(desired.metadata, "annotations");
  const kept = Object.entries(getStrings(live.metadata, "annotations")).filter(
    ([name]) => liveSwitches.includes(name) && git[name] === undefined,
  );
  if (kept.length === 0) return desired;
  return { ...desired, metadata: { ...desired.metadata, annotations: { ...git, ...Object.fromEntries(kept) } } };
}

export function recreateBody(input: PairInput): JsonObject {
  const desired = withSwitches(input.desired.object, input.live.object);
  const chosen = unopposed(input).filter(isChosen);
  if (chosen.length === 0) return createBody(desired);
  // In the form that is compared: a Secret's texts are then where its data is.
  const copy = workOn(normaliseDesired(desired, input.schema));
  for (const difference of chosen) keep(copy, difference);
  return createBody(copy.root() as KubeObject);
}

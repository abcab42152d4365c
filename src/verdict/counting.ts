/**
 * What differs between one pair and counts, with the true values: the base of a verdict and of a plan. Its result
 * never leaves the pure core; what is shown is made from it by `redact`. It says why each difference came about, as
 * far as the two desired states tell: whether somebody moved live, or Git moved and live did not follow.
 */
import type { Difference } from "../compare/difference.ts";
import { diffObjects } from "../compare/diff.ts";
import type { Facts } from "../compare/facts.ts";
import { decodeManagedFields } from "../compare/managed-fields.ts";
import { redactPath } from "../compare/redact.ts";
import { suppress } from "../compare/suppress.ts";
import type { Baseline } from "../model/baseline.ts";
import { getStrings } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import { formatPath, type Path } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { idOf } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Cause, Suppressed } from "../model/verdict.ts";
import { readGitSwitches } from "./switches.ts";

export interface PairInput {
  readonly baseline: Baseline;
  readonly desired: DesiredObject;
  /** Desired at the revision this object was last in sync with. */
  readonly previous?: DesiredObject | undefined;
  readonly live: LiveObject;
  readonly schema: KindSchema;
  readonly facts: Facts;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Where the differences of a pair come from. */
export type CauseOf = (difference: Difference) => Extract<Cause, "live-edit" | "rollout" | "dropped-from-git">;

export interface Counted {
  readonly counting: readonly Difference[];
  readonly suppressed: readonly Suppressed[];
  readonly warnings: readonly Problem[];
}

function countAgainst(input: PairInput, desired: DesiredObject, previous: DesiredObject | undefined): Counted {
  const { live, schema, facts, now, baseline } = input;
  const found = diffObjects({
    desired: desired.object,
    live: live.object,
    schema,
    ...(previous === undefined ? {} : { previous: previous.object }),
  });
  const verdict = suppress(found.differences, {
    desired: desired.object,
    live: live.object,
    managed: decodeManagedFields(live.managedFields, live.object.apiVersion),
    schema,
    facts,
    settings: baseline.compare,
    desiredIgnore: readGitSwitches(getStrings(desired.object.metadata, "annotations")).ignore,
    now,
  });
  return {
    counting: verdict.counting,
    suppressed: verdict.suppressed.map((one) => ({
      ...one,
      path: redactPath(idOf(live.object), one.path, baseline.compare.sensitive),
    })),
    warnings: [...found.warnings, ...verdict.warnings],
  };
}

export function countDifferences(input: PairInput): Counted {
  return countAgainst(input, input.desired, input.previous);
}

/** The same with what Git said before in the place of what it says now, under the same rules. */
export function countAgainstPrevious(input: PairInput): readonly Difference[] | undefined {
  const { previous, desired } = input;
  if (previous === undefined || previous.hash === desired.hash) return undefined;
  return countAgainst(input, previous, undefined).counting;
}

/** True where one path is, or encloses, the other. */
function overlap(one: Path, other: Path): boolean {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return formatPath(longer.slice(0, shorter.length)) === formatPath(shorter);
}

/**
 * @param moved what differs between live and what Git said before; undefined where Git did not move
 */
export function causesFrom(moved: readonly Difference[] | undefined): CauseOf {
  return (difference) => {
    if (difference.droppedFromGit === true && moved?.some(({ path }) => overlap(path, difference.path)) !== true)
      return "dropped-from-git";
    if (moved === undefined || moved.some(({ path }) => overlap(path, difference.path))) return "live-edit";
    return "rollout";
  };
}

/**
 * What differs between one pair and counts, with the true values: the base of a verdict and of a plan. Its result
 * never leaves the pure core; what is shown is made from it by `redact`.
 */
import type { Difference } from "../compare/difference.ts";
import { diffObjects } from "../compare/diff.ts";
import type { Facts } from "../compare/facts.ts";
import { weighByAnswer, type Weighed } from "../compare/learned.ts";
import { decodeManagedFields } from "../compare/managed-fields.ts";
import { redactPath } from "../compare/redact.ts";
import { suppress, type NoiseContext } from "../compare/suppress.ts";
import type { Baseline } from "../model/baseline.ts";
import { getStrings } from "../model/json.ts";
import type { Learned } from "../model/learned.ts";
import type { LiveObject } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import { idOf } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Suppressed } from "../model/verdict.ts";
import { broadIgnores } from "./broad-ignores.ts";
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
  /** The same revision rendered another time, where that gave something else. */
  readonly otherRender?: DesiredObject | undefined;
  readonly memory?: { readonly uid?: string } | undefined;
  /** What dry runs of `desired` and of `previous` were answered with, where they were asked. */
  readonly learned?: Learned | undefined;
  readonly learnedBefore?: Learned | undefined;
}

export interface Counted {
  readonly counting: readonly Difference[];
  readonly suppressed: readonly Suppressed[];
  readonly warnings: readonly Problem[];
  /** What counts lies where admission sets something, and is not what it sets. */
  readonly contested: boolean;
  /** Once what counts is put right, nothing else can be found to count: it hangs on none of it. */
  readonly final: boolean;
}

/** One of the two desired states, with what is known of it. */
interface Declared {
  readonly desired: DesiredObject;
  readonly previous?: DesiredObject | undefined;
  readonly learned: Learned | undefined;
}

/** What nothing else explains, held against what admission does; what is left of a difference is suppressed anew. */
function weigh(
  all: readonly Difference[],
  open: readonly Difference[],
  learned: Learned | undefined,
  context: NoiseContext,
): Weighed {
  if (learned === undefined || open.length === 0) return { counting: open, suppressed: [], contested: false };
  const weighed = weighByAnswer(all, open, { ...context, learned });
  const again = suppress(weighed.counting, context);
  return { ...weighed, counting: again.counting, suppressed: [...weighed.suppressed, ...again.suppressed] };
}

function countAgainst(input: PairInput, { desired, previous, learned }: Declared): Counted {
  const { live, schema, facts, now, baseline } = input;
  const found = diffObjects({
    desired: desired.object,
    live: live.object,
    schema,
    ...(previous === undefined ? {} : { previous: previous.object }),
  });
  const switches = readGitSwitches(getStrings(desired.object.metadata, "annotations"));
  const context: NoiseContext = {
    desired: desired.object,
    live: live.object,
    managed: decodeManagedFields(live.managedFields, live.object.apiVersion),
    schema,
    facts,
    settings: baseline.compare,
    desiredIgnore: switches.ignore,
    now,
  };
  const verdict = suppress(found.differences, context);
  const weighed = weigh(found.differences, verdict.counting, learned, context);
  const weight = { desired: desired.object, rows: baseline.severity, annotated: switches.severity };
  const broad = broadIgnores(verdict.broadly, weight, baseline.compare.sensitive);
  return {
    counting: weighed.counting,
    suppressed: [...verdict.suppressed, ...weighed.suppressed].map((one) => ({
      ...one,
      path: redactPath(idOf(live.object), one.path, baseline.compare.sensitive),
    })),
    warnings: [...found.warnings, ...verdict.warnings, ...broad],
    contested: weighed.contested,
    final: learned === undefined && verdict.suppressed.length === 0 && found.follows !== true,
  };
}

export function countDifferences(input: PairInput): Counted {
  const { desired, previous, learned } = input;
  return countAgainst(input, { desired, previous, learned });
}

/** The same with what Git said before in the place of what it says now, under the same rules. */
export function countAgainstPrevious(input: PairInput): readonly Difference[] | undefined {
  const { previous, desired } = input;
  if (previous === undefined || previous.hash === desired.hash) return undefined;
  return countAgainst(input, { desired: previous, learned: input.learnedBefore }).counting;
}

/**
 * Tells what admission did to an object from what people did, by what a dry run of the desired object was answered
 * with. A difference is admission's where live says what the answer says; where it says something else, it counts, at
 * the smallest thing that is not as answered. A live object that is as Git says is never held against the answer, and
 * a value that Git states is never excused but by the very value that admission makes of it. Asks nobody.
 * Source: docs/decisions/0007-calibration.md.
 */
import type { Json } from "../model/json.ts";
import type { Learned } from "../model/learned.ts";
import { formatPath, formatPointer, type Path } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { Suppressed } from "../model/verdict.ts";
import { isAllocated } from "./allocated.ts";
import { diffObjects } from "./diff.ts";
import type { Difference } from "./difference.ts";

export const learnedRule = "learned-default";

export interface LearnedInput {
  readonly live: KubeObject;
  readonly schema: KindSchema;
  readonly learned: Learned;
}

export interface Weighed {
  /** Those that admission does not explain. Some are smaller than they were: the part that is not as answered. */
  readonly counting: readonly Difference[];
  readonly suppressed: readonly Suppressed[];
  /** True where live overrides a plain value of admission's: asked once more, it may turn out to be new each time. */
  readonly contested: boolean;
}

/** Differences of live against the answer, by how their paths lie to one of live against Git. */
interface Near {
  readonly same: Difference | undefined;
  readonly above: boolean;
  readonly below: readonly Difference[];
}

const startsWith = (path: Path, start: Path): boolean =>
  path.length >= start.length && formatPath(path.slice(0, start.length)) === formatPath(start);

function near(path: Path, others: readonly Difference[]): Near {
  const text = formatPath(path);
  return {
    same: others.find((other) => formatPath(other.path) === text),
    above: others.some((other) => other.path.length < path.length && startsWith(path, other.path)),
    below: others.filter((other) => other.path.length > path.length && startsWith(other.path, path)),
  };
}

/** What Git is silent about and admission sets: what admission sets is what the field would be, had nobody set it. */
function overridden(answered: Difference, within: Difference): Difference {
  const dropped = within.droppedFromGit === true ? { droppedFromGit: true } : {};
  if (answered.op === "removed") return { ...answered, ...dropped, answered: true, note: "admission puts it there" };
  const { desired, ...rest } = answered;
  const set = desired ?? answered.defaulted;
  return {
    ...rest,
    ...dropped,
    op: "added",
    ...(set === undefined ? {} : { defaulted: set, answered: true }),
  };
}

/** Undefined where the answer explains it; else what is left of it. */
function leftOf(
  difference: Difference,
  all: readonly Difference[],
  { same, above, below }: Near,
): readonly Difference[] | undefined {
  if (same === undefined && !above && below.length === 0) return undefined;
  if (difference.op === "removed" || above) return [difference];
  if (difference.op === "added") return (same === undefined ? below : [same]).map((one) => overridden(one, difference));
  if (same !== undefined) return [difference];
  // A list whose order differs encloses the differences of its items, which stand for themselves.
  const others = all.filter((one) => one.path.length > difference.path.length && startsWith(one.path, difference.path));
  return below.every((one) => others.some((other) => startsWith(one.path, other.path))) ? undefined : [difference];
}

/** What admission may make anew at each write, such as a time: of its type, any is then as good as another. */
function mayMove({ live, defaulted, answered }: Difference): boolean {
  return answered === true && isPlain(live) && typeof live === typeof defaulted;
}

const isPlain = (value: Json | undefined): boolean => typeof value === "string" || typeof value === "number";

/**
 * @param all what differs between live and Git
 * @param open those of them that nothing else has explained
 */
export function weighByAnswer(all: readonly Difference[], open: readonly Difference[], input: LearnedInput): Weighed {
  const { live, schema, learned } = input;
  const against = (one: KubeObject, other: KubeObject): readonly Difference[] =>
    diffObjects({ desired: one, live: other, schema }).differences;
  const { answer, repeated } = learned;
  const unlike = against(answer, live);
  const moving = new Set(repeated === undefined ? [] : against(repeated, answer).map(({ path }) => formatPath(path)));
  const by = learned.by.join(", ");
  const counting: Difference[] = [];
  const suppressed: Suppressed[] = [];
  const excuse = ({ tokens, path }: Difference, reason: string): void =>
    void suppressed.push({ pointer: formatPointer(tokens), path, rule: learnedRule, reason });
  for (const difference of open) {
    const left = leftOf(difference, all, near(difference.path, unlike));
    if (left === undefined) excuse(difference, `admission sets it, as a dry run of what Git declares told (${by})`);
    for (const one of left ?? []) {
      if (mayMove(one) && moving.has(formatPath(one.path)))
        excuse(one, `admission sets another value each time (${by})`);
      else counting.push(one);
    }
  }
  return { counting, suppressed, contested: repeated === undefined && counting.some(mayMove) };
}

/** Whether an answer says anything that Git does not, beside what the server allocates: most do not. */
export function says(answer: KubeObject, desired: KubeObject, schema: KindSchema): boolean {
  const { differences } = diffObjects({ desired, live: answer, schema });
  return differences.some((difference) => isAllocated(difference, desired, answer, schema) === undefined);
}

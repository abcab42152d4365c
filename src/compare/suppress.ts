/**
 * Which differences count. Each is held against the rows in a fixed order (server allocation, the cluster's noise
 * rules, controllers on custom resources, the annotation in Git, the Baseline's own rows); the first that speaks is
 * named. Nothing is dropped without being listed, and a rule that cannot be read hides nothing.
 */
import type { CompareSettings, IgnoreRow } from "../model/baseline.ts";
import { formatPointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, idOf, kindRef, type KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { Suppressed } from "../model/verdict.ts";
import { isAllocated } from "./allocated.ts";
import { ownersDeclare } from "./deployers.ts";
import type { Difference } from "./difference.ts";
import { holdersOf } from "./managed-fields.ts";
import { isController } from "./managers.ts";
import { holds, type Circumstances } from "./noise-conditions.ts";
import { objectRules } from "./noise-rules-objects.ts";
import { clusterRules, type NoiseRule } from "./noise-rules.ts";
import { matchesPath, parsePath, type PathPattern, patternOfRow } from "./selector.ts";
import { matchesGlob, readTarget, type TargetMatcher } from "./target.ts";
import { toolMarks } from "./tool-marks.ts";

export interface NoiseContext extends Circumstances {
  readonly schema: KindSchema;
  readonly settings: CompareSettings;
  /** Of the annotation `plumbline.dev/ignore` as Git has it. */
  readonly desiredIgnore: readonly PathPattern[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Suppression {
  readonly counting: readonly Difference[];
  readonly suppressed: readonly Suppressed[];
  /** Rules of the Baseline that concern this object and were not used: expired, or not to be read. */
  readonly warnings: readonly Problem[];
}

interface Spoken {
  readonly rule: string;
  readonly reason: string;
}

type Speaker = (difference: Difference, context: NoiseContext) => Spoken | undefined;

export const noiseRules: readonly NoiseRule[] = [...toolMarks, ...clusterRules, ...objectRules];

interface CompiledRule {
  readonly rule: NoiseRule;
  readonly patterns: readonly PathPattern[];
}

const patternOf = (text: string): PathPattern => patternOfRow("noise rules", text);

const compiledRules: readonly CompiledRule[] = noiseRules.map((rule) => ({
  rule,
  patterns: rule.paths.map(patternOf),
}));

const rulesOfKind = new Map<string, readonly CompiledRule[]>();

function rulesFor(object: KubeObject): readonly CompiledRule[] {
  const key = `${kindRef(object.apiVersion, object.kind).group}/${object.kind}`;
  const known = rulesOfKind.get(key);
  if (known !== undefined) return known;
  const rules = compiledRules.filter(({ rule }) => rule.kinds.some((kind) => matchesGlob(kind, key)));
  // Kinds come from Git; a repository that makes them up must not fill the memory.
  if (rulesOfKind.size < 2_000) rulesOfKind.set(key, rules);
  return rules;
}

function keyHolds(rule: NoiseRule, pattern: PathPattern, difference: Difference): boolean {
  if (rule.keys === undefined) return true;
  const element = difference.path[pattern.steps.length];
  return element?.type === "field" && rule.keys.some((key) => matchesGlob(key, element.name));
}

const byNoiseRule: Speaker = (difference, context) => {
  const found = rulesFor(context.desired).find(
    ({ rule, patterns }) =>
      rule.ops.includes(difference.op) &&
      patterns.some(
        (pattern) => matchesPath(pattern, difference.path, context.desired) && keyHolds(rule, pattern, difference),
      ) &&
      rule.when.every((condition) => holds(condition, difference, context)),
  );
  return found === undefined ? undefined : { rule: found.rule.name, reason: found.rule.reason };
};

/**
 * What the server allocates it owns for nobody, or for whoever deployed. Where a manager that is neither deployer nor
 * controller owns it, somebody chose the value, and it counts: a node port or a pull policy set by hand.
 */
const byAllocation: Speaker = (difference, { desired, live, managed, schema }) => {
  const found = isAllocated(difference, desired, live, schema);
  if (found === undefined) return undefined;
  const chosen = holdersOf(managed, difference.path, difference.atomicDepth).filter(
    (entry) => !isController(entry.manager, entry.subresource),
  );
  return chosen.length > 0 && !ownersDeclare(chosen, managed, desired) ? undefined : found;
};

/** Custom resources only: on a built-in kind a name proves nothing, and an addition counts whoever made it. */
const byController: Speaker = (difference, { managed, desired, schema, settings }) => {
  if (schema.builtIn || difference.op !== "added" || settings.addedFields === "Strict") return undefined;
  if (settings.addedFields === "Ignore")
    return difference.droppedFromGit === true
      ? undefined
      : {
          rule: "added-fields-ignored",
          reason: "the Baseline does not compare what Git leaves out of custom resources",
        };
  const owners = holdersOf(managed, difference.path, difference.atomicDepth);
  const trusted =
    owners.length > 0 &&
    owners.every((entry) => isController(entry.manager, entry.subresource)) &&
    !ownersDeclare(owners, managed, desired);
  if (!trusted) return undefined;
  const names = [...new Set(owners.map((entry) => entry.manager))].join(", ");
  return { rule: "controller-owned", reason: `only ${names} owns it, and no person or deployer does` };
};

const byAnnotation: Speaker = (difference, { desired, desiredIgnore }) => {
  const found = desiredIgnore.find((pattern) => matchesPath(pattern, difference.path, desired));
  return found === undefined
    ? undefined
    : { rule: "annotation", reason: `plumbline.dev/ignore in Git names ${found.text}` };
};

interface UserRule {
  readonly row: IgnoreRow;
  readonly target: TargetMatcher;
  readonly patterns: readonly PathPattern[];
  readonly unread: readonly string[];
}

const userRules = new WeakMap<CompareSettings, readonly UserRule[]>();

function readUserRule(row: IgnoreRow): UserRule {
  const target = readTarget(row.target);
  const paths = row.paths.map(parsePath);
  const unread = [...(target.ok ? [] : [target.message]), ...paths.flatMap((path) => (path.ok ? [] : [path.message]))];
  return {
    row,
    // A target nobody can read concerns every object as a warning, and none as a rule.
    target: target.ok ? target.value : { matches: () => true },
    patterns: target.ok ? paths.flatMap((path) => (path.ok ? [path.value] : [])) : [],
    unread,
  };
}

function userRulesOf(settings: CompareSettings): readonly UserRule[] {
  const known = userRules.get(settings);
  if (known !== undefined) return known;
  const rules = settings.ignore.map(readUserRule);
  userRules.set(settings, rules);
  return rules;
}

const isExpired = (row: IgnoreRow, now: number): boolean => row.until !== undefined && now >= row.until;

const byBaseline: Speaker = (difference, { desired, managed, settings, now }) => {
  const found = userRulesOf(settings).find(
    ({ row, target, patterns }) =>
      !isExpired(row, now) &&
      target.matches(desired) &&
      patterns.some((pattern) => matchesPath(pattern, difference.path, desired)) &&
      (row.managers.length === 0 ||
        holdersOf(managed, difference.path, difference.atomicDepth).some((entry) =>
          row.managers.some((name) => matchesGlob(name, entry.manager)),
        )),
  );
  return found === undefined ? undefined : { rule: "baseline-ignore", reason: found.row.reason };
};

const speakers: readonly Speaker[] = [byAllocation, byNoiseRule, byController, byAnnotation, byBaseline];

function warningsFor(object: KubeObject, settings: CompareSettings, now: number): readonly Problem[] {
  const id = formatId(idOf(object));
  return userRulesOf(settings)
    .filter(({ target }) => target.matches(object))
    .flatMap(({ row, unread }): Problem[] => {
      const problems = unread.map(
        (message): Problem => ({
          code: "invalid-baseline",
          message: `a rule of compare.ignore is not used: ${message}`,
          object: id,
        }),
      );
      if (isExpired(row, now))
        problems.push({
          code: "expired-rule",
          message: `a rule of compare.ignore has expired and is not used: ${row.paths.join(", ")} (${row.reason})`,
          object: id,
        });
      return problems;
    });
}

/** Splits differences into those that count and those that do not, each of the latter with the rule that says so. */
export function suppress(differences: readonly Difference[], context: NoiseContext): Suppression {
  const counting: Difference[] = [];
  const suppressed: Suppressed[] = [];
  for (const difference of differences) {
    const spoken = firstToSpeak(difference, context);
    if (spoken === undefined) counting.push(difference);
    else
      suppressed.push({
        pointer: formatPointer(difference.tokens),
        path: difference.path,
        rule: spoken.rule,
        reason: spoken.reason,
      });
  }
  return { counting, suppressed, warnings: warningsFor(context.desired, context.settings, context.now) };
}

function firstToSpeak(difference: Difference, context: NoiseContext): Spoken | undefined {
  for (const speaker of speakers) {
    const spoken = speaker(difference, context);
    if (spoken !== undefined) return spoken;
  }
  return undefined;
}

/**
 * Which differences count. Each is held against the rows in a fixed order (server allocation, the cluster's noise
 * rules, controllers on custom resources, the annotation in Git, the Baseline's own rows); the first that speaks is
 * named. Nothing is dropped without being listed, and a rule that cannot be read hides nothing.
 */
import type { CompareSettings } from "../model/baseline.ts";
import { formatPointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { kindRef, type KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { Suppressed } from "../model/verdict.ts";
import { isAllocated } from "./allocated.ts";
import { ownersDeclare } from "./deployers.ts";
import type { Difference } from "./difference.ts";
import { holdersOf } from "./managed-fields.ts";
import { isController } from "./managers.ts";
import { ignoreRowOf, ignoreWarnings } from "./ignore-rows.ts";
import { holds, isOwnedBy, type Circumstances } from "./noise-conditions.ts";
import type { NoiseRule } from "./noise-rule.ts";
import { noiseRules } from "./noise-rules.ts";
import { matchesPath, type PathPattern, patternOfRow } from "./selector.ts";
import { matchesGlob } from "./target.ts";

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
  /** What a user's ignore hid without naming it. */
  readonly broadly: readonly BroadlyHidden[];
  /** Rules of the Baseline that concern this object and were not used: expired, or not to be read. */
  readonly warnings: readonly Problem[];
}

/** The path of an ignore encloses the difference: nobody may have thought of it when the ignore was written. */
export interface BroadlyHidden {
  readonly difference: Difference;
  /** The path as its author wrote it, and where. */
  readonly path: string;
  readonly rule: "annotation" | "baseline-ignore";
}

interface Spoken {
  readonly rule: string;
  readonly reason: string;
  /** Of a user's ignore: the path that hides it. */
  readonly pattern?: PathPattern;
}

type Speaker = (difference: Difference, context: NoiseContext) => Spoken | undefined;

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
  const isOneOf = (kinds: readonly string[]): boolean => kinds.some((kind) => matchesGlob(kind, key));
  const rules = compiledRules.filter(({ rule }) => isOneOf(rule.kinds) && !isOneOf(rule.except ?? []));
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
      rule.when.every((condition) => holds(condition, difference, context)) &&
      isOwnedBy(rule.owner, difference, context),
  );
  return found === undefined ? undefined : { rule: found.rule.name, reason: found.rule.reason };
};

/**
 * What the server allocates it owns for nobody, or for whoever deployed. Where it had a choice and anybody else owns
 * the value, somebody chose it, and it counts: a node port or a pull policy set by hand, under whatever name.
 */
const byAllocation: Speaker = (difference, { desired, live, managed, schema }) => {
  const found = isAllocated(difference, desired, live, schema);
  if (found?.choice === undefined) return found;
  const chosen = holdersOf(managed, difference.path, difference.atomicDepth).filter(
    (entry) => found.choice === true || !isController(entry.manager, entry.subresource),
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
    : { rule: "annotation", reason: `plumbline.dev/ignore in Git names ${found.text}`, pattern: found };
};

const byBaseline: Speaker = (difference, { desired, managed, settings, now }) => {
  const found = ignoreRowOf(difference, { desired, managed, settings, now });
  return found === undefined
    ? undefined
    : { rule: "baseline-ignore", reason: found.row.reason, pattern: found.pattern };
};

const speakers: readonly Speaker[] = [byAllocation, byNoiseRule, byController, byAnnotation, byBaseline];

/** True where the pattern only encloses the difference. What is merged as a whole can't be named more closely. */
function isBroad({ steps }: PathPattern, { path, atomicDepth }: Difference): boolean {
  return steps.length < Math.min(path.length, atomicDepth ?? path.length);
}

/** Splits differences into those that count and those that do not, each of the latter with the rule that says so. */
export function suppress(differences: readonly Difference[], context: NoiseContext): Suppression {
  const counting: Difference[] = [];
  const suppressed: Suppressed[] = [];
  const broadly: BroadlyHidden[] = [];
  for (const difference of differences) {
    const spoken = firstToSpeak(difference, context);
    if (spoken === undefined) {
      counting.push(difference);
      continue;
    }
    const { rule, reason, pattern } = spoken;
    suppressed.push({ pointer: formatPointer(difference.tokens), path: difference.path, rule, reason });
    if (pattern !== undefined && isBroad(pattern, difference))
      broadly.push({ difference, path: pattern.text, rule: rule === "annotation" ? rule : "baseline-ignore" });
  }
  const warnings = ignoreWarnings(context.desired, context.settings, context.now);
  return { counting, suppressed, broadly, warnings };
}

function firstToSpeak(difference: Difference, context: NoiseContext): Spoken | undefined {
  for (const speaker of speakers) {
    const spoken = speaker(difference, context);
    if (spoken !== undefined) return spoken;
  }
  return undefined;
}

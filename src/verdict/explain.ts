/**
 * Why each path of one object is in sync or is not: which default, rule, allocation or person decided it. It listens to
 * the very comparison that verdicts are made by, and adds only where a default comes from and who owns a path. Values
 * of sensitive paths are already replaced by the mark. Decides nothing; never throws on bad input.
 */
import { allocatedRows } from "../compare/allocated-rows.ts";
import { prepareDesired } from "../compare/defaults.ts";
import { sourceOfDefault } from "../compare/default-source.ts";
import { diffObjects } from "../compare/diff.ts";
import type { Difference } from "../compare/difference.ts";
import type { Accord, Agreed } from "../compare/finding.ts";
import { learnedRule } from "../compare/learned.ts";
import { decodeManagedFields, ownersOf, type ManagedFields } from "../compare/managed-fields.ts";
import { comparePaths, pathOf, tokensOf } from "../compare/place.ts";
import { redact } from "../compare/redact.ts";
import { valueAt } from "../compare/selector.ts";
import type { Json } from "../model/json.ts";
import { formatPointer, type Path } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { idOf } from "../model/resource.ts";
import type { Change, Owner, Suppressed } from "../model/verdict.ts";
import { countDifferences, type PairInput } from "./counting.ts";
import { nobody } from "./attribute.ts";

/**
 * What decided a path. Of those that agree: as the comparison says it. Of those that differ: `allocated` by the server,
 * `learned` from a dry run, excused by a `noise` rule, a `controller` of a custom resource or an `ignore` of the
 * Baseline's or of Git's; else it is `drift`.
 */
export type DecidedBy = Accord | "allocated" | "learned" | "noise" | "controller" | "ignore" | "drift";

export interface ExplainedPath {
  readonly path: Path;
  /** RFC 6901: into live, or into desired where live has nothing there. */
  readonly pointer: string;
  /** With defaults; absent on the side that has no value. */
  readonly desired?: Json;
  readonly live?: Json;
  /** True where Git itself says something there. */
  readonly stated: boolean;
  readonly sensitive: boolean;
  readonly decidedBy: DecidedBy;
  /** Name of the rule, where one decided. */
  readonly rule?: string;
  /** One sentence, for people. */
  readonly reason: string;
  /** Of `drift` only. */
  readonly op?: Change["op"];
  readonly owner: Owner;
}

export interface Explanation {
  /** Each path of either side once, down to the smallest thing that was decided as one, in path order. */
  readonly paths: readonly ExplainedPath[];
  readonly warnings: readonly Problem[];
}

const reasons: Readonly<Record<Accord, string>> = {
  equal: "live is what Git says",
  default: "Git leaves it to its default",
  follows: "the default beside another change: it goes with that one",
  zero: "a zero or empty value, which says no more than its absence",
  pruned: "the server does not keep this field",
  "never-compared": "set by the server, or what the pair was found by",
};

const allocations: ReadonlySet<string> = new Set(allocatedRows.map(({ rule }) => rule));
const ignores: ReadonlySet<string> = new Set(["annotation", "baseline-ignore", "added-fields-ignored"]);

function kindOfRule(rule: string): DecidedBy {
  if (rule === learnedRule) return "learned";
  if (ignores.has(rule)) return "ignore";
  if (rule === "controller-owned") return "controller";
  return allocations.has(rule) ? "allocated" : "noise";
}

/** What decided one path, before its values may be shown. */
interface Raw extends Pick<ExplainedPath, "pointer" | "decidedBy" | "rule" | "reason" | "op"> {
  readonly path: Path;
  readonly desired?: Json | undefined;
  readonly live?: Json | undefined;
  readonly atomicDepth?: number | undefined;
}

function agreedPath(
  { accord, place, desired, live }: Agreed,
  reasonOfDefault: (path: Path) => string | undefined,
): Raw {
  const path = pathOf(place);
  const pointer = formatPointer(tokensOf(place, live === undefined ? "desired" : "live"));
  const why = accord === "default" ? reasonOfDefault(path) : undefined;
  return {
    path,
    pointer,
    decidedBy: accord,
    reason: why === undefined ? reasons[accord] : `${reasons[accord]}: ${why}`,
    desired,
    live,
  };
}

function countedPath({ op, path, tokens, desired, defaulted, live, atomicDepth, note }: Difference): Raw {
  const texts = { added: "in live only", removed: "in Git only", changed: "live says something else than Git" };
  const what = defaulted === undefined ? texts[op] : "live overrides what Git leaves to its default";
  return {
    path,
    pointer: formatPointer(tokens),
    decidedBy: "drift",
    op,
    reason: note === undefined ? what : `${what} (${note})`,
    desired: desired ?? defaulted,
    live,
    atomicDepth,
  };
}

function ownerOf(managed: ManagedFields, { path, live, atomicDepth }: Raw): Owner {
  return live === undefined ? nobody : (ownersOf(managed, path, atomicDepth)[0] ?? nobody);
}

export function explainObject(input: PairInput): Explanation {
  const { desired, live, schema, baseline, previous } = input;
  const agreed: Agreed[] = [];
  const sides = { desired: desired.object, live: live.object, schema };
  const { differences } = diffObjects(
    { ...sides, ...(previous === undefined ? {} : { previous: previous.object }) },
    (one) => agreed.push(one),
  );
  const { counting, suppressed, warnings } = countDifferences(input);
  const prepared = prepareDesired(desired.object, schema);
  const managed = decodeManagedFields(live.managedFields, live.object.apiVersion);
  const id = idOf(live.object);
  const reasonOfDefault = (path: Path): string | undefined => sourceOfDefault(path, prepared, schema)?.reason;
  const byPointer = new Map(differences.map((one) => [formatPointer(one.tokens), one]));
  const excused = ({ pointer, path: shown, rule, reason }: Suppressed): Raw => {
    const found = byPointer.get(pointer);
    const path = found?.path ?? shown;
    const said = found === undefined ? valueAt(prepared.defaulted, path) : (found.desired ?? found.defaulted);
    const here = found === undefined ? valueAt(live.object, path) : found.live;
    const decidedBy = kindOfRule(rule);
    return { path, pointer, decidedBy, rule, reason, desired: said, live: here, atomicDepth: found?.atomicDepth };
  };
  const show = (raw: Raw): ExplainedPath => {
    const { path, pointer, decidedBy, rule, reason, op } = raw;
    const difference: Difference = {
      op: op ?? "changed",
      path,
      tokens: [],
      ...(raw.desired === undefined ? {} : { desired: raw.desired }),
      ...(raw.live === undefined ? {} : { live: raw.live }),
    };
    return {
      ...redact(difference, id, baseline.compare.sensitive),
      pointer,
      stated: valueAt(prepared.stated, path) !== undefined,
      decidedBy,
      ...(rule === undefined ? {} : { rule }),
      reason,
      ...(op === undefined ? {} : { op }),
      owner: ownerOf(managed, raw),
    };
  };
  const all = [
    ...agreed.map((one) => agreedPath(one, reasonOfDefault)),
    ...counting.map(countedPath),
    ...suppressed.map(excused),
  ];
  const paths = all.toSorted((one, other) => comparePaths(one.path, other.path)).map(show);
  return { paths, warnings };
}

/**
 * The judgement on one object at one revision: drift semantics, section 2, as one pure function. Nothing it cannot
 * judge is ever in sync; nothing it returns holds a value that may not be shown. Never throws on bad input.
 */
import { declare } from "../model/desired.ts";
import type { Facts } from "../compare/facts.ts";
import { matchesLabels, parseLabelSelector } from "../compare/target.ts";
import { annotations } from "../model/annotations.ts";
import type { Baseline, Exemption } from "../model/baseline.ts";
import { getIn, getString, getStrings, isArray } from "../model/json.ts";
import type { Learned } from "../model/learned.ts";
import type { LiveObject, LiveView } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, type ResourceId } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Suppressed, Verdict } from "../model/verdict.ts";
import { causesOf } from "./causes.ts";
import { countAgainstPrevious, countDifferences, type Counted } from "./counting.ts";
import { drifted, weightContext, type Memory } from "./drift.ts";
import { expectedAbsence } from "./expected-absences.ts";
import { weighObject } from "./severity.ts";
import { liveOnly, readGitSwitches, readWriteSwitches, type Marks } from "./switches.ts";
import { makerOf } from "./unmanaged.ts";

export interface DecideInput {
  readonly baseline: Baseline;
  readonly id: ResourceId;
  /** API version without the group, at which desired and live are read. */
  readonly version: string;
  /** Undefined where the current snapshot does not declare it. */
  readonly desired: DesiredObject | undefined;
  /** Desired at the settled revision, or at the last one this object was in sync with. */
  readonly previous: DesiredObject | undefined;
  /** What Git said of it last, where it does not declare it any more; undefined where nobody here saw it declared. */
  readonly lastDeclared?: DesiredObject | undefined;
  /** The same revision rendered another time, where that gave something else. */
  readonly otherRender?: DesiredObject | undefined;
  readonly live: LiveView;
  /** A problem where the kind is not served, or its schema can't be read. */
  readonly schema: KindSchema | Problem;
  readonly facts: Facts;
  /** True where the object was seen live at any time before (also before a restart, by its record). */
  readonly seenLive: boolean;
  /** Milliseconds since the epoch at which the revision that changed this object's desired was fetched. */
  readonly changedAt: number;
  /** Nobody ever declared it: it was found where the Baseline has objects looked for. */
  readonly found?: boolean | undefined;
  /** False while the snapshot has bad documents, or the source is stale: then nothing is said to be dropped from Git. */
  readonly snapshotComplete: boolean;
  /** True while documents of the snapshot cannot be used: they may declare anything. */
  readonly unreadable?: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly memory?: Memory | undefined;
  /** What dry runs of `desired` and of `previous` were answered with, where they were asked. */
  readonly learned?: Learned | undefined;
  readonly learnedBefore?: Learned | undefined;
  /** True where live was read from a server: no ownership entry at all then means it was wiped. A dump may hide them. */
  readonly tracked?: boolean | undefined;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly suppressed: readonly Suppressed[];
  readonly warnings: readonly Problem[];
  /** True where it is neither declared nor there: the Baseline may forget it. The verdict is then `in-sync`. */
  readonly gone?: boolean;
  /** Drifted where admission sets something itself, and live is not what a dry run was answered with. */
  readonly contested?: boolean;
}

/** A judgement with what was counted for it, where both sides were compared. */
export interface Looked {
  readonly decision: Decision;
  /** True values: for a plan that is made in the same breath, and for nothing else. */
  readonly counted?: Counted;
}

type Known = DecideInput & { readonly desired: DesiredObject };

const isProblem = (schema: KindSchema | Problem): schema is Problem => "code" in schema;
const plain = (verdict: Verdict, warnings: readonly Problem[] = []): Decision => ({
  verdict,
  suppressed: [],
  warnings,
});

/** Kinds the server does not serve: a 404 then says nothing about the object. */
const UNSERVED: ReadonlySet<Problem["code"]> = new Set(["kind-not-served", "version-not-served"]);

function unknown({ id }: DecideInput, problem: Problem): Decision {
  const isSecret = id.group === "" && id.kind === "Secret";
  const granted =
    isSecret && problem.code === "forbidden"
      ? {
          ...problem,
          code: "secrets-not-granted" as const,
          message: "Secrets may not be read: rbac.secrets is not `full`",
        }
      : problem;
  return plain({ kind: "unknown", problem: { object: formatId(id), ...granted } });
}

/** When it counts no more, or never: which exemption leaves out the namespace; with those that have run out. */
export function exemptionOf(
  { exempt }: Pick<Baseline, "exempt">,
  namespace: string,
  { facts, now }: Pick<DecideInput, "facts" | "now">,
): { readonly exemption?: Exemption; readonly expired: readonly Exemption[] } {
  const expired: Exemption[] = [];
  if (namespace === "" || exempt.length === 0) return { expired };
  // Every namespace carries this label, also one that is not seen.
  const labels = { ...facts.namespaceLabels(namespace), "kubernetes.io/metadata.name": namespace };
  for (const exemption of exempt) {
    const selector = parseLabelSelector(exemption.namespaceSelector);
    if (!selector.ok || !matchesLabels(selector.value, labels)) continue;
    if (exemption.until === undefined || now < exemption.until) return { exemption, expired };
    expired.push(exemption);
  }
  return { expired };
}

const gitMarks = (desired: DesiredObject): Marks => getStrings(desired.object.metadata, "annotations");

/** Annotations nobody can read, wherever they stand. Their safest reading holds; whoever wrote them should hear of it. */
function annotationWarnings({ desired, live, id }: DecideInput): readonly Problem[] {
  const git = desired === undefined ? {} : gitMarks(desired);
  const found = [
    ...readGitSwitches(git).problems,
    ...readWriteSwitches(git, "in Git").problems,
    ...(live.state === "present" && desired !== undefined
      ? readWriteSwitches(liveOnly(getStrings(live.live.object.metadata, "annotations"), git), "on the live object")
          .problems
      : []),
  ];
  return found.map((problem) => ({ ...problem, object: formatId(id) }));
}

function exclusionOf(input: DecideInput): { readonly excluded?: Decision; readonly expired: readonly Problem[] } {
  const { desired, baseline, id } = input;
  if (desired !== undefined && readGitSwitches(gitMarks(desired)).excluded)
    return {
      excluded: plain({ kind: "excluded", rule: "detect-disabled", reason: `${annotations.detect} in Git` }),
      expired: [],
    };
  const { exemption, expired } = exemptionOf(baseline, id.namespace, input);
  const told = expired.map(
    ({ namespaceSelector, reason }): Problem => ({
      code: "expired-rule",
      message: `an exemption has expired and is not used: ${namespaceSelector} (${reason})`,
      object: formatId(id),
    }),
  );
  if (exemption === undefined) return { expired: told };
  return { excluded: plain({ kind: "excluded", rule: "exempt", reason: exemption.reason }), expired: told };
}

/** Git never declared it, and so says nothing of how bad that is: what the object says of itself counts for nothing. */
function neverDeclared({ baseline }: DecideInput, live: LiveObject): Decision {
  const weight = weighObject({ desired: live.object, rows: baseline.severity });
  return plain({ kind: "unmanaged", cause: "live-edit", ...weight, made: makerOf(live) });
}

/** Git does not declare it (any more). */
function undeclared(input: DecideInput): Decision {
  const { lastDeclared, previous, live, baseline, snapshotComplete } = input;
  if (live.state === "absent") return { ...plain({ kind: "in-sync" }), gone: true };
  if (live.state === "unseen") return unknown(input, live.problem);
  if (!snapshotComplete)
    return unknown(input, {
      code: "render-failed",
      message: "not found in Git, but not everything there could be read: nothing is said to be dropped",
    });
  if (input.found === true) return neverDeclared(input, live.live);
  const known = lastDeclared ?? previous ?? declare(live.live.object, { file: "", line: 1, index: 0 });
  const weight = weighObject(weightContext(baseline, known));
  const going = terminationOf(live.live);
  return plain(
    going === undefined
      ? { kind: "unmanaged", cause: "dropped-from-git", ...weight }
      : { kind: "terminating", ...going, ...weight },
  );
}

function terminationOf({ object }: LiveObject): { since: string; finalizers: readonly string[] } | undefined {
  const since = getString(object.metadata, "deletionTimestamp");
  if (since === undefined) return undefined;
  const finalizers = getIn(object.metadata, "finalizers");
  const names = isArray(finalizers) ? finalizers.filter((name) => typeof name === "string") : [];
  return { since, finalizers: names };
}

/** Declared, and one confirming read found nothing. */
function absent({ desired, baseline, seenLive, changedAt, now }: Known): Verdict {
  const until = changedAt + baseline.gracePeriod;
  if (!seenLive && now < until) return { kind: "pending", reason: "new", until };
  const expected = expectedAbsence(desired.object);
  if (expected !== undefined) return { kind: "excluded", rule: expected.rule, reason: expected.reason };
  return {
    kind: "missing",
    cause: seenLive ? "deletion" : "rollout",
    ...weighObject(weightContext(baseline, desired)),
  };
}

function present(input: Known, live: LiveObject, schema: KindSchema): Looked {
  const { baseline, changedAt, now } = input;
  const pair = { ...input, live, schema };
  const counted = countDifferences(pair);
  const { suppressed, warnings } = counted;
  if (counted.counting.length === 0)
    return { counted, decision: { verdict: { kind: "in-sync" }, suppressed, warnings } };
  const moved = countAgainstPrevious(pair);
  const until = changedAt + baseline.gracePeriod;
  if (moved?.length === 0 && now < until)
    return { counted, decision: { verdict: { kind: "pending", reason: "changed", until }, suppressed, warnings } };
  const verdict = drifted(input, live, counted, causesOf(pair, moved));
  return { counted, decision: { verdict, suppressed, warnings, contested: counted.contested } };
}

function judge(input: DecideInput): Looked {
  const { desired, live, schema } = input;
  if (desired === undefined) return { decision: undeclared(input) };
  const known: Known = { ...input, desired };
  if (live.state === "unseen") return { decision: unknown(input, live.problem) };
  if (isProblem(schema) && (live.state === "present" || UNSERVED.has(schema.code)))
    return { decision: unknown(input, schema) };
  if (live.state === "absent" || isProblem(schema)) return { decision: plain(absent(known)) };
  const going = terminationOf(live.live);
  if (going !== undefined) {
    const weight = weighObject(weightContext(input.baseline, desired));
    return { decision: plain({ kind: "terminating", ...going, ...weight }) };
  }
  return present(known, live.live, schema);
}

export function decideWithCount(input: DecideInput): Looked {
  const { excluded, expired } = exclusionOf(input);
  const { decision, counted } = excluded === undefined ? judge(input) : { decision: excluded };
  const warnings = [...annotationWarnings(input), ...expired, ...decision.warnings];
  return { decision: { ...decision, warnings }, ...(counted === undefined ? {} : { counted }) };
}

export function decide(input: DecideInput): Decision {
  return decideWithCount(input).decision;
}

/**
 * A Baseline's conditions, as kstatus and `kubectl wait` read them. Pure. `Reconciling` and `Stalled` are abnormal-true;
 * `Compliant` is Unknown while anything is not seen, and never True by accident.
 * Source: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md; API conventions of
 * sig-architecture (lastTransitionTime moves only with `status`).
 */
import { annotations } from "../model/annotations.ts";
import { getString, isArray, type Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem, type Problem, type ProblemCode } from "../model/problem.ts";
import { formatRevision } from "../model/snapshot.ts";
import { complianceRatio, type BaselineState, type SourceGuard } from "../model/state.ts";

export type ConditionType = "Ready" | "Reconciling" | "Stalled" | "SourceReady" | "Rendered" | "Compliant";
export type ConditionStatus = "True" | "False" | "Unknown";

/** One condition before it is stamped with times and generation. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
}

/** Failures that pass by themselves; every other one waits for a person, and is stalled. */
const passing: ReadonlySet<ProblemCode> = new Set(["source-unreachable", "source-timeout", "cluster-unreachable"]);

const MESSAGE_LIMIT = 1024;
const PROBLEMS_TOLD = 10;
export const UNSEEN_TOLD = 5;
const WARNINGS_TOLD = 3;

/** `source-auth-failed` → `SourceAuthFailed`. */
export function camelCase(code: string): string {
  return code
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

/** A condition as a status holds it. */
export interface StampedCondition extends Condition {
  /** RFC 3339. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** @param previous the list as it was written before: the time of a condition moves only with its `status` */
export function stamp(
  conditions: readonly Condition[],
  previous: Json | undefined,
  generation: number,
  now: string,
): StampedCondition[] {
  const before = isArray(previous) ? previous : [];
  return conditions.map((one) => {
    const was = before.find((entry) => getString(entry, "type") === one.type);
    const since = getString(was, "status") === one.status ? getString(was, "lastTransitionTime") : undefined;
    return { ...one, lastTransitionTime: since ?? now, observedGeneration: generation };
  });
}

export const condition = (
  type: ConditionType,
  status: ConditionStatus,
  reason: string,
  message: string,
): Condition => ({
  type,
  status,
  reason,
  message: printableLine(message, MESSAGE_LIMIT),
});

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** What is the matter, and what lifts it. */
export function guardText({ message, commit }: SourceGuard): string {
  return `${message}: nothing is written until the Baseline is annotated ${annotations.approve}: ${commit}`;
}

function sourceReady({ source }: BaselineState): Condition {
  if (source.state === "waiting")
    return condition("SourceReady", "Unknown", "Fetching", "the first fetch has not ended");
  if (source.state === "failed" && source.stage !== "render") {
    const reason = camelCase(source.problem?.code ?? "source-failed");
    const stale = source.revision === undefined ? "" : `; still judging against ${formatRevision(source.revision)}`;
    const message = source.problem === undefined ? "the source failed" : formatProblem(source.problem);
    return condition("SourceReady", "False", reason, `${message}${stale}`);
  }
  const revision = source.revision === undefined ? "" : ` ${formatRevision(source.revision)}`;
  const { guard } = source;
  if (guard !== undefined && guard.asking !== true)
    return condition("SourceReady", "True", "Guarded", `fetched${revision}; ${guardText(guard)}`);
  return condition("SourceReady", "True", "Fetched", `fetched${revision}`);
}

function rendered({ source, problems }: BaselineState): Condition {
  if (source.state === "failed" && source.stage === "render") {
    const reason = camelCase(source.problem?.code ?? "render-failed");
    return condition("Rendered", "False", reason, source.problem === undefined ? "" : formatProblem(source.problem));
  }
  if (source.revision === undefined) return condition("Rendered", "Unknown", "NoRevision", "nothing is fetched yet");
  if (problems.length > 0) {
    const told = problems.slice(0, PROBLEMS_TOLD).map(formatProblem);
    const more = problems.length - told.length;
    const rest = more === 0 ? "" : `; and ${more} more`;
    const head = `${plural(problems.length, "document")} cannot be used: `;
    return condition("Rendered", "False", "DocumentsInvalid", `${head}${told.join("; ")}${rest}`);
  }
  return condition("Rendered", "True", "Rendered", `rendered ${formatRevision(source.revision)}`);
}

/** `2 objects cannot be judged: shop/robot.yaml:3: Robot shop/r2: the API server does not serve …`. */
function unseenText(count: number, unseen: readonly Problem[]): string {
  const told = unseen.slice(0, UNSEEN_TOLD).map(formatProblem);
  const more = count - told.length;
  const rest = more <= 0 || told.length === 0 ? "" : `; and ${more} more`;
  return `${plural(count, "object")} cannot be judged${told.length === 0 ? "" : `: ${told.join("; ")}`}${rest}`;
}

/** `; 2 warnings: Deployment shop/web: compare.ignore: .spec hides …`. */
function warned({ warnings: ofObjects, unsearched = [] }: BaselineState): string {
  const warnings = [...unsearched, ...ofObjects];
  if (warnings.length === 0) return "";
  const told = warnings.slice(0, WARNINGS_TOLD).map(formatProblem);
  const more = warnings.length - told.length;
  return `; ${plural(warnings.length, "warning")}: ${told.join("; ")}${more === 0 ? "" : `; and ${more} more`}`;
}

function compliant(state: BaselineState, notSeen: readonly Problem[]): Condition {
  const { counts, source, secretsNotGranted, baseline } = state;
  const ratio = complianceRatio(state);
  if (ratio === undefined || !state.judged) {
    return condition("Compliant", "Unknown", "NotJudged", "not every declared object has been judged yet");
  }
  const unseen = Math.max(0, counts.unknown - secretsNotGranted);
  const considered = counts["in-sync"] + counts.drifted + counts.missing + counts.terminating + unseen;
  const atBest = (counts["in-sync"] + unseen) / considered;
  const says = `${counts["in-sync"]} of ${considered} in sync, target ${baseline.minCompliance}`;
  const hints = warned(state);
  const blind = `${unseen === 0 ? "" : `; ${unseenText(unseen, notSeen)}`}${hints}`;
  if (atBest < baseline.minCompliance) return condition("Compliant", "False", "BelowTarget", `${says}${blind}`);
  if (unseen > 0) return condition("Compliant", "Unknown", "NotSeen", `${says}${blind}`);
  if (state.problems.length > 0) {
    const what = `${plural(state.problems.length, "document")} cannot be used`;
    return condition("Compliant", "Unknown", "DocumentsInvalid", `${what}; of the others, ${says}${hints}`);
  }
  if (source.state === "failed") {
    return condition(
      "Compliant",
      "Unknown",
      "SourceStale",
      `${says}, as of the last revision that could be read${hints}`,
    );
  }
  return condition("Compliant", "True", "OnTarget", `${says}${hints}`);
}

function stalled({ source }: BaselineState, blocking: Condition | undefined): Condition {
  const waits = source.state === "failed" && source.problem !== undefined && !passing.has(source.problem.code);
  const invalid = blocking?.reason === "DocumentsInvalid";
  if (blocking !== undefined && (waits || invalid)) {
    return condition("Stalled", "True", blocking.reason, blocking.message);
  }
  return condition("Stalled", "False", "NotStalled", "nothing waits for a person");
}

function reconciling(state: BaselineState, stalledNow: boolean): Condition {
  if (state.source.rollback?.phase === "rendering")
    return condition("Reconciling", "True", "RollingBack", "the revision to roll back to is being rendered");
  const busy = !stalledNow && !state.baseline.suspend && (!state.judged || state.source.state !== "ready");
  if (!busy) return condition("Reconciling", "False", "Idle", "nothing is under way");
  const reason = state.source.state === "failed" ? "Retrying" : "Judging";
  const message = reason === "Retrying" ? "the source is tried again" : "declared objects are being judged";
  return condition("Reconciling", "True", reason, message);
}

/** `rolled back to main@sha1:… until 2026-… instead of main@sha1:…: the shop is down; `. */
function rollbackText({ source: { rollback, revision } }: BaselineState): string {
  if (rollback === undefined || rollback.phase === "rendering") return "";
  const { commit, problem, instead, until, automatic } = rollback;
  if (rollback.phase === "failed")
    return `cannot be rolled back to ${commit.slice(0, 12)}: ${problem === undefined ? "" : formatProblem(problem)}; `;
  const named = revision === undefined ? commit : formatRevision(revision);
  const ref = instead === undefined ? "" : ` instead of ${formatRevision(instead)}`;
  const why = rollback.reason === "" ? "" : `: ${rollback.reason}`;
  const end = Number.isFinite(until) ? new Date(until).toISOString() : "";
  return `rolled back${automatic ? " by remediation.onUnhealthy" : ""} to ${named} until ${end}${ref}${why}; `;
}

function ready(state: BaselineState, blocking: Condition | undefined): Condition {
  const suspended = `${state.baseline.suspend ? "suspended: nothing is fetched or written; " : ""}${rollbackText(state)}`;
  const word = (reason: string): string => (state.baseline.suspend ? "Suspended" : reason);
  if (blocking !== undefined) {
    return condition("Ready", "False", word(blocking.reason), `${suspended}${blocking.message}`);
  }
  if (state.source.revision === undefined || !state.judged) {
    const message =
      state.source.revision === undefined ? "nothing is fetched yet" : "declared objects are being judged";
    return condition("Ready", "Unknown", word("Progressing"), `${suspended}${message}`);
  }
  const total = Object.values(state.counts).reduce((sum, count) => sum + count, 0);
  const says = `${plural(total, "object")} judged at ${formatRevision(state.source.revision)}`;
  const { rollback } = state.source;
  const reason =
    rollback?.phase === "in-force" ? "RolledBack" : rollback?.phase === "failed" ? "RollbackFailed" : "Judged";
  return condition("Ready", "True", word(reason), `${suspended}${says}`);
}

/**
 * All six, in the order people read them.
 * @param unseen why declared objects cannot be judged, with object, file and line; Secrets not granted left out
 */
export function conditionsOf(state: BaselineState, unseen: readonly Problem[] = []): readonly Condition[] {
  const source = sourceReady(state);
  const render = rendered(state);
  const blocking = [source, render].find((entry) => entry.status === "False");
  const stall = stalled(state, blocking);
  return [
    ready(state, blocking),
    reconciling(state, stall.status === "True"),
    stall,
    source,
    render,
    compliant(state, unseen),
  ];
}

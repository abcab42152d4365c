/**
 * Which transitions are told as Events, and in which words. Pure: a table of what an episode step means, and the
 * warnings a judgement carries. Values in notes come from changes, which are redacted when they are made.
 */
import type { BaselineKey } from "../model/snapshot.ts";
import type { SourceState } from "../model/state.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import { formatId } from "../model/resource.ts";
import { describe, describeChanges } from "../verdict/describe.ts";
import { guardText } from "./conditions.ts";
import { stepOf } from "./episodes.ts";
import type { Announcement } from "./ports.ts";

const CHANGES_TOLD = 5;

/** `Deployment shop/web drifted …; .spec.replicas: 3 → 5; …` */
export function noteOf(judgement: Pick<Judgement, "id" | "verdict">): string {
  return [describe(judgement), ...describeChanges(judgement, CHANGES_TOLD)].join("; ");
}

function about(transition: Transition, judgement: Judgement | undefined): Omit<Announcement, "reason" | "note"> {
  return {
    baseline: transition.baseline,
    id: transition.id,
    at: transition.at,
    ...(judgement === undefined ? {} : { version: judgement.version }),
    ...(judgement?.uid === undefined ? {} : { uid: judgement.uid }),
  };
}

/** Milliseconds. Replicas see one thing within moments of each other. */
const MOMENT = 60_000;

/**
 * The version of the object that was judged, or the uid of one that is gone: every replica sees the same. With the
 * minute, for one version may drift, be excused and drift again. Of what nobody saw alive neither is known.
 */
function momentOf({ before, after, at }: Transition): Pick<Announcement, "moment"> {
  const seen = after?.resourceVersion ?? before?.uid;
  return seen === undefined ? {} : { moment: `${seen} ${Math.floor(at / MOMENT)}` };
}

const endings = {
  "in-sync": "is as declared again",
  gone: "is gone, as declared",
  "set-aside": "no longer counts as drifted",
} as const;

function ofStep(transition: Transition): readonly Announcement[] {
  const step = stepOf(transition);
  if (step.kind === "none") return [];
  if (step.kind === "ended") {
    // Declared no more while it stood, or its Baseline is gone: nobody put anything right.
    if (step.how === "left") return [];
    const judgement = transition.after ?? step.before;
    const note = `${formatId(transition.id)} ${endings[step.how]}`;
    return [{ ...about(transition, judgement), ...momentOf(transition), reason: "DriftResolved", note }];
  }
  const { judgement } = step;
  const reason = judgement.verdict.kind === "missing" ? "Missing" : "Drifted";
  return [{ ...about(transition, judgement), ...momentOf(transition), reason, note: noteOf(judgement) }];
}

/** Problems that were not there before, in one sentence: an object has one Event of a reason. */
function ofWarnings(transition: Transition): readonly Announcement[] {
  const { before, after } = transition;
  if (after === undefined || transition.replayed) return [];
  const known = new Set(before?.warnings.map((warning) => warning.message));
  const news = after.warnings.filter(({ code, message }) => code === "invalid-annotation" && !known.has(message));
  if (news.length === 0) return [];
  return [{ ...about(transition, after), reason: "InvalidAnnotation", note: news.map(formatProblem).join("; ") }];
}

const blind = new Set(["forbidden", "secrets-not-granted"]);

/** What we may not see is told on the Baseline, once for all objects of the kind. */
function ofBlindness(transition: Transition): readonly Announcement[] {
  const { before, after, baseline, at } = transition;
  if (after?.verdict.kind !== "unknown" || transition.replayed || !blind.has(after.verdict.problem.code)) return [];
  const { code, message } = after.verdict.problem;
  if (before?.verdict.kind === "unknown" && before.verdict.problem.code === code) return [];
  return [{ reason: "PermissionMissing", baseline, note: message, at }];
}

/** Why what Git never declared is not looked for everywhere: what a right would put right. */
export function ofLimits(key: BaselineKey, limits: readonly Problem[], at: number): readonly Announcement[] {
  return limits
    .filter(({ code }) => blind.has(code))
    .map(({ message }): Announcement => ({ reason: "PermissionMissing", baseline: key, note: message, at }));
}

export function announcementsOf(transition: Transition): readonly Announcement[] {
  return [...ofStep(transition), ...ofWarnings(transition), ...ofBlindness(transition)];
}

/** What identifies one failure of a source; undefined while there is none. */
export function failureOf(source: SourceState): string | undefined {
  return source.state === "failed" && source.problem !== undefined
    ? `${source.stage} ${source.problem.code} ${source.problem.message}`
    : undefined;
}

export function ofSource(key: BaselineKey, source: SourceState, at: number): Announcement | undefined {
  if (source.state !== "failed" || source.problem === undefined) return undefined;
  const reason = source.stage === "render" ? "RenderFailed" : "SourceFailed";
  return { reason, baseline: key, note: formatProblem(source.problem), at };
}

/** What identifies one guard of a source; undefined while there is none, or while Git is still being asked. */
export function guardIn({ guard }: SourceState): string | undefined {
  return guard === undefined || guard.asking === true ? undefined : `${guard.reason} ${guard.commit}`;
}

export function ofGuard(key: BaselineKey, { guard }: SourceState, at: number): Announcement | undefined {
  return guard === undefined ? undefined : { reason: "SourceGuarded", baseline: key, note: guardText(guard), at };
}

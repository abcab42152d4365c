/** When an object is tried again, and when it is not any more. Knows no server: it is told what was answered. */
import type { ApiAnswer } from "../model/api.ts";
import type { Judgement } from "../model/verdict.ts";
import { backoff, type Clock } from "../runtime/clock.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";
import type { Attempts } from "./heal-ledger.ts";
import type { HealResult } from "./heal-result.ts";
import { isTransient } from "./writer.ts";

/** Milliseconds. */
export const soon = 200;
/** A controller's status write is what mostly beats ours, and the watch brings it within this. */
export const moment = 10;
export const recheck = 5_000;
/** How long the watch may take to bring our own write before it is thought lost. */
const PATIENCE = 5_000;
const RETRY = { base: 500, cap: 60_000 };
/** What was refused until it was given up is tried again now and then: a quota may have been raised, a policy mended. */
export const trials = { base: 600_000, cap: 3_600_000 };
/** The reason of an answer that never came. */
const UNREACHABLE = "Unreachable";

export const versionOf = (plan: HealPlan): string => (plan.kind === "create" ? "" : plan.resourceVersion);

/** What is being put back: attempts at another drift, or at another revision, start over. */
export function drifting({ verdict, desiredHash, uid, revision }: Judgement): string {
  const paths = verdict.kind === "drifted" ? verdict.changes.map(({ op, pointer }) => `${op} ${pointer}`).sort() : [];
  return [verdict.kind, desiredHash ?? "", uid ?? "", revision?.commit ?? "", ...paths].join("\n");
}

/** How many of its lines say what it is, and not what differs of it. */
const OF_WHAT = 4;

/** True where it is the same object, and Git says the same of it, whatever differs. */
export function isOfSame(drift: string, other: string): boolean {
  const what = (text: string): string => text.split("\n", OF_WHAT).join("\n");
  return what(drift) === what(other);
}

/**
 * Milliseconds for which the watch is to bring what became of our own write; 0: it has, or there was none.
 * @param version of the object as it is seen; "" where it is absent
 */
export function pauseForWatch(awaiting: Attempts["awaiting"], version: string, now: number): number {
  if (awaiting === undefined || awaiting.from !== version) return 0;
  // Not every version the watch brings is told as a transition: looked at again soon, then less often.
  if (awaiting.until > now) return Math.min(soon, Math.max(moment, now - (awaiting.until - PATIENCE)));
  // A version that was written over never comes back: until the watch is there again, a patch can only conflict.
  return version === "" ? 0 : recheck;
}

export const isGivenUp = (attempts: Attempts, retries: number): boolean => attempts.count > retries;

/** Nothing refused our writes, and they did not last: one more would be undone like the others. */
export const isFutile = (attempts: Attempts, retries: number): boolean =>
  isGivenUp(attempts, retries) && !attempts.passing && !attempts.refused;

export interface Answered {
  readonly answer: ApiAnswer;
  readonly result: HealResult;
  readonly plan: HealPlan;
  /** `remediation.limits.retries`. */
  readonly retries: number;
}

/** Takes note of what a write, or its rehearsal, was answered with. Milliseconds until the next try. */
export function noteAnswer(
  attempts: Attempts,
  { answer, result, plan, retries }: Answered,
  clock: Pick<Clock, "monotonic" | "random">,
): number {
  const now = clock.monotonic();
  const unheard = !answer.ok && (answer.status === 429 || (answer.status === 0 && answer.reason === UNREACHABLE));
  attempts.unheard = unheard ? attempts.unheard + 1 : 0;
  // A namespace that is not there may come.
  attempts.passing = !answer.ok && (isTransient(answer) || (plan.kind === "create" && answer.status === 404));
  attempts.refused = !answer.ok && result.result !== "conflict";
  if (result.result === "conflict" || result.result === "applied")
    attempts.awaiting = { from: versionOf(plan), until: now + PATIENCE };
  // Somebody else was there first; the watch brings what they did. It is no attempt that failed.
  if (result.result === "conflict") return moment;
  attempts.denials = result.missing === undefined ? 0 : attempts.denials + 1;
  if (result.missing !== undefined) return soon;
  // No answer, or no time for us, says nothing about this object, however often.
  if (!unheard) attempts.count += 1;
  const asked = !answer.ok && answer.retryAfter !== undefined ? answer.retryAfter : 0;
  const over = attempts.count - retries;
  const pause =
    over > 0 && attempts.refused && !attempts.passing
      ? Math.min(trials.cap, trials.base * 2 ** (over - 1))
      : Math.max(asked, backoff(clock, attempts.count + attempts.unheard - 1, RETRY.base, RETRY.cap));
  attempts.notBefore = now + pause;
  return pause;
}

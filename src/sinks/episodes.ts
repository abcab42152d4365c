/**
 * One episode of drift is the time from an object ceasing to be as declared to its being so again, whatever it went
 * through in between: drifted → missing is one, and so is drifted → unknown → drifted while the API server was away
 * (the engine keeps what stood before it went blind as `before`). Metrics and Events count episodes. Pure.
 */
import { isStanding, type Judgement, type StandingKind, type Transition, type Verdict } from "../model/verdict.ts";

export type Standing = Judgement & { readonly verdict: Extract<Verdict, { kind: StandingKind }> };

export function stands(judgement: Judgement | undefined): judgement is Standing {
  return judgement !== undefined && isStanding(judgement.verdict);
}

/** What a transition means for its episode. */
export type Step =
  | { readonly kind: "none" }
  | { readonly kind: "began"; readonly judgement: Standing }
  /** It stands still, otherwise than before. */
  | { readonly kind: "moved"; readonly judgement: Standing; readonly before: Standing }
  /** In sync; gone as declared (dropped from Git or being deleted); set aside (excluded, pending); or left undecided. */
  | { readonly kind: "ended"; readonly how: "in-sync" | "gone" | "set-aside" | "left"; readonly before: Standing };

const none: Step = { kind: "none" };

/** What Git never declared and nobody looks for any more may be there still; what is somebody's now no longer counts. */
const endings = { gone: "gone", claimed: "set-aside", unsearched: "left" } as const;

function endOf({ left }: Transition, before: Standing, after: Judgement | undefined): Step {
  if (after?.verdict.kind === "unknown") return none;
  if (after?.verdict.kind === "in-sync") return { kind: "ended", how: "in-sync", before };
  if (after !== undefined) return { kind: "ended", how: "set-aside", before };
  if (left !== undefined) return { kind: "ended", how: endings[left], before };
  const { kind } = before.verdict;
  return { kind: "ended", how: kind === "unmanaged" || kind === "terminating" ? "gone" : "left", before };
}

/** What a restart replays is no step: it was announced before. */
export function stepOf(transition: Transition): Step {
  const { before, after, replayed } = transition;
  if (replayed) return none;
  if (!stands(before)) return stands(after) ? { kind: "began", judgement: after } : none;
  return stands(after) ? { kind: "moved", judgement: after, before } : endOf(transition, before, after);
}

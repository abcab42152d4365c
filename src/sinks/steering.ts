/** What of a Baseline may let a write through that was held before, or hold one: its settings, annotations and source. */
import type { BaselineState } from "../model/state.ts";

type Steered = Pick<BaselineState, "baseline" | "source">;

/** What people said, of all that steers: settings and annotations, and that it was to be checked now. */
export function wordsOf({ baseline }: Pick<Steered, "baseline">): string {
  const { uid, generation, remediate, pauseUntil, windowsOpenUntil, approvedCommit, requestedAt } = baseline;
  return [uid, generation, remediate, pauseUntil, windowsOpenUntil, approvedCommit, requestedAt].join(" ");
}

/** Another text, and everything that waits is looked at again. Annotations steer too, and move no generation. */
export function steeringOf({ baseline, source }: Steered): string {
  const { state, revision, guard, rollback } = source;
  const trusted = [state, revision?.commit, guard?.commit, guard?.asking, rollback?.phase];
  return [wordsOf({ baseline }), ...trusted].join(" ");
}

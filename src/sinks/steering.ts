/** What of a Baseline may let a write through that was held before, or hold one: its settings, annotations and source. */
import type { BaselineState } from "../model/state.ts";

/** Another text, and everything that waits is looked at again. Annotations steer too, and move no generation. */
export function steeringOf({ baseline, source }: Pick<BaselineState, "baseline" | "source">): string {
  const { uid, generation, remediate, pauseUntil, windowsOpenUntil, approvedCommit } = baseline;
  const { state, revision, guard, rollback } = source;
  const asked = [remediate, pauseUntil, windowsOpenUntil, approvedCommit];
  const trusted = [state, revision?.commit, guard?.commit, guard?.asking, rollback?.phase];
  return [uid, generation, ...asked, ...trusted].join(" ");
}

/** How one attempt to fetch and render a Baseline's source ended. */
import type { Problem } from "./problem.ts";
import type { Revision, Snapshot } from "./snapshot.ts";

export type RenderOutcome =
  | { readonly kind: "rendered"; readonly snapshot: Snapshot }
  /** The ref still names the revision rendered last. `fetchedAt`: milliseconds since the epoch. */
  | { readonly kind: "unchanged"; readonly revision: Revision; readonly fetchedAt: number }
  /** The last good snapshot stays in force, and is stale. `at`: milliseconds since the epoch. */
  | { readonly kind: "failed"; readonly stage: "source" | "render"; readonly problem: Problem; readonly at: number };

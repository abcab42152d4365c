/**
 * Every leg of `npm run truth`, in the order in which they run: `object-level` takes away what it has looked at, and
 * `kubectl-diff`, which edits for good, passes over what is not as it was.
 */
import { attribution } from "./attribution.ts";
import { defaults } from "./defaults/defaults-leg.ts";
import { equivalence } from "./equivalence.ts";
import { identity } from "./identity.ts";
import { kubectlDiff } from "./kubectl-diff/leg.ts";
import type { Leg } from "./leg.ts";
import { mutation } from "./mutation.ts";
import { objectLevel } from "./object-level.ts";

export const legs: readonly Leg[] = [defaults, identity, equivalence, mutation, attribution, objectLevel, kubectlDiff];

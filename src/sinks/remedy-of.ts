/** Puts together what the verdict room asks for to decide whether to act, from one reading of both sides. Pure. */
import { getStrings, type Json } from "../model/json.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Verdict } from "../model/verdict.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { decideRemedy, type Remedy } from "../verdict/remedy.ts";
import type { Held } from "./heal-log.ts";

export interface Circumstances {
  readonly input: DecideInput;
  /** On exactly this input. */
  readonly verdict: Verdict;
  readonly liveOptIn: boolean;
  readonly missing: string | undefined;
  readonly approved: boolean;
  readonly held: Held | undefined;
  readonly otherClaimants: readonly BaselineKey[];
}

const annotationsOf = (object: Json | undefined): Readonly<Record<string, string>> =>
  getStrings(object, "metadata", "annotations");

export function remedyOf(circumstances: Circumstances): Remedy {
  const { input, verdict, held } = circumstances;
  const { baseline, id, desired, previous, live, facts, now } = input;
  return decideRemedy({
    baseline,
    id,
    verdict,
    gitAnnotations: desired === undefined ? undefined : annotationsOf(desired.object),
    gitLabels: desired === undefined ? undefined : getStrings(desired.object, "metadata", "labels"),
    liveAnnotations: live.state === "present" ? annotationsOf(live.live.object) : undefined,
    namespaceAnnotations: id.namespace === "" ? undefined : facts.namespaceAnnotations(id.namespace),
    liveOptIn: circumstances.liveOptIn,
    missingPermission: circumstances.missing,
    // Live matched what Git says now at least once: what is seen is no rollout that has not arrived.
    settled: desired !== undefined && previous?.hash === desired.hash,
    approved: circumstances.approved,
    ...(held === undefined ? {} : { held }),
    otherClaimants: circumstances.otherClaimants,
    now,
  });
}

/** Puts together what the verdict room asks for to decide whether to act, from one reading of both sides. Pure. */
import { getIn, getString, getStrings, isArray, type Json } from "../model/json.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Verdict } from "../model/verdict.ts";
import { areAutoscalersUnseen } from "../verdict/autoscalers.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { decideRemedy, type OwnObjects, type Remedy, type RemedyInput } from "../verdict/remedy.ts";

export interface Circumstances
  extends Pick<
    RemedyInput,
    "plan" | "destroys" | "guard" | "mass" | "worsened" | "owed" | "approvedBy" | "claimed" | "alsoDeclared" | "stale"
  > {
  readonly input: DecideInput;
  /** On exactly this input. */
  readonly verdict: Verdict;
  readonly liveOptIn: boolean;
  /** Its namespace was made by this Baseline just now. */
  readonly namespaceMade?: boolean;
  /** A tenant's Baseline that names no account to write as. */
  readonly lacksAccount?: boolean;
  readonly missing: string | undefined;
  readonly approved: boolean;
  readonly held: RemedyInput["held"] | undefined;
  readonly otherClaimants: readonly BaselineKey[];
  readonly own: OwnObjects;
}

type Marks = Readonly<Record<string, string>>;

const annotationsOf = (object: Json | undefined): Marks => getStrings(object, "metadata", "annotations");
const labelsOf = (object: Json | undefined): Marks => getStrings(object, "metadata", "labels");

function finalizersOf(object: Json): readonly string[] {
  const found = getIn(object, "metadata", "finalizers");
  return isArray(found) ? found.filter((name) => typeof name === "string") : [];
}

function namespaceOf(
  { facts, id: { namespace } }: DecideInput,
  made: boolean,
): Pick<RemedyInput, "namespaceTerminating" | "namespaceAbsent"> {
  if (namespace === "") return {};
  const view = facts.live({ group: "", kind: "Namespace", namespace: "", name: namespace }, "v1");
  return {
    namespaceTerminating:
      view.state === "present" && getString(view.live.object.metadata, "deletionTimestamp") !== undefined,
    namespaceAbsent: view.state === "absent" && !made,
  };
}

/**
 * This Baseline was seen to declare it, and it is the very object that was as declared: not one that somebody made since.
 * What was dropped before a restart is not claimed: what Git said of it last, `prune: disabled` perhaps, nobody knows.
 */
function isClaimed({ lastDeclared, live, memory }: DecideInput): boolean {
  const known = memory?.uid ?? "";
  return lastDeclared !== undefined && (known === "" || live.state !== "present" || live.live.uid === known);
}

export function remedyOf(circumstances: Circumstances): Remedy {
  const { input, verdict, held, plan, destroys, guard, mass, worsened, owed } = circumstances;
  const { baseline, id, desired, lastDeclared, previous, live, facts, now } = input;
  // What Git dropped: its last word on the object still counts.
  const declared = (desired ?? lastDeclared ?? previous)?.object;
  const object = live.state === "present" ? live.live.object : undefined;
  return decideRemedy({
    baseline,
    id,
    verdict,
    gitAnnotations: declared === undefined ? undefined : annotationsOf(declared),
    gitLabels: declared === undefined ? undefined : labelsOf(declared),
    liveAnnotations: object === undefined ? undefined : annotationsOf(object),
    liveLabels: object === undefined ? undefined : labelsOf(object),
    liveFinalizers: object === undefined ? [] : finalizersOf(object),
    namespaceAnnotations: id.namespace === "" ? undefined : facts.namespaceAnnotations(id.namespace),
    ...namespaceOf(input, circumstances.namespaceMade === true),
    autoscalersUnseen: areAutoscalersUnseen(verdict, facts),
    liveOptIn: circumstances.liveOptIn,
    lacksAccount: circumstances.lacksAccount,
    missingPermission: circumstances.missing,
    // Live matched what Git says now at least once: what is seen is no rollout that has not arrived.
    // What is owed of a recreation was seen settled before its first half.
    settled: owed === true || (desired !== undefined && previous?.hash === desired.hash),
    approved: circumstances.approved,
    approvedBy: circumstances.approvedBy,
    ...(held === undefined ? {} : { held }),
    otherClaimants: circumstances.otherClaimants,
    alsoDeclared: circumstances.alsoDeclared,
    stale: circumstances.stale,
    unreadable: input.unreadable,
    plan,
    destroys,
    guard,
    mass,
    worsened,
    owed,
    own: circumstances.own,
    claimed: circumstances.claimed ?? isClaimed(input),
    now,
  });
}

/**
 * What the operator would do about one Drift record, foreseen with its own planning and its own decision. What only it
 * knows (limits, breakers, how health fared, who it itself is) is taken from what it wrote into the record.
 */
import { annotations } from "../../model/annotations.ts";
import { parseTime } from "../../model/time.ts";
import { getIn, getString, isArray, type Json } from "../../model/json.ts";
import { idKey, type KubeObject, type ResourceId } from "../../model/resource.ts";
import { baselineKey, type BaselineKey } from "../../model/snapshot.ts";
import type { SourceGuard } from "../../model/state.ts";
import { isStray, type Verdict } from "../../model/verdict.ts";
import { waitReasons } from "../../sinks/ports.ts";
import { remedyOf } from "../../sinks/remedy-of.ts";
import { decide, type DecideInput } from "../../verdict/decide.ts";
import { planHeal, type HealPlan } from "../../verdict/heal-plan.ts";
import {
  noOwnObjects,
  type NeverReason,
  type Remedy,
  type RemedyInput,
  type WaitReason,
} from "../../verdict/remedy.ts";
import { caveatsOf } from "./caveats.ts";

/** As the record tells it, where the operator alone can know. */
interface Recorded {
  readonly state: string;
  readonly waitingFor: WaitReason | undefined;
  readonly message: string;
  readonly until: number | undefined;
}

export interface Foreseen {
  readonly verdict: Verdict;
  readonly plan: HealPlan | undefined;
  readonly remedy: Foresight;
  /** What may make it come otherwise, a sentence each. */
  readonly caveats: readonly string[];
}

export type Foresight =
  | { readonly do: "heal"; readonly asked: string; readonly risk: "ordinary" | "high" }
  | { readonly do: "wait"; readonly reason: WaitReason; readonly until?: number; readonly message: string }
  | { readonly do: "never"; readonly reason: NeverReason | "recorded"; readonly message: string };

function readRecorded(record: Json): Recorded {
  const said = getString(record, "remediation", "waitingFor");
  return {
    state: getString(record, "remediation", "state") ?? "",
    waitingFor: waitReasons.find((reason) => reason === said),
    message: getString(record, "remediation", "message") ?? "",
    until: parseTime(getString(record, "remediation", "waitsUntil") ?? ""),
  };
}

/** Only its keepers know these; the others are decided here, from what is there now. */
const kept = ["fight", "limit"] as const;

function heldBy({ waitingFor, message, until }: Recorded): RemedyInput["held"] {
  const reason = kept.find((one) => one === waitingFor);
  return reason === undefined ? undefined : { reason, message, ...(until === undefined ? {} : { until }) };
}

function guardOf(baseline: Json): SourceGuard | undefined {
  const guard = getIn(baseline, "status", "source", "guard");
  const [reason, commit] = [getString(guard, "reason"), getString(guard, "commit")];
  if ((reason !== "Shrunk" && reason !== "Rewritten") || commit === undefined) return undefined;
  return { reason, commit, message: getString(guard, "message") ?? "" };
}

/** @param strays of the unmanaged, those that Git never declared */
function massOf(baseline: Json, strays: number): RemedyInput["mass"] {
  const count = (name: string): number => {
    const found = getIn(baseline, "status", "objects", name);
    return typeof found === "number" ? found : 0;
  };
  const standing = count("drifted") + count("missing") + count("terminating") + count("unmanaged");
  return { standing: standing - strays, total: count("total") - strays };
}

/** Other Baselines with a record of the same object. */
export function claimantsOf(records: readonly KubeObject[], id: ResourceId, self: BaselineKey): readonly BaselineKey[] {
  const found = records.flatMap((record) => {
    const [namespace, name] = [getString(record.metadata, "namespace"), getString(record, "baseline")];
    if (namespace === undefined || name === undefined || idKey(idOfRecord(record)) !== idKey(id)) return [];
    return [baselineKey(namespace, name)];
  });
  return [...new Set(found)].filter((key) => key !== self);
}

/** Of the records of a Baseline, those of what Git never declared. */
export function straysOf(records: readonly KubeObject[], self: BaselineKey): number {
  return records.filter(
    (record) =>
      baselineKey(getString(record.metadata, "namespace") ?? "", getString(record, "baseline") ?? "") === self &&
      record["verdict"] === "unmanaged" &&
      record["cause"] !== "dropped-from-git",
  ).length;
}

export function idOfRecord(record: Json): ResourceId {
  const part = (name: string): string => getString(record, "object", name) ?? "";
  return { group: part("group"), kind: part("kind"), namespace: part("namespace"), name: part("name") };
}

const nothing: Foresight = { do: "never", reason: "nothing-to-do", message: "no write would put it right" };

/** What the operator saw and this process does not: its refusal stands where nothing here says why. */
function believed(remedy: Remedy, recorded: Recorded, plan: HealPlan | undefined, approved: boolean): Foresight {
  if (remedy.do !== "heal") return remedy;
  if (plan === undefined) return nothing;
  const { waitingFor, message, until, state } = recorded;
  if (state === "not-allowed") return { do: "never", reason: "recorded", message };
  // What Git said last of what it dropped, only the operator saw; of all else the switches are read here, as they are now.
  const isSwitch = waitingFor === "opt-out" || waitingFor === "pause";
  const isOlder = waitingFor === "window" || (isSwitch && plan.kind !== "delete");
  if (waitingFor === undefined || isOlder || (waitingFor === "approval" && approved)) return remedy;
  return { do: "wait", reason: waitingFor, message, ...(until === undefined ? {} : { until }) };
}

export interface ForeseeInput {
  readonly input: DecideInput;
  readonly record: KubeObject;
  /** The Baseline as the cluster has it. */
  readonly baseline: KubeObject;
  readonly otherClaimants: readonly BaselineKey[];
  /** How many objects are recorded as unmanaged that Git never declared. */
  readonly strays?: number;
  /** What the Baseline's account may not do, where it could be asked. */
  readonly missing: string | undefined;
}

export function foresee({ input, record, baseline, otherClaimants, strays = 0, missing }: ForeseeInput): Foreseen {
  const { verdict } = decide(input);
  const plan = planHeal(input);
  const recorded = readRecorded(record);
  const approved = getIn(record.metadata, "annotations", annotations.approve);
  const contentHash = getString(record, "contentHash") ?? "";
  const owed =
    verdict.kind === "missing" && contentHash !== "" && getString(record, "remediation", "owed") === contentHash;
  const isApproved = owed || (typeof approved === "string" && approved !== "" && approved === contentHash);
  const remedy = remedyOf({
    input,
    verdict,
    liveOptIn: true,
    missing,
    approved: isApproved,
    owed,
    held: heldBy(recorded),
    otherClaimants,
    plan: plan?.kind,
    destroys: plan?.kind === "recreate" ? plan.destroys : undefined,
    guard: guardOf(baseline),
    mass: massOf(baseline, strays),
    // Who the operator is, only it knows: what it keeps its hands off for that, its record says.
    own: noOwnObjects,
    // A record of what Git dropped is made only for what this Baseline declared.
    claimed: !isStray(verdict),
  });
  const foresight = believed(remedy, recorded, plan, isApproved);
  return { verdict, plan, remedy: foresight, caveats: caveatsOf({ plan, remedy: foresight, record }) };
}

/** True where Git and live could have agreed since Git last changed, as far as the record tells. */
export function wasSettled(record: Json, revision: string | undefined): boolean {
  const changes = getIn(record, "changes");
  const causes = [
    getString(record, "cause"),
    ...(isArray(changes) ? changes.map((one) => getString(one, "cause")) : []),
  ];
  const isOfGit = causes.some((cause) => cause === "rollout" || cause === "dropped-from-git");
  return (
    !isOfGit &&
    getString(record, "remediation", "waitingFor") !== "rollout" &&
    getString(record, "revision") === revision
  );
}

/**
 * Whether Plumbline acts on one object now: drift semantics, section 7, and the mode ladder, as one pure function with
 * a truth table. It decides and never writes. `disabled` anywhere on the object wins; a malformed value is read as the
 * safest one and reported.
 */
import { annotations } from "../model/annotations.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import type { ResourceId } from "../model/resource.ts";
import type { Cause, Change, Verdict } from "../model/verdict.ts";
import { optOutOf, type Act } from "./other-tools.ts";
import { liveOnly, readWriteSwitches, type WriteSwitches } from "./switches.ts";

/** The label values of `plumbline_remediations_waiting`. */
export type WaitReason = "opt-out" | "pause" | "window" | "approval" | "fight" | "permission" | "limit" | "rollout";

export type NeverReason =
  /** Nothing stands, or nothing that a write could put right. */
  | "nothing-to-do"
  /** Observe or Alert. */
  | "mode"
  | "suspended"
  /** The verdict's cause is not among `remediation.causes`. */
  | "cause"
  /** Scope OptIn, and neither the object nor its namespace opted in. */
  | "not-opted-in"
  /** It would take a delete, and `remediation.prune` is false. */
  | "prune-off";

type Annotations = Readonly<Record<string, string>>;

export interface RemedyInput {
  readonly baseline: Baseline;
  readonly id: ResourceId;
  readonly verdict: Verdict;
  /** Annotations of the object as Git declares it; undefined where Git does not. */
  readonly gitAnnotations: Annotations | undefined;
  /** Labels of the object as Git declares it: some tools opt out by label. */
  readonly gitLabels?: Annotations | undefined;
  /** Annotations of the live object; undefined where there is none. */
  readonly liveAnnotations: Annotations | undefined;
  /** Undefined where the namespace is not seen, or there is none. */
  readonly namespaceAnnotations: Annotations | undefined;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  /** The verb we lack, `patch deployments.apps in shop`; undefined where we may. */
  readonly missingPermission?: string | undefined;
  /** False until live has matched the current desired once since it last changed. */
  readonly settled: boolean;
  /** The Drift carries `plumbline.dev/approve` with its current content hash. */
  readonly approved?: boolean | undefined;
  /** Closed windows, open breakers and exhausted limits, as their keepers found them; `until` in epoch ms. */
  readonly held?: { readonly reason: "window" | "fight" | "limit"; readonly until?: number; readonly message: string };
  /** Other Baselines that declare the object and may patch it. */
  readonly otherClaimants?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Remedy =
  | { readonly do: "heal"; readonly warnings: readonly Problem[] }
  | {
      readonly do: "wait";
      readonly reason: WaitReason;
      /** Milliseconds since the epoch at which asking again makes sense; undefined where no time helps. */
      readonly until?: number;
      /** One sentence for a person. */
      readonly message: string;
      readonly warnings: readonly Problem[];
    }
  | {
      readonly do: "never";
      readonly reason: NeverReason;
      readonly message: string;
      readonly warnings: readonly Problem[];
    };

interface Never {
  readonly do: "never";
  readonly reason: NeverReason;
  readonly message: string;
}
interface Wait {
  readonly do: "wait";
  readonly reason: WaitReason;
  readonly until?: number;
  readonly message: string;
}
type Objection = Never | Wait;

interface Asked extends RemedyInput {
  readonly act: Act | undefined;
  readonly git: WriteSwitches;
  readonly live: WriteSwitches;
  readonly namespace: WriteSwitches;
}

const never = (reason: NeverReason, message: string): Never => ({ do: "never", reason, message });
const wait = (reason: WaitReason, message: string, until?: number): Wait => ({
  do: "wait",
  reason,
  message,
  ...(until === undefined || until === Number.POSITIVE_INFINITY ? {} : { until }),
});

/** What a write would be: none for what is as declared, not known, or on its way out already. */
export function actOf(verdict: Verdict): Act | undefined {
  switch (verdict.kind) {
    case "drifted":
      return "patch";
    case "missing":
      return "create";
    case "unmanaged":
      return "delete";
    default:
      return undefined;
  }
}

/** The changes that may be healed for their cause; the others stay as they are. */
export function changesToHeal(verdict: Verdict, baseline: Baseline): readonly Change[] {
  if (verdict.kind !== "drifted") return [];
  return verdict.changes.filter((change) => listed(baseline, change.cause));
}

function listed(baseline: Baseline, cause: Cause): boolean {
  return baseline.remediation.causes.some((one) => one === cause);
}

function byLadder({ act, baseline, verdict }: Asked): Objection | undefined {
  if (act === undefined)
    return never(
      "nothing-to-do",
      verdict.kind === "terminating" ? "it is being deleted: no write puts that right" : `it is ${verdict.kind}`,
    );
  if (baseline.mode !== "Remediate") return never("mode", `the Baseline's mode is ${baseline.mode}`);
  return baseline.suspend ? never("suspended", "the Baseline is suspended") : undefined;
}

function byCause({ act, baseline, verdict }: Asked): Objection | undefined {
  const causes: readonly Cause[] =
    verdict.kind === "drifted"
      ? verdict.changes.map((change) => change.cause)
      : verdict.kind === "missing" || verdict.kind === "unmanaged"
        ? [verdict.cause]
        : [];
  if (!causes.some((cause) => listed(baseline, cause)))
    return never("cause", `remediation.causes does not list ${[...new Set(causes)].join(" or ")}`);
  return act === "delete" && !baseline.remediation.prune ? never("prune-off", "remediation.prune is false") : undefined;
}

/** `disabled` on the object wins wherever it stands; the object decides before its namespace. */
function byOptOut(asked: Asked): Objection | undefined {
  const { git, live, namespace, act } = asked;
  if (git.remediate === "disabled") return wait("opt-out", `${annotations.remediate} in Git switches it off`);
  if (live.remediate === "disabled")
    return wait("opt-out", `${annotations.remediate} on the live object switches it off`);
  const row = act === undefined ? undefined : optOutOf(act, asked.gitAnnotations ?? {}, asked.gitLabels ?? {});
  if (row !== undefined) return wait("opt-out", `${row.name} in Git tells ${row.tool} to leave it alone`);
  if (git.remediate === undefined && !liveOptsIn(asked) && namespace.remediate === "disabled")
    return wait("opt-out", `${annotations.remediate} on the namespace switches it off`);
  return undefined;
}

/** Live may opt in only where Git is silent and the operator allows it, and never to a delete or a recreation. */
function liveOptsIn({ git, live, liveOptIn, act }: Asked): boolean {
  return live.remediate === "enabled" && git.remediate === undefined && liveOptIn && act === "patch";
}

function byScope(asked: Asked): Objection | undefined {
  const { git, namespace, baseline } = asked;
  if (baseline.remediation.scope === "OptOut" || git.remediate === "enabled") return undefined;
  if (liveOptsIn(asked) || namespace.remediate === "enabled") return undefined;
  return never("not-opted-in", "remediation.scope is OptIn, and neither the object nor its namespace opted in");
}

function byPause({ git, live, now }: Asked): Objection | undefined {
  const standing = [git, live].filter(({ pauseUntil }) => pauseUntil !== undefined && pauseUntil > now);
  const longest = standing.toSorted((one, other) => (other.pauseUntil ?? 0) - (one.pauseUntil ?? 0))[0];
  if (longest === undefined) return undefined;
  return wait(
    "pause",
    `paused${longest.pauseReason === undefined ? "" : `: ${longest.pauseReason}`}`,
    longest.pauseUntil,
  );
}

function byPermission({ missingPermission }: Asked): Objection | undefined {
  return missingPermission === undefined ? undefined : wait("permission", `may not ${missingPermission}`);
}

/** Plumbline is no deployer: what Git just changed is the deployer's to bring about, unless the Baseline lists it. */
function byRollout({ settled, baseline, act }: Asked): Objection | undefined {
  if (settled || act === "delete" || listed(baseline, "rollout")) return undefined;
  return wait("rollout", "live has not matched this revision yet: the deployer goes first");
}

function byClaimants({ otherClaimants }: Asked): Objection | undefined {
  if (otherClaimants === undefined || otherClaimants.length === 0) return undefined;
  return wait("fight", `also declared by ${otherClaimants.join(", ")}: none of them writes`);
}

function byKeepers({ held }: Asked): Objection | undefined {
  return held === undefined ? undefined : wait(held.reason, held.message, held.until);
}

function byApproval({ baseline, verdict, act, approved }: Asked): Objection | undefined {
  const { approval } = baseline.remediation;
  if (approved === true || approval === "Never") return undefined;
  if (approval === "HighRisk" && !isHighRisk(verdict, baseline, act)) return undefined;
  return wait("approval", `approval is ${approval}: annotate the Drift with ${annotations.approve}`);
}

/** Critical or security changes that the heal would touch, and every delete. */
function isHighRisk(verdict: Verdict, baseline: Baseline, act: Act | undefined): boolean {
  if (act === "delete") return true;
  const touched = verdict.kind === "drifted" ? changesToHeal(verdict, baseline) : [];
  const whole = verdict.kind === "missing" || verdict.kind === "drifted" ? [verdict] : [];
  return [...touched, ...whole].some((one) => one.severity === "critical" || one.class === "security");
}

/** In the order in which they are asked; the first objection is the answer. */
const objections: readonly ((asked: Asked) => Objection | undefined)[] = [
  byLadder,
  byCause,
  byOptOut,
  byScope,
  byPause,
  byPermission,
  byRollout,
  byClaimants,
  byKeepers,
  byApproval,
];

export function decideRemedy(input: RemedyInput): Remedy {
  const git = readWriteSwitches(input.gitAnnotations ?? {}, "in Git");
  const live = readWriteSwitches(
    liveOnly(input.liveAnnotations ?? {}, input.gitAnnotations ?? {}),
    "on the live object",
  );
  // A namespace opts in or out; it does not pause.
  const said = input.namespaceAnnotations?.[annotations.remediate];
  const namespace = readWriteSwitches(said === undefined ? {} : { [annotations.remediate]: said }, "on the namespace");
  const warnings = [...git.problems, ...live.problems, ...namespace.problems];
  const asked: Asked = { ...input, act: actOf(input.verdict), git, live, namespace };
  for (const objection of objections) {
    const found = objection(asked);
    if (found !== undefined) return { ...found, warnings };
  }
  return { do: "heal", warnings };
}

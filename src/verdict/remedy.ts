/**
 * Whether Plumbline acts on one object now: drift semantics, section 7, and the mode ladder, as one pure function with
 * a truth table. It decides and never writes. `disabled` anywhere on the object wins; a malformed value is read as the
 * safest one and reported. What each row says is in `opt-in.ts`, `causes-healed.ts`, `guards.ts`, `high-risk.ts` and
 * `windows.ts`; the order in which they are asked is here.
 */
import { annotations } from "../model/annotations.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import type { ResourceId } from "../model/resource.ts";
import type { SourceGuard } from "../model/state.ts";
import type { Verdict } from "../model/verdict.ts";
import { byAutoscalers, byCause, byRollout } from "./causes-healed.ts";
import { byAbsentNamespace, byClaim, byClaimants, byNamespace, byProtection, byLastWord, bySource } from "./guards.ts";
import type { HealPlan } from "./heal-plan.ts";
import { byApproval, byWorsened, isByApproval, riskOf } from "./high-risk.ts";
import { never, wait, type Asked, type Objection } from "./objection.ts";
import { askerOf, byOptOut, byOtherTools, byPause, byPrune, byScope } from "./opt-in.ts";
import { liveOnly, readWriteSwitches } from "./switches.ts";
import { windowsAt } from "./windows.ts";

export { changesToHeal } from "./causes-healed.ts";

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
  | "prune-off"
  /** It would take a recreation, and `remediation.recreate` is false. */
  | "recreate-off"
  /** Of the platform or of Plumbline itself, and not named in `remediation.allowProtected`. */
  | "protected"
  /** It would take a delete of what this Baseline never declared nor owns. */
  | "not-claimed"
  /** The namespace is on its way out, and so is what is in it. */
  | "namespace-terminating";

type Annotations = Readonly<Record<string, string>>;

/** What the operator itself is made of. */
export interface OwnObjects {
  /** Namespaces of the operator. */
  readonly namespaces: readonly string[];
  /** `Kind/name` of cluster-scoped objects, `Kind/namespace/name` of others: its roles, bindings, account, workload. */
  readonly objects: ReadonlySet<string>;
}

export const noOwnObjects: OwnObjects = { namespaces: [], objects: new Set() };

export interface RemedyInput {
  readonly baseline: Baseline;
  readonly id: ResourceId;
  readonly verdict: Verdict;
  /** Annotations of the object as Git declares it, or where it does not any more, last did; undefined: it never did. */
  readonly gitAnnotations: Annotations | undefined;
  /** Labels of the object as Git declares it: some tools opt out by label. */
  readonly gitLabels?: Annotations | undefined;
  /** Annotations of the live object; undefined where there is none. */
  readonly liveAnnotations: Annotations | undefined;
  readonly liveLabels?: Annotations | undefined;
  /** Undefined where the namespace is not seen, or there is none. */
  readonly namespaceAnnotations: Annotations | undefined;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  /** A tenant's Baseline that names no account to write as. */
  readonly lacksAccount?: boolean | undefined;
  /** The verb we lack, `patch deployments.apps in shop`; undefined where we may. */
  readonly missingPermission?: string | undefined;
  /** False until live has matched the current desired once since it last changed. */
  readonly settled: boolean;
  /** The Drift carries `plumbline.dev/approve` with its current content hash. */
  readonly approved?: boolean | undefined;
  /** Who approved, and when, where that is on record. */
  readonly approvedBy?: string | undefined;
  /** Open breakers and exhausted limits, as their keepers found them; `until` in epoch ms. */
  readonly held?: { readonly reason: "window" | "fight" | "limit"; readonly until?: number; readonly message: string };
  /** Other Baselines that declare the object and may patch it. */
  readonly otherClaimants?: readonly string[] | undefined;
  /** Other Baselines that declare the object, whatever they may write: for a delete. */
  readonly alsoDeclared?: readonly string[] | undefined;
  /** Baselines that may declare the object, and were not read since the revision that dropped it was fetched: for a delete. */
  readonly stale?: readonly string[] | undefined;
  /** Documents of the snapshot cannot be used: they may declare what it seems to drop. */
  readonly unreadable?: boolean | undefined;
  /** What the write would be, where it is planned; undefined: what the verdict asks for. */
  readonly plan?: HealPlan["kind"] | undefined;
  /** What goes with the object where it is made again, and does not come back with it. */
  readonly destroys?: string | undefined;
  /** Of the Baseline's source. */
  readonly guard?: SourceGuard | undefined;
  /** How many of the Baseline's objects are not as declared, of how many. */
  readonly mass?: { readonly standing: number; readonly total: number } | undefined;
  /** Its last heal made its health worse: one sentence. */
  readonly worsened?: string | undefined;
  /** The second half of a recreation that was allowed: it is not there because we deleted it. */
  readonly owed?: boolean | undefined;
  readonly namespaceTerminating?: boolean | undefined;
  /** There is no such namespace, as far as the watch knows. */
  readonly namespaceAbsent?: boolean | undefined;
  /** What is known of autoscalers may be old: one may have just been made. */
  readonly autoscalersUnseen?: boolean | undefined;
  readonly own: OwnObjects;
  /** For a delete: this Baseline once declared the object, or owns it. */
  readonly claimed?: boolean | undefined;
  /** Of the live object: a delete leaves it standing until their owners let it go. */
  readonly liveFinalizers?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Remedy =
  | {
      readonly do: "heal";
      /** Who asked for it, for evidence: `git annotation`, `scope OptOut`, `git annotation, approval`. */
      readonly asked: string;
      /** `high`: a delete, a recreation, critical or of class security, or one of very many. */
      readonly risk: "ordinary" | "high";
      readonly warnings: readonly Problem[];
    }
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

function byLadder({ act, baseline, verdict }: Asked): Objection | undefined {
  if (act === undefined)
    return never(
      "nothing-to-do",
      verdict.kind === "terminating" ? "it is being deleted: no write puts that right" : `it is ${verdict.kind}`,
    );
  if (baseline.mode !== "Remediate") return never("mode", `the Baseline's mode is ${baseline.mode}`);
  return baseline.suspend ? never("suspended", "the Baseline is suspended") : undefined;
}

function byPermission({ missingPermission, lacksAccount, baseline: { namespace } }: Asked): Objection | undefined {
  if (lacksAccount === true)
    return wait(
      "permission",
      `namespace ${namespace} is none of the platform's: a Baseline there writes as a ServiceAccount of its own, and spec.serviceAccountName names none`,
    );
  return missingPermission === undefined ? undefined : wait("permission", `may not ${missingPermission}`);
}

function byFight({ held }: Asked): Objection | undefined {
  return held?.reason === "fight" ? wait("fight", held.message, held.until) : undefined;
}

const isOverridden = ({ baseline, now }: Asked): boolean => (baseline.windowsOpenUntil ?? 0) > now;

function byWindows(asked: Asked): Objection | undefined {
  // A window that closes between the two halves of a recreation would leave nothing in its place.
  if (asked.owed === true || isOverridden(asked)) return undefined;
  const at = windowsAt(asked.baseline.remediation.windows, asked.now);
  return at.open ? undefined : wait("window", at.message, at.until);
}

function byLimits({ held }: Asked): Objection | undefined {
  return held === undefined ? undefined : wait(held.reason, held.message, held.until);
}

/**
 * In the order in which they are asked; the first objection is the answer. What no time and no person can change comes
 * first, then what takes a person, for windows open at night, and last what passes by itself.
 */
const objections: readonly ((asked: Asked) => Objection | undefined)[] = [
  byLadder,
  byNamespace,
  byProtection,
  byCause,
  byClaim,
  byOptOut,
  byScope,
  byOtherTools,
  byPrune,
  byPause,
  byPermission,
  byRollout,
  byAbsentNamespace,
  byAutoscalers,
  byClaimants,
  bySource,
  byLastWord,
  byFight,
  byWorsened,
  byApproval,
  byWindows,
  byLimits,
];

/** What a write would be: none for what is as declared, not known, or on its way out already. */
function actOf(verdict: Verdict, plan: RemedyInput["plan"]): Asked["act"] {
  switch (verdict.kind) {
    case "drifted":
      return plan === "recreate" ? "recreate" : "patch";
    case "missing":
      return "create";
    case "unmanaged":
      return "delete";
    default:
      return undefined;
  }
}

const by = (who: string | undefined): string => (who === undefined ? "" : ` by ${who}`);

/** Everything that had to say yes, for evidence. */
function askedBy(asked: Asked): string {
  const { baseline, guard, now, owed, approvedBy } = asked;
  const approval = owed === true ? "owed since it was deleted to be made anew" : `approval${by(approvedBy)}`;
  return [
    askerOf(asked),
    owed === true || isByApproval(asked) ? approval : undefined,
    guard === undefined ? undefined : `approval of the commit${by(baseline.approvedBy)}`,
    isOverridden(asked) && !windowsAt(baseline.remediation.windows, now).open ? "windows opened by hand" : undefined,
  ]
    .filter((one) => one !== undefined)
    .join(", ");
}

export function decideRemedy(input: RemedyInput): Remedy {
  const git = readWriteSwitches(input.gitAnnotations ?? {}, "in Git");
  const live = readWriteSwitches(
    liveOnly(input.liveAnnotations ?? {}, input.gitAnnotations ?? {}),
    "on the live object",
  );
  // A namespace opts in or out; it does not pause.
  const said = input.namespaceAnnotations?.[annotations.remediate];
  const namespaceSwitches = readWriteSwitches(
    said === undefined ? {} : { [annotations.remediate]: said },
    "on the namespace",
  );
  const warnings = [...git.problems, ...live.problems, ...namespaceSwitches.problems];
  const asked: Asked = { ...input, act: actOf(input.verdict, input.plan), git, live, namespaceSwitches };
  for (const objection of objections) {
    const found = objection(asked);
    if (found !== undefined) return { ...found, warnings };
  }
  return { do: "heal", asked: askedBy(asked), risk: riskOf(asked) === undefined ? "ordinary" : "high", warnings };
}

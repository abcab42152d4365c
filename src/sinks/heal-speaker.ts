/**
 * Puts into words what remediation does and does not do: the state in the ledger, which shows in Drift records and
 * gauges, and the Events, each said once per drift. Never quotes a value.
 */
import { formatId, type ResourceId } from "../model/resource.ts";
import { formatPath } from "../model/path.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { DecideInput } from "../verdict/decide.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";
import { changesToHeal, type NeverReason, type Remedy } from "../verdict/remedy.ts";
import { namesOf, pathsOf, type Contested } from "./breaker.ts";
import { managersOf } from "./drift-body.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { HealResult } from "./heal-result.ts";
import { unasked, type Subject } from "./heal-subject.ts";
import type { Announcement, EventAction, EventReason, RemediationState } from "./ports.ts";

export interface HealSpeakerDeps {
  readonly clock: Clock;
  readonly ledger: HealLedger;
  readonly announce: (announcement: Announcement) => void;
  readonly changed: (key: BaselineKey, id: ResourceId) => void;
}

/** What is known of it besides. */
export interface Known {
  /** Of the fight that holds it. */
  readonly contested: Contested | undefined;
  /** Its last heal made its health worse. */
  readonly worsened: boolean;
}

/** What was tried to be put back, and how. */
export interface Tried {
  readonly subject: Subject;
  readonly input: Pick<DecideInput, "baseline">;
  readonly plan: HealPlan;
}

type Waiting = Extract<Remedy, { readonly do: "wait" }>;

export interface HealSpeaker {
  warn(subject: Subject, warnings: readonly Problem[]): void;
  /** It is not to be put back. */
  refrain(subject: Subject, reason: NeverReason, message: string): void;
  wait(subject: Subject, remedy: Waiting, known: Known): void;
  /** The server refused for want of a permission; the wait that follows tells it. */
  lacks(subject: Subject, missing: string): void;
  conclude(tried: Tried, attempts: number, result: HealResult, state: "applied" | "retrying"): void;
  /** It was deleted in order to be made anew. */
  remaking(subject: Subject, attempts: number, result: HealResult): void;
  /** @param found why, where it is known better than from what the server said last */
  giveUp(subject: Subject, attempts: number, found?: string): void;
}

const PATHS_TOLD = 5;

/** `.spec.replicas, .spec.paused`: of those that were to be put back. */
function pathsTold(verdict: Verdict, baseline: Baseline): string {
  const all = changesToHeal(verdict, baseline);
  const paths = all.slice(0, PATHS_TOLD).map(({ path }) => formatPath(path));
  return all.length === paths.length ? paths.join(", ") : `${paths.join(", ")} and ${all.length - paths.length} more`;
}

/** What was done, `was put back: .spec.replicas, moved by kubectl-edit`. A recreation is done with its second half. */
function deedOf({ subject, plan, input }: Tried, isRemade: boolean): { action: EventAction; text: string } {
  if (plan.kind === "delete") return { action: "Delete", text: "was deleted: Git dropped it" };
  if (plan.kind === "create")
    return isRemade
      ? { action: "Recreate", text: "was deleted and made anew" }
      : { action: "Create", text: "was put back: missing" };
  const { verdict } = subject.judgement;
  const managers = managersOf(verdict);
  const by = managers.length === 0 ? "" : `, moved by ${managers.join(", ")}`;
  return { action: "Patch", text: `was put back: ${pathsTold(verdict, input.baseline)}${by}` };
}

/** Milliseconds by which a moment reckoned from another clock may waver between two looks. */
const WAVERS = 1_000;

/** The moment that was told, while it is the same one. */
function steady(until: number | undefined, told: number | undefined): Pick<RemediationState, "waitsUntil"> {
  if (until === undefined) return {};
  return { waitsUntil: told !== undefined && Math.abs(until - told) < WAVERS ? told : Math.round(until) };
}

export function createHealSpeaker({ clock, ledger, announce, changed }: HealSpeakerDeps): HealSpeaker {
  const set = ({ key, id }: Subject, state: RemediationState | undefined): void => {
    if (ledger.set(key, id, state)) changed(key, id);
  };
  const tell = (
    { key, id, judgement }: Subject,
    reason: EventReason,
    note: string,
    more: Pick<Announcement, "action"> = {},
  ): void => {
    const { version, uid } = judgement;
    const of = uid === undefined ? {} : { uid };
    announce({ reason, baseline: key, id, version, at: clock.now(), note, ...of, ...more });
  };
  const before = ({ key, id }: Subject): Pick<RemediationState, "attempts" | "lastResult" | "lastAttemptAt"> => {
    const { attempts = 0, lastResult, lastAttemptAt } = ledger.stateOf(key, id) ?? {};
    return {
      attempts,
      ...(lastResult === undefined ? {} : { lastResult }),
      ...(lastAttemptAt === undefined ? {} : { lastAttemptAt }),
    };
  };
  const once = ({ key, id }: Subject, what: string): boolean => ledger.sayOnce(key, id, what);

  return {
    warn(subject, warnings) {
      // What the judgement warns of is told with it.
      const told = new Set(subject.judgement.warnings.map(({ message }) => message));
      for (const warning of warnings) {
        if (told.has(warning.message)) continue;
        const note = formatProblem(warning);
        if (once(subject, `warning ${note}`)) tell(subject, "InvalidAnnotation", note);
      }
    },
    refrain(subject, reason, message) {
      set(subject, unasked.has(reason) ? undefined : { ...before(subject), state: "not-allowed", message });
    },
    wait(subject, { reason, message, until }, { contested, worsened }) {
      set(subject, {
        ...before(subject),
        state: "waiting",
        waitingFor: reason,
        message,
        ...steady(until, ledger.stateOf(subject.key, subject.id)?.waitsUntil),
        ...(contested === undefined ? {} : { contested }),
        ...(worsened ? { worsened } : {}),
      });
      const name = formatId(subject.id);
      if (reason === "fight" && contested !== undefined) {
        if (!once(subject, "fight")) return;
        const note = `plumbline and ${namesOf(contested)} contest ${pathsOf(contested)} of ${name}: ${message}`;
        return tell(subject, "FightDetected", note);
      }
      if (!once(subject, reason === "fight" ? "fight" : `wait ${reason}`)) return;
      if (reason === "fight") return tell(subject, "FightDetected", `${name} is contested: ${message}`);
      const lacking = reason === "permission";
      const note = lacking ? `${name} cannot be put back: ${message}` : `${name} waits (${reason}): ${message}`;
      tell(subject, lacking ? "PermissionMissing" : "RemediationWaiting", note);
    },
    lacks(subject, missing) {
      const message = `not permitted: ${missing}`;
      const now = { lastResult: "denied", lastAttemptAt: clock.now() } as const;
      set(subject, { ...before(subject), ...now, state: "waiting", waitingFor: "permission", message });
    },
    conclude(tried, attempts, result, state) {
      const { subject } = tried;
      const { message } = result;
      const now = { lastResult: result.result, lastAttemptAt: clock.now(), attempts };
      const isRemade = ledger.isRemade(subject.key, subject.id);
      set(subject, { state, ...now, ...(message === "" ? {} : { message }) });
      if (result.result !== "applied") return;
      const { action, text } = deedOf(tried, isRemade);
      tell(subject, "Remediated", `${formatId(subject.id)} ${text}`, { action });
    },
    remaking(subject, attempts, { result }) {
      const message = "it was deleted and is made anew as soon as it is gone";
      set(subject, { state: "retrying", lastResult: result, lastAttemptAt: clock.now(), attempts, message });
    },
    giveUp(subject, attempts, found) {
      const { message, ...known } = ledger.stateOf(subject.key, subject.id) ?? { message: undefined };
      const why = found ?? message ?? "somebody puts it back within our own write: a webhook or a controller";
      set(subject, { ...before(subject), ...known, state: "failed", attempts, message: why });
      if (!once(subject, "failed")) return;
      tell(
        subject,
        "RemediationFailed",
        `${formatId(subject.id)} could not be put back in ${attempts} attempts: ${why}`,
      );
    },
  };
}

/**
 * Puts into words what remediation does and does not do: the state in the ledger, which shows in Drift records and
 * gauges, and the Events, each said once per drift. Never quotes a value.
 */
import { formatId, type ResourceId } from "../model/resource.ts";
import { formatPath } from "../model/path.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { NeverReason } from "../verdict/remedy.ts";
import { managersOf } from "./drift-body.ts";
import type { Standing } from "./episodes.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { HealResult } from "./heal-result.ts";
import type { Announcement, EventReason, RemediationState, WaitReason } from "./ports.ts";

export interface Subject {
  readonly key: BaselineKey;
  readonly id: ResourceId;
  readonly judgement: Standing;
}

export interface HealSpeakerDeps {
  readonly clock: Clock;
  readonly ledger: HealLedger;
  readonly announce: (announcement: Announcement) => void;
  readonly changed: (key: BaselineKey, id: ResourceId) => void;
}

export interface HealSpeaker {
  warn(subject: Subject, warnings: readonly Problem[]): void;
  /** It is not to be put back. */
  refrain(subject: Subject, reason: NeverReason, message: string): void;
  wait(subject: Subject, reason: WaitReason, message: string): void;
  /** The server refused for want of a permission; the wait that follows tells it. */
  lacks(subject: Subject, missing: string): void;
  conclude(subject: Subject, attempts: number, result: HealResult, state: "applied" | "retrying"): void;
  giveUp(subject: Subject, attempts: number): void;
}

/** Reasons that are no news: nobody asked for this object to be put back. */
const quiet: ReadonlySet<NeverReason> = new Set(["nothing-to-do", "mode", "not-opted-in"]);

const PATHS_TOLD = 5;

function contested({ verdict }: Standing): string {
  if (verdict.kind !== "drifted") return verdict.kind;
  const paths = verdict.changes.slice(0, PATHS_TOLD).map(({ path }) => formatPath(path));
  const more = verdict.changes.length - paths.length;
  return more === 0 ? paths.join(", ") : `${paths.join(", ")} and ${more} more`;
}

export function createHealSpeaker({ clock, ledger, announce, changed }: HealSpeakerDeps): HealSpeaker {
  const set = ({ key, id }: Subject, state: RemediationState | undefined): void => {
    if (ledger.set(key, id, state)) changed(key, id);
  };
  const tell = ({ key, id, judgement }: Subject, reason: EventReason, note: string): void => {
    const { version, uid } = judgement;
    announce({ reason, baseline: key, id, version, at: clock.now(), note, ...(uid === undefined ? {} : { uid }) });
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
      set(subject, quiet.has(reason) ? undefined : { ...before(subject), state: "not-allowed", message });
    },
    wait(subject, reason, message) {
      set(subject, { ...before(subject), state: "waiting", waitingFor: reason, message });
      const name = formatId(subject.id);
      if (reason === "fight") {
        if (!once(subject, "fight")) return;
        const managers = managersOf(subject.judgement.verdict).join(", ") || "somebody unknown";
        const note = `plumbline and ${managers} contest ${contested(subject.judgement)} of ${name}: ${message}`;
        return tell(subject, "FightDetected", note);
      }
      if (!once(subject, `wait ${reason}`)) return;
      const lacking = reason === "permission";
      const note = lacking ? `${name} cannot be put back: ${message}` : `${name} waits (${reason}): ${message}`;
      tell(subject, lacking ? "PermissionMissing" : "RemediationWaiting", note);
    },
    lacks(subject, missing) {
      const message = `not permitted: ${missing}`;
      const now = { lastResult: "denied", lastAttemptAt: clock.now() } as const;
      set(subject, { ...before(subject), ...now, state: "waiting", waitingFor: "permission", message });
    },
    conclude(subject, attempts, result, state) {
      const { message } = result;
      const now = { lastResult: result.result, lastAttemptAt: clock.now(), attempts };
      set(subject, { state, ...now, ...(message === "" ? {} : { message }) });
      if (result.result !== "applied") return;
      tell(subject, "Remediated", `${formatId(subject.id)} was put back: ${contested(subject.judgement)}`);
    },
    giveUp(subject, attempts) {
      const { message, ...known } = ledger.stateOf(subject.key, subject.id) ?? { message: undefined };
      const why = message ?? "somebody puts it back within our own write: a webhook or a controller";
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

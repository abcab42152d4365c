/**
 * One attempt at putting one object back: whether it is time, the rehearsal where much is at stake, the write, and what
 * is noted of the answer. What may be done was decided before; whether it worked is judged afterwards, by the watch.
 */
import { accountName } from "../model/account.ts";
import type { ApiAnswer } from "../model/api.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { creationOf, type HealPlan } from "../verdict/heal-plan.ts";
import type { Remedy } from "../verdict/remedy.ts";
import type { Contest } from "./breaker.ts";
import {
  drifting,
  isFutile,
  isGivenUp,
  isOfSame,
  moment,
  noteAnswer,
  recheck,
  soon,
  versionOf,
} from "./heal-attempts.ts";
import { nameOf, type Keepers } from "./heal-circumstances.ts";
import { changedBack, changedBackText } from "./heal-echo.ts";
import type { Attempts, HealLedger } from "./heal-ledger.ts";
import { isSensitive, resultOf, type HealResult } from "./heal-result.ts";
import type { HealRights } from "./heal-rights.ts";
import type { HealOrder, HealSend } from "./heal-send.ts";
import type { HealSpeaker } from "./heal-speaker.ts";
import type { Subject } from "./heal-subject.ts";
import { isOurWake, wakeText } from "./heal-wake.ts";
import type { HealWitness } from "./heal-witness.ts";
import type { RemediationResult } from "./ports.ts";
import { done, later, type Outcome, type WriterDeps } from "./writer.ts";

export interface HealActDeps extends Pick<WriterDeps, "clock" | "log"> {
  readonly send: HealSend;
  readonly ledger: HealLedger;
  readonly keepers: Pick<Keepers, "limits" | "breaker" | "healthAfter">;
  readonly rights: HealRights;
  readonly speaker: HealSpeaker;
  readonly witness: HealWitness;
  /** Names of what may change the object on its way in, where they are known. */
  readonly mutatorsOf: (key: BaselineKey, id: ResourceId) => readonly string[];
  readonly counted: (key: BaselineKey, result: RemediationResult) => void;
  /** What an approval of the plan would name. */
  readonly hashOf: (input: DecideInput, plan: HealPlan) => string;
  /** Writes what the ledger says of the object into its Drift record, at once; false where that failed. */
  readonly recordNow: (key: BaselineKey, id: ResourceId) => Promise<boolean>;
}

/** What was decided, and on what. */
export interface Decided {
  readonly subject: Subject;
  readonly input: DecideInput;
  readonly plan: HealPlan;
  readonly remedy: Extract<Remedy, { readonly do: "heal" }>;
  readonly contest: Contest;
}

/** What is to be done about it, or that nothing is. */
export type Decision =
  | { readonly decided: Decided; readonly outcome?: undefined }
  | { readonly decided?: undefined; readonly outcome: Outcome };

/** @param again decides anew, by everything as it is then */
export type HealAct = (decided: Decided, again: () => Decision) => Promise<Outcome>;

export function createHealAct(deps: HealActDeps): HealAct {
  const { send, ledger, keepers, rights, speaker, witness, clock, log } = deps;

  const orderOf = ({ subject, input, plan }: Decided): HealOrder => ({
    baseline: input.baseline,
    id: subject.id,
    version: input.version,
    plan,
  });

  /** What the write would be refused with; undefined where nothing speaks against it. */
  const rehearse = async (decided: Decided, attempts: Attempts): Promise<Outcome | undefined> => {
    const { subject, input, plan } = decided;
    const { live, desired } = input;
    const declared = { desired, live: live.state === "present" ? live.live.object : undefined };
    const answer = await send.refusalOf(orderOf(decided), declared);
    if (answer === undefined) return undefined;
    const found = resultOf(answer, plan, isSensitive(subject.id, input.baseline));
    const result =
      found.missing !== undefined || found.result === "conflict"
        ? found
        : { ...found, message: `nothing was written, for the dry run failed: ${found.message}` };
    log.info({ baseline: subject.key, object: idKey(subject.id), result: result.result }, "remediation rehearsed");
    witness.rehearsed(decided, result.message);
    return conclude(decided, attempts, answer, result);
  };

  /** What is deleted in order to be made anew is on record before it is: whoever comes after us owes the other half. */
  const pledge = async ({ subject: { key, id }, input, plan }: Decided): Promise<boolean> => {
    if (plan.kind !== "recreate") return true;
    const hash = deps.hashOf(...creationOf(input));
    ledger.remake(key, id, { hash, of: plan.resourceVersion });
    if (await deps.recordNow(key, id)) return true;
    ledger.remake(key, id, undefined);
    return false;
  };

  /** Meanwhile somebody may have paused it, Git may have moved, others may have been the last that were allowed. */
  const stopped = ({ subject: { key, id }, plan }: Decided, now: Decision): Outcome | undefined => {
    // Only what was rehearsed is written.
    if (now.decided !== undefined && JSON.stringify(now.decided.plan) === JSON.stringify(plan)) return undefined;
    if (plan.kind === "recreate") ledger.remake(key, id, undefined);
    return now.outcome ?? later(moment);
  };

  /** Sent, answered, and the answer read; the ledger knows of it from before it is sent until that is done. */
  const write = async (decided: Decided): Promise<{ readonly answer: ApiAnswer; readonly result: HealResult }> => {
    const { subject, input, plan, remedy } = decided;
    const { key, id, judgement } = subject;
    let over = (): void => {};
    ledger.underWay(key, id, new Promise((resolve) => (over = resolve)));
    // Noted before it is sent: the watch may bring the result before the answer comes.
    ledger.sent(key, id, clock.now());
    try {
      // Known before it is sent: a process that is killed in between leaves word of what it was about to do.
      witness.decided(decided, remedy);
      const answer = await send.send(orderOf(decided));
      const back = answer.ok ? changedBack(plan, answer.body, judgement.verdict, input) : [];
      const putBack = back.length === 0 ? "" : changedBackText(back, deps.mutatorsOf(key, id));
      const result = resultOf(answer, plan, isSensitive(id, input.baseline), putBack);
      if (answer.ok) ledger.wrote(key, id, result.resourceVersion);
      // Without an answer nobody knows whether it was written.
      const isUnknown = !answer.ok && result.result === "failed" && answer.status === 0;
      if (result.result !== "applied" && !isUnknown) {
        ledger.sent(key, id, undefined);
        if (plan.kind === "recreate") ledger.remake(key, id, undefined);
      }
      return { answer, result };
    } finally {
      over();
    }
  };

  const succeeded = ({ subject, plan, contest, input }: Decided): void => {
    const { key, id, judgement } = subject;
    // The second half of a recreation is owed to ourselves: nobody moved it.
    if (plan.kind !== "create" || !ledger.isRemade(key, id)) keepers.breaker.healed(key, nameOf(key, id), contest);
    if (plan.kind === "patch" || plan.kind === "create") {
      const before = input.live.state === "present" ? input.live.live.health.state : judgement.health?.state;
      keepers.healthAfter.healed(key, id, before, versionOf(plan));
    }
  };

  const conclude = (decided: Decided, attempts: Attempts, answer: ApiAnswer, result: HealResult): Outcome => {
    const { subject, input, plan } = decided;
    const { retries } = input.baseline.remediation;
    const pause = noteAnswer(attempts, { answer, result, plan, retries }, clock);
    if (result.missing !== undefined) {
      // A server that has just come back refuses so until it has read its own rules: asked once more.
      if (attempts.denials === 1) {
        attempts.notBefore = clock.monotonic() + recheck;
        return later(recheck);
      }
      rights.refused(subject.key, subject.id, plan.kind, result.missing);
      speaker.lacks(subject, result.missing);
      return later(soon);
    }
    if (result.result === "applied") {
      if (plan.kind === "recreate") speaker.remaking(subject, attempts.count, result);
      else speaker.conclude(decided, attempts.count, result, "applied");
      // Should it stand still when the watch has brought our write, somebody put it back within it.
      return later(soon);
    }
    speaker.conclude(decided, attempts.count, result, "retrying");
    // Told once, and what may pass is still tried now and then.
    if (result.result !== "conflict" && isGivenUp(attempts, retries)) speaker.giveUp(subject, attempts.count);
    return later(pause);
  };

  return async (decided, again) => {
    const { subject, input, plan, remedy } = decided;
    const { key, id, judgement } = subject;
    const { baseline } = input;
    const of = drifting(judgement);
    const inWake = isOurWake(judgement.verdict, input, ledger.written(key, id));
    const attempts = ledger.attempts(key, id, of, (earlier) => inWake && isOfSame(earlier, of));
    const pause = attempts.notBefore - clock.monotonic();
    if (pause > 0) return later(pause);
    if (isFutile(attempts, baseline.remediation.retries)) {
      speaker.giveUp(subject, attempts.count, attempts.inWake ? wakeText(deps.mutatorsOf(key, id)) : undefined);
      return done;
    }
    if (remedy.risk === "high") {
      const refused = await rehearse(decided, attempts);
      if (refused !== undefined) return refused;
      if (!(await pledge(decided))) return later(recheck);
      const changed = stopped(decided, again());
      if (changed !== undefined) return changed;
    }
    keepers.limits.sent(baseline, nameOf(key, id), judgement.revision?.commit ?? "");
    const { answer, result } = await write(decided);
    // The first half of a recreation puts nothing back yet; the second is counted.
    if (plan.kind !== "recreate" || result.result !== "applied") deps.counted(key, result.result);
    if (result.result === "conflict") keepers.limits.unsent(key);
    log.info({ baseline: key, object: idKey(id), result: result.result, plan: plan.kind }, "remediation");
    witness.sent(decided, result, accountName(baseline));
    if (result.result === "applied") succeeded(decided);
    return conclude(decided, attempts, answer, result);
  };
}

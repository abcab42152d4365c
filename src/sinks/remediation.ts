/**
 * The sink that puts objects back: one atomic request per object, only where the Baseline is in mode Remediate and the
 * verdict room says heal. What is written is planned from both sides as they are, judged once more in the same breath,
 * at the version they have, never from anything shown. Judged again afterwards by the watch, like every other change.
 * It never acts while not holding the lease, while suspended or paused, or before the object was judged at the current
 * revision of a source that is ready.
 */
import type { ObjectApi, ObjectRef, WriteOptions } from "../model/api.ts";
import { idKey, parseIdKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineState } from "../model/state.ts";
import type { Judgement } from "../model/verdict.ts";
import { decide, type DecideInput } from "../verdict/decide.ts";
import { backoff } from "../runtime/clock.ts";
import { managersOf } from "./drift-body.ts";
import { stands, type Standing } from "./episodes.ts";
import type { Attempts, HealLedger } from "./heal-ledger.ts";
import type { HealLog } from "./heal-log.ts";
import { planHeal, type OneWrite } from "../verdict/heal-plan.ts";
import { isSensitive, resultOf, type HealResult } from "./heal-result.ts";
import { createHealSpeaker, type Subject } from "./heal-speaker.ts";
import type { Announcement, EngineReader, PairReader, RemediationResult, WritingSink } from "./ports.ts";
import { remedyOf } from "./remedy-of.ts";
import { createWriter, done, isTransient, later, type Outcome, type WriterDeps } from "./writer.ts";

export interface RemediationDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "create" | "patch">;
  readonly engine: EngineReader & PairReader;
  readonly ledger: HealLedger;
  readonly heals: HealLog;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  /** True where the object's Drift record approves of what would be written. */
  readonly isApproved: (key: BaselineKey, id: ResourceId) => boolean;
  readonly announce: (announcement: Announcement) => void;
  readonly counted: (key: BaselineKey, result: RemediationResult) => void;
  /** What the ledger says of this object changed. */
  readonly changed: (key: BaselineKey, id: ResourceId) => void;
}

/** Milliseconds. */
const SOON = 200;
/** A controller's status write is what mostly beats ours, and the watch brings it within this. */
const MOMENT = 10;
const RECHECK = 5_000;
const LONGEST_WAIT = 60_000;
/** How long the watch may take to bring our own write before it is thought lost. */
const PATIENCE = 5_000;
const RETRY = { base: 500, cap: 60_000 };
const PERMISSION_AGAIN = 60_000;
/** The reason of an answer that never came. */
const UNREACHABLE = "Unreachable";

const join = (key: BaselineKey, id: ResourceId): string => `${key} ${idKey(id)}`;

const versionOf = (plan: OneWrite): string => (plan.kind === "patch" ? plan.resourceVersion : "");

/** What is being put back: attempts at another drift start over. */
function drifting({ verdict, desiredHash, uid }: Judgement): string {
  const paths = verdict.kind === "drifted" ? verdict.changes.map(({ op, pointer }) => `${op} ${pointer}`).sort() : [];
  return [verdict.kind, desiredHash ?? "", uid ?? "", ...paths].join("\n");
}

export function createRemediation(deps: RemediationDeps): WritingSink {
  const { api, engine, ledger, heals, clock, log } = deps;
  const speaker = createHealSpeaker(deps);
  /** What RBAC refused, by Baseline, kind and verb, and until when that is believed (monotonic). */
  const refused = new Map<string, { readonly missing: string; readonly until: number }>();
  const writer = createWriter(deps, { name: "remediation", workers: 4, work });

  const permissionKey = ({ key, id }: Subject, plan: OneWrite): string =>
    `${key} ${plan.kind} ${id.group}/${id.kind}/${id.namespace}`;

  const missingFor = (subject: Subject, plan: OneWrite | undefined): string | undefined => {
    const found = plan === undefined ? undefined : refused.get(permissionKey(subject, plan));
    return found !== undefined && found.until > clock.monotonic() ? found.missing : undefined;
  };

  /** Why it cannot be looked at just now, in milliseconds until it can; undefined where it can. */
  const unready = (state: BaselineState, judgement: Standing, input: DecideInput | undefined): number | undefined => {
    if (state.source.state !== "ready" || input === undefined) return RECHECK;
    if (judgement.revision?.commit !== state.source.revision?.commit) return SOON;
    if (judgement.desiredHash !== input.desired?.hash) return SOON;
    return input.live.state === "unseen" ? RECHECK : undefined;
  };

  async function work(text: string): Promise<Outcome> {
    const space = text.indexOf(" ");
    const key = text.slice(0, space) as BaselineKey;
    const id = parseIdKey(text.slice(space + 1) as IdKey);
    const state = engine.state(key);
    const judgement = engine.judgement(key, id);
    if (state === undefined || !stands(judgement) || state.baseline.mode !== "Remediate") {
      if (judgement?.verdict.kind === "unknown") return done;
      const said = ledger.stateOf(key, id) !== undefined;
      ledger.settled(key, id);
      if (said) deps.changed(key, id);
      return done;
    }
    const input = engine.inputOf(key, id);
    const wait = unready(state, judgement, input);
    if (wait !== undefined || input === undefined) return later(wait ?? RECHECK);
    // The verdict acted on is the one on the very pair the plan is made from.
    const { verdict } = decide(input);
    const current = { ...judgement, verdict };
    return stands(current) ? consider({ key, id, judgement: current }, input) : later(SOON);
  }

  const consider = async (subject: Subject, input: DecideInput): Promise<Outcome> => {
    const { key, id, judgement } = subject;
    const { baseline } = input;
    const commit = judgement.revision?.commit ?? "";
    const plan = planHeal(input);
    const managers = managersOf(judgement.verdict);
    const remedy = remedyOf({
      input,
      verdict: judgement.verdict,
      liveOptIn: deps.liveOptIn,
      missing: missingFor(subject, plan),
      approved: deps.isApproved(key, id),
      held: heals.held(baseline, join(key, id), commit, managers),
      otherClaimants: engine.declaring(id).filter((other) => other !== key),
    });
    speaker.warn(subject, remedy.warnings);
    if (remedy.do === "never") {
      speaker.refrain(subject, remedy.reason, remedy.message);
      return done;
    }
    if (remedy.do === "wait") {
      speaker.wait(subject, remedy.reason, remedy.message);
      return later(Math.min(LONGEST_WAIT, Math.max(SOON, (remedy.until ?? Infinity) - clock.now())));
    }
    return plan === undefined ? later(RECHECK) : attempt(subject, input, plan);
  };

  const attempt = async (subject: Subject, input: DecideInput, plan: OneWrite): Promise<Outcome> => {
    const { key, id, judgement } = subject;
    const { baseline } = input;
    const attempts = ledger.attempts(key, id, drifting(judgement));
    const pending = stillWaiting(attempts, plan);
    if (pending > 0) return later(pending);
    if (attempts.count > baseline.remediation.retries && !attempts.passing) {
      speaker.giveUp(subject, attempts.count);
      return done;
    }
    const managers = managersOf(judgement.verdict);
    heals.sent(baseline, join(key, id), judgement.revision?.commit ?? "");
    // Noted before it is sent: the watch may bring the result before the answer comes.
    ledger.sent(key, id, clock.now());
    const answer = await send(id, input, plan);
    const result = resultOf(answer, plan, isSensitive(id, judgement.verdict));
    deps.counted(key, result.result);
    log.info({ baseline: key, object: idKey(id), result: result.result, plan: plan.kind }, "remediation");
    if (result.result === "applied") heals.healed(key, join(key, id), managers);
    // Without an answer nobody knows whether it was written.
    else if (!(result.result === "failed" && !answer.ok && answer.status === 0)) ledger.sent(key, id, undefined);
    const unheard = !answer.ok && (answer.status === 429 || (answer.status === 0 && answer.reason === UNREACHABLE));
    attempts.unheard = unheard ? attempts.unheard + 1 : 0;
    attempts.passing = !answer.ok && isTransient(answer);
    return conclude(subject, plan, attempts, result);
  };

  const stillWaiting = (attempts: Attempts, plan: OneWrite): number => {
    const now = clock.monotonic();
    const { awaiting } = attempts;
    if (awaiting !== undefined && awaiting.from === versionOf(plan)) {
      // Not every version the watch brings is told as a transition: looked at again soon, then less often.
      if (awaiting.until > now) return Math.min(SOON, Math.max(MOMENT, now - (awaiting.until - PATIENCE)));
      // A version that was written over never comes back: until the watch is there again, a patch can only conflict.
      if (plan.kind === "patch") return RECHECK;
    }
    return Math.max(0, attempts.notBefore - now);
  };

  const send = (id: ResourceId, input: DecideInput, plan: OneWrite): ReturnType<ObjectApi["patch"]> => {
    const { baseline } = input;
    const ref: ObjectRef = {
      kind: { group: id.group, version: input.version, kind: id.kind },
      namespace: id.namespace,
      name: id.name,
    };
    const { serviceAccountName: serviceAccount, namespace } = baseline;
    const options: WriteOptions = serviceAccount === undefined ? {} : { impersonate: { namespace, serviceAccount } };
    return plan.kind === "create"
      ? api.create(ref, plan.body, options)
      : api.patch(ref, { type: "json", operations: plan.operations }, options);
  };

  const retriesOf = (key: BaselineKey): number => engine.state(key)?.baseline.remediation.retries ?? 0;

  const conclude = (subject: Subject, plan: OneWrite, attempts: Attempts, result: HealResult): Outcome => {
    const now = clock.monotonic();
    const from = versionOf(plan);
    if (result.result === "conflict") {
      // Somebody else was there first; the watch brings what they did. It is no attempt that failed.
      attempts.awaiting = { from, until: now + PATIENCE };
      speaker.conclude(subject, attempts.count, result, "retrying");
      return later(MOMENT);
    }
    // No answer, or no time for us, says nothing about this object, however often.
    if (attempts.unheard === 0) attempts.count += 1;
    attempts.denials = result.missing === undefined ? 0 : attempts.denials + 1;
    if (result.missing !== undefined) {
      attempts.count -= 1;
      // A server that has just come back refuses so until it has read its own rules: asked once more.
      if (attempts.denials === 1) {
        attempts.notBefore = now + RECHECK;
        return later(RECHECK);
      }
      refused.set(permissionKey(subject, plan), { missing: result.missing, until: now + PERMISSION_AGAIN });
      speaker.lacks(subject, result.missing);
      return later(SOON);
    }
    const pause = backoff(clock, attempts.count + attempts.unheard - 1, RETRY.base, RETRY.cap);
    attempts.notBefore = now + pause;
    if (result.result === "applied") {
      attempts.awaiting = { from, until: now + PATIENCE };
      speaker.conclude(subject, attempts.count, result, "applied");
      // Should it stand still when the watch has brought our write, somebody put it back within it.
      return later(SOON);
    }
    speaker.conclude(subject, attempts.count, result, "retrying");
    // An error of the server's own may pass: told like any other, and still tried now and then.
    if (attempts.passing && attempts.count > retriesOf(subject.key)) speaker.giveUp(subject, attempts.count);
    return later(pause);
  };

  const addAll = (key: BaselineKey): void => {
    for (const { id } of [...engine.open(key)].filter(stands)) writer.add(join(key, id));
  };
  const settingsSeen = new Map<BaselineKey, string>();

  return {
    name: "remediation",
    transition({ baseline, id, before, after }) {
      if (stands(before) || stands(after)) writer.add(join(baseline, id), "live");
    },
    stateChanged(key) {
      const outline = engine.outline(key);
      if (outline === undefined) return;
      const { baseline, source } = outline;
      const settings = `${baseline.uid} ${baseline.generation} ${source.state} ${source.revision?.commit}`;
      if (settingsSeen.get(key) === settings) return;
      settingsSeen.set(key, settings);
      addAll(key);
    },
    removed(key) {
      ledger.forget(key);
      heals.forget(key);
      settingsSeen.delete(key);
      for (const name of refused.keys()) if (name.startsWith(`${key} `)) refused.delete(name);
    },
    leading() {
      for (const { baseline } of engine.states()) addAll(baseline.key);
    },
    run: (signal) => writer.run(signal),
  };
}

/**
 * The sink that puts objects back: one atomic request per object, only where the Baseline is in mode Remediate and the
 * verdict room says heal. What is written is planned from both sides as they are, judged once more in the same breath,
 * at the version they have, never from anything shown. Judged again afterwards by the watch, like every other change.
 * It never acts while not holding the lease, while suspended or paused, or before the object was judged at the current
 * revision of a source that is ready.
 */
import type { EvidenceDoor } from "../model/evidence.ts";
import { parseIdKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineOutline } from "../model/state.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { healRank } from "../verdict/heal-order.ts";
import { planHeal, type HealPlan } from "../verdict/heal-plan.ts";
import type { OwnObjects, Remedy } from "../verdict/remedy.ts";
import { stands, type Standing } from "./episodes.ts";
import { createHealAct, type Decision } from "./heal-act.ts";
import { pauseForWatch, recheck, soon } from "./heal-attempts.ts";
import { createCircumstances, nameOf, type Gathered, type Keepers } from "./heal-circumstances.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { HealRights } from "./heal-rights.ts";
import type { HealSend } from "./heal-send.ts";
import { createHealSpeaker } from "./heal-speaker.ts";
import type { Subject } from "./heal-subject.ts";
import { createHealTurns } from "./heal-turns.ts";
import { createHealWitness } from "./heal-witness.ts";
import type { Announcement, EngineReader, PairReader, RemediationResult, WritingSink } from "./ports.ts";
import { remedyOf } from "./remedy-of.ts";
import { steeringOf, wordsOf } from "./steering.ts";
import { createWriter, done, later, type Outcome, type WriterDeps } from "./writer.ts";

export interface RemediationDeps extends WriterDeps {
  readonly send: HealSend;
  readonly engine: EngineReader & Pick<PairReader, "pairOf">;
  readonly ledger: HealLedger;
  readonly keepers: Keepers;
  readonly rights: HealRights;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  /** What the operator itself is made of. */
  readonly own: OwnObjects;
  /** Baselines there write as the operator itself, where they name no account. */
  readonly platformNamespaces: readonly string[];
  readonly evidence: EvidenceDoor;
  /** What an approval of the plan would name. */
  readonly hashOf: (input: DecideInput, plan: HealPlan | undefined) => string;
  /** Names of what may change the object on its way in, where they are known. */
  readonly mutatorsOf: (key: BaselineKey, id: ResourceId) => readonly string[];
  readonly announce: (announcement: Announcement) => void;
  readonly counted: (key: BaselineKey, result: RemediationResult) => void;
  /** Writes what the ledger says of the object into its Drift record, at once; false where that failed. */
  readonly recordNow: (key: BaselineKey, id: ResourceId) => Promise<boolean>;
  /** What the ledger says of this object changed. */
  readonly changed: (key: BaselineKey, id: ResourceId) => void;
}

export interface Remediation extends WritingSink {
  /** Somebody approved of it, or took that back. */
  approvalChanged(key: BaselineKey, id: ResourceId): void;
  /** What stood while another process led, or none did, is over: for the ledger's door. */
  ended(transition: Transition): void;
}

/** Milliseconds. */
const LONGEST_WAIT = 60_000;
/** After the first look at a Baseline: what cannot be judged by then is not waited for. */
export const openingPatience = 30_000;

/** What a write would be by the verdict alone. */
const kindOf = ({ verdict }: Standing): HealPlan["kind"] =>
  verdict.kind === "missing" ? "create" : verdict.kind === "unmanaged" ? "delete" : "patch";

/** A plan is dear, and for most answers it does not matter. */
const dependsOnPlan = (remedy: Remedy): boolean =>
  remedy.do === "heal" || (remedy.do === "wait" && remedy.reason === "approval");

export function createRemediation(deps: RemediationDeps): Remediation {
  const { engine, ledger, keepers, rights, clock, isLeader } = deps;
  const speaker = createHealSpeaker(deps);
  const witness = createHealWitness(deps);
  const circumstancesOf = createCircumstances({ ...deps, ...keepers });
  const act = createHealAct({ ...deps, speaker, witness });
  const writer = createWriter(deps, { name: "remediation", workers: 4, work });
  const turns = createHealTurns(clock, (text) => writer.add(text, "live"));

  /** When each Baseline was looked at first, monotonic milliseconds. */
  const opened = new Map<BaselineKey, number>();
  const isOpening = (key: BaselineKey): boolean => {
    const since = opened.get(key) ?? clock.monotonic();
    opened.set(key, since);
    return clock.monotonic() < since + openingPatience;
  };

  /** Why it cannot be looked at just now, in milliseconds until it can; undefined where it can. */
  const unready = (
    { baseline: { key }, source, judged = true }: BaselineOutline,
    judgement: Standing,
    input: DecideInput | undefined,
  ): number | undefined => {
    // Until all is judged nobody knows how much stands, nor what goes before what; what cannot be judged is not waited for.
    if (!judged && isOpening(key)) return soon;
    // What is rolled back to is pinned: it stays what it is while Git is away.
    const isKnown = source.state === "ready" || source.rollback?.phase === "in-force";
    if (!isKnown || input === undefined) return recheck;
    if (source.guard?.asking === true) return soon;
    if (judgement.revision?.commit !== source.revision?.commit) return soon;
    if (judgement.desiredHash !== input.desired?.hash) return soon;
    return input.live.state === "unseen" ? recheck : undefined;
  };

  async function work(text: string): Promise<Outcome> {
    const space = text.indexOf(" ");
    const key = text.slice(0, space) as BaselineKey;
    const wait = turns.wait(key, text);
    if (wait > 0) return later(wait);
    try {
      return await look(key, parseIdKey(text.slice(space + 1) as IdKey));
    } finally {
      turns.leave(key, text);
    }
  }

  const look = async (key: BaselineKey, id: ResourceId): Promise<Outcome> => {
    const again = (): Decision => decideOn(key, id);
    const { decided, outcome } = again();
    return decided === undefined ? outcome : act(decided, again);
  };

  const decideOn = (key: BaselineKey, id: ResourceId): Decision => {
    const outline = engine.outline(key);
    const judgement = engine.judgement(key, id);
    if (outline === undefined || !stands(judgement) || outline.baseline.mode !== "Remediate")
      return { outcome: forgetState(key, id, judgement) };
    // The verdict acted on is the one on the very pair the plan is made from.
    const pair = engine.pairOf(key, id);
    const wait = unready(outline, judgement, pair?.input);
    if (wait !== undefined || pair === undefined) return { outcome: later(wait ?? recheck) };
    const { input, decision, counted } = pair;
    const seen = input.live.state === "present" ? input.live.live.resourceVersion : "";
    const pause = pauseForWatch(ledger.awaiting(key, id), seen, clock.monotonic());
    if (pause > 0) return { outcome: later(pause) };
    ledger.seenAt(key, id, seen);
    const isThere = input.live.state === "present" && decision.verdict.kind !== "terminating";
    if (isThere && ledger.returned(key, id, seen)) deps.changed(key, id);
    const current = { ...judgement, verdict: decision.verdict };
    if (!stands(current)) return { outcome: later(soon) };
    return consider({ key, id, judgement: current }, input, () => planHeal(input, counted));
  };

  const forgetState = (key: BaselineKey, id: ResourceId, judgement: Judgement | undefined): Outcome => {
    if (judgement?.verdict.kind === "unknown") return done;
    const said = ledger.stateOf(key, id) !== undefined;
    if (stands(judgement)) ledger.settled(key, id);
    else ledger.over(key, id);
    if (said) deps.changed(key, id);
    return done;
  };

  const consider = (subject: Subject, input: DecideInput, planned: () => HealPlan | undefined): Decision => {
    const { key, id, judgement } = subject;
    const gathered = circumstancesOf(subject, input);
    if (gathered === undefined) return { outcome: later(soon) };
    const { circumstances } = gathered;
    const asked = { ...circumstances, missing: rights.missing(key, id, kindOf(judgement)) };
    const first = remedyOf(asked);
    const plan = dependsOnPlan(first) ? planned() : undefined;
    const remedy =
      plan === undefined || plan.kind === kindOf(judgement)
        ? first
        : remedyOf({
            ...circumstances,
            plan: plan.kind,
            destroys: plan.kind === "recreate" ? plan.destroys : undefined,
            missing: rights.missing(key, id, plan.kind),
          });
    speaker.warn(subject, remedy.warnings);
    if (remedy.do !== "heal") return { outcome: refrain(subject, remedy, plan, gathered) };
    if (plan === undefined) return { outcome: later(recheck) };
    return { decided: { subject, input, plan, remedy, contest: gathered.contest } };
  };

  const refrain = (
    subject: Subject,
    remedy: Exclude<Remedy, { readonly do: "heal" }>,
    plan: HealPlan | undefined,
    { contested, circumstances }: Gathered,
  ): Outcome => {
    witness.decided({ subject, input: circumstances.input, plan }, remedy);
    if (remedy.do === "never") {
      // What was deleted to be made anew, and is not gone yet: its state says so until it is.
      const isGoing = subject.judgement.verdict.kind === "terminating" && ledger.isRemade(subject.key, subject.id);
      if (!isGoing) speaker.refrain(subject, remedy.reason, remedy.message);
      // It may be made anew, and nothing about the object tells.
      if (remedy.reason === "namespace-terminating") return later(recheck);
      // Nor does anything about this Baseline tell what another one declares.
      return remedy.reason === "not-claimed" ? later(LONGEST_WAIT) : done;
    }
    speaker.wait(subject, remedy, { contested, worsened: circumstances.worsened !== undefined });
    return later(Math.min(LONGEST_WAIT, Math.max(soon, (remedy.until ?? Infinity) - clock.now())));
  };

  const add = (judgement: Standing, priority?: "live"): void => {
    const { baseline, id } = judgement;
    const text = nameOf(baseline, id);
    if (isLeader() && engine.outline(baseline)?.baseline.mode === "Remediate")
      turns.enter(baseline, text, healRank(id, kindOf(judgement)));
    writer.add(text, priority);
  };
  const addAll = (key: BaselineKey, namespace?: string): void => {
    for (const judgement of [...engine.open(key)].filter(stands))
      if (namespace === undefined || judgement.id.namespace === namespace) add(judgement);
  };
  const settingsSeen = new Map<BaselineKey, string>();
  /** What people said of each Baseline, as it was then. */
  const wordsSeen = new Map<BaselineKey, string>();
  /** A person had a hand in it: what was given up may be worth another try. */
  const heed = (outline: BaselineOutline): void => {
    const { key } = outline.baseline;
    const words = wordsOf(outline);
    const before = wordsSeen.get(key);
    wordsSeen.set(key, words);
    if (before === undefined || before === words) return;
    for (const { id } of engine.open(key)) ledger.startOver(key, id);
  };

  return {
    name: "remediation",
    transition(transition) {
      const { baseline, id, before, after } = transition;
      if (isLeader()) witness.seen(transition);
      if (stands(after)) add(after, "live");
      else if (stands(before)) {
        // What another process led to an end is no business of ours any more.
        if (!isLeader() && after?.verdict.kind !== "unknown") ledger.settled(baseline, id);
        writer.add(nameOf(baseline, id), "live");
      }
      if (id.kind === "Namespace" && id.group === "" && !stands(after)) addAll(baseline, id.name);
    },
    stateChanged(key) {
      const outline = engine.outline(key);
      if (outline === undefined) return;
      const settings = steeringOf(outline);
      if (settingsSeen.get(key) === settings) return;
      settingsSeen.set(key, settings);
      heed(outline);
      addAll(key);
    },
    removed(key) {
      ledger.forget(key);
      keepers.limits.forget(key);
      keepers.breaker.forget(key);
      rights.forget(key);
      turns.forget(key);
      settingsSeen.delete(key);
      wordsSeen.delete(key);
      opened.delete(key);
    },
    leading() {
      for (const { baseline } of engine.states()) {
        turns.forget(baseline.key);
        addAll(baseline.key);
      }
    },
    approvalChanged(key, id) {
      ledger.startOver(key, id);
      writer.add(nameOf(key, id), "live");
    },
    ended: (transition) => witness.seen(transition),
    run: (signal) => writer.run(signal),
  };
}

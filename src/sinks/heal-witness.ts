/**
 * Tells the ledger's door what was decided, what was sent and how it ended: a decision once per drift and reason, a
 * write each time, an end once. No values: of a plan its operations and paths.
 */
import type { EvidenceDoor, EvidenceRecord } from "../model/evidence.ts";
import { idKey, parseIdKey, type IdKey } from "../model/resource.ts";
import { formatRevision, type BaselineKey } from "../model/snapshot.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { changesOf, creationOf, type HealPlan } from "../verdict/heal-plan.ts";
import type { Remedy } from "../verdict/remedy.ts";
import { namesOf, pathsOf, type BreakerChange } from "./breaker.ts";
import { stepOf } from "./episodes.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { HealResult } from "./heal-result.ts";
import { unasked, type Subject } from "./heal-subject.ts";

/** What it is about. */
export interface Matter {
  readonly subject: Subject;
  readonly input: DecideInput;
  readonly plan: HealPlan | undefined;
  /** Why it is done, where it is. */
  readonly remedy?: Remedy;
}

export interface HealWitness {
  decided(matter: Matter, remedy: Remedy): void;
  /** A dry run was refused: nothing was written. */
  rehearsed(matter: Matter, message: string): void;
  sent(matter: Matter, result: HealResult, as: string | undefined): void;
  seen(transition: Transition): void;
}

export interface HealWitnessDeps {
  readonly evidence: EvidenceDoor;
  readonly ledger: Pick<HealLedger, "decide" | "actedSince" | "answered">;
  readonly clock: Pick<Clock, "now">;
  /** What an approval of it would name. */
  readonly hashOf: (input: DecideInput, plan: HealPlan | undefined) => string;
}

const planned = (plan: HealPlan): NonNullable<EvidenceRecord["plan"]> => ({
  kind: plan.kind,
  operations: changesOf(plan).map(({ op, path }) => `${op} ${path}`),
});

export function createHealWitness({ evidence, ledger, clock, hashOf }: HealWitnessDeps): HealWitness {
  const about = (judgement: Judgement, baseline: BaselineKey): Omit<EvidenceRecord, "kind" | "result"> => {
    const { id, uid, resourceVersion: before } = judgement;
    const { revision } = judgement;
    return {
      at: clock.now(),
      baseline,
      id,
      ...(uid === undefined ? {} : { uid }),
      ...(revision === undefined ? {} : { revision: formatRevision(revision) }),
      ...(before === undefined ? {} : { before }),
    };
  };
  const hashed = ({ input, plan }: Matter): Pick<EvidenceRecord, "contentHash" | "desiredHash"> => {
    const contentHash = plan === undefined ? "" : hashOf(input, plan);
    const desiredHash = input.desired === undefined ? "" : hashOf(...creationOf(input));
    return { ...(contentHash === "" ? {} : { contentHash }), ...(desiredHash === "" ? {} : { desiredHash }) };
  };
  const decision = (
    { subject: { key, id, judgement }, plan }: Matter,
    told: Pick<EvidenceRecord, "result" | "reason" | "asked">,
    more: () => Pick<EvidenceRecord, "contentHash" | "desiredHash"> = () => ({}),
  ): void => {
    // What it is that is put back is part of it: another drift of the same episode is decided anew.
    if (!ledger.decide(key, id, `${told.result} ${judgement.lastChanged}`)) return;
    const shown = plan === undefined ? {} : { plan: planned(plan) };
    evidence.record({ kind: "decision", ...about(judgement, key), ...told, ...shown, ...more() });
  };

  return {
    decided(matter, remedy) {
      // On the way to the request; the record of the write has the hash.
      if (remedy.do === "heal") return decision(matter, { result: "do", asked: remedy.asked });
      if (remedy.do === "never" && unasked.has(remedy.reason)) return;
      const told = { result: `${remedy.do} ${remedy.reason}`, reason: remedy.message };
      decision(matter, told, () => hashed(matter));
    },
    rehearsed(matter, message) {
      decision(matter, { result: "refused dry-run", reason: message }, () => hashed(matter));
    },
    sent(matter, { result, message, resourceVersion }, as) {
      const { subject, plan, remedy } = matter;
      evidence.record({
        kind: "attempt",
        ...about(subject.judgement, subject.key),
        ...(remedy?.do === "heal" ? { asked: remedy.asked } : {}),
        result,
        ...(plan === undefined ? {} : { plan: planned(plan) }),
        ...(message === "" ? {} : { reason: message }),
        ...hashed(matter),
        ...(resourceVersion === undefined || resourceVersion === "" ? {} : { after: resourceVersion }),
        ...(as === undefined ? {} : { as }),
      });
    },
    seen(transition) {
      const step = stepOf(transition);
      if (step.kind !== "ended" || (step.how !== "in-sync" && step.how !== "gone")) return;
      const { baseline, id, after } = transition;
      const { firstObserved } = step.before;
      const told = { ...about(after ?? step.before, baseline), reason: `${idKey(id)} is ${step.how}` };
      const record = (): void => {
        const ours = ledger.actedSince(baseline, id, firstObserved);
        evidence.record({ kind: "resolved", ...told, result: ours ? "plumbline" : "other" });
      };
      // Whose doing it is shows when our own write is answered: it may have been overtaken.
      const answered = ledger.answered(baseline, id);
      if (answered === undefined) record();
      else void answered.then(record);
    },
  };
}

/** A fight that begins, is tried again or is over. */
export function witnessBreaker(evidence: EvidenceDoor, clock: Pick<Clock, "now">): (change: BreakerChange) => void {
  return ({ baseline, object, to, contested }) => {
    const id = parseIdKey(object.slice(object.indexOf(" ") + 1) as IdKey);
    const reason = `${namesOf(contested)} and plumbline contest ${pathsOf(contested)}`;
    evidence.record({ kind: "breaker", at: clock.now(), baseline, id, result: to, reason });
  };
}

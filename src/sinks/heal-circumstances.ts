/**
 * Gathers what the verdict room asks for before it says whether an object is put back: who else declares it, what is
 * approved, what holds it back, how many others stand. Asks nobody, and reads everything as it is now.
 */
import { lacksAccount } from "../model/account.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineOutline } from "../model/state.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { creationOf, type HealPlan } from "../verdict/heal-plan.ts";
import type { OwnObjects, RemedyInput } from "../verdict/remedy.ts";
import type { Claimants } from "./claimants.ts";
import { contestOf, type Breaker, type Contest, type Contested } from "./breaker.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { HealLog } from "./heal-log.ts";
import type { Subject } from "./heal-subject.ts";
import type { HealthAfter } from "./health-after.ts";
import type { EngineReader } from "./ports.ts";
import type { Circumstances } from "./remedy-of.ts";

/** What each heal is asked about besides the object itself. */
export interface Keepers {
  readonly limits: HealLog;
  readonly breaker: Breaker;
  readonly healthAfter: HealthAfter;
  /** Other Baselines that declare the object and may write it; `asking`: not known yet. */
  readonly claimants: Claimants["others"];
  /** Other Baselines that declare the object, whatever they may write. */
  readonly declarers: Claimants["declarers"];
  /** Other Baselines that may declare the object, and were not read since that moment (epoch ms). */
  readonly stale: Claimants["stale"];
  /** True where the object's Drift record approves of what would be written. */
  readonly isApproved: (key: BaselineKey, id: ResourceId) => boolean;
  /** Who did, where that is on record. */
  readonly approvedBy: (key: BaselineKey, id: ResourceId) => string | undefined;
}

export interface CircumstancesDeps extends Keepers {
  readonly engine: Pick<EngineReader, "outline">;
  readonly ledger: Pick<HealLedger, "owed" | "written" | "awaiting">;
  /** What an approval of the plan would name. */
  readonly hashOf: (input: DecideInput, plan: HealPlan) => string;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  readonly own: OwnObjects;
  /** Baselines there write as the operator itself, where they name no account. */
  readonly platformNamespaces: readonly string[];
}

type Others = Pick<Circumstances, "alsoDeclared" | "stale">;

export interface Gathered {
  readonly circumstances: Circumstances;
  readonly contest: Contest;
  /** Of the breaker that holds it. */
  readonly contested: Contested | undefined;
}

export const nameOf = (key: BaselineKey, id: ResourceId): string => `${key} ${idKey(id)}`;

/** What Git never declared is no heal's to put right, however much of it there is. */
export function massOf({
  counts,
  strays = 0,
}: Pick<BaselineOutline, "counts" | "strays">): NonNullable<RemedyInput["mass"]> {
  let total = -strays;
  for (const count of Object.values(counts)) total += count;
  return { standing: counts.drifted + counts.missing + counts.terminating + counts.unmanaged - strays, total };
}

const homeOf = ({ namespace }: ResourceId): ResourceId => ({
  group: "",
  kind: "Namespace",
  namespace: "",
  name: namespace,
});

/** @returns undefined where it is not known yet who else claims the object, or may */
export function createCircumstances(
  deps: CircumstancesDeps,
): (subject: Subject, input: DecideInput) => Gathered | undefined {
  const { engine, ledger, limits, breaker, healthAfter } = deps;

  /** Who else may have a say in what Git dropped; undefined while they are asked. Of all else it does not matter. */
  const othersOf = ({ key, id, judgement }: Subject, { baseline }: DecideInput, since: number): Others | undefined => {
    if (judgement.verdict.kind !== "unmanaged") return {};
    const stale = baseline.remediation.prune ? deps.stale(key, id, since) : undefined;
    if (stale?.asking === true) return undefined;
    return { alsoDeclared: deps.declarers(key, id), stale: stale?.baselines };
  };

  /** We deleted it to make it anew, with leave: the other half is owed, and nothing that only counts is in its way. */
  const isOwedNow = ({ key, id, judgement }: Subject, input: DecideInput): boolean => {
    const debt = judgement.verdict.kind === "missing" ? ledger.owed(key, id) : undefined;
    return debt !== undefined && debt === deps.hashOf(...creationOf(input));
  };

  return (subject, input) => {
    const { key, id, judgement } = subject;
    const { claimants, asking } = deps.claimants(key, id);
    const outline = engine.outline(key);
    const others = asking ? undefined : othersOf(subject, input, outline?.source.fetchedAt ?? 0);
    if (others === undefined) return undefined;
    const { baseline } = input;
    const contest = contestOf(judgement, input, ledger.written(key, id));
    const isOwed = isOwedNow(subject, input);
    const name = nameOf(key, id);
    const fought = isOwed ? undefined : breaker.held(key, name, contest);
    const held = isOwed ? undefined : (fought ?? limits.held(baseline, name, judgement.revision?.commit ?? ""));
    return {
      contest,
      contested: fought?.contested,
      circumstances: {
        input,
        verdict: judgement.verdict,
        liveOptIn: deps.liveOptIn,
        lacksAccount: lacksAccount(baseline, deps.platformNamespaces),
        missing: undefined,
        approved: isOwed || deps.isApproved(key, id),
        approvedBy: isOwed ? undefined : deps.approvedBy(key, id),
        held,
        // What we made a moment ago is there, though the watch has not brought it yet.
        namespaceMade: ledger.awaiting(key, homeOf(id)) !== undefined,
        otherClaimants: claimants,
        ...others,
        guard: outline?.source.guard,
        mass: outline === undefined || isOwed ? undefined : massOf(outline),
        worsened: isOwed ? undefined : healthAfter.worsened(key, id),
        owed: isOwed,
        own: deps.own,
      },
    };
  };
}

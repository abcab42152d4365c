/**
 * Who else may write an object: of several Baselines that declare it, those whose account may patch it are its
 * claimants, and where there are two none of them writes. An account that may not patch is no claimant, and neither is
 * a Baseline that may not so much as judge the object: otherwise whoever may create a Baseline could keep any object
 * from being put back. The mode does not matter: what two repositories declare is a conflict, whoever writes today.
 * Rights are asked for only where a second Baseline declares the object. After a start nobody writes before the others'
 * sources were tried, and what was in dispute stays so until all of them were heard.
 */
import { accountOf, mayReach, type Account } from "../model/account.ts";
import type { Impersonation } from "../model/api.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineOutline } from "../model/state.ts";
import type { Clock } from "../runtime/clock.ts";
import type { RemediationState } from "./ports.ts";

export interface ClaimantsDeps {
  /** Every Baseline that declares the object, those of other shards as well. */
  readonly declaring: (id: ResourceId) => readonly BaselineKey[];
  readonly baselineOf: (key: BaselineKey) => Account | undefined;
  /** Undefined: the operator itself. Answers at once; where nobody can tell, that is a yes. */
  readonly mayPatch: (as: Impersonation | undefined, id: ResourceId) => boolean | "asking";
  /** Baselines that may declare the object and were not heard since the start. */
  readonly unheard: (id: ResourceId) => readonly BaselineKey[];
  /** Of those the ones whose source was not even tried yet. */
  readonly untried: (id: ResourceId) => readonly BaselineKey[];
  /** Those that may declare the object and were not read since that moment (epoch ms). */
  readonly unasked: (id: ResourceId, moment: number) => readonly BaselineKey[];
  readonly outline: (key: BaselineKey) => Pick<BaselineOutline, "baseline" | "source"> | undefined;
  /** Its source is read now. */
  readonly checkNow: (key: BaselineKey) => void;
  readonly clock: Pick<Clock, "monotonic" | "now">;
  /** Of Baselines there, and of those with an account of their own, more than their own namespace may be declared. */
  readonly platformNamespaces: readonly string[];
}

export interface OtherClaimants {
  readonly claimants: readonly BaselineKey[];
  /** Some answer is under way: nothing is to be written, or said, before it is there. */
  readonly asking: boolean;
}

export interface Stale {
  readonly baselines: readonly BaselineKey[];
  /** They are being read: nothing is to be said before that is done, or takes long. */
  readonly asking: boolean;
}

export interface Claimants {
  /** Those with whom a Baseline disputes an object; none where it may not patch the object itself. */
  others(self: BaselineKey, id: ResourceId): OtherClaimants;
  /** Others that declare an object and have a say there, whatever they may write. */
  declarers(self: BaselineKey, id: ResourceId): readonly BaselineKey[];
  /**
   * Others that may declare an object and were not read since that moment (epoch ms), and will be: none that is suspended,
   * nor one whose source has failed for long. They are read at once, whatever their interval is.
   */
  stale(self: BaselineKey, id: ResourceId, moment: number): Stale;
  /** An object was in dispute before a restart: it is until everybody who may declare it was heard. */
  recall(key: BaselineKey, id: ResourceId, state: Pick<RemediationState, "waitingFor" | "contested">): void;
}

/** Milliseconds after the start for which a source that was not tried yet is waited for. */
export const claimPatience = 30_000;
/** Milliseconds after which it is told that a delete waits for others to be read. */
export const readPatience = 10_000;
/** Milliseconds after its last success for which a source that fails is waited for before something is deleted. */
export const failurePatience = 3_600_000;

const none: OtherClaimants = { claimants: [], asking: false };

export function createClaimants(deps: ClaimantsDeps): Claimants {
  const { declaring, baselineOf, mayPatch, platformNamespaces } = deps;

  const claims = (key: BaselineKey, id: ResourceId): boolean | "asking" => {
    const claim = baselineOf(key);
    // It went between two looks: it declares nothing any more.
    if (claim === undefined) return false;
    return mayReach(claim, id, platformNamespaces) && mayPatch(accountOf(claim), id);
  };

  const began = deps.clock.monotonic();
  const disputed = new Set<string>();
  /** For whose delete others are being read, since which moment, and until when (monotonic). */
  const readings = new Map<BaselineKey, { readonly moment: number; readonly until: number }>();
  const nameOf = (key: BaselineKey, id: ResourceId): string => `${key} ${idKey(id)}`;
  const without = (self: BaselineKey, keys: readonly BaselineKey[]): readonly BaselineKey[] =>
    keys.filter((key) => key !== self);

  /** Somebody may declare it, and it is not known yet whether he does. */
  const isEarly = (self: BaselineKey, id: ResourceId): boolean => {
    const isBeginning = deps.clock.monotonic() < began + claimPatience;
    if (isBeginning && without(self, deps.untried(id)).length > 0) return true;
    const name = nameOf(self, id);
    if (!disputed.has(name)) return false;
    if (without(self, deps.unheard(id)).length > 0) return true;
    disputed.delete(name);
    return false;
  };

  return {
    declarers: (self, id) =>
      without(self, declaring(id)).filter((key) => {
        const claim = baselineOf(key);
        return claim !== undefined && mayReach(claim, id, platformNamespaces);
      }),
    stale(self, id, moment) {
      const baselines = without(self, deps.unasked(id, moment)).filter((key) => {
        const { baseline, source } = deps.outline(key) ?? {};
        if (baseline === undefined || baseline.suspend) return false;
        return source?.state !== "failed" || deps.clock.now() < (source.lastSuccessAt ?? 0) + failurePatience;
      });
      if (baselines.length === 0) return { baselines, asking: false };
      const asked = readings.get(self);
      if (asked?.moment === moment) return { baselines, asking: deps.clock.monotonic() < asked.until };
      readings.set(self, { moment, until: deps.clock.monotonic() + readPatience });
      for (const key of baselines) deps.checkNow(key);
      return { baselines, asking: true };
    },
    recall(key, id, { waitingFor, contested }) {
      if (waitingFor === "fight" && contested === undefined) disputed.add(nameOf(key, id));
    },
    others(self, id) {
      if (isEarly(self, id)) return { claimants: [], asking: true };
      const all = declaring(id);
      if (all.length < 2 && (all.length === 0 || all[0] === self)) return none;
      const answers = all.filter((key) => key !== self).map((key) => [key, claims(key, id)] as const);
      if (answers.every(([, claim]) => claim === false)) return none;
      // Who may not patch it has nothing to dispute: its write is refused, and the refusal names what it lacks.
      const own = claims(self, id);
      if (own === false) return none;
      return {
        claimants: answers.flatMap(([key, claim]) => (claim === true ? [key] : [])),
        asking: own === "asking" || answers.some(([, claim]) => claim === "asking"),
      };
    },
  };
}

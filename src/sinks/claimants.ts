/**
 * Who else may write an object: of several Baselines that declare it, those whose account may patch it are its
 * claimants, and where there are two none of them writes. An account that may not patch is no claimant, and neither is
 * a Baseline that may not so much as judge the object: otherwise whoever may create a Baseline could keep any object
 * from being put back. The mode does not matter: what two repositories declare is a conflict, whoever writes today.
 * Rights are asked for only where a second Baseline declares the object.
 */
import { accountOf, mayReach, type Account } from "../model/account.ts";
import type { Impersonation } from "../model/api.ts";
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";

export interface ClaimantsDeps {
  /** Every Baseline that declares the object, those of other shards as well. */
  readonly declaring: (id: ResourceId) => readonly BaselineKey[];
  readonly baselineOf: (key: BaselineKey) => Account | undefined;
  /** Undefined: the operator itself. Answers at once; where nobody can tell, that is a yes. */
  readonly mayPatch: (as: Impersonation | undefined, id: ResourceId) => boolean | "asking";
  /** Of Baselines there, and of those with an account of their own, more than their own namespace may be declared. */
  readonly platformNamespaces: readonly string[];
}

export interface OtherClaimants {
  readonly claimants: readonly BaselineKey[];
  /** Some answer is under way: nothing is to be written, or said, before it is there. */
  readonly asking: boolean;
}

export interface Claimants {
  /** Those with whom a Baseline disputes an object; none where it may not patch the object itself. */
  others(self: BaselineKey, id: ResourceId): OtherClaimants;
}

const none: OtherClaimants = { claimants: [], asking: false };

export function createClaimants(deps: ClaimantsDeps): Claimants {
  const { declaring, baselineOf, mayPatch, platformNamespaces } = deps;

  const claims = (key: BaselineKey, id: ResourceId): boolean | "asking" => {
    const claim = baselineOf(key);
    // It went between two looks: it declares nothing any more.
    if (claim === undefined) return false;
    return mayReach(claim, id, platformNamespaces) && mayPatch(accountOf(claim), id);
  };

  return {
    others(self, id) {
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

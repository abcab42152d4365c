/**
 * A plan as people and approvals see it: what it does and where, without a value. It is the same at every version of
 * the object at which the same is to be done, so that a status update neither rewrites a record nor voids an approval.
 */
import type { KeyObject } from "node:crypto";
import type { DecideInput } from "./decide.ts";
import { changesOf, hashOfPlan, planHeal, type HealPlan } from "./heal-plan.ts";
import type { Operation } from "./working-copy.ts";

export interface ShownOperation {
  readonly op: Operation["op"];
  /** JSON Pointer into the live object. Of names and places only: a pointer spells out no value. */
  readonly path: string;
}

export interface ShownPlan {
  readonly kind: HealPlan["kind"];
  /** In order, without the guard on the version; of a recreation, what drifted. */
  readonly operations: readonly ShownOperation[];
  readonly total: number;
  /** Of a recreation: the fields that can be changed in no other way. */
  readonly immutable: readonly string[];
  /** Of a recreation: what goes with the object and does not come back with it. */
  readonly destroys?: string;
}

export interface ShownRecord {
  /** What an approval must name. */
  readonly contentHash: string;
  readonly shown: ShownPlan | undefined;
}

export function shownPlan(plan: HealPlan): ShownPlan {
  const operations = changesOf(plan).map(({ op, path }) => ({ op, path }));
  const remade = plan.kind === "recreate" ? plan : undefined;
  return {
    kind: plan.kind,
    operations,
    total: operations.length,
    immutable: remade?.immutable ?? [],
    ...(remade?.destroys === undefined ? {} : { destroys: remade.destroys }),
  };
}

/** Plans once for both: planning is dear, and a record asks for the two together. */
export function recordOfPlan(input: DecideInput, key: KeyObject | Uint8Array): ShownRecord {
  const plan = planHeal(input);
  return {
    contentHash: hashOfPlan(input, key, plan),
    shown: plan === undefined ? undefined : shownPlan(plan),
  };
}

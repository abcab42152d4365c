/**
 * Giving ownership back, before anything is sent: when a live object's deployer owns what a heal of ours came to own,
 * one patch of `metadata.managedFields` lets go of it. It holds no values, and changes none.
 */
import { letGo, sharesFields } from "../compare/managed-fields-shares.ts";
import { normaliseDesired } from "../compare/normalise.ts";
import { fieldManager } from "../model/annotations.ts";
import type { Baseline } from "../model/baseline.ts";
import type { JsonObject } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import { field } from "../model/path.ts";
import type { Verdict } from "../model/verdict.ts";
import { nobody } from "./attribute.ts";
import { decide, type DecideInput } from "./decide.ts";

export interface HandBackPlan {
  readonly operations: readonly JsonObject[];
  /** How many fields are let go of. */
  readonly fields: number;
  readonly uid: string;
  /** The version the operations are made for. */
  readonly resourceVersion: string;
}

/** True where somebody else owns what we do, so that a closer look is worth its while. */
export function isCoOwned({ managedFields }: LiveObject): boolean {
  return sharesFields(managedFields, fieldManager);
}

/**
 * Undefined where nobody else owns what we do, and where the object is not as declared: while it drifts, what belongs to
 * whom is still to be seen, and a heal goes first.
 */
export function planHandBack(input: DecideInput): HandBackPlan | undefined {
  const { desired, live, schema } = input;
  if (desired === undefined || live.state !== "present" || !("root" in schema)) return undefined;
  if (decide(input).verdict.kind !== "in-sync") return undefined;
  const { managedFields, uid, resourceVersion } = live.live;
  const found = letGo(managedFields, fieldManager, normaliseDesired(desired.object, schema));
  if (found === undefined) return undefined;
  const guard = { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion };
  return { ...found, operations: [guard, ...found.operations], uid, resourceVersion };
}

/** What the write would be, put as a drift, to ask whether we may write at all: the mildest there is, and of a cause that is healed. */
export function handBackAsDrift(baseline: Baseline): Extract<Verdict, { kind: "drifted" }> {
  const [cause = "live-edit"] = baseline.remediation.causes;
  const kind = { severity: "low", class: "metadata", cause } as const;
  const path = [field("metadata"), field("managedFields")];
  const change = { op: "changed", path, pointer: "/metadata/managedFields", sensitive: false, owner: nobody } as const;
  return { kind: "drifted", changes: [{ ...change, ...kind }], ...kind, ownershipWiped: false };
}

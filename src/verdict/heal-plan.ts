/**
 * What would put an object back, made from both sides as they are. Pure, and it looks at no switch: whether it may be
 * done is for `remedy` to say. It may hold values of Secrets: it is sent, hashed with a key, and never shown as it is.
 */
import type { KeyObject } from "node:crypto";
import { getString, type JsonObject } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import type { ResourceId } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import { contentHash } from "./content-hash.ts";
import type { Counted, PairInput } from "./counting.ts";
import type { DecideInput } from "./decide.ts";
import { immutableIn } from "./immutable.ts";
import { createBody, planOperations } from "./operations.ts";
import { recreateBody } from "./recreate-body.ts";
import { valuesBefore, versionGuard, type Operation } from "./working-copy.ts";

export type HealPlan =
  | {
      readonly kind: "patch";
      readonly operations: readonly Operation[];
      readonly uid: string;
      /** The version the operations are made for. */
      readonly resourceVersion: string;
    }
  | { readonly kind: "create"; readonly body: JsonObject }
  /** Deleted and made again, for what drifted can be changed in no other way. What could be patched comes with it. */
  | {
      readonly kind: "recreate";
      readonly body: JsonObject;
      readonly uid: string;
      readonly resourceVersion: string;
      /** What a patch would have to do: this is what drifted. */
      readonly operations: readonly Operation[];
      /** JSON Pointers of the drifted fields that cannot be changed. */
      readonly immutable: readonly string[];
      /** What becomes of what the object made: it goes too, or it runs on until the next object takes it over. */
      readonly cascade: "Background" | "Orphan";
      /** What goes with the object and does not come back with it. */
      readonly destroys?: string;
    }
  /** Dropped from Git. */
  | { readonly kind: "delete"; readonly uid: string; readonly resourceVersion: string };

const isSchema = (schema: KindSchema | Problem): schema is KindSchema => "root" in schema;

const isGoing = ({ object }: LiveObject): boolean => getString(object.metadata, "deletionTimestamp") !== undefined;

function planDelete({ live, snapshotComplete }: DecideInput): HealPlan | undefined {
  if (live.state !== "present" || !snapshotComplete || isGoing(live.live)) return undefined;
  const { uid, resourceVersion } = live.live;
  return { kind: "delete", uid, resourceVersion };
}

function planChange(id: ResourceId, pair: PairInput, counted: Counted | undefined): HealPlan | undefined {
  const { live, desired } = pair;
  const operations = planOperations(pair, counted);
  if (operations.length === 0 || isGoing(live)) return undefined;
  const { uid, resourceVersion } = live;
  const fixed = immutableIn(id, operations, () => ({ desired: desired.object, live: live.object }), pair.schema);
  if (fixed === undefined) return { kind: "patch", operations, uid, resourceVersion };
  return {
    kind: "recreate",
    body: recreateBody(pair),
    uid,
    resourceVersion,
    operations,
    immutable: fixed.pointers,
    cascade: fixed.orphans ? "Orphan" : "Background",
    ...(fixed.destroys === undefined ? {} : { destroys: fixed.destroys }),
  };
}

/**
 * Undefined where nothing can be done: it is not seen, it is being deleted already, or nothing counts.
 * @param counted what `decideWithCount` counted for this very input
 */
export function planHeal(input: DecideInput, counted?: Counted): HealPlan | undefined {
  const { desired, live, schema } = input;
  // What Git never declared is nobody's to delete.
  if (desired === undefined) return input.found === true ? undefined : planDelete(input);
  if (live.state === "absent") return { kind: "create", body: createBody(desired.object) };
  if (live.state !== "present" || !isSchema(schema)) return undefined;
  return planChange(input.id, { ...input, desired, live: live.live, schema }, counted);
}

/** What is done to the object itself: the guard on its version is not. Of a recreation, what drifted. */
export function changesOf(plan: HealPlan | undefined): readonly Operation[] {
  const operations = plan?.kind === "patch" || plan?.kind === "recreate" ? plan.operations : [];
  return operations.filter(({ path }) => path !== versionGuard);
}

/** What making it would be named by: all that Git says of it, and nothing of how it is. For a hash only. */
export function creationOf(input: DecideInput): readonly [input: DecideInput, plan: HealPlan] {
  return [
    { ...input, live: { state: "absent" } },
    { kind: "create", body: {} },
  ];
}

/** What an approval is for: the same drift and the same plan, whatever version of the object they are seen at. */
export function hashOfPlan(input: DecideInput, key: KeyObject | Uint8Array, plan = planHeal(input)): string {
  const { id, version, desired, baseline, live } = input;
  const operations = changesOf(plan);
  return contentHash(
    {
      id,
      version,
      uid: live.state === "present" ? live.live.uid : "",
      desiredHash: desired?.hash ?? "",
      act: plan?.kind ?? "none",
      operations,
      before: live.state === "present" && operations.length > 0 ? valuesBefore(live.live.object, operations) : [],
      sensitive: baseline.compare.sensitive,
    },
    key,
  );
}

/**
 * The one request that would put an object back, made from both sides as they are. Pure. It may hold values of
 * Secrets: it is sent, hashed with a key, and never shown.
 */
import type { KeyObject } from "node:crypto";
import type { JsonObject } from "../model/json.ts";
import type { KindSchema } from "../model/schema.ts";
import type { Problem } from "../model/problem.ts";
import { contentHash } from "./content-hash.ts";
import type { DecideInput } from "./decide.ts";
import { createBody, planOperations } from "./operations.ts";

export type HealPlan =
  | {
      readonly kind: "patch";
      readonly operations: readonly JsonObject[];
      readonly uid: string;
      /** The version the operations are made for. */
      readonly resourceVersion: string;
    }
  | { readonly kind: "create"; readonly body: JsonObject }
  /** Deleted and made again, for what drifted can be changed in no other way. */
  | {
      readonly kind: "recreate";
      readonly body: JsonObject;
      readonly uid: string;
      readonly resourceVersion: string;
      /** JSON Pointers of the drifted fields that cannot be changed. */
      readonly immutable: readonly string[];
    }
  /** Dropped from Git. */
  | { readonly kind: "delete"; readonly uid: string; readonly resourceVersion: string };

export type OneWrite = Extract<HealPlan, { readonly kind: "patch" | "create" }>;

const isSchema = (schema: KindSchema | Problem): schema is KindSchema => "root" in schema;

/** Undefined where one write cannot do it: not declared, not seen, being deleted, or nothing counts. */
export function planHeal(input: DecideInput): OneWrite | undefined {
  const { desired, live, schema } = input;
  if (desired === undefined) return undefined;
  if (live.state === "absent") return { kind: "create", body: createBody(desired.object) };
  if (live.state !== "present" || !isSchema(schema)) return undefined;
  const operations = planOperations({ ...input, desired, live: live.live, schema });
  if (operations.length === 0) return undefined;
  const { uid, resourceVersion } = live.live;
  return { kind: "patch", operations, uid, resourceVersion };
}

/** What an approval is for: the same drift and the same plan, whatever version of the object they are seen at. */
export function hashOfPlan(input: DecideInput, key: KeyObject | Uint8Array): string {
  const plan = planHeal(input);
  const { id, version, desired, baseline, live } = input;
  const operations = plan?.kind === "patch" ? plan.operations : [];
  return contentHash(
    {
      id,
      version,
      uid: live.state === "present" ? live.live.uid : "",
      desiredHash: desired?.hash ?? "",
      operations: operations.filter((operation) => operation["path"] !== "/metadata/resourceVersion"),
      sensitive: baseline.compare.sensitive,
    },
    key,
  );
}

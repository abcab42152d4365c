/**
 * Amounts and durations inside custom resources: a type that a CRD embeds (a PodSpec in a Rollout) is known by its fields,
 * since a CRD does not name the types it is made of and often says no more than `type: string` of an amount. Only
 * equality is affected, never what the server stores: `1024Mi` is `1Gi`, and stays as it was written.
 */
import type { RawSchema } from "./schema-raw.ts";

/** What a field holds: one quantity, a map of them (a list of resources), or a span of time. */
export type Amount = "quantity" | "quantities" | "duration";

interface KnownType {
  /** Of the API, for people. */
  readonly type: string;
  /** Fields by which it is known: all of them must be there. */
  readonly has: readonly string[];
  /** The only other fields that it may have; any where absent. */
  readonly may?: readonly string[];
  readonly amounts: Readonly<Record<string, Amount>>;
}

const resources = { limits: "quantities", requests: "quantities" } as const;

const knownTypes: readonly KnownType[] = [
  { type: "core.ResourceRequirements", has: ["limits", "requests"], amounts: resources },
  { type: "core.ResourceRequirements", has: ["requests"], may: ["claims"], amounts: resources },
  { type: "core.ResourceRequirements", has: ["limits"], may: ["claims"], amounts: resources },
  { type: "core.EmptyDirVolumeSource", has: ["sizeLimit"], may: ["medium"], amounts: { sizeLimit: "quantity" } },
  {
    type: "core.ResourceFieldSelector",
    has: ["divisor", "resource"],
    may: ["containerName"],
    amounts: { divisor: "quantity" },
  },
  { type: "core.PodSpec", has: ["containers", "overhead", "nodeSelector"], amounts: { overhead: "quantities" } },
  {
    type: "core.PersistentVolumeClaimStatus",
    has: ["accessModes", "capacity", "phase"],
    amounts: { capacity: "quantities", allocatedResources: "quantities" },
  },
  {
    type: "core.PersistentVolumeSpec",
    has: ["accessModes", "capacity", "persistentVolumeReclaimPolicy"],
    amounts: { capacity: "quantities" },
  },
  {
    type: "core.LimitRangeItem",
    has: ["default", "defaultRequest", "max", "min", "type"],
    amounts: {
      default: "quantities",
      defaultRequest: "quantities",
      max: "quantities",
      min: "quantities",
      maxLimitRequestRatio: "quantities",
    },
  },
  { type: "core.ResourceQuotaSpec", has: ["hard", "scopeSelector", "scopes"], amounts: { hard: "quantities" } },
  {
    type: "autoscaling.MetricTarget",
    has: ["averageUtilization", "averageValue", "type", "value"],
    may: [],
    amounts: { averageValue: "quantity", value: "quantity" },
  },
  {
    type: "autoscaling.HPAScalingRules",
    has: ["policies", "selectPolicy", "stabilizationWindowSeconds", "tolerance"],
    may: [],
    amounts: { tolerance: "quantity" },
  },
  {
    // Its clients have a Duration there, and print 8760h as 8760h0m0s when they write the object back: argo-cd#6008.
    type: "cert-manager.CertificateSpec",
    has: ["duration", "issuerRef", "renewBefore", "secretName"],
    amounts: { duration: "duration", renewBefore: "duration" },
  },
];

/** Without one of these fields a struct has nothing to be looked for. */
const signs: ReadonlySet<string> = new Set(knownTypes.flatMap(({ amounts }) => Object.keys(amounts)));
const RESOURCE = /^(?:cpu|memory|storage|ephemeral-storage|pods|hugepages-\w+|[\w.-]+\.[\w-]+\/[\w.-]+)$/;

function isKnownAs(known: KnownType, names: ReadonlySet<string>): boolean {
  if (!known.has.every((name) => names.has(name))) return false;
  const { has, may } = known;
  return may === undefined || [...names].every((name) => has.includes(name) || may.includes(name));
}

const none: ReadonlyMap<string, Amount> = new Map();

/** Which fields of a struct are amounts, by the types it may be. */
export function amountsOf(schema: RawSchema): ReadonlyMap<string, Amount> {
  const { names } = schema;
  if (names === undefined || !names.some((name) => signs.has(name))) return none;
  const present = new Set(names);
  const found = new Map<string, Amount>();
  for (const known of knownTypes) {
    if (!isKnownAs(known, present)) continue;
    for (const [field, amount] of Object.entries(known.amounts)) found.set(field, amount);
  }
  return found;
}

/** True where the schema leaves room for one quantity. */
export function mayBeQuantity(schema: RawSchema): boolean {
  if (schema.names !== undefined || schema.additional !== undefined || schema.items !== undefined) return false;
  return schema.type === undefined || schema.type === "string" || schema.type === "integer" || schema.type === "number";
}

/** True where the schema leaves room for one duration. */
export function mayBeDuration(schema: RawSchema): boolean {
  return schema.names === undefined && schema.items === undefined && schema.type === "string";
}

/** True where the schema is a map of whatever may be a quantity, or free. */
export function mayBeQuantities(schema: RawSchema): boolean {
  if (schema.names !== undefined || schema.items !== undefined) return false;
  if (schema.type !== undefined && schema.type !== "object") return false;
  if (schema.additional === undefined) return schema.preserve === true;
  return schema.additional === true || mayBeQuantity(schema.additional);
}

/** True where every field is called like a resource: a list of resources with its keys written out. */
export function namesResources(schema: RawSchema): boolean {
  return schema.names !== undefined && schema.names.length > 0 && schema.names.every((name) => RESOURCE.test(name));
}

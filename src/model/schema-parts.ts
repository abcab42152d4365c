/** Pieces that several of our schemas share. Each says one thing once; descriptions are the reader's at the place of use. */
import { durationPattern } from "./duration.ts";
import type { ArraySchema, ObjectSchema, StringSchema } from "./schema-types.ts";

/** Bounds of a duration are a rule at the place of use: CEL knows Go durations. */
export const duration = { type: "string", maxLength: 32, pattern: durationPattern } as const satisfies StringSchema;

// `format: date-time` alone also takes times without a zone, and dates that are not RFC 3339.
export const time = {
  type: "string",
  format: "date-time",
  maxLength: 40,
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
} as const satisfies StringSchema;

/** RFC 1123 label: names of namespaces. */
export const namespaceName = {
  type: "string",
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
} as const satisfies StringSchema;

/** RFC 1123 subdomain: names of Secrets and ServiceAccounts. */
export const objectName = {
  type: "string",
  minLength: 1,
  maxLength: 253,
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
} as const satisfies StringSchema;

/** Typed paths (`.spec.replicas`) or JSON Pointers (`/metadata/annotations/a~1b`); nothing else begins so. */
export const fieldPath = {
  type: "string",
  minLength: 2,
  maxLength: 1024,
  pattern: "^[./\\[][^\\x00-\\x1f\\x7f]+$",
} as const satisfies StringSchema;

export const reason = {
  type: "string",
  description: "Why, for whoever reads this next year. Shown wherever the row is at work.",
  minLength: 1,
  maxLength: 512,
} as const satisfies StringSchema;

export const labelSelector = {
  type: "string",
  description: "Label selector as kubectl takes it, for example `tier=web,env!=test`.",
  minLength: 1,
  maxLength: 1024,
} as const satisfies StringSchema;

const wildcard = { type: "string", maxLength: 253, pattern: "^[^\\x00-\\x20\\x7f/]*$" } as const satisfies StringSchema;

export const target = {
  type: "object",
  description:
    "Which objects the row concerns. A part left out matches all; `*` in a part matches any run of characters. `{}` matches every object of the Baseline.",
  properties: {
    group: { ...wildcard, description: 'API group, for example `apps`; `""` is the core group.' },
    kind: { ...wildcard, description: "Kind, for example `Deployment`." },
    name: { ...wildcard, description: "Name of the object, for example `web-*`." },
    namespace: { ...wildcard, description: 'Namespace of the object; `""` is for cluster-scoped objects.' },
    labelSelector,
  },
} as const satisfies ObjectSchema;

export const severity = { type: "string", enum: ["critical", "high", "medium", "low"] } as const satisfies StringSchema;

export const changeClass = {
  type: "string",
  enum: ["security", "workload", "config", "metadata"],
} as const satisfies StringSchema;

export const cause = {
  type: "string",
  enum: ["live-edit", "rollout", "dropped-from-git", "deletion", "recreation", "non-deterministic-render"],
} as const satisfies StringSchema;

export const standingVerdict = {
  type: "string",
  enum: ["drifted", "missing", "terminating", "unmanaged"],
} as const satisfies StringSchema;

/** As `metav1.Condition`: merged by type, so that `kubectl wait` and every status reader understand it. */
export const conditions = {
  type: "array",
  description:
    "What is known, as conditions. Ready sums up: True once the source is fetched, rendered and every declared object judged at this generation. Compliant is Unknown while Plumbline cannot see, never True by accident.",
  maxItems: 16,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["type"],
  items: {
    type: "object",
    required: ["type", "status", "reason", "message", "lastTransitionTime"],
    properties: {
      type: {
        type: "string",
        description: "Ready, Reconciling, Stalled, SourceReady, Rendered or Compliant.",
        minLength: 1,
        maxLength: 316,
      },
      status: { type: "string", description: "True, False or Unknown.", enum: ["True", "False", "Unknown"] },
      reason: {
        type: "string",
        description: "One CamelCase word for programs.",
        minLength: 1,
        maxLength: 1024,
        pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
      },
      message: { type: "string", description: "A sentence for people.", maxLength: 32768 },
      lastTransitionTime: { ...time, description: "When `status` last changed." },
      observedGeneration: {
        type: "integer",
        format: "int64",
        minimum: 0,
        description: "The generation of the spec that this condition is about.",
      },
    },
  },
} as const satisfies ArraySchema;

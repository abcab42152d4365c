/**
 * The `Drift` custom resource: one object that is not as declared. Its data is at the top level and it has no status
 * subresource, so that a record is one write. Values of sensitive paths are already replaced by the mark.
 */
import { cause, changeClass, severity, standingVerdict, time } from "./schema-parts.ts";
import type { KindDefinition, ObjectSchema, TypeOf } from "./schema-types.ts";

const text = { type: "string", maxLength: 253 } as const;
const sentence = { type: "string", maxLength: 1024 } as const;
/** Any JSON, null included. Cut by the writer, never by the server. */
const anyValue = { "x-kubernetes-preserve-unknown-fields": true, nullable: true } as const;

const provenance = {
  type: "object",
  description: "Where Git declares it.",
  required: ["file"],
  properties: {
    file: { type: "string", maxLength: 1024, description: "File, relative to the root of the repository." },
    line: { type: "integer", format: "int32", minimum: 1, description: "Line, counted from 1." },
  },
} as const satisfies ObjectSchema;

const ownerSchema = {
  type: "object",
  description: "Who last set the path, as far as the object's managedFields tell. A manager is not a person.",
  required: ["confidence"],
  properties: {
    manager: { ...text, description: "Field manager, for example `kubectl-edit`; empty where nothing is known." },
    operation: { type: "string", enum: ["Apply", "Update", ""], description: "Apply or Update." },
    subresource: { ...text, description: "Subresource written through, for example `scale`." },
    time: { ...time, description: "When, at the latest." },
    confidence: {
      type: "string",
      enum: ["exact", "ancestor", "unknown"],
      description: "exact: owns this very path. ancestor: owns what it is part of. unknown: nobody is on record.",
    },
    previous: {
      type: "object",
      description:
        "Where nobody is on record, as for a removal: who owned the path before, and the versions between which it happened.",
      required: ["manager"],
      properties: {
        manager: { ...text, description: "Field manager." },
        after: { ...text, description: "Last resourceVersion that still had it." },
        before: { ...text, description: "First resourceVersion without it." },
      },
    },
  },
} as const satisfies ObjectSchema;

const madeSchema = {
  type: "object",
  description: "Of an object that Git never declared: who made it, and when, as far as its managedFields tell.",
  required: ["manager", "confidence"],
  properties: {
    manager: { ...text, description: "Field manager, for example `kubectl-create`." },
    operation: { type: "string", enum: ["Apply", "Update", ""], description: "Apply or Update." },
    time: { ...time, description: "When." },
    confidence: {
      type: "string",
      enum: ["exact", "ancestor", "unknown"],
      description: "exact: wrote when it was made. ancestor: the oldest writer on record. unknown: names nobody.",
    },
  },
} as const satisfies ObjectSchema;

const changeSchema = {
  type: "object",
  required: ["op", "path", "pointer", "severity", "class", "cause"],
  properties: {
    op: {
      type: "string",
      enum: ["changed", "added", "removed"],
      description: "As seen from Git: added is in the cluster only, removed is in Git only.",
    },
    path: {
      type: "string",
      maxLength: 2048,
      description: 'Typed path, for example `.spec.containers[name="web"].image`.',
    },
    pointer: { type: "string", maxLength: 2048, description: "JSON Pointer to the same place." },
    desired: { ...anyValue, description: "What Git declares." },
    live: { ...anyValue, description: "What runs." },
    defaulted: { ...anyValue, description: "What it would be, had nobody set it." },
    sensitive: { type: "boolean", description: "Whether the values are hidden." },
    severity: { ...severity, description: "critical, high, medium or low." },
    class: { ...changeClass, description: "What kind of thing it touches." },
    cause: { ...cause, description: "How it came about." },
    owner: ownerSchema,
    source: provenance,
    note: { ...sentence, description: "Something a reader should know." },
  },
} as const satisfies ObjectSchema;

const driftSchema = {
  type: "object",
  description:
    "A Drift is one object that is not as its Baseline declares it. It appears with the drift and goes when it is resolved. Written by Plumbline only.",
  required: ["baseline", "object", "verdict", "severity", "class", "cause", "firstObserved"],
  properties: {
    baseline: { ...text, description: "Name of the Baseline, in the same namespace." },
    object: {
      type: "object",
      description: "The object this is about.",
      required: ["kind", "name"],
      properties: {
        group: { ...text, description: "API group; empty for the core group." },
        version: { type: "string", maxLength: 63, description: "API version it was read at." },
        kind: { type: "string", maxLength: 63, description: "Kind." },
        namespace: { type: "string", maxLength: 63, description: "Namespace; empty for cluster-scoped objects." },
        name: { ...text, description: "Name." },
        uid: { type: "string", maxLength: 64, description: "The live object's uid." },
        resourceVersion: { type: "string", maxLength: 64, description: "The version that was judged." },
        label: { type: "string", maxLength: 320, description: "namespace/name, or the name alone, for columns." },
      },
    },
    verdict: { ...standingVerdict, description: "drifted, missing, terminating or unmanaged." },
    severity: { ...severity, description: "The worst of its changes." },
    class: { ...changeClass, description: "The class of its worst change." },
    cause: { ...cause, description: "How it came about." },
    who: {
      type: "string",
      maxLength: 512,
      description: "The field managers of its changes, worst change first; or of whoever made what Git never declared.",
    },
    summary: { ...sentence, description: "One line for people." },
    made: madeSchema,
    changes: {
      type: "array",
      description: "What differs, worst first, at most fifty.",
      maxItems: 50,
      "x-kubernetes-list-type": "atomic",
      items: changeSchema,
    },
    changesTotal: { type: "integer", format: "int32", minimum: 0, description: "How many changes there are in all." },
    ownershipWiped: { type: "boolean", description: "managedFields were wiped: an evasion." },
    terminating: {
      type: "object",
      description: "For an object being deleted.",
      properties: {
        since: { ...time, description: "Since when." },
        finalizers: {
          type: "array",
          description: "What holds it.",
          maxItems: 50,
          "x-kubernetes-list-type": "atomic",
          items: { type: "string", maxLength: 317 },
        },
      },
    },
    contentHash: {
      type: "string",
      maxLength: 128,
      description: "Identifies this very drift: what `plumbline.dev/approve` must name.",
    },
    firstObserved: { ...time, description: "When it was first seen so. Survives restarts." },
    lastChanged: { ...time, description: "When its changes last differed." },
    revision: { type: "string", maxLength: 512, description: "The revision judged against, as `main@sha1:…`." },
    source: provenance,
    health: {
      type: "object",
      description: "How the object fares since.",
      properties: {
        state: {
          type: "string",
          enum: ["healthy", "progressing", "degraded", "suspended", "unknown"],
          description: "healthy, progressing, degraded, suspended or unknown.",
        },
        reason: { ...sentence, description: "For example `2 of 3 replicas available`." },
      },
    },
    remediation: {
      type: "object",
      description: "Where putting it back stands.",
      properties: {
        state: {
          type: "string",
          maxLength: 63,
          description: "waiting, retrying, applied, failed or not-allowed.",
        },
        attempts: { type: "integer", format: "int32", minimum: 0, description: "Writes tried so far." },
        lastResult: { type: "string", maxLength: 63, description: "applied, noop, conflict, denied or failed." },
        lastAttemptAt: { ...time, description: "When it was last tried." },
        waitingFor: {
          type: "string",
          maxLength: 63,
          description: "opt-out, pause, window, approval, fight, permission, limit or rollout.",
        },
        waitsUntil: { ...time, description: "When it is looked at again, where that is known." },
        message: { ...sentence, description: "What it waits for, or what the server said." },
        worsened: { type: "boolean", description: "Whether its last heal made its health worse." },
        owed: {
          type: "string",
          maxLength: 128,
          description:
            "It is deleted in order to be made anew: the contentHash of the creation that is owed, and needs no approval of its own.",
        },
        plan: {
          type: "object",
          description: "What would be written, without values.",
          required: ["kind"],
          properties: {
            kind: { type: "string", maxLength: 63, description: "patch, create, recreate or delete." },
            operations: {
              type: "array",
              description: "In order, at most fifty; of a recreation, what drifted.",
              maxItems: 50,
              "x-kubernetes-list-type": "atomic",
              items: {
                type: "object",
                required: ["op", "path"],
                properties: {
                  op: { type: "string", maxLength: 16, description: "add, remove or replace." },
                  path: { type: "string", maxLength: 2048, description: "JSON Pointer into the live object." },
                },
              },
            },
            operationsTotal: {
              type: "integer",
              format: "int32",
              minimum: 0,
              description: "How many there are in all.",
            },
            immutable: {
              type: "array",
              description: "For recreate: JSON Pointers of the fields that can be changed in no other way.",
              maxItems: 50,
              "x-kubernetes-list-type": "atomic",
              items: { type: "string", maxLength: 2048 },
            },
            destroys: { ...sentence, description: "For recreate: what goes with the object and does not come back." },
          },
        },
        contested: {
          type: "object",
          description: "Who else writes the same paths, where writing stopped over it.",
          properties: {
            managers: {
              type: "array",
              description: "Field managers, and names of admission.",
              maxItems: 20,
              "x-kubernetes-list-type": "atomic",
              items: { type: "string", maxLength: 253 },
            },
            paths: {
              type: "array",
              description: "What they move back and forth.",
              maxItems: 20,
              "x-kubernetes-list-type": "atomic",
              items: { type: "string", maxLength: 2048 },
            },
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;

export type DriftFields = TypeOf<typeof driftSchema>;

export const driftDefinition = {
  kind: "Drift",
  plural: "drifts",
  singular: "drift",
  // A Drift's plural is short already.
  shortNames: [],
  statusSubresource: false,
  columns: [
    { name: "Kind", type: "string", jsonPath: ".object.kind", description: "Kind of the object." },
    { name: "Object", type: "string", jsonPath: ".object.label", description: "Namespace and name of the object." },
    {
      name: "Verdict",
      type: "string",
      jsonPath: ".verdict",
      description: "drifted, missing, terminating or unmanaged.",
    },
    { name: "Severity", type: "string", jsonPath: ".severity", description: "critical, high, medium or low." },
    { name: "Cause", type: "string", jsonPath: ".cause", description: "How it came about." },
    { name: "Who", type: "string", jsonPath: ".who", description: "Field managers of the changes." },
    { name: "Since", type: "date", jsonPath: ".firstObserved", description: "When it was first seen so." },
    { name: "Changes", type: "integer", jsonPath: ".changesTotal", description: "How many changes.", priority: 1 },
    {
      name: "Remediation",
      type: "string",
      jsonPath: ".remediation.state",
      description: "Where putting it back stands.",
      priority: 1,
    },
  ],
  schema: driftSchema,
} as const satisfies KindDefinition;

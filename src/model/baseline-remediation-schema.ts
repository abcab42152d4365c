/** `spec.remediation` of a Baseline: what may be put back, when, and how much of it. */
import { duration } from "./schema-parts.ts";
import type { ObjectSchema, TypeOf } from "./schema-types.ts";

export const remediationSchema = {
  type: "object",
  description: "What may be put back, when, and how much of it. Counts only in mode Remediate.",
  properties: {
    scope: {
      type: "string",
      description:
        "OptIn (default): only objects annotated `plumbline.dev/remediate: enabled`. OptOut: all but those annotated `disabled`.",
      enum: ["OptIn", "OptOut"],
    },
    causes: {
      type: "array",
      description: "Which causes are healed. Default live-edit and deletion.",
      maxItems: 5,
      "x-kubernetes-list-type": "set",
      items: { type: "string", enum: ["live-edit", "deletion", "rollout", "dropped-from-git", "recreation"] },
    },
    approval: {
      type: "string",
      description:
        "Which heals wait for `plumbline.dev/approve` on their Drift record. HighRisk (default): those that could take something down or widen rights. Never: only deletions that take data or other objects with them.",
      enum: ["Never", "HighRisk", "Always"],
    },
    windows: {
      type: "array",
      description:
        "When healing is allowed, or is not. With any Allow, only within one; within a Deny, never. What waits says when its window opens.",
      maxItems: 20,
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        required: ["schedule", "duration", "kind"],
        properties: {
          schedule: {
            type: "string",
            description: "When the window opens: cron, five fields, for example `0 2 * * *`.",
            maxLength: 128,
            pattern: "^[0-9*,/?LW#-]+( +[0-9A-Za-z*,/?#-]+){4}$",
          },
          duration: {
            ...duration,
            description: "How long it stays open.",
            "x-kubernetes-validations": [
              {
                rule: "duration(self) >= duration('1m') && duration(self) <= duration('168h')",
                message: "must be between 1m and 168h",
              },
            ],
          },
          timeZone: {
            type: "string",
            description: "IANA time zone, for example `Europe/Paris`. Default UTC.",
            maxLength: 64,
            pattern: "^[A-Za-z]+([A-Za-z0-9_+/-]*[A-Za-z0-9])?$",
          },
          kind: { type: "string", description: "Allow or Deny; Deny wins.", enum: ["Allow", "Deny"] },
        },
      },
    },
    limits: {
      type: "object",
      description: "Brakes. What is over a limit waits, and says so.",
      properties: {
        maxPerMinute: {
          type: "integer",
          format: "int32",
          description: "Writes per minute, of this Baseline. Default 30.",
          minimum: 0,
          maximum: 600,
        },
        maxObjectsPerRevision: {
          type: "integer",
          format: "int32",
          description: "Objects healed at one revision; beyond that something bigger is wrong. Default 100.",
          minimum: 0,
          maximum: 10000,
        },
        maxPercent: {
          type: "integer",
          format: "int32",
          description:
            "With approval HighRisk: where more than this share of the Baseline's objects stands at once, each heal waits for approval. Default 20.",
          minimum: 0,
          maximum: 100,
        },
        retries: {
          type: "integer",
          format: "int32",
          description: "Attempts on one drift before it is left to people. Default 5.",
          minimum: 0,
          maximum: 100,
        },
      },
    },
    recreate: {
      type: "boolean",
      description:
        "Whether an object may be deleted and made again where what drifted can be changed in no other way. Default false.",
    },
    onUnhealthy: {
      type: "string",
      description:
        "Rollback: where a new revision makes the Baseline unhealthy, the last good one is put back for a time, visibly. Default None.",
      enum: ["None", "Rollback"],
    },
    allowProtected: {
      type: "array",
      description:
        "What is never touched unless named here: namespaces such as `kube-system` by name, and Plumbline's own objects as `Kind/name` or `Kind/namespace/name`.",
      maxItems: 50,
      "x-kubernetes-list-type": "set",
      items: { type: "string", minLength: 1, maxLength: 380, pattern: "^[A-Za-z0-9][A-Za-z0-9./:_-]*$" },
    },
    prune: {
      type: "boolean",
      description:
        "Whether objects dropped from Git may be deleted; `causes` must list dropped-from-git too. Default false.",
    },
  },
} as const satisfies ObjectSchema;

export type BaselineRemediation = TypeOf<typeof remediationSchema>;

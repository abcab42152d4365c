/**
 * `status` of a Baseline: counts, the worst twenty, and the little that a restart must remember. Everything else is
 * in Drift records. Kept under 32 KiB.
 */
import { conditions, severity, standingVerdict, time } from "./schema-parts.ts";
import type { ObjectSchema, TypeOf } from "./schema-types.ts";

const count = { type: "integer", format: "int32", minimum: 0 } as const;
/** `main@sha1:4f2a1c…` */
const revision = { type: "string", maxLength: 512 } as const;

export const statusSchema = {
  type: "object",
  description: "What Plumbline found. Written by Plumbline only.",
  properties: {
    observedGeneration: {
      type: "integer",
      format: "int64",
      minimum: 0,
      description: "The generation of the spec that this status is about.",
    },
    conditions,
    mode: {
      type: "string",
      description: "The mode in force: the spec's, its default, or less where the spec asks for what cannot be kept.",
      enum: ["Observe", "Alert", "Remediate"],
    },
    source: {
      type: "object",
      description: "Which revision is judged against.",
      properties: {
        revision: { ...revision, description: "The revision judged against, as `main@sha1:…`." },
        settledRevision: {
          ...revision,
          description: "The last revision at which nothing was pending: what a restart starts from.",
        },
        committedAt: { ...time, description: "When the revision was committed." },
        fetchedAt: { ...time, description: "When the revision was fetched; grace periods count from here." },
        author: { type: "string", maxLength: 256, description: "Who wrote the commit." },
        goodRevision: {
          ...revision,
          description: "The last revision at which everything was in sync and healthy: what a rollback goes to.",
        },
        guard: {
          type: "object",
          description: "Why this revision is not acted upon until somebody approves of its commit.",
          required: ["reason", "commit", "message"],
          properties: {
            reason: {
              type: "string",
              description:
                "Shrunk: much of what was declared is gone. Rewritten: the commit does not descend from the one before.",
              enum: ["Shrunk", "Rewritten"],
            },
            commit: {
              type: "string",
              maxLength: 64,
              description: "What `plumbline.dev/approve` on the Baseline must name.",
            },
            before: { ...revision, description: "The last revision that could be acted upon." },
            message: { type: "string", maxLength: 1024, description: "One sentence." },
          },
        },
        pending: {
          type: "array",
          description:
            "Objects that wait for their deployer, longest first, so that a restart extends nobody's grace period and puts back nothing that was never there.",
          maxItems: 50,
          "x-kubernetes-list-type": "atomic",
          items: {
            type: "object",
            required: ["kind", "name", "since", "hash"],
            properties: {
              group: { type: "string", maxLength: 253, description: "API group; empty for the core group." },
              kind: { type: "string", maxLength: 63, description: "Kind." },
              namespace: { type: "string", maxLength: 63, description: "Namespace; empty for cluster-scoped objects." },
              name: { type: "string", maxLength: 253, description: "Name." },
              since: { ...time, description: "When the revision that changed it was fetched." },
              hash: { type: "string", maxLength: 16, description: "Start of the hash of what is declared." },
              unmatched: {
                type: "boolean",
                description: "Its grace period is over, and it was never seen as declared: the deployer goes first.",
              },
            },
          },
        },
      },
    },
    objects: {
      type: "object",
      description: "How many objects have which verdict. They add up to the total.",
      properties: {
        total: { ...count, description: "Objects considered." },
        inSync: { ...count, description: "As declared." },
        drifted: { ...count, description: "Different from what is declared." },
        pending: { ...count, description: "Git moved, the deployer has not caught up, and the grace period runs." },
        missing: { ...count, description: "Declared, and not there." },
        terminating: { ...count, description: "Being deleted." },
        unmanaged: {
          ...count,
          description: "There, and not declared: dropped from Git, or found where spec.unmanaged looks.",
        },
        excluded: { ...count, description: "Opted out, by Git or by this Baseline." },
        unknown: { ...count, description: "Cannot be judged; the conditions and Events say why." },
      },
    },
    compliance: {
      type: "object",
      description: "Measured compliance.",
      properties: {
        ratio: {
          type: "string",
          maxLength: 16,
          description:
            'In sync over in sync, drifted, missing, terminating and unknown, for example "0.952". Absent while nothing is judged.',
        },
        severity: { ...severity, description: "The worst severity of what stands." },
      },
    },
    worst: {
      type: "array",
      description: "The worst objects, at most twenty. All of them: `kubectl get drifts`.",
      maxItems: 20,
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        required: ["kind", "name", "verdict", "severity"],
        properties: {
          group: { type: "string", maxLength: 253, description: "API group; empty for the core group." },
          kind: { type: "string", maxLength: 63, description: "Kind." },
          namespace: { type: "string", maxLength: 63, description: "Namespace; empty for cluster-scoped objects." },
          name: { type: "string", maxLength: 253, description: "Name." },
          verdict: { ...standingVerdict, description: "drifted, missing, terminating or unmanaged." },
          severity: { ...severity, description: "critical, high, medium or low." },
          since: { ...time, description: "When it was first seen so." },
        },
      },
    },
    rollback: {
      type: "object",
      description: "A revision put back for a time, instead of what the ref names.",
      required: ["revision", "until"],
      properties: {
        revision: { ...revision, description: "The revision in force." },
        instead: { ...revision, description: "What the ref names." },
        until: { ...time, description: "When the ref counts again." },
        reason: { type: "string", maxLength: 512, description: "Why, as whoever did it said." },
        automatic: { type: "boolean", description: "Whether `remediation.onUnhealthy` did it." },
      },
    },
    remediation: {
      type: "object",
      description: "What waits to be put back.",
      properties: {
        waiting: { ...count, description: "Objects that wait, for whatever reason." },
        nextWindow: { ...time, description: "When the next window opens, where a closed one holds something back." },
        openUntil: { ...time, description: "When the window that is open closes." },
        pausedUntil: { ...time, description: "When the pause of the whole Baseline ends." },
      },
    },
    lastHandledRequestAt: {
      type: "string",
      maxLength: 256,
      description: "The last `plumbline.dev/requested-at` that was acted upon.",
    },
  },
} as const satisfies ObjectSchema;

export type BaselineStatus = TypeOf<typeof statusSchema>;

/**
 * The `Baseline` custom resource: what ought to be true, and how strictly. The CRD, the TypeScript types and the
 * reference page all come from this literal (`npm run generate`). It says what is legal and never what is default:
 * defaults are in `baseline-settings.ts`, where they can improve without rewriting anybody's objects.
 */
import { remediationSchema } from "./baseline-remediation-schema.ts";
import { sourceSchema } from "./baseline-source-schema.ts";
import { statusSchema } from "./baseline-status-schema.ts";
import {
  duration,
  fieldPath,
  labelSelector,
  namespaceName,
  objectName,
  reason,
  severity,
  target,
  time,
} from "./schema-parts.ts";
import type { KindDefinition, ObjectSchema, TypeOf } from "./schema-types.ts";

const compareSchema = {
  type: "object",
  description: "What counts as a difference.",
  properties: {
    addedFields: {
      type: "string",
      description:
        "Custom resources only: whether fields that are in the cluster and not in Git count. Strict: all of them. TrustControllers (default): all but those that only controllers own. Ignore: none. On built-in kinds they always count.",
      enum: ["Strict", "TrustControllers", "Ignore"],
    },
    ignore: {
      type: "array",
      description: "Paths that never count, each with the reason. What is ignored is still listed, as suppressed.",
      maxItems: 100,
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        required: ["target", "paths", "reason"],
        properties: {
          target,
          paths: {
            type: "array",
            description:
              'Typed paths such as `.spec.replicas` or `.spec.containers[name="web"].image`, or JSON Pointers such as `/metadata/annotations/example.com~1stamp`.',
            minItems: 1,
            maxItems: 50,
            "x-kubernetes-list-type": "atomic",
            items: fieldPath,
          },
          managers: {
            type: "array",
            description: "Only where one of these field managers owns the path. Left out: whoever does.",
            maxItems: 20,
            "x-kubernetes-list-type": "atomic",
            items: { type: "string", minLength: 1, maxLength: 128 },
          },
          reason,
          until: {
            ...time,
            description: "When the row ends, RFC 3339. From then on it is reported as expired and not used.",
          },
        },
      },
    },
    sensitive: {
      type: "array",
      description:
        "Paths whose values are never shown, beyond those of Secrets: not in a record, an Event, a log or a report.",
      maxItems: 100,
      "x-kubernetes-list-type": "atomic",
      items: fieldPath,
    },
  },
} as const satisfies ObjectSchema;

const specSchema = {
  type: "object",
  description: "What ought to be true, and what to do about it.",
  required: ["source"],
  "x-kubernetes-validations": [
    {
      rule: "!has(self.unmanaged) || !has(self.unmanaged.scope) || self.unmanaged.scope != 'Selector' || has(self.unmanaged.labelSelector)",
      message: "unmanaged.scope Selector needs unmanaged.labelSelector",
    },
  ],
  properties: {
    source: sourceSchema,
    path: {
      type: "string",
      description: "Folder of the repository that holds the manifests. Left out: its root.",
      maxLength: 1024,
      "x-kubernetes-validations": [
        { rule: "!self.startsWith('/')", message: "must be relative to the root of the repository" },
        { rule: "!self.matches(r'(^|/)\\.\\.(/|$)')", message: "must not contain '..'" },
        { rule: "!self.matches(r'(^|/)\\.git(/|$)')", message: "must not lead into .git" },
        {
          rule: "!self.matches(r'[\\x00-\\x1f\\x7f\\\\]')",
          message: "must not contain control characters or backslashes",
        },
      ],
    },
    exclude: {
      type: "array",
      description: "Files left out, as glob patterns relative to `path`, for example `**/test/**`.",
      maxItems: 50,
      "x-kubernetes-list-type": "atomic",
      items: { type: "string", minLength: 1, maxLength: 256, pattern: "^[^/\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$" },
    },
    render: {
      type: "object",
      description: "How files become objects.",
      properties: {
        kind: {
          type: "string",
          description:
            "Auto (default): Kustomize where the folder has a kustomization, else Plain. Plain: every YAML and JSON file below the folder. Helm is not rendered yet, and says so.",
          enum: ["Auto", "Plain", "Kustomize", "Helm"],
        },
      },
    },
    targetNamespace: {
      ...namespaceName,
      description:
        "Namespace of namespaced objects that name none, as `kubectl apply -n`. Left out: the Baseline's own.",
    },
    serviceAccountName: {
      ...objectName,
      description:
        "ServiceAccount of the Baseline's namespace on whose behalf it is judged and healed: what that account may not read is not shown, what it may not change is not changed. Outside of the platform's namespaces nothing is healed without one.",
    },
    mode: {
      type: "string",
      description:
        "How far to go. Observe: count. Alert (default): also tell, by Events and alerts. Remediate: also put back what is opted in.",
      enum: ["Observe", "Alert", "Remediate"],
    },
    gracePeriod: {
      ...duration,
      description:
        "How long an object may lag behind a new commit before it counts as drifted or missing. Default 10m.",
      "x-kubernetes-validations": [{ rule: "duration(self) <= duration('168h')", message: "must be at most 168h" }],
    },
    compare: compareSchema,
    severity: {
      type: "array",
      description: "Severities of your own; the first row that matches wins, before the built-in ones.",
      maxItems: 100,
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        required: ["target", "severity"],
        properties: {
          target,
          paths: {
            type: "array",
            description: "Only for changes at or below these paths. Left out: the whole object.",
            maxItems: 50,
            "x-kubernetes-list-type": "atomic",
            items: fieldPath,
          },
          severity: { ...severity, description: "critical, high, medium or low." },
        },
      },
    },
    unmanaged: {
      type: "object",
      description: "Where to look for objects that Git never declared.",
      properties: {
        scope: {
          type: "string",
          description:
            "None (default): nowhere. Namespaces: in the namespaces in which this Baseline declares something. Selector: whatever labelSelector matches, wherever it is. What a controller owns or the system makes is not reported, and nothing that was found is ever deleted. Objects dropped from Git are reported in every scope.",
          enum: ["None", "Namespaces", "Selector"],
        },
        labelSelector,
      },
    },
    remediation: remediationSchema,
    exempt: {
      type: "array",
      description: "Namespaces that are left out, counted as excluded, with the reason.",
      maxItems: 50,
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        required: ["namespaceSelector", "reason"],
        properties: {
          namespaceSelector: { ...labelSelector, description: "Label selector on namespaces, as kubectl takes it." },
          reason,
          until: { ...time, description: "When the exemption ends, RFC 3339." },
        },
      },
    },
    minCompliance: {
      type: "number",
      description:
        "The share of judged objects that must be in sync for the Baseline to be Compliant, 0 to 1. Default 0.99.",
      minimum: 0,
      maximum: 1,
    },
    suspend: {
      type: "boolean",
      description: "Stop fetching and writing, keep the last verdicts, and say so.",
    },
  },
} as const satisfies ObjectSchema;

export type BaselineSpec = TypeOf<typeof specSchema>;

export const baselineDefinition = {
  kind: "Baseline",
  plural: "baselines",
  singular: "baseline",
  shortNames: ["bl"],
  statusSubresource: true,
  columns: [
    {
      name: "Ready",
      type: "string",
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: "Fetched, rendered and judged.",
    },
    {
      name: "Compliant",
      type: "string",
      jsonPath: '.status.conditions[?(@.type=="Compliant")].status',
      description: "Enough of the declared objects are as declared.",
    },
    {
      name: "Drifted",
      type: "integer",
      jsonPath: ".status.objects.drifted",
      description: "Objects that differ from Git.",
    },
    {
      name: "Revision",
      type: "string",
      jsonPath: ".status.source.revision",
      description: "The revision judged against.",
    },
    {
      name: "Mode",
      type: "string",
      jsonPath: ".status.mode",
      description: "Observe, Alert or Remediate, as in force.",
    },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "Since creation." },
    {
      name: "Objects",
      type: "integer",
      jsonPath: ".status.objects.total",
      description: "Objects judged.",
      priority: 1,
    },
    {
      name: "Pending",
      type: "integer",
      jsonPath: ".status.objects.pending",
      description: "Objects that lag behind a commit, within the grace period.",
      priority: 1,
    },
    {
      name: "Missing",
      type: "integer",
      jsonPath: ".status.objects.missing",
      description: "Objects that are not there.",
      priority: 1,
    },
    {
      name: "Unknown",
      type: "integer",
      jsonPath: ".status.objects.unknown",
      description: "Objects that cannot be judged.",
      priority: 1,
    },
    { name: "Source", type: "string", jsonPath: ".spec.source.git.url", description: "Where Git is.", priority: 1 },
    {
      name: "Message",
      type: "string",
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: "What Ready says.",
      priority: 1,
    },
  ],
  schema: {
    type: "object",
    description: "A Baseline says what ought to be true in the cluster, as a folder of a Git repository declares it.",
    required: ["spec"],
    "x-kubernetes-validations": [
      {
        rule: "self.metadata.name.size() <= 63",
        message: "the name must have at most 63 characters, for it becomes a label",
      },
    ],
    properties: { spec: specSchema, status: statusSchema },
  },
} as const satisfies KindDefinition;

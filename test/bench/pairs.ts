/**
 * Pairs of what Git declares and what runs, of the kinds that people have many of. The live side is what a server would
 * store: with defaults, identity, owners and status, and no value shared with the declared one.
 */
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { createSchemaIndex, kindOf } from "../../src/compare/schema-index.ts";
import { formatJson, isObject, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";

export interface BenchPair {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly schema: KindSchema;
  /** As JSON text, of the deployer. */
  readonly managedFields: string;
}

const index = createSchemaIndex();
for (const [groupVersion, document] of readBuiltInSchema().documents) index.addOpenApi(groupVersion, document);

const copy = <Value extends Json>(value: Value): Value => parseJson(formatJson(value)) as Value;

function object(apiVersion: string, kind: string, name: string, rest: JsonObject): KubeObject {
  const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", tier: "web" };
  return { apiVersion, kind, metadata: { name, namespace: "bench", labels }, ...rest };
}

function podTemplate(name: string): JsonObject {
  const container = (of: string): JsonObject => ({
    name: of,
    image: `registry.example/${of}:1.4.2`,
    args: ["--listen=:8080", "--log-level=info"],
    env: [
      ...Array.from({ length: 6 }, (_, at) => ({ name: `SETTING_${at}`, value: `value ${at} of ${name}` })),
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name, key: "password" } } },
    ],
    ports: [{ name: "http", containerPort: 8080 }],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
    livenessProbe: { httpGet: { path: "/live", port: "http" }, failureThreshold: 5 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [{ name: "config", mountPath: "/etc/shop" }],
  });
  return {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: name,
      containers: [container("web"), container("side")],
      volumes: [{ name: "config", configMap: { name } }],
      tolerations: [{ key: "spot", operator: "Exists" }],
    },
  };
}

export function deployment(name: string): KubeObject {
  const selector = { matchLabels: { app: name } };
  return object("apps/v1", "Deployment", name, { spec: { replicas: 3, selector, template: podTemplate(name) } });
}

const makers: readonly ((name: string) => KubeObject)[] = [
  deployment,
  (name) =>
    object("apps/v1", "StatefulSet", name, {
      spec: {
        serviceName: name,
        selector: { matchLabels: { app: name } },
        template: podTemplate(name),
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
          },
        ],
      },
    }),
  (name) =>
    object("v1", "Service", name, {
      spec: { clusterIP: "None", selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    }),
  (name) =>
    object("v1", "ConfigMap", name, {
      data: Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`key-${at}`, `text ${at} of ${name}`])),
    }),
  (name) => object("v1", "Secret", name, { stringData: { password: `secret of ${name}` }, type: "Opaque" }),
  (name) => object("v1", "ServiceAccount", name, {}),
  (name) =>
    object("rbac.authorization.k8s.io/v1", "Role", name, {
      rules: [{ apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get", "list", "watch"] }],
    }),
  (name) =>
    object("rbac.authorization.k8s.io/v1", "RoleBinding", name, {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: "bench" }],
    }),
  (name) =>
    object("networking.k8s.io/v1", "Ingress", name, {
      spec: {
        rules: [
          {
            host: `${name}.example.com`,
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { name: "http" } } } }],
            },
          },
        ],
      },
    }),
  (name) =>
    object("networking.k8s.io/v1", "NetworkPolicy", name, {
      spec: { podSelector: { matchLabels: { app: name } }, ingress: [{ ports: [{ port: 8080 }] }] },
    }),
  (name) =>
    object("autoscaling/v2", "HorizontalPodAutoscaler", name, {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
      },
    }),
  (name) =>
    object("policy/v1", "PodDisruptionBudget", name, {
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
    }),
];

export function mixed(count: number): readonly KubeObject[] {
  return Array.from({ length: count }, (_, at) => {
    const make = makers[at % makers.length] ?? deployment;
    return make(`thing-${at}`);
  });
}

export function largeConfigMap(bytes: number): KubeObject {
  const data = Object.fromEntries(
    Array.from({ length: Math.floor(bytes / 1_024) }, (_, at) => [`key-${at}`, `${at} `.padEnd(1_000, "text ")]),
  );
  return object("v1", "ConfigMap", "large", { data });
}

/** A definition whose schema is that of a built-in's, written out as controller-gen does, at so many versions. */
export function largeDefinition(bytes: number): KubeObject {
  const prose = "What this field is for, at the length at which such fields are described by those who make them. ";
  const leaf: JsonObject = { type: "string", description: prose };
  const level = (depth: number): JsonObject => ({
    type: "object",
    description: prose,
    properties: Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`field${at}`, depth === 0 ? leaf : level(depth - 1)]),
    ),
  });
  const openAPIV3Schema: JsonObject = { type: "object", properties: { spec: level(3) } };
  const size = JSON.stringify(openAPIV3Schema).length;
  const versions = Array.from({ length: Math.ceil(bytes / size) }, (_, at) => ({
    name: `v1alpha${at + 1}`,
    served: true,
    storage: at === 0,
    schema: { openAPIV3Schema },
  }));
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "larges.bench.example.com" },
    spec: {
      group: "bench.example.com",
      scope: "Namespaced",
      names: { kind: "Large", listKind: "LargeList", plural: "larges", singular: "large" },
      versions,
    },
  };
}

function managedFieldsOf(desired: KubeObject): string {
  const owned = (value: Json): JsonObject =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [`f:${key}`, owned(entry)])) : {};
  const { apiVersion, kind: _, metadata, ...rest } = desired;
  const labels = { labels: metadata["labels"] ?? {} };
  const entry = {
    manager: "kubectl-client-side-apply",
    operation: "Update",
    apiVersion,
    time: "2026-01-02T03:04:05Z",
    fieldsType: "FieldsV1",
    fieldsV1: owned({ metadata: labels, ...rest }),
  };
  return JSON.stringify([entry]);
}

/** What runs; `drifted` has a label that Git does not know. */
export function pairOf(desired: KubeObject, drifted: boolean, at = 0): BenchPair {
  const schema = index.schemaFor(kindOf(desired));
  if (schema === undefined) throw new Error(`no schema of ${desired.kind}`);
  const stored = copy(defaultedDesired(copy(desired), schema));
  const labels = isObject(stored.metadata["labels"]) ? stored.metadata["labels"] : {};
  const live: KubeObject = {
    ...stored,
    metadata: {
      ...stored.metadata,
      ...(drifted && { labels: { ...labels, byHand: "yes" } }),
      uid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      resourceVersion: String(1_000 + at),
      generation: 1,
      creationTimestamp: "2026-01-02T03:04:05Z",
    },
  };
  return { desired, live, schema, managedFields: managedFieldsOf(desired) };
}

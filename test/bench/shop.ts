/** Many objects of the kinds that people have many of: as Git declares them, and as `kubectl get -o json` prints them. */
import { formatYaml } from "../../src/cli/output/yaml-text.ts";
import type { Json } from "../../src/model/json.ts";

type Made = { readonly [key: string]: Json };

const labels = (name: string) => ({ app: name, "app.kubernetes.io/part-of": "shop", tier: "web" });

function workload(name: string): Made {
  const container = (of: string) => ({
    name: of,
    image: `registry.example/${of}:1.4.2`,
    env: Array.from({ length: 6 }, (_, at) => ({ name: `SETTING_${at}`, value: `value ${at} of ${name}` })),
    ports: [{ name: "http", containerPort: 8080 }],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
  });
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop", labels: labels(name) },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: labels(name) },
        spec: { serviceAccountName: name, containers: [container("web"), container("side")] },
      },
    },
  };
}

function service(name: string): Made {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop", labels: labels(name) },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

function configMap(name: string): Made {
  const data = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`key-${at}`, `text ${at} of ${name}`]));
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", labels: labels(name) }, data };
}

function role(name: string): Made {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name, namespace: "shop", labels: labels(name) },
    rules: [{ apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["get", "list", "watch"] }],
  };
}

const kinds = [workload, service, configMap, role] as const;

function declare(at: number): Made {
  const make = kinds[at % kinds.length] ?? workload;
  return make(`thing-${at}`);
}

/** Defaults that a server fills in, as far as they are keys of lists. */
function withProtocol(value: Json): Json {
  if (Array.isArray(value)) return value.map(withProtocol);
  if (typeof value !== "object" || value === null) return value;
  const filled = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withProtocol(entry)]));
  return "containerPort" in filled || "targetPort" in filled ? { ...filled, protocol: "TCP" } : filled;
}

/** What a server adds: identity, ownership, status. Every `driftEvery`th has a label that Git does not know. */
function serve(made: Made, at: number, driftEvery: number): Made {
  const metadata = made["metadata"] as { readonly labels: { readonly [key: string]: Json } };
  const fields = Object.fromEntries(Object.keys(metadata.labels).map((label) => [`f:${label}`, {}]));
  return {
    ...(withProtocol(made) as Made),
    metadata: {
      ...metadata,
      ...(at % driftEvery === 0 ? { labels: { ...metadata.labels, byHand: "yes" } } : {}),
      uid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      resourceVersion: String(1_000 + at),
      generation: 1,
      creationTimestamp: "2026-01-02T03:04:05Z",
      managedFields: [
        {
          manager: "kubectl-client-side-apply",
          operation: "Update",
          apiVersion: made["apiVersion"] ?? "v1",
          time: "2026-01-02T03:04:05Z",
          fieldsType: "FieldsV1",
          fieldsV1: { "f:metadata": { "f:labels": { ".": {}, ...fields } } },
        },
      ],
    },
    ...(made["kind"] === "Deployment" ? { status: { observedGeneration: 1, replicas: 3, availableReplicas: 3 } } : {}),
  };
}

export interface Shop {
  /** Texts of files, a hundred documents each. */
  readonly files: readonly string[];
  /** A List. */
  readonly dump: string;
  readonly drifted: number;
}

export function makeShop(objects: number, driftEvery: number): Shop {
  const made = Array.from({ length: objects }, (_, at) => declare(at));
  const files = Array.from({ length: Math.ceil(objects / 100) }, (_, at) =>
    made
      .slice(at * 100, at * 100 + 100)
      .map(formatYaml)
      .join("---\n"),
  );
  const items = made.map((one, at) => serve(one, at, driftEvery));
  const dump = JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 4);
  return { files, dump, drifted: Math.ceil(objects / driftEvery) };
}

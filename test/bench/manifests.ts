/**
 * What the benchmarks judge: equal parts of four kinds, of about 1 kB each, as a person would write them. Pure: the
 * same number is always the same object, and its text for the API server and in Git say the same.
 */
import { stringify } from "yaml";

/** Objects of one file. */
export const perFile = 5;

export interface Shape {
  readonly namespaces: number;
  readonly baselines: number;
}

export interface BenchKind {
  readonly kind: string;
  /** API path in front of the namespace. */
  readonly api: string;
  readonly resource: string;
  readonly object: unknown;
  /** A field that Git declares, and what a person may set it to: JSON Pointer and values. */
  readonly edit: { readonly pointer: string; readonly declared: string; readonly edited: string };
  /** Body of a merge patch of the status, `@TICK@` in it, that changes no verdict; absent where there is no status. */
  readonly heartbeat?: string;
}

const metadata = {
  name: "app-@AT@",
  namespace: "@NS@",
  labels: {
    app: "app-@AT@",
    "app.kubernetes.io/name": "app",
    "app.kubernetes.io/instance": "app-@AT@",
    "app.kubernetes.io/part-of": "shop",
    "app.kubernetes.io/managed-by": "team-platform",
  },
  annotations: {
    "example.com/owner": "team-checkout@example.com",
    "example.com/runbook": "https://runbooks.example.com/app-@AT@",
    "example.com/description": "One of many applications of the shop, declared by the team that runs it.",
  },
};
const lines = Array.from({ length: 24 }, (_, line) => `setting.${line} = value-${line}-of-app-@AT@`);

export const kinds: readonly BenchKind[] = [
  {
    kind: "Deployment",
    api: "/apis/apps/v1",
    resource: "deployments",
    edit: {
      pointer: "/spec/template/spec/containers/0/image",
      declared: "registry.example/app:v@AT@",
      edited: "registry.example/app:edited",
    },
    heartbeat: JSON.stringify({
      status: {
        conditions: [
          {
            type: "Available",
            status: "True",
            reason: "MinimumReplicasAvailable",
            message: "Deployment has minimum availability.",
            lastTransitionTime: "2026-01-01T00:00:00Z",
            lastUpdateTime: "@TICK@",
          },
        ],
      },
    }),
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "app-@AT@" } },
        template: {
          metadata: { labels: { app: "app-@AT@" } },
          spec: {
            containers: [
              {
                name: "app",
                image: "registry.example/app:v@AT@",
                ports: [{ name: "http", containerPort: 8080 }],
                env: [
                  { name: "LEVEL", value: "info" },
                  { name: "REGION", value: "eu" },
                  { name: "DATABASE_URL", value: "postgres://db.example:5432/app-@AT@" },
                  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                ],
                resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
                readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
                livenessProbe: { httpGet: { path: "/alive", port: "http" }, initialDelaySeconds: 10 },
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
                volumeMounts: [{ name: "config", mountPath: "/etc/app", readOnly: true }],
              },
            ],
            volumes: [{ name: "config", configMap: { name: "app-@AT@" } }],
          },
        },
      },
    },
  },
  {
    kind: "Service",
    api: "/api/v1",
    resource: "services",
    edit: { pointer: "/metadata/labels/app", declared: "app-@AT@", edited: "edited" },
    heartbeat: JSON.stringify({
      status: {
        conditions: [
          {
            type: "example.com/Checked",
            status: "True",
            reason: "Checked",
            message: "@TICK@",
            lastTransitionTime: "@TICK@",
          },
        ],
      },
    }),
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        selector: { app: "app-@AT@" },
        ports: [
          { name: "http", port: 80, targetPort: "http" },
          { name: "metrics", port: 9090 },
        ],
      },
    },
  },
  {
    kind: "ConfigMap",
    api: "/api/v1",
    resource: "configmaps",
    edit: { pointer: "/data/level", declared: "info", edited: "debug" },
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { level: "info", "app.properties": `${lines.join("\n")}\n` },
    },
  },
  {
    kind: "Ingress",
    api: "/apis/networking.k8s.io/v1",
    resource: "ingresses",
    edit: { pointer: "/spec/rules/0/host", declared: "app-@AT@.example", edited: "edited.example" },
    heartbeat: JSON.stringify({ status: { loadBalancer: { ingress: [{ hostname: "lb-@TICK@.example" }] } } }),
    object: {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: {
        tls: [{ hosts: ["app-@AT@.example"], secretName: "app-@AT@-tls" }],
        rules: [
          {
            host: "app-@AT@.example",
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "app-@AT@", port: { name: "http" } } },
                },
              ],
            },
          },
        ],
      },
    },
  },
];

const json = kinds.map(({ object }) => JSON.stringify(object));
const yaml = kinds.map(({ object }) => stringify(object));

export const kindOf = (at: number): BenchKind => kinds[at % kinds.length]!;
export const fileOf = (at: number): number => Math.floor(at / perFile);
export const filesOf = (objects: number): number => Math.ceil(objects / perFile);
export const namespaceOf = (at: number, shape: Shape): string => `bench-${fileOf(at) % shape.namespaces}`;
export const namespaceNames = (shape: Shape): readonly string[] =>
  Array.from({ length: shape.namespaces }, (_, at) => `bench-${at}`);

/** Folder of a Baseline: it declares every namespace whose number leaves this remainder. */
export const teamFolder = (team: number): string => `team-${team}`;
const teamOf = (file: number, shape: Shape): number => (file % shape.namespaces) % shape.baselines;

const fill = (template: string, at: number, shape: Shape): string =>
  template.replaceAll("@AT@", String(at)).replaceAll("@NS@", namespaceOf(at, shape));

export const nameOf = (at: number): string => `app-${at}`;
/** `Deployment bench-3/app-12`, by which the second process and the Drift records name the same object. */
export const labelOf = (at: number, shape: Shape): string =>
  `${kindOf(at).kind} ${namespaceOf(at, shape)}/${nameOf(at)}`;

export function collectionPath(at: number, shape: Shape): string {
  const { api, resource } = kindOf(at);
  return `${api}/namespaces/${namespaceOf(at, shape)}/${resource}`;
}

export const objectPath = (at: number, shape: Shape): string => `${collectionPath(at, shape)}/${nameOf(at)}`;
/** For the API server. */
export const bodyOf = (at: number, shape: Shape): string => fill(json[at % json.length] ?? "", at, shape);

/** A JSON Patch that sets the field of the kind's `edit`. */
export function editOf(at: number, to: "declared" | "edited"): string {
  const { pointer, [to]: value } = kindOf(at).edit;
  return JSON.stringify([{ op: "replace", path: pointer, value: value.replaceAll("@AT@", String(at)) }]);
}

export const filePath = (file: number, shape: Shape): string =>
  `${teamFolder(teamOf(file, shape))}/bench-${file % shape.namespaces}/app-${file}.yaml`;

/** A file of the repository: block style, five documents. */
export function fileText(file: number, objects: number, shape: Shape): string {
  const documents: string[] = [];
  for (let at = file * perFile; at < Math.min(objects, (file + 1) * perFile); at += 1)
    documents.push(fill(yaml[at % yaml.length] ?? "", at, shape));
  return documents.join("---\n");
}

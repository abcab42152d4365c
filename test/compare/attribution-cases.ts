/**
 * Ways to deploy an object and to edit it afterwards, and what can be known of who did it. Expectations are what the API
 * server records (1.34 and later); a line with `nobody` is an honest one: there the server keeps no trace.
 */
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { commands, kubectl, web, type Step } from "./attribution-commands.ts";

export interface AttributionCase {
  readonly name: string;
  readonly object: (name: string) => KubeObject;
  readonly deployed: readonly Step[];
  readonly edited: (name: string) => readonly Step[];
  readonly expected: readonly string[];
  readonly wiped?: true;
}

function deployment(name: string): KubeObject {
  const labels = { app: name };
  const container = { name: "web", image: "web:1", args: ["-a", "-b"], ports: [{ containerPort: 80 }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default", labels: { app: name, tier: "front" } },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container, { name: "side", image: "side:1", env: [{ name: "A", value: "b" }] }] },
      },
    },
  };
}

const configMap = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { a: "1", "app.conf": "x" },
});

const service = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec: { selector: { app: name }, ports: [{ name: "dns", port: 53 }] },
});

const autoscaler = (name: string): KubeObject => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name, namespace: "default" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
  },
});

const itself = (declared: KubeObject): KubeObject => declared;
const clientSide: Step = { kubectl: ["apply", "-f", "-"], object: itself };
const serverSide: Step = { kubectl: ["apply", "--server-side", "--force-conflicts", "-f", "-"], object: itself };
const argo: Step = {
  kubectl: ["apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller", "-f", "-"],
  object: itself,
};
const wipe: Step = { method: "PATCH", body: { metadata: { managedFields: [{}] } } };
const spec = (fields: JsonObject): JsonObject => ({ spec: fields });

const after = (how: string, ...deployed: readonly Step[]): readonly AttributionCase[] =>
  commands.map(({ says, step, expected }) => ({
    name: `${how}: ${says}`,
    object: deployment,
    deployed,
    edited: (name) => [step(name)],
    expected,
  }));

const others: readonly AttributionCase[] = [
  {
    name: "migrated from client-side to server-side apply: what was edited before is still its author's",
    object: deployment,
    deployed: [clientSide],
    edited: (name) => [
      kubectl("set", "env", "deployment/$name", "-c=web", "KEY=value")(name),
      serverSide,
      kubectl("patch", "deployment/$name", "-p", '{"spec":{"replicas":4}}')(name),
    ],
    expected: [
      "changed .spec.replicas: kubectl-patch Update, exact",
      `added ${web}.env[name="KEY"]: kubectl-set Update, exact`,
    ],
  },
  {
    name: "migrated from server-side to client-side apply, of another manifest",
    object: deployment,
    deployed: [serverSide],
    edited: () => [
      {
        kubectl: ["apply", "-f", "-"],
        object: (declared) => ({ ...declared, spec: { ...(declared["spec"] as JsonObject), replicas: 4 } }),
      },
    ],
    expected: ["changed .spec.replicas: kubectl-client-side-apply Update, exact"],
  },
  {
    name: "before tracking began: the server's entry stands for nobody",
    object: deployment,
    deployed: [{ method: "POST", manager: "acme-ci" }],
    edited: (name) => [wipe, kubectl("patch", "deployment/$name", "-p", '{"spec":{"minReadySeconds":7}}')(name), argo],
    expected: ["added .spec.minReadySeconds: before-first-apply Update, unknown"],
  },
  {
    name: "a client without a name",
    object: deployment,
    deployed: [clientSide],
    edited: () => [{ method: "PATCH", body: spec({ minReadySeconds: 7 }) }],
    expected: ["added .spec.minReadySeconds: unknown Update, unknown"],
  },
  {
    name: "two that apply, and a person who takes a field from both",
    object: deployment,
    deployed: [argo, serverSide],
    edited: (name) => [kubectl("set", "image", "deployment/$name", "web=web:9")(name)],
    expected: [`changed ${web}.image: kubectl-set Update, exact`],
  },
  {
    name: "a label taken away: nobody, and whose it was",
    object: deployment,
    deployed: [clientSide],
    edited: (name) => [kubectl("label", "deployment/$name", "tier-")(name)],
    expected: ["removed .metadata.labels.tier: nobody, unknown, no time, before kubectl-client-side-apply"],
  },
  {
    name: "an item of a list taken away, from under server-side apply",
    object: deployment,
    deployed: [argo],
    edited: (name) => [kubectl("set", "env", "deployment/$name", "-c=side", "A-")(name)],
    expected: [
      'removed .spec.template.spec.containers[name="side"].env[name="A"]: nobody, unknown, no time, before argocd-controller',
    ],
  },
  {
    name: "a field taken away and refilled by its default",
    object: deployment,
    deployed: [argo],
    edited: () => [{ method: "PATCH", body: [{ op: "remove", path: "/spec/replicas" }], manager: "acme-portal" }],
    expected: ["changed .spec.replicas: acme-portal Update, exact"],
  },
  {
    name: "another order of containers: nobody, and whose they were",
    object: deployment,
    deployed: [argo],
    edited: () => [
      {
        method: "PATCH",
        body: [{ op: "move", from: "/spec/template/spec/containers/1", path: "/spec/template/spec/containers/0" }],
        manager: "acme-portal",
      },
    ],
    expected: ["changed .spec.template.spec.containers: nobody, unknown, no time, before argocd-controller"],
  },
  {
    name: "ownership wiped together with the edit",
    object: deployment,
    deployed: [clientSide],
    edited: () => [
      { method: "PATCH", body: { metadata: { managedFields: [{}] }, spec: { replicas: 9 } }, manager: "acme-portal" },
    ],
    expected: ["changed .spec.replicas: nobody, unknown, no time, before kubectl-client-side-apply"],
    wiped: true,
  },
  {
    name: "ownership replaced by an entry that owns nothing: the server goes on tracking",
    object: deployment,
    deployed: [clientSide],
    edited: () => [
      {
        method: "PATCH",
        body: {
          metadata: {
            managedFields: [
              { manager: "x", operation: "Update", apiVersion: "apps/v1", fieldsType: "FieldsV1", fieldsV1: {} },
            ],
          },
          spec: { replicas: 9 },
        },
        manager: "acme-portal",
      },
    ],
    expected: ["changed .spec.replicas: acme-portal Update, exact"],
  },
  {
    name: "keys of a map: one changed, one added, one with a dot taken away",
    object: configMap,
    deployed: [argo],
    edited: () => [
      { method: "PATCH", body: { data: { a: "2", "b.c": "3" } }, manager: "acme-portal" },
      { method: "PATCH", body: { data: { "app.conf": null } }, manager: "acme-portal" },
    ],
    expected: [
      "changed .data.a: acme-portal Update, exact",
      'removed .data["app.conf"]: nobody, unknown, no time, before argocd-controller',
      'added .data["b.c"]: acme-portal Update, exact',
    ],
  },
  {
    name: "a second variable of one name: whoever wrote in the list last",
    object: deployment,
    deployed: [{ method: "POST", manager: "acme-ci" }],
    edited: () => [
      {
        method: "PATCH",
        body: [{ op: "add", path: "/spec/template/spec/containers/1/env/-", value: { name: "A", value: "c" } }],
        manager: "acme-portal",
      },
    ],
    expected: ['changed .spec.template.spec.containers[name="side"].env: acme-portal Update, ancestor'],
  },
  {
    name: "a whole map taken away: nobody, and whose it was",
    object: service,
    deployed: [argo],
    edited: () => [{ method: "PATCH", body: spec({ selector: null }), manager: "acme-portal" }],
    expected: ["removed .spec.selector.app: nobody, unknown, no time, before argocd-controller"],
  },
  {
    name: "two ports of one number, told apart by a protocol that Git leaves out",
    object: service,
    deployed: [argo],
    edited: () => [
      {
        method: "PATCH",
        body: [{ op: "add", path: "/spec/ports/-", value: { name: "dns-udp", port: 53, protocol: "UDP" } }],
        manager: "acme-portal",
      },
      { method: "PATCH", body: [{ op: "replace", path: "/spec/ports/0/targetPort", value: 5353 }], manager: "other" },
    ],
    expected: [
      'added .spec.ports[port=53,protocol="TCP"].targetPort: other Update, exact',
      'added .spec.ports[port=53,protocol="UDP"]: acme-portal Update, exact',
    ],
  },
  {
    name: "a selector, which is one whole thing",
    object: service,
    deployed: [argo],
    edited: () => [{ method: "PATCH", body: spec({ selector: { tier: "x" } }), manager: "acme-portal" }],
    expected: ["added .spec.selector.tier: acme-portal Update, ancestor"],
  },
  {
    name: "written at another version",
    object: autoscaler,
    deployed: [argo],
    edited: () => [
      {
        method: "PATCH",
        body: spec({ maxReplicas: 9, targetCPUUtilizationPercentage: 77 }),
        manager: "old-tool",
        version: "autoscaling/v1",
      },
    ],
    expected: [
      "changed .spec.maxReplicas: old-tool Update, ancestor",
      "changed .spec.metrics[0].resource.target.averageUtilization: nobody, unknown, no time, before argocd-controller",
    ],
  },
];

export const attributionCases: readonly AttributionCase[] = [
  ...after("client-side apply", clientSide),
  ...after("server-side apply", serverSide),
  ...after("applied by a tool", argo),
  ...after("created", { method: "POST", manager: "acme-ci" }),
  ...others,
];

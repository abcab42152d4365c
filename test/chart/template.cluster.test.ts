/** What the chart renders, by the real helm and without a cluster. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { isPlain, plainManifests } from "../generate/manifests.ts";
import { chart, find, kindsOf, openHelm, parseObjects, render, root, type Helm } from "./helm.ts";

let helm: Helm;
let standard: readonly KubeObject[];
beforeAll(async () => {
  helm = await openHelm();
  standard = await render(helm);
});
afterAll(() => helm?.close());

const monitoring = ["--api-versions", "monitoring.coreos.com/v1"];
const grafana = ["--api-versions", "grafana.integreatly.org/v1beta1"];
const pod = (objects: readonly KubeObject[]): Json | undefined =>
  getIn(find(objects, "Deployment", "plumbline"), "spec", "template", "spec");
const container = (objects: readonly KubeObject[]): Json | undefined => {
  const containers = getIn(pod(objects), "containers");
  return isArray(containers) ? containers[0] : undefined;
};

test("helm lint, strictly", async () => {
  expect(await helm.run(["lint", "--strict", chart])).toMatchObject({ code: 0 });
});

describe("with default values", () => {
  const usual = [
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Deployment",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
  ];
  test("these kinds", () => expect(kindsOf(standard)).toEqual(usual));

  test("the same kinds where every optional API is served: each is asked for, none assumed", async () => {
    expect(kindsOf(await render(helm, {}, [...monitoring, ...grafana]))).toEqual(usual);
  });

  test("no id twice", () => {
    const ids = standard.map((object) => JSON.stringify(idOf(object)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("deploy/plumbline.yaml is the same, object by object, but for the key", () => {
    const plain = parseObjects(readFileSync(path.join(root, "deploy/plumbline.yaml"), "utf8"));
    const byId = (objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> =>
      new Map(objects.map((object) => [JSON.stringify(idOf(object)), object]));
    expect(byId(plain)).toEqual(byId(standard.filter(isPlain)));
  });

  test("deploy/plumbline.yaml is what npm run generate writes", async () => {
    expect(readFileSync(path.join(root, "deploy/plumbline.yaml"), "utf8")).toBe(await plainManifests(helm));
  });

  test("the CRDs are those of deploy/crds.yaml, and are kept", () => {
    const plain = parseObjects(readFileSync(path.join(root, "deploy/crds.yaml"), "utf8"));
    const rendered = standard.filter((object) => object.kind === "CustomResourceDefinition");
    const specs = (objects: readonly KubeObject[]): readonly unknown[] =>
      objects.map((object) => object["spec"]).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    expect(specs(rendered)).toEqual(specs(plain));
    for (const crd of rendered)
      expect(crd.metadata).toMatchObject({ annotations: { "helm.sh/resource-policy": "keep" } });
  });

  test("the Pod is restricted", () => {
    expect(getIn(pod(standard), "securityContext")).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(getIn(container(standard), "securityContext")).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("every volume is bounded", () => {
    const volumes = getIn(pod(standard), "volumes");
    expect(isArray(volumes) ? volumes.map((volume) => getIn(volume, "emptyDir", "sizeLimit")) : []).toEqual([
      "2Gi",
      "1Gi",
    ]);
  });
});

/** One value, and what must be where. */
const rows: readonly (readonly [string, JsonObject, (objects: readonly KubeObject[]) => unknown, unknown])[] = [
  ["image.tag", { image: { tag: "v9" } }, (o) => getIn(container(o), "image"), "plumbline/plumbline:v9"],
  [
    "image.digest beats the tag",
    { image: { tag: "v9", digest: `sha256:${"0".repeat(64)}` } },
    (o) => getIn(container(o), "image"),
    `plumbline/plumbline@sha256:${"0".repeat(64)}`,
  ],
  [
    "global.imageRegistry",
    { global: { imageRegistry: "mirror.example/" }, image: { registry: "other.example" } },
    (o) => getIn(container(o), "image"),
    "mirror.example/plumbline/plumbline:0.1.0",
  ],
  [
    "both kinds of pull secrets",
    { global: { imagePullSecrets: [{ name: "a" }] }, imagePullSecrets: [{ name: "b" }] },
    (o) => getIn(pod(o), "imagePullSecrets"),
    [{ name: "a" }, { name: "b" }],
  ],
  [
    "global.tolerations where there are none",
    { global: { tolerations: [{ operator: "Exists" }] } },
    (o) => getIn(pod(o), "tolerations"),
    [{ operator: "Exists" }],
  ],
  [
    "OpenShift gives out ids",
    { global: { compatibility: { openshift: { adaptSecurityContext: "force" } } } },
    (o) => getIn(pod(o), "securityContext"),
    { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  ],
  [
    "no CRDs",
    { crds: { enabled: false } },
    (o) => o.filter((object) => object.kind === "CustomResourceDefinition").length,
    0,
  ],
  [
    "CRDs that go",
    { crds: { keep: false } },
    (o) => find(o, "CustomResourceDefinition", "baselines.plumbline.dev")?.metadata["annotations"],
    undefined,
  ],
  ["no RBAC", { rbac: { create: false } }, (o) => kindsOf(o).filter((kind) => /Role/.test(kind)), []],
  [
    "a key of one's own",
    { contentKey: { existingSecret: "mine" } },
    (o) => find(o, "Secret", "plumbline-key"),
    undefined,
  ],
  [
    "a ServiceAccount of one's own",
    { serviceAccount: { create: false, name: "mine" } },
    (o) => [getIn(pod(o), "serviceAccountName"), kindsOf(o).includes("ServiceAccount")],
    ["mine", false],
  ],
  [
    "a budget",
    { podDisruptionBudget: { enabled: true } },
    (o) => getIn(find(o, "PodDisruptionBudget", "plumbline"), "spec", "minAvailable"),
    1,
  ],
  [
    "a budget by maxUnavailable 0",
    { podDisruptionBudget: { enabled: true, maxUnavailable: 0 } },
    (o) => getIn(find(o, "PodDisruptionBudget", "plumbline"), "spec", "maxUnavailable"),
    0,
  ],
  ["no network policy", { networkPolicy: { enabled: false } }, (o) => kindsOf(o).includes("NetworkPolicy"), false],
  [
    "egress",
    { networkPolicy: { egress: { enabled: true } } },
    (o) => getIn(find(o, "NetworkPolicy", "plumbline"), "spec", "policyTypes"),
    ["Ingress", "Egress"],
  ],
  [
    "a common label",
    { commonLabels: { team: "a" } },
    (o) => o.filter((object) => getIn(object.metadata, "labels", "team") !== "a"),
    [],
  ],
  [
    "an extra object, as a template",
    { extraObjects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "{{ .Release.Name }}-x" } }] },
    (o) => find(o, "ConfigMap", "plumbline-x") !== undefined,
    true,
  ],
  [
    "a dashboard",
    { grafanaDashboard: { enabled: true } },
    (o) => getIn(find(o, "ConfigMap", "plumbline-dashboard")?.metadata, "labels", "grafana_dashboard"),
    "1",
  ],
  [
    "the dashboard's operator, not served",
    { grafanaDashboard: { operator: { enabled: true } } },
    (o) => kindsOf(o).includes("GrafanaDashboard"),
    false,
  ],
  ["a monitor, not served", { serviceMonitor: { enabled: true } }, (o) => kindsOf(o).includes("ServiceMonitor"), false],
  ["rules, not served", { prometheusRule: { enabled: true } }, (o) => kindsOf(o).includes("PrometheusRule"), false],
  [
    "a monitor, rendered all the same",
    { serviceMonitor: { enabled: true, renderMode: "alwaysRender" } },
    (o) => kindsOf(o).includes("ServiceMonitor"),
    true,
  ],
  [
    "secretNamespaces: a Role in each, and the flag",
    { sources: { secretNamespaces: ["a", "b"] } },
    (o) =>
      o
        .filter((object) => object.kind === "Role")
        .map((object) => idOf(object).namespace)
        .sort(),
    ["a", "b", "plumbline-system"],
  ],
  [
    "every knob of the Pod",
    {
      podLabels: { l: "1" },
      podAnnotations: { a: "1" },
      deploymentAnnotations: { d: "1" },
      priorityClassName: "p",
      hostAliases: [{ ip: "127.0.0.2", hostnames: ["h"] }],
      dnsPolicy: "Default",
      dnsConfig: { searches: ["x"] },
      nodeSelector: { n: "1" },
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [{ maxSkew: 1 }],
      extraArgs: ["--x"],
      extraEnv: [{ name: "X", value: "1" }],
      extraVolumes: [{ name: "v" }],
      extraVolumeMounts: [{ name: "v", mountPath: "/v" }],
      extraContainers: [{ name: "c" }],
      extraInitContainers: [{ name: "i" }],
      strategy: { type: "Recreate" },
      replicaCount: 2,
      revisionHistoryLimit: 3,
    },
    (o) => {
      const text = JSON.stringify(find(o, "Deployment", "plumbline"));
      return [
        '"l":"1"',
        '"a":"1"',
        '"d":"1"',
        '"priorityClassName":"p"',
        '"ip":"127.0.0.2"',
        '"dnsPolicy":"Default"',
        '"searches":["x"]',
        '"n":"1"',
        '"nodeAffinity"',
        '"maxSkew":1',
        '"--x"',
        '"name":"X"',
        '"mountPath":"/v"',
        '"name":"c"',
        '"name":"i"',
        '"Recreate"',
        '"replicas":2',
        '"revisionHistoryLimit":3',
      ].filter((part) => !text.includes(part));
    },
    [],
  ],
];

describe("values", () => {
  test.each(rows)("%s", async (_, values, pick, expected) => {
    expect(pick(await render(helm, values))).toEqual(expected);
  });
});

describe("where monitoring and Grafana's operator are served", () => {
  const wanted = {
    serviceMonitor: { enabled: true, additionalLabels: { release: "stack" } },
    prometheusRule: { enabled: true, renderMode: "failIfMissing" },
    grafanaDashboard: { operator: { enabled: true } },
  };

  test("what asks for them is rendered", async () => {
    const objects = await render(helm, wanted, [...monitoring, ...grafana]);
    expect(kindsOf(objects)).toEqual(expect.arrayContaining(["GrafanaDashboard", "PrometheusRule", "ServiceMonitor"]));
    expect(find(objects, "ServiceMonitor", "plumbline")?.metadata).toMatchObject({ labels: { release: "stack" } });
  });

  test("failIfMissing fails where they are missing, and says what is", async () => {
    await expect(render(helm, wanted)).rejects.toThrow(
      "prometheusRule.enabled is set, but the cluster does not serve monitoring.coreos.com/v1",
    );
  });
});

describe("a typo or a bad value is refused", () => {
  test.each<[JsonObject, string]>([
    [{ replicas: 2 }, "additional properties 'replicas' not allowed"],
    [{ rbac: { modes: "detect" } }, "additional properties 'modes' not allowed"],
    [{ image: { tags: "x" } }, "additional properties 'tags' not allowed"],
    [{ rbac: { mode: "admin" } }, "/rbac/mode"],
    [{ rbac: { read: { extraGroups: ["*"] } } }, "/rbac/read/extraGroups/0"],
    [{ rbac: { read: { groups: [""] } } }, "/rbac/read/groups/0"],
    [{ metrics: { port: 70000 } }, "/metrics/port"],
    [{ sharding: { count: 0 } }, "/sharding/count"],
    [{ leaderElection: { retryPeriod: 2 } }, "/leaderElection/retryPeriod"],
    [{ image: { digest: "latest" } }, "/image/digest"],
    [{ prometheusRule: { overrides: { PlumblineAbsent: { sevrity: "info" } } } }, "'sevrity' not allowed"],
  ])("%j", async (values, message) => {
    await expect(render(helm, values)).rejects.toThrow(message);
  });

  test("an override of no alert", async () => {
    const values = {
      prometheusRule: { enabled: true, renderMode: "alwaysRender", overrides: { Nothing: { for: "1h" } } },
    };
    await expect(render(helm, values)).rejects.toThrow("there is no alert Nothing");
  });
});

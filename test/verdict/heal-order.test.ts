/** Who goes first, who waits for whom, and that nobody waits in a circle. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import { formatId, idOf, kindRef, type KubeObject } from "../../src/model/resource.ts";
import { healRank } from "../../src/verdict/heal-order.ts";
import { healStages } from "../../src/verdict/heal-stages.ts";
import { builtInObjects } from "../compare/built-in-objects.ts";
import { podSpecs, referenceRows, referencesOf } from "./heal-references.ts";

const make = (apiVersion: string, kind: string, rest: JsonObject, namespace = "shop"): KubeObject => ({
  apiVersion,
  kind,
  ...rest,
  metadata: { name: "it", ...(namespace === "" ? {} : { namespace }), ...(rest["metadata"] as JsonObject) },
});
const rank = (text: string): number => {
  const slash = text.lastIndexOf("/");
  return healRank({ group: text.slice(0, slash), kind: text.slice(slash + 1) });
};

test.each([
  ["/Namespace", "apiextensions.k8s.io/CustomResourceDefinition"],
  ["apiextensions.k8s.io/CustomResourceDefinition", "storage.k8s.io/StorageClass"],
  ["/ResourceQuota", "/Pod"],
  ["/ServiceAccount", "rbac.authorization.k8s.io/RoleBinding"],
  ["rbac.authorization.k8s.io/ClusterRole", "rbac.authorization.k8s.io/ClusterRoleBinding"],
  ["rbac.authorization.k8s.io/RoleBinding", "/ConfigMap"],
  ["/ConfigMap", "apps/Deployment"],
  ["/PersistentVolume", "/PersistentVolumeClaim"],
  ["/PersistentVolumeClaim", "apps/StatefulSet"],
  ["/Service", "apps/Deployment"],
  ["apps/Deployment", "autoscaling/HorizontalPodAutoscaler"],
  ["apps/Deployment", "example.com/Database"],
  ["example.com/Database", "networking.k8s.io/Ingress"],
  ["networking.k8s.io/IngressClass", "networking.k8s.io/Ingress"],
  ["networking.k8s.io/Ingress", "admissionregistration.k8s.io/ValidatingWebhookConfiguration"],
])("%s before %s", (first, second) => {
  expect(rank(first)).toBeLessThan(rank(second));
});

test("what goes, goes after everything is put back, and users before what they use", () => {
  const ids = healStages.flatMap(({ kinds }) => kinds.map((kind) => kindRef(kind, "").group + kind)).map(rank);
  expect(Math.max(...ids)).toBeLessThan(healRank({ group: "admissionregistration.k8s.io", kind: "x" }, "delete"));
  const [namespace, pod] = [
    { group: "", kind: "Namespace" },
    { group: "", kind: "Pod" },
  ];
  expect(healRank(pod, "delete")).toBeLessThan(healRank(namespace, "delete"));
  expect(healRank(pod, "recreate")).toBe(healRank(pod, "patch"));
});

test("each kind is in one stage, and each stage says why", () => {
  const kinds = healStages.flatMap((stage) => stage.kinds);
  expect(new Set(kinds).size).toBe(kinds.length);
  for (const { why, name } of healStages) expect(why, name).not.toBe("");
});

const podSpec: JsonObject = {
  serviceAccountName: "runner",
  imagePullSecrets: [{ name: "pull" }],
  priorityClassName: "high",
  volumes: [
    { name: "a", configMap: { name: "files" } },
    { name: "b", secret: { secretName: "tls" } },
    { name: "c", persistentVolumeClaim: { claimName: "data" } },
    { name: "d", projected: { sources: [{ configMap: { name: "more" } }, { secret: { name: "certificates" } }] } },
    { name: "e", emptyDir: {} },
  ],
  initContainers: [{ name: "i", envFrom: [{ secretRef: { name: "init" } }] }],
  containers: [
    {
      name: "c",
      env: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: { configMapKeyRef: { name: "settings", key: "b" } } },
        { name: "C", valueFrom: { secretKeyRef: { name: "tls", key: "c" } } },
      ],
    },
  ],
};
const ofPod = [
  "Namespace shop",
  "ServiceAccount shop/runner",
  "Secret shop/pull",
  "PriorityClass high",
  "ConfigMap shop/files",
  "Secret shop/tls",
  "PersistentVolumeClaim shop/data",
  "ConfigMap shop/more",
  "Secret shop/certificates",
  "Secret shop/init",
  "ConfigMap shop/settings",
].sort();

function under(path: string, value: JsonObject): JsonObject {
  return path
    .split(".")
    .slice(1)
    .reduceRight<JsonObject>((inner, name) => ({ [name]: inner }), value);
}

describe("what an object refers to", () => {
  const told = (object: KubeObject): readonly string[] => referencesOf(object).map(formatId).sort();

  test.each(Object.entries(podSpecs))("%s, by the Pods it makes", (kind, path) => {
    const [group = "", name = ""] = kind.split("/");
    expect(told(make(group === "" ? "v1" : `${group}/v1`, name, under(path, podSpec)))).toEqual(ofPod);
  });

  const rbac = "rbac.authorization.k8s.io/v1";
  test.each<readonly [string, KubeObject, readonly string[]]>([
    [
      "a binding: its role and its accounts, no people",
      make(rbac, "RoleBinding", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
        subjects: [
          { kind: "ServiceAccount", name: "runner" },
          { kind: "ServiceAccount", name: "ci", namespace: "build" },
          { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "mallory" },
        ],
      }),
      ["Namespace shop", "Role shop/reader", "ServiceAccount build/ci", "ServiceAccount shop/runner"],
    ],
    [
      "a binding to a role of the cluster",
      make(rbac, "RoleBinding", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      }),
      ["ClusterRole view", "Namespace shop"],
    ],
    [
      "an autoscaler: its target",
      make("autoscaling/v2", "HorizontalPodAutoscaler", {
        spec: { scaleTargetRef: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web" } },
      }),
      ["Namespace shop", "Rollout shop/web"],
    ],
    [
      "an ingress: class, services, certificates",
      make("networking.k8s.io/v1", "Ingress", {
        spec: {
          ingressClassName: "nginx",
          defaultBackend: { service: { name: "fallback", port: { number: 80 } } },
          tls: [{ secretName: "cert" }],
          rules: [{ http: { paths: [{ backend: { service: { name: "web" } } }, { backend: { resource: {} } }] } }],
        },
      }),
      ["IngressClass nginx", "Namespace shop", "Secret shop/cert", "Service shop/fallback", "Service shop/web"],
    ],
    [
      "a webhook: its Service, where it is",
      make(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        { webhooks: [{ clientConfig: { service: { name: "hook", namespace: "system" } } }, { clientConfig: {} }] },
        "",
      ),
      ["Service system/hook"],
    ],
    [
      "a token: its account",
      make("v1", "Secret", { metadata: { annotations: { "kubernetes.io/service-account.name": "runner" } } }),
      ["Namespace shop", "ServiceAccount shop/runner"],
    ],
    [
      "a claim: class and volume",
      make("v1", "PersistentVolumeClaim", { spec: { storageClassName: "fast", volumeName: "pv" } }),
      ["Namespace shop", "PersistentVolume pv", "StorageClass fast"],
    ],
    [
      "a name that is empty: nothing",
      make("v1", "PersistentVolumeClaim", { spec: { storageClassName: "" } }),
      ["Namespace shop"],
    ],
    ["a namespace: nothing", make("v1", "Namespace", {}, ""), []],
    [
      "what is none of a form we know",
      make("v1", "Pod", { spec: { volumes: "x", containers: [null, 3] } }),
      ["Namespace shop"],
    ],
  ])("%s", (_, object, expected) => {
    expect(told(object)).toEqual(expected);
  });
});

test("a custom resource goes after its definition, in whichever group", () => {
  const definition = { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition" };
  expect(healRank(definition)).toBeLessThan(healRank({ group: "example.com", kind: "Database" }));
});

test("what each built-in object refers to comes before it, so nobody waits in a circle", () => {
  const late = builtInObjects.flatMap(([, object]) =>
    referencesOf(object)
      .filter((one) => healRank(one) >= healRank(idOf(object)))
      .map((one) => `${formatId(one)} after ${object.kind}`),
  );
  expect(late).toEqual([]);
});

test("every row names a kind that comes before those it is a row of", () => {
  for (const { kinds, to, path } of referenceRows)
    for (const kind of kinds) {
      const [group = "", name = ""] = kind.split("/");
      expect(healRank(to), `${kind} ${path}`).toBeLessThan(healRank({ group, kind: name }));
    }
});

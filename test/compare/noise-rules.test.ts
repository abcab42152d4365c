import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { noFacts, type Facts } from "../../src/compare/facts.ts";
import { decodeManagedFields } from "../../src/compare/managed-fields.ts";
import { parsePath } from "../../src/compare/selector.ts";
import { noiseRules, suppress } from "../../src/compare/suppress.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Path } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { builtIn } from "../verdict/pair-fixture.ts";

interface Given {
  /** `apps/v1 Deployment`. */
  readonly kind: string;
  readonly path: string;
  readonly live?: Json;
  readonly desired?: Json;
  /** The rest of the object: in Git, in live. */
  readonly git?: JsonObject;
  readonly runs?: JsonObject;
  readonly managers?: readonly string[];
  readonly facts?: Facts;
}

function typedPath(text: string): Path {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value.steps.map((step) => {
    if (step.type === "any" || step.type === "token") throw new Error(`${text} is no path of a difference`);
    return step;
  });
}

/** An entry of a manager that owns exactly this path. */
function entry(manager: string, path: Path): JsonObject {
  const fieldsV1 = path.toReversed().reduce<JsonObject>((below, element) => {
    const key =
      element.type === "field"
        ? `f:${element.name}`
        : element.type === "key"
          ? `k:${JSON.stringify(element.keys)}`
          : element.type === "value"
            ? `v:${JSON.stringify(element.value)}`
            : `i:${element.index}`;
    return { [key]: below };
  }, {});
  return { manager, operation: "Update", apiVersion: "", fieldsType: "FieldsV1", fieldsV1 };
}

function objectOf(kind: string, others: JsonObject = {}): KubeObject {
  const [apiVersion = "", name = ""] = kind.split(" ");
  const { metadata, ...rest } = others;
  return {
    apiVersion,
    kind: name,
    ...rest,
    metadata: { name: "web", namespace: "shop", uid: "u-1", ...(metadata as JsonObject | undefined) },
  };
}

/** The name of the rule that speaks, or `counts`. */
function verdictOn(given: Given): string {
  const path = typedPath(given.path);
  const difference: Difference = {
    op: given.desired === undefined ? "added" : given.live === undefined ? "removed" : "changed",
    path,
    tokens: [],
    ...(given.desired === undefined ? {} : { desired: given.desired }),
    ...(given.live === undefined ? {} : { live: given.live }),
  };
  const { suppressed } = suppress([difference], {
    desired: objectOf(given.kind, given.git),
    live: objectOf(given.kind, given.runs ?? given.git),
    managed: decodeManagedFields(JSON.stringify((given.managers ?? []).map((manager) => entry(manager, path)))),
    schema: builtIn,
    settings: { addedFields: "TrustControllers", ignore: [], sensitive: [] },
    desiredIgnore: [],
    facts: given.facts ?? noFacts,
    now: 0,
  });
  return suppressed[0]?.rule ?? "counts";
}

const scaledBetween = (min: number, max: number): Facts => ({
  ...noFacts,
  autoscalers: (target) =>
    target.name === "web" && target.namespace === "shop" && target.kind === "Deployment"
      ? [{ name: "web", kind: "HorizontalPodAutoscaler", min, max }]
      : [],
});
const annotation = (name: string): string => `.metadata.annotations[${JSON.stringify(name)}]`;
const label = (name: string): string => `.metadata.labels[${JSON.stringify(name)}]`;
const annotated = (name: string, value = "x"): JsonObject => ({ metadata: { annotations: { [name]: value } } });

const deployment = "apps/v1 Deployment";
const webhook = "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration";
const bundle = '.webhooks[name="a"].clientConfig.caBundle';
const tokenSecret = { type: "kubernetes.io/service-account-token" };
const aggregation = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } };
const clusterRole = "rbac.authorization.k8s.io/v1 ClusterRole";
const replicas = { kind: deployment, path: ".spec.replicas" };
const trusted = { metadata: { labels: { "config.openshift.io/inject-trusted-cabundle": "true" } } };

/** For each rule: circumstances in which it speaks, and the nearest in which the difference counts. */
const cases: Readonly<Record<string, { readonly holds: readonly Given[]; readonly not: readonly Given[] }>> = {
  "replicas-owned-by-autoscaler": {
    holds: [
      { ...replicas, desired: 2, live: 5, facts: scaledBetween(1, 5) },
      { ...replicas, live: 1, facts: scaledBetween(1, 5) },
    ],
    not: [
      { ...replicas, desired: 2, live: 6, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: 0, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: 5 },
      { ...replicas, desired: 2, live: 5, facts: scaledBetween(1, 5), runs: { metadata: { namespace: "dev" } } },
      { kind: "apps/v1 StatefulSet", path: ".spec.replicas", desired: 2, live: 3, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: "5", facts: scaledBetween(1, 5) },
    ],
  },
  "deployment-revision": {
    holds: [{ kind: deployment, path: annotation("deployment.kubernetes.io/revision"), live: "7" }],
    not: [
      { kind: deployment, path: annotation("deployment.kubernetes.io/revision"), live: "evil" },
      { kind: deployment, path: annotation("deployment.kubernetes.io/revision-2"), live: "7" },
      { kind: "v1 ConfigMap", path: annotation("deployment.kubernetes.io/revision"), live: "7" },
    ],
  },
  "ca-bundle-left-empty": {
    holds: [
      { kind: webhook, path: bundle, live: "Q0E=" },
      { kind: webhook, path: bundle, desired: "", live: "Q0E=" },
      { kind: webhook, path: bundle, desired: "Cg==", live: "Q0E=" },
      { kind: "apiregistration.k8s.io/v1 APIService", path: ".spec.caBundle", live: "Q0E=" },
    ],
    not: [
      { kind: webhook, path: bundle, desired: "UEVN", live: "Q0E=" },
      { kind: webhook, path: '.webhooks[name="a"].clientConfig.url', live: "https://evil.example" },
      { kind: "example.com/v1 Widget", path: ".spec.caBundle", live: "Q0E=" },
    ],
  },
  "ca-bundle-by-injector": {
    holds: [
      { kind: webhook, path: bundle, desired: "UEVN", live: "Q0E=", git: annotated("cert-manager.io/inject-ca-from") },
    ],
    not: [
      {
        kind: webhook,
        path: bundle,
        desired: "UEVN",
        live: "Q0E=",
        git: {},
        runs: annotated("cert-manager.io/inject-ca-from"),
      },
      { kind: webhook, path: bundle, desired: "UEVN", git: annotated("cert-manager.io/inject-ca-from") },
    ],
  },
  "trusted-ca-config-map": {
    holds: [{ kind: "v1 ConfigMap", path: '.data["ca-bundle.crt"]', live: "CA", git: trusted }],
    not: [
      { kind: "v1 ConfigMap", path: '.data["ca-bundle.crt"]', live: "CA", git: {}, runs: trusted },
      { kind: "v1 ConfigMap", path: ".data.other", live: "CA", git: trusted },
    ],
  },
  "service-ca-config-map": {
    holds: [
      {
        kind: "v1 ConfigMap",
        path: '.data["service-ca.crt"]',
        live: "CA",
        git: annotated("service.beta.openshift.io/inject-cabundle", "true"),
      },
    ],
    not: [
      {
        kind: "v1 ConfigMap",
        path: '.data["service-ca.crt"]',
        live: "CA",
        git: annotated("service.beta.openshift.io/inject-cabundle", "false"),
      },
      { kind: "v1 ConfigMap", path: '.data["service-ca.crt"]', live: "CA" },
    ],
  },
  "aggregated-cluster-role-rules": {
    holds: [{ kind: clusterRole, path: ".rules", live: [{ verbs: ["get"] }], git: aggregation }],
    not: [
      { kind: clusterRole, path: ".rules", live: [{ verbs: ["*"] }] },
      { kind: clusterRole, path: ".rules", live: [{ verbs: ["*"] }], git: {}, runs: aggregation },
      { kind: clusterRole, path: ".rules", live: [{ verbs: ["*"] }], git: aggregation, runs: {} },
      {
        kind: clusterRole,
        path: label("rbac.authorization.k8s.io/aggregate-to-admin"),
        live: "true",
        git: aggregation,
      },
    ],
  },
  "claim-bound": {
    holds: [{ kind: "v1 PersistentVolumeClaim", path: ".spec.volumeName", live: "pvc-1" }],
    not: [{ kind: "v1 PersistentVolumeClaim", path: ".spec.volumeName", desired: "mine", live: "other" }],
  },
  "claim-binding-marks": {
    holds: [
      { kind: "v1 PersistentVolumeClaim", path: annotation("pv.kubernetes.io/bind-completed"), live: "yes" },
      {
        kind: "v1 PersistentVolume",
        path: annotation("pv.kubernetes.io/provisioned-by"),
        live: "csi",
        managers: ["csi-provisioner"],
      },
    ],
    not: [
      {
        kind: "v1 PersistentVolumeClaim",
        path: annotation("pv.kubernetes.io/bind-completed"),
        live: "yes",
        managers: ["kubectl-annotate"],
      },
      { kind: "v1 PersistentVolumeClaim", path: annotation("pv.kubernetes.io/other"), live: "yes" },
    ],
  },
  "volume-bound": {
    holds: [
      { kind: "v1 PersistentVolume", path: ".spec.claimRef.uid", live: "u", managers: ["kube-controller-manager"] },
    ],
    not: [
      { kind: "v1 PersistentVolume", path: ".spec.claimRef.name", live: "x", managers: ["kubectl-edit"] },
      {
        kind: "v1 PersistentVolume",
        path: ".spec.claimRef.name",
        desired: "a",
        live: "b",
        managers: ["kube-controller-manager"],
      },
    ],
  },
  "service-account-tokens": {
    holds: [
      { kind: "v1 ServiceAccount", path: '.secrets[name="web-token-x1z"]', live: { name: "web-token-x1z" } },
      { kind: "v1 ServiceAccount", path: ".imagePullSecrets", live: [{ name: "web-dockercfg-a" }] },
      {
        kind: "v1 ServiceAccount",
        path: ".imagePullSecrets",
        desired: [{ name: "mine" }],
        live: [{ name: "mine" }, { name: "web-dockercfg-a" }],
      },
    ],
    not: [
      { kind: "v1 ServiceAccount", path: '.secrets[name="evil"]', live: { name: "evil" } },
      { kind: "v1 ServiceAccount", path: '.secrets[name="other-token-x"]', live: { name: "other-token-x" } },
      { kind: "v1 ServiceAccount", path: ".imagePullSecrets", live: [{ name: "web-dockercfg-a" }, { name: "evil" }] },
      {
        kind: "v1 ServiceAccount",
        path: ".imagePullSecrets",
        desired: [{ name: "mine" }],
        live: [{ name: "web-dockercfg-a" }],
      },
    ],
  },
  "service-account-token-secret": {
    holds: [{ kind: "v1 Secret", path: ".data.token", live: "eA==", git: tokenSecret }],
    not: [
      { kind: "v1 Secret", path: ".data.token", live: "eA==" },
      { kind: "v1 Secret", path: ".data.extra", live: "eA==", git: tokenSecret },
      { kind: "v1 Secret", path: ".data.token", live: "eA==", git: {}, runs: tokenSecret },
    ],
  },
  "service-account-token-marks": {
    holds: [
      { kind: "v1 Secret", path: label("kubernetes.io/legacy-token-last-used"), live: "2026-01-01", git: tokenSecret },
    ],
    not: [{ kind: "v1 Secret", path: label("kubernetes.io/legacy-token-last-used"), live: "2026-01-01" }],
  },
  "namespace-name-label": {
    holds: [{ kind: "v1 Namespace", path: label("kubernetes.io/metadata.name"), live: "web" }],
    not: [
      { kind: "v1 Namespace", path: label("kubernetes.io/metadata.name"), live: "other" },
      { kind: "v1 ConfigMap", path: label("kubernetes.io/metadata.name"), live: "web" },
    ],
  },
  "namespace-finalizer": {
    holds: [{ kind: "v1 Namespace", path: ".spec.finalizers", live: ["kubernetes"] }],
    not: [{ kind: "v1 Namespace", path: ".spec.finalizers", live: ["kubernetes", "example.com/hold"] }],
  },
  "namespace-security-ranges": {
    holds: [{ kind: "v1 Namespace", path: annotation("openshift.io/sa.scc.mcs"), live: "s0:c1" }],
    not: [
      { kind: "v1 Namespace", path: annotation("openshift.io/sa.scc.mcs"), live: "s0:c1", managers: ["kubectl-edit"] },
      { kind: "v1 Namespace", path: annotation("openshift.io/node-selector"), live: "a=b" },
    ],
  },
  "root-ca-config-map": {
    holds: [
      { kind: "v1 ConfigMap", path: '.data["ca.crt"]', live: "CA", runs: { metadata: { name: "kube-root-ca.crt" } } },
    ],
    not: [
      { kind: "v1 ConfigMap", path: '.data["ca.crt"]', live: "CA" },
      {
        kind: "v1 ConfigMap",
        path: '.data["ca.crt"]',
        live: "CA",
        runs: { metadata: { name: "kube-root-ca.crt" } },
        managers: ["kubectl-edit"],
      },
    ],
  },
  "endpoints-filled-in": {
    holds: [
      { kind: "v1 Endpoints", path: ".subsets", live: [{ addresses: [] }], managers: ["kube-controller-manager"] },
    ],
    not: [
      {
        kind: "v1 Endpoints",
        path: ".subsets",
        desired: [{ a: 1 }],
        live: [{ a: 2 }],
        managers: ["kube-controller-manager"],
      },
      { kind: "v1 Endpoints", path: ".subsets", live: [{ addresses: [] }], managers: ["kubectl-edit"] },
    ],
  },
  "endpoints-marks": {
    holds: [
      { kind: "v1 Endpoints", path: annotation("endpoints.kubernetes.io/last-change-trigger-time"), live: "2026" },
    ],
    not: [{ kind: "v1 Service", path: annotation("endpoints.kubernetes.io/last-change-trigger-time"), live: "2026" }],
  },
  "job-tracking": {
    holds: [{ kind: "batch/v1 Job", path: annotation("batch.kubernetes.io/job-tracking"), live: "" }],
    not: [
      {
        kind: "batch/v1 Job",
        path: annotation("batch.kubernetes.io/job-tracking"),
        live: "",
        managers: ["kubectl-annotate"],
      },
    ],
  },
  "claim-template-status": {
    holds: [{ kind: "apps/v1 StatefulSet", path: ".spec.volumeClaimTemplates[0].status", live: { phase: "Pending" } }],
    not: [{ kind: "apps/v1 StatefulSet", path: ".spec.volumeClaimTemplates[0].spec.storageClassName", live: "slow" }],
  },
  "autoscaler-status-marks": {
    holds: [
      {
        kind: "autoscaling/v1 HorizontalPodAutoscaler",
        path: annotation("autoscaling.alpha.kubernetes.io/conditions"),
        live: "[]",
      },
    ],
    not: [
      {
        kind: "autoscaling/v1 HorizontalPodAutoscaler",
        path: annotation("autoscaling.alpha.kubernetes.io/metrics"),
        live: "[]",
      },
    ],
  },
  "volume-attached": {
    holds: [
      {
        kind: "v1 PersistentVolume",
        path: '.metadata.finalizers[="external-attacher/ebs-csi"]',
        live: "external-attacher/ebs-csi",
      },
    ],
    not: [{ kind: "v1 PersistentVolume", path: '.metadata.finalizers[="example.com/hold"]', live: "example.com/hold" }],
  },
  "load-balancer-finalizer": {
    holds: [
      {
        kind: "v1 Service",
        path: '.metadata.finalizers[="service.kubernetes.io/load-balancer-cleanup"]',
        live: "service.kubernetes.io/load-balancer-cleanup",
      },
    ],
    not: [
      {
        kind: "v1 ConfigMap",
        path: '.metadata.finalizers[="service.kubernetes.io/load-balancer-cleanup"]',
        live: "service.kubernetes.io/load-balancer-cleanup",
      },
    ],
  },
  "custom-resource-cleanup": {
    holds: [
      {
        kind: "apiextensions.k8s.io/v1 CustomResourceDefinition",
        path: ".metadata.finalizers",
        live: ["customresourcecleanup.apiextensions.k8s.io"],
      },
    ],
    not: [
      {
        kind: "apiextensions.k8s.io/v1 CustomResourceDefinition",
        path: ".metadata.finalizers",
        live: ["customresourcecleanup.apiextensions.k8s.io", "x"],
      },
    ],
  },
  "finalizers-of-controllers": {
    holds: [
      {
        kind: "v1 ConfigMap",
        path: '.metadata.finalizers[="a.example/x"]',
        live: "a.example/x",
        managers: ["my-operator"],
      },
    ],
    not: [
      {
        kind: "v1 ConfigMap",
        path: '.metadata.finalizers[="a.example/x"]',
        live: "a.example/x",
        managers: ["kubectl-edit"],
      },
      {
        kind: "v1 ConfigMap",
        path: '.metadata.finalizers[="a.example/x"]',
        live: "a.example/x",
        managers: ["my-operator", "kubectl-edit"],
      },
      { kind: "v1 ConfigMap", path: '.metadata.finalizers[="a.example/x"]', live: "a.example/x" },
    ],
  },
  "owner-references-of-controllers": {
    holds: [
      {
        kind: "v1 ConfigMap",
        path: '.metadata.ownerReferences[uid="o"]',
        live: { uid: "o" },
        managers: ["my-operator"],
      },
    ],
    not: [
      { kind: "v1 ConfigMap", path: '.metadata.ownerReferences[uid="o"]', live: { uid: "o" }, managers: ["unknown"] },
      { kind: "v1 ConfigMap", path: '.metadata.ownerReferences[uid="o"]', live: { uid: "o" } },
    ],
  },
  "cloud-network-status": {
    holds: [{ kind: "v1 Service", path: annotation("cloud.google.com/neg-status"), live: "{}", managers: ["glbc"] }],
    not: [
      { kind: "v1 Service", path: annotation("cloud.google.com/neg-status"), live: "{}" },
      {
        kind: "v1 Service",
        path: annotation("cloud.google.com/load-balancer-type"),
        live: "External",
        managers: ["glbc"],
      },
    ],
  },
  "pod-network-status": {
    holds: [{ kind: "v1 Pod", path: annotation("k8s.v1.cni.cncf.io/network-status"), live: "[]" }],
    not: [{ kind: "v1 Pod", path: annotation("k8s.v1.cni.cncf.io/networks"), live: "evil" }],
  },
  "prometheus-rule-validated": {
    holds: [
      {
        kind: "monitoring.coreos.com/v1 PrometheusRule",
        path: annotation("prometheus-operator-validated"),
        live: "true",
      },
    ],
    not: [
      { kind: "monitoring.coreos.com/v1 PrometheusRule", path: annotation("prometheus-operator-validated"), live: "x" },
    ],
  },
  "live-switches": {
    holds: [
      {
        kind: deployment,
        path: annotation("plumbline.dev/remediate"),
        live: "enabled",
        managers: ["kubectl-annotate"],
      },
      { kind: deployment, path: annotation("plumbline.dev/pause-until"), live: "2026-12-01T00:00:00Z" },
      { kind: deployment, path: annotation("plumbline.dev/pause-reason"), live: "x" },
    ],
    not: [
      { kind: deployment, path: annotation("plumbline.dev/remediate"), desired: "disabled", live: "enabled" },
      { kind: deployment, path: annotation("plumbline.dev/remediate"), desired: "disabled" },
      { kind: deployment, path: annotation("plumbline.dev/detect"), live: "disabled" },
      { kind: deployment, path: annotation("plumbline.dev/ignore"), live: ".spec" },
      { kind: deployment, path: annotation("plumbline.dev/severity"), live: "low" },
      { kind: deployment, path: label("plumbline.dev/remediate"), live: "enabled" },
      { kind: deployment, path: `.spec.template${annotation("plumbline.dev/remediate")}`, live: "enabled" },
    ],
  },
  "check-requested": {
    holds: [{ kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/requested-at"), live: "now" }],
    not: [{ kind: deployment, path: annotation("plumbline.dev/requested-at"), live: "now" }],
  },
  "argo-cd-tracking": {
    holds: [
      { kind: deployment, path: annotation("argocd.argoproj.io/tracking-id"), live: "shop:apps/Deployment:shop/web" },
    ],
    not: [
      { kind: deployment, path: annotation("argocd.argoproj.io/compare-options"), live: "IgnoreExtraneous" },
      { kind: deployment, path: annotation("argocd.argoproj.io/tracking-id"), desired: "a", live: "b" },
    ],
  },
  "argo-cd-instance-label": {
    holds: [
      { kind: deployment, path: label("app.kubernetes.io/instance"), live: "shop", managers: ["argocd-controller"] },
    ],
    not: [
      { kind: deployment, path: label("app.kubernetes.io/instance"), live: "shop", managers: ["kubectl-label"] },
      { kind: deployment, path: label("app.kubernetes.io/instance"), live: "shop" },
      {
        kind: deployment,
        path: `.spec.template${label("app.kubernetes.io/instance")}`,
        live: "shop",
        managers: ["argocd-controller"],
      },
    ],
  },
  "helm-release": {
    holds: [{ kind: deployment, path: annotation("meta.helm.sh/release-name"), live: "web" }],
    not: [
      { kind: deployment, path: annotation("meta.helm.sh/release-name"), desired: "a", live: "b" },
      { kind: deployment, path: annotation("helm.sh/resource-policy"), live: "keep" },
    ],
  },
  "helm-managed-by-label": {
    holds: [{ kind: deployment, path: label("app.kubernetes.io/managed-by"), live: "Helm" }],
    not: [
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), live: "me" },
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), desired: "me", live: "Helm" },
    ],
  },
  "flux-owner-labels": {
    holds: [{ kind: deployment, path: label("kustomize.toolkit.fluxcd.io/name"), live: "shop" }],
    not: [
      { kind: deployment, path: label("kustomize.toolkit.fluxcd.io/reconcile"), live: "disabled" },
      { kind: deployment, path: annotation("kustomize.toolkit.fluxcd.io/reconcile"), live: "disabled" },
    ],
  },
  "kapp-marks": {
    holds: [{ kind: deployment, path: label("kapp.k14s.io/app"), live: "1" }],
    not: [{ kind: deployment, path: annotation("kapp.k14s.io/noop"), live: "" }],
  },
  "apply-set-label": {
    holds: [{ kind: deployment, path: label("applyset.kubernetes.io/part-of"), live: "applyset-x" }],
    not: [{ kind: deployment, path: annotation("applyset.kubernetes.io/part-of"), live: "applyset-x" }],
  },
  "inventory-mark": {
    holds: [{ kind: deployment, path: annotation("config.k8s.io/owning-inventory"), live: "x" }],
    not: [{ kind: deployment, path: annotation("client.lifecycle.config.k8s.io/mutation"), live: "ignore" }],
  },
  "fleet-marks": {
    holds: [{ kind: deployment, path: annotation("objectset.rio.cattle.io/id"), live: "x" }],
    not: [{ kind: deployment, path: annotation("cattle.io/x"), live: "x" }],
  },
};

test("every rule has cases, and every case a rule; names are not used twice", () => {
  const names = noiseRules.map((rule) => rule.name);
  expect(Object.keys(cases).toSorted()).toEqual(names.toSorted());
  expect(new Set(names).size).toBe(names.length);
});

describe.each(noiseRules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  test("says why, and where that is written", () => {
    expect(rule.reason).toMatch(/^\S.*\S$/);
    expect(rule.source.length).toBeGreaterThan(8);
  });
  test.each((cases[name]?.holds ?? []).map((given) => [given.path, given] as const))("holds: %s", (_, given) => {
    expect(verdictOn(given)).toBe(name);
  });
  test.each((cases[name]?.not ?? []).map((given) => [given.path, given] as const))("counts: %s", (_, given) => {
    expect(verdictOn(given)).toBe("counts");
  });
});

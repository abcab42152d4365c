/** Cases of the noise rules in `src/compare/noise-rules-cluster.ts`. */
import { noFacts, type Facts } from "../../../src/compare/facts.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import { annotation, deployment, label, type Given, world, type NoiseCases } from "./case.ts";

const uid = "6dd0a5d0-4a3c-4f5b-9c0e-0f3a5b6c7d8e";
const tokenSecret = { type: "kubernetes.io/service-account-token" };
const aggregation = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } };
const clusterRole = "rbac.authorization.k8s.io/v1 ClusterRole";
const bootstrap = { kind: clusterRole, git: { metadata: { name: "view" } } };
const replicas = { kind: deployment, path: ".spec.replicas" };
const scaledBetween = (min: number, max: number): Facts => ({
  ...noFacts,
  autoscalers: (target) =>
    target.name === "web" && target.namespace === "shop" && target.kind === "Deployment"
      ? [{ name: "web", kind: "HorizontalPodAutoscaler", min, max }]
      : [],
});
const deploymentOwner = { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d-1", controller: true };
const statefulSet = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "s-1" };
const standing = (uid: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "web", namespace: "shop", uid },
});
const adoption = (kind: string, owner: JsonObject): Given => ({
  kind,
  path: `.metadata.ownerReferences[uid=${JSON.stringify(owner["uid"])}]`,
  live: owner,
});

export const clusterCases: NoiseCases = {
  "replicas-owned-by-autoscaler": {
    holds: [
      { ...replicas, desired: 2, live: 5, facts: scaledBetween(1, 5) },
      { ...replicas, live: 1, facts: scaledBetween(1, 5) },
    ],
    counts: [
      { ...replicas, desired: 2, live: 6, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: 0, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: 5 },
      { ...replicas, desired: 2, live: 5, facts: scaledBetween(1, 5), runs: { metadata: { namespace: "dev" } } },
      { kind: "apps/v1 StatefulSet", path: ".spec.replicas", desired: 2, live: 3, facts: scaledBetween(1, 5) },
      { ...replicas, desired: 2, live: "5", facts: scaledBetween(1, 5) },
    ],
  },
  "autoscaler-status-marks": {
    holds: [
      {
        kind: "autoscaling/v1 HorizontalPodAutoscaler",
        path: annotation("autoscaling.alpha.kubernetes.io/conditions"),
        live: "[]",
      },
    ],
    counts: [
      {
        kind: "autoscaling/v1 HorizontalPodAutoscaler",
        path: annotation("autoscaling.alpha.kubernetes.io/metrics"),
        live: "[]",
      },
    ],
  },
  "deployment-revision": {
    holds: [{ kind: deployment, path: annotation("deployment.kubernetes.io/revision"), live: "7" }],
    counts: [
      { kind: deployment, path: annotation("deployment.kubernetes.io/revision"), live: "evil" },
      { kind: deployment, path: annotation("deployment.kubernetes.io/revision-2"), live: "7" },
      { kind: "v1 ConfigMap", path: annotation("deployment.kubernetes.io/revision"), live: "7" },
    ],
  },
  "claim-template-status": {
    holds: [{ kind: "apps/v1 StatefulSet", path: ".spec.volumeClaimTemplates[0].status", live: { phase: "Pending" } }],
    counts: [
      { kind: "apps/v1 StatefulSet", path: ".spec.volumeClaimTemplates[0].spec.storageClassName", live: "slow" },
    ],
  },
  "job-tracking": {
    holds: [{ kind: "batch/v1 Job", path: annotation("batch.kubernetes.io/job-tracking"), live: "" }],
    counts: [
      {
        kind: "batch/v1 Job",
        path: annotation("batch.kubernetes.io/job-tracking"),
        live: "",
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
      { kind: "batch/v1 Job", path: annotation("batch.kubernetes.io/job-tracking"), live: "x" },
    ],
  },
  "pod-network-status": {
    holds: [{ kind: "v1 Pod", path: annotation("k8s.v1.cni.cncf.io/network-status"), live: "[]" }],
    counts: [
      { kind: "v1 Pod", path: annotation("k8s.v1.cni.cncf.io/networks"), live: "[]" },
      { kind: "v1 Pod", path: annotation("k8s.v1.cni.cncf.io/network-status"), live: "text" },
      {
        kind: "v1 Pod",
        path: annotation("k8s.v1.cni.cncf.io/network-status"),
        live: "[]",
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
    ],
  },
  "aggregated-cluster-role-rules": {
    holds: [{ kind: clusterRole, path: ".rules", live: [{ verbs: ["get"] }], git: aggregation }],
    counts: [
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
  "root-ca-config-map": {
    holds: [
      { kind: "v1 ConfigMap", path: '.data["ca.crt"]', live: "CA", runs: { metadata: { name: "kube-root-ca.crt" } } },
    ],
    counts: [
      { kind: "v1 ConfigMap", path: '.data["ca.crt"]', live: "CA" },
      { kind: "v1 ConfigMap", path: ".data.more", live: "CA", runs: { metadata: { name: "kube-root-ca.crt" } } },
      {
        kind: "v1 ConfigMap",
        path: '.data["ca.crt"]',
        live: "CA",
        runs: { metadata: { name: "kube-root-ca.crt" } },
        managers: ["kubectl-edit"],
        byOwner: true,
      },
    ],
  },
  "service-account-tokens": {
    holds: [
      { kind: "v1 ServiceAccount", path: '.secrets[name="web-token-x4z9k"]', live: { name: "web-token-x4z9k" } },
      { kind: "v1 ServiceAccount", path: ".imagePullSecrets", live: [{ name: "web-dockercfg-b7k2p" }] },
      {
        kind: "v1 ServiceAccount",
        path: ".imagePullSecrets",
        desired: [{ name: "mine" }],
        live: [{ name: "mine" }, { name: "web-dockercfg-b7k2p" }],
      },
    ],
    counts: [
      { kind: "v1 ServiceAccount", path: '.secrets[name="evil"]', live: { name: "evil" } },
      { kind: "v1 ServiceAccount", path: '.secrets[name="other-token-x4z9k"]', live: { name: "other-token-x4z9k" } },
      { kind: "v1 ServiceAccount", path: '.secrets[name="web-token-evil"]', live: { name: "web-token-evil" } },
      {
        kind: "v1 ServiceAccount",
        path: ".imagePullSecrets",
        live: [{ name: "web-dockercfg-b7k2p" }, { name: "evil" }],
      },
      {
        kind: "v1 ServiceAccount",
        path: ".imagePullSecrets",
        desired: [{ name: "mine" }],
        live: [{ name: "web-dockercfg-b7k2p" }],
      },
    ],
  },
  "service-account-token-secret": {
    holds: [{ kind: "v1 Secret", path: ".data.token", live: "eA==", git: tokenSecret }],
    counts: [
      { kind: "v1 Secret", path: ".data.token", live: "eA==" },
      { kind: "v1 Secret", path: ".data.extra", live: "eA==", git: tokenSecret },
      { kind: "v1 Secret", path: ".data.token", live: "eA==", git: {}, runs: tokenSecret },
    ],
  },
  "service-account-token-marks": {
    holds: [{ kind: "v1 Secret", path: annotation("kubernetes.io/service-account.uid"), live: uid, git: tokenSecret }],
    counts: [
      { kind: "v1 Secret", path: annotation("kubernetes.io/service-account.uid"), live: uid },
      { kind: "v1 Secret", path: annotation("kubernetes.io/service-account.uid"), live: "x", git: tokenSecret },
      { kind: "v1 Secret", path: annotation("kubernetes.io/service-account.name"), live: uid, git: tokenSecret },
    ],
  },
  "pod-scheduled": {
    holds: [{ kind: "v1 Pod", path: ".spec.nodeName", live: "node-1.example" }],
    counts: [
      { kind: "v1 Pod", path: ".spec.nodeName", desired: "node-1", live: "node-2" },
      { kind: deployment, path: ".spec.template.spec.nodeName", live: "node-1" },
      { kind: "v1 Pod", path: ".spec.nodeSelector", live: { disk: "ssd" } },
    ],
  },
  "pod-topology-labels": {
    holds: [
      {
        kind: "v1 Pod",
        path: label("topology.kubernetes.io/zone"),
        live: "a",
        runs: { spec: { nodeName: "node-1" } },
      },
    ],
    counts: [
      { kind: "v1 Pod", path: label("topology.kubernetes.io/zone"), live: "a" },
      {
        kind: "v1 Pod",
        path: label("topology.kubernetes.io/rack"),
        live: "a",
        runs: { spec: { nodeName: "node-1" } },
      },
      { kind: "v1 PersistentVolume", path: label("topology.kubernetes.io/zone"), live: "a" },
    ],
  },
  "adopted-by-owner": {
    holds: [
      adoption("v1 PersistentVolumeClaim", statefulSet),
      // What is seen of it speaks for it.
      { ...adoption("v1 PersistentVolumeClaim", statefulSet), facts: world(["StatefulSet"], standing("s-1")) },
      { ...adoption("batch/v1 Job", { apiVersion: "batch/v1", kind: "CronJob", name: "web", uid: "c" }) },
      { ...adoption("apps/v1 ReplicaSet", deploymentOwner), managers: ["kube-controller-manager"] },
    ],
    counts: [
      { ...adoption("v1 PersistentVolumeClaim", statefulSet), facts: world(["StatefulSet"]) },
      { ...adoption("v1 PersistentVolumeClaim", statefulSet), facts: world(["StatefulSet"], standing("s-2")) },
      adoption("v1 ConfigMap", statefulSet),
      adoption("v1 PersistentVolumeClaim", { apiVersion: "v1", kind: "ConfigMap", name: "trap", uid: "c" }),
      adoption("v1 PersistentVolumeClaim", { ...statefulSet, apiVersion: "apps.example.com/v1" }),
      adoption("v1 PersistentVolumeClaim", { ...statefulSet, uid: "" }),
      { ...adoption("v1 PersistentVolumeClaim", statefulSet), managers: ["kubectl-edit"], byOwner: true },
      { kind: "apps/v1 ReplicaSet", path: ".metadata.ownerReferences", live: [deploymentOwner, statefulSet] },
    ],
  },
  "bootstrap-role-marks": {
    holds: [
      { ...bootstrap, path: label("kubernetes.io/bootstrapping"), live: "rbac-defaults" },
      { ...bootstrap, path: annotation("rbac.authorization.kubernetes.io/autoupdate"), live: "true" },
    ],
    counts: [
      { ...bootstrap, path: annotation("rbac.authorization.kubernetes.io/autoupdate"), live: "false" },
      { kind: clusterRole, path: annotation("rbac.authorization.kubernetes.io/autoupdate"), live: "true" },
      { ...bootstrap, path: label("rbac.authorization.k8s.io/aggregate-to-edit"), live: "true" },
    ],
  },
  "service-account-token-use": {
    holds: [
      { kind: "v1 Secret", path: label("kubernetes.io/legacy-token-last-used"), live: "2026-01-01", git: tokenSecret },
    ],
    counts: [
      { kind: "v1 Secret", path: label("kubernetes.io/legacy-token-last-used"), live: "2026-01-01" },
      { kind: "v1 Secret", path: label("kubernetes.io/legacy-token-last-used"), live: "never", git: tokenSecret },
      {
        kind: "v1 Secret",
        path: label("kubernetes.io/legacy-token-invalid-since"),
        live: "2026-01-01",
        git: tokenSecret,
      },
    ],
  },
};

/**
 * How bad a change is, as data: the first row that matches wins, so worse rows stand before better ones and exact ones
 * before broad ones. A Baseline's rows and the annotation in Git come before all of these (`severity.ts`).
 * Source: drift semantics, section 5.
 */
import type { ChangeClass, Severity } from "../model/verdict.ts";

export interface SeverityRule {
  readonly name: string;
  readonly reason: string;
  /** `group/Kind`, `/Kind` for the core group, `*` for any run of characters. */
  readonly kinds: readonly string[];
  /**
   * Typed paths; a change matches at them, below them, or where it holds them. Empty: an object that is missing,
   * terminating or unmanaged as a whole.
   */
  readonly paths: readonly string[];
  /** Only map entries right below a path whose key matches one of these. */
  readonly keys?: readonly string[];
  /** The paths may begin at any depth (a Pod template's is not the same in every kind). */
  readonly anywhere?: true;
  readonly severity: Severity;
  readonly class: ChangeClass;
}

export const rbac = [
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/RoleBinding",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
];
export const networkPolicies = [
  "networking.k8s.io/NetworkPolicy",
  "policy.networking.k8s.io/*",
  "cilium.io/Cilium*NetworkPolicy",
  "crd.projectcalico.org/*NetworkPolicy",
  "projectcalico.org/*NetworkPolicy",
];
export const admission = ["admissionregistration.k8s.io/*"];
export const workloads = ["apps/*", "batch/*", "/Pod", "/ReplicationController", "argoproj.io/Rollout"];
const containers = ["containers[*]", "initContainers[*]", "ephemeralContainers[*]"];
const inContainers = (field: string): readonly string[] => containers.map((list) => `${list}.${field}`);

/** Rows for what changed inside an object. */
export const changeRules: readonly SeverityRule[] = [
  {
    name: "rbac",
    reason: "who may do what",
    kinds: rbac,
    paths: [".rules", ".subjects", ".roleRef", ".aggregationRule"],
    severity: "critical",
    class: "security",
  },
  {
    name: "rbac-aggregation-label",
    reason: "the label adds the role's rules to another role",
    kinds: ["rbac.authorization.k8s.io/ClusterRole"],
    paths: [".metadata.labels"],
    keys: ["rbac.authorization.k8s.io/aggregate-to-*"],
    severity: "critical",
    class: "security",
  },
  {
    name: "admission",
    reason: "what the API server lets in, and who may change it on the way",
    kinds: admission,
    paths: [".webhooks", ".spec"],
    severity: "critical",
    class: "security",
  },
  {
    name: "network-policy",
    reason: "who may talk to whom",
    kinds: networkPolicies,
    paths: [".spec"],
    severity: "critical",
    class: "security",
  },
  {
    name: "pod-security-labels",
    reason: "what Pods of the namespace may ask for",
    kinds: ["/Namespace"],
    paths: [".metadata.labels"],
    keys: ["pod-security.kubernetes.io/*"],
    severity: "high",
    class: "security",
  },
  {
    name: "detection-switch-on-live",
    reason: "somebody tried to switch detection off on the live object, where it does not count",
    kinds: ["*"],
    paths: [".metadata.annotations"],
    keys: ["plumbline.dev/detect", "plumbline.dev/ignore", "plumbline.dev/severity"],
    severity: "medium",
    class: "metadata",
  },
  {
    name: "autoscaler-in-annotations",
    reason: "what autoscaling/v1 has no field for, it keeps in annotations",
    kinds: ["autoscaling/HorizontalPodAutoscaler"],
    paths: [".metadata.annotations"],
    keys: ["autoscaling.alpha.kubernetes.io/*"],
    severity: "medium",
    class: "workload",
  },
  {
    name: "metadata",
    reason: "labels and annotations that nothing selects on",
    kinds: ["*"],
    paths: [".metadata.labels", ".metadata.annotations"],
    severity: "low",
    class: "metadata",
  },
  {
    name: "ownership",
    reason: "what is deleted together with what",
    kinds: ["*"],
    paths: [".metadata"],
    severity: "medium",
    class: "metadata",
  },
  {
    name: "secret",
    reason: "credentials",
    kinds: ["/Secret"],
    paths: [".data", ".stringData", ".type"],
    severity: "high",
    class: "security",
  },
  {
    name: "config-map",
    reason: "configuration that workloads read",
    kinds: ["/ConfigMap"],
    paths: [".data", ".binaryData", ".immutable"],
    severity: "medium",
    class: "config",
  },
  {
    name: "custom-resource-definition",
    reason: "what custom resources may say, and which versions are kept",
    kinds: ["apiextensions.k8s.io/CustomResourceDefinition"],
    paths: [".spec"],
    severity: "high",
    class: "config",
  },
  {
    name: "api-service",
    reason: "who answers for a part of the API",
    kinds: ["apiregistration.k8s.io/APIService"],
    paths: [".spec"],
    severity: "high",
    class: "security",
  },
  {
    name: "host-access",
    reason: "a Pod that can reach its node",
    kinds: ["*"],
    paths: [
      "securityContext.privileged",
      "securityContext.capabilities.add",
      "hostNetwork",
      "hostPID",
      "hostIPC",
      "hostPath",
    ],
    anywhere: true,
    severity: "critical",
    class: "security",
  },
  {
    name: "capabilities",
    reason: "what a container may do beyond its user",
    kinds: workloads,
    paths: inContainers("securityContext.capabilities"),
    anywhere: true,
    severity: "critical",
    class: "security",
  },
  {
    name: "service-account",
    reason: "whom the Pods act as",
    kinds: workloads,
    paths: ["serviceAccountName", "serviceAccount", "automountServiceAccountToken"],
    anywhere: true,
    severity: "high",
    class: "security",
  },
  {
    name: "security-context",
    reason: "which user and which privileges the Pods run with",
    kinds: workloads,
    paths: ["securityContext"],
    anywhere: true,
    severity: "high",
    class: "security",
  },
  {
    name: "service-account-object",
    reason: "which credentials Pods get",
    kinds: ["/ServiceAccount"],
    paths: [".secrets", ".imagePullSecrets", ".automountServiceAccountToken"],
    severity: "high",
    class: "security",
  },
  {
    name: "service-exposure",
    reason: "from where a Service can be reached",
    kinds: ["/Service"],
    paths: [".spec.type", ".spec.externalIPs", ".spec.externalName", ".spec.loadBalancerSourceRanges"],
    severity: "high",
    class: "security",
  },
  {
    name: "selector",
    reason: "which Pods are meant",
    kinds: ["/Service", "apps/*", "batch/*", "/ReplicationController", "policy/PodDisruptionBudget"],
    paths: [".spec.selector"],
    severity: "high",
    class: "workload",
  },
  {
    name: "what-runs",
    reason: "which code runs, and with which arguments",
    kinds: ["*"],
    paths: ["image", "command", "args", "env", "envFrom", "lifecycle"].flatMap(inContainers),
    anywhere: true,
    severity: "high",
    class: "workload",
  },
  {
    name: "probes-and-resources",
    reason: "when a container is killed, and what it gets",
    kinds: workloads,
    paths: ["livenessProbe", "readinessProbe", "startupProbe", "resources"].flatMap(inContainers),
    anywhere: true,
    severity: "medium",
    class: "workload",
  },
  {
    name: "container",
    reason: "a container of the Pods",
    kinds: workloads,
    paths: ["containers", "initContainers", "ephemeralContainers"],
    anywhere: true,
    severity: "medium",
    class: "workload",
  },
  {
    name: "workload",
    reason: "replicas, strategy, volumes and scheduling",
    kinds: workloads,
    paths: [".spec"],
    severity: "medium",
    class: "workload",
  },
  {
    name: "service",
    reason: "how workloads are reached",
    kinds: ["/Service", "networking.k8s.io/*", "gateway.networking.k8s.io/*", "autoscaling/*", "policy/*"],
    paths: [".spec"],
    severity: "medium",
    class: "workload",
  },
];

/** Where no row matches. */
export const otherwise = { severity: "medium", class: "config" } as const;

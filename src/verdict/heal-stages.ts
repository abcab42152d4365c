/**
 * In which order kinds are put back where many objects drift at once, with the reason: what others need comes first.
 * Data. Reference: the install orders of Helm and Kustomize, which this follows but for admission, which comes last
 * here: put back before what it calls runs, it would hold up everything after it.
 */
export interface HealStage {
  readonly name: string;
  /** `group/Kind`, `/Kind` for the core group; `group/*` for all of a group. */
  readonly kinds: readonly string[];
  readonly why: string;
}

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";
const network = "networking.k8s.io";
const storage = "storage.k8s.io";

export const healStages: readonly HealStage[] = [
  { name: "namespaces", kinds: ["/Namespace"], why: "nothing can be made in a namespace that is not there" },
  {
    name: "definitions",
    kinds: ["apiextensions.k8s.io/CustomResourceDefinition"],
    why: "without them the objects of their kinds cannot be read or written",
  },
  {
    name: "classes",
    kinds: [
      "scheduling.k8s.io/PriorityClass",
      "node.k8s.io/RuntimeClass",
      `${storage}/StorageClass`,
      `${storage}/CSIDriver`,
      `${storage}/VolumeAttributesClass`,
      `${network}/IngressClass`,
      "gateway.networking.k8s.io/GatewayClass",
      "resource.k8s.io/DeviceClass",
      "flowcontrol.apiserver.k8s.io/*",
    ],
    why: "workloads, claims and routes name them, and are refused or wait without them",
  },
  {
    name: "limits",
    kinds: ["/ResourceQuota", "/LimitRange", `${network}/NetworkPolicy`],
    why: "what is put back after them is bounded and fenced in from its first moment",
  },
  { name: "accounts", kinds: ["/ServiceAccount"], why: "bindings name them, and Pods are refused without theirs" },
  {
    name: "roles",
    kinds: [`${rbac}/ClusterRole`, `${rbac}/Role`],
    why: "bindings grant them",
  },
  {
    name: "bindings",
    kinds: [`${rbac}/ClusterRoleBinding`, `${rbac}/RoleBinding`],
    why: "workloads and controllers act by them as soon as they run",
  },
  { name: "config", kinds: ["/ConfigMap", "/Secret"], why: "Pods do not start without the ones they name" },
  { name: "volumes", kinds: ["/PersistentVolume"], why: "claims name them" },
  { name: "claims", kinds: ["/PersistentVolumeClaim", "resource.k8s.io/*"], why: "Pods wait for the ones they name" },
  { name: "services", kinds: ["/Service"], why: "Pods learn of them at their start" },
  {
    name: "workloads",
    kinds: [
      "/Pod",
      "/PodTemplate",
      "/ReplicationController",
      "apps/*",
      "batch/*",
      "/Endpoints",
      "discovery.k8s.io/EndpointSlice",
    ],
    why: "everything they need is there by now",
  },
  {
    name: "custom resources",
    kinds: ["*"],
    why: "their controllers are workloads; what else they need is not known",
  },
  {
    name: "around workloads",
    kinds: [
      "autoscaling/*",
      "autoscaling.k8s.io/*",
      "keda.sh/*",
      "policy/*",
      `${network}/Ingress`,
      "gateway.networking.k8s.io/*",
      "monitoring.coreos.com/*",
    ],
    why: "they scale, guard, route to and watch what must be there first",
  },
  { name: "aggregation", kinds: ["apiregistration.k8s.io/APIService"], why: "its Service has to answer" },
  {
    name: "admission",
    kinds: [
      `${admission}/ValidatingAdmissionPolicy`,
      `${admission}/MutatingAdmissionPolicy`,
      `${admission}/ValidatingWebhookConfiguration`,
      `${admission}/MutatingWebhookConfiguration`,
    ],
    why: "it may refuse or change every write after it, and its webhooks have to run",
  },
  {
    name: "admission bindings",
    kinds: [`${admission}/ValidatingAdmissionPolicyBinding`, `${admission}/MutatingAdmissionPolicyBinding`],
    why: "they name a policy",
  },
];

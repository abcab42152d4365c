/**
 * What nobody declares because the system makes it: for every namespace, for a Service, for itself. Data: a row without
 * `matches` is a whole kind, which need not even be read. What says so is what a controller writes; where that is only a
 * name or a mark, anybody can write it too, so a row is as narrow as it can be, and none is for convenience.
 */
import { getString, getStrings } from "../model/json.ts";
import { idOf, type KindRef, type KubeObject } from "../model/resource.ts";

export interface SystemRow {
  readonly group: string;
  /** `*`: every kind of the group. */
  readonly kind: string;
  readonly reason: string;
  matches?(object: KubeObject): boolean;
}

const nameOf = ({ metadata }: KubeObject): string => getString(metadata, "name") ?? "";
const namespaceOf = ({ metadata }: KubeObject): string => getString(metadata, "namespace") ?? "";
const annotationsOf = ({ metadata }: KubeObject) => getStrings(metadata, "annotations");
const labelsOf = ({ metadata }: KubeObject) => getStrings(metadata, "labels");

/** One of these names, in whatever namespace. */
const named =
  (...names: readonly string[]) =>
  (object: KubeObject): boolean =>
    names.includes(nameOf(object));

const within =
  (namespace: string, ...names: readonly string[]) =>
  (object: KubeObject): boolean =>
    namespaceOf(object) === namespace && names.includes(nameOf(object));

const RBAC = "rbac.authorization.k8s.io";
const FLOW = "flowcontrol.apiserver.k8s.io";

const defaultRoles = new Set(["admin", "edit", "view", "cluster-admin", "extension-apiserver-authentication-reader"]);

/**
 * The API server makes them, and puts them back. The label alone says nothing: anybody may put it on a Role.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
const isBootstrap = (object: KubeObject): boolean =>
  labelsOf(object)["kubernetes.io/bootstrapping"] === "rbac-defaults" &&
  ["", "kube-system", "kube-public"].includes(namespaceOf(object)) &&
  (nameOf(object).startsWith("system:") || defaultRoles.has(nameOf(object)));

/** `web-token-x7k2p` for the account `web`: the token controller's own. One that a person made has a name of its own. */
function isGeneratedToken(object: KubeObject): boolean {
  const { "kubernetes.io/service-account.name": account = "", "kubernetes.io/service-account.uid": uid = "" } =
    annotationsOf(object);
  const name = nameOf(object);
  return account !== "" && uid !== "" && name.startsWith(`${account}-token-`) && name.length === account.length + 12;
}

/** Source: https://helm.sh/docs/topics/kubernetes_apis/, storage drivers of Helm 3 */
const isHelmRelease = (object: KubeObject): boolean =>
  labelsOf(object)["owner"] === "helm" && /^sh\.helm\.release\.v1\..+\.v\d+$/.test(nameOf(object));

export const systemRows: readonly SystemRow[] = [
  // Whole kinds.
  { group: "", kind: "Endpoints", reason: "made for a Service, with the Service's labels" },
  { group: "discovery.k8s.io", kind: "EndpointSlice", reason: "made for a Service, with the Service's labels" },
  { group: "networking.k8s.io", kind: "IPAddress", reason: "made for a Service's address" },
  { group: "", kind: "Event", reason: "what happened, not what ought to be" },
  { group: "events.k8s.io", kind: "Event", reason: "what happened, not what ought to be" },
  { group: "coordination.k8s.io", kind: "Lease", reason: "renewed by whoever holds it" },
  { group: "coordination.k8s.io", kind: "LeaseCandidate", reason: "renewed by whoever would hold a lease" },
  { group: "", kind: "Node", reason: "the kubelet registers it" },
  { group: "storage.k8s.io", kind: "CSINode", reason: "the kubelet registers it" },
  { group: "storage.k8s.io", kind: "CSIStorageCapacity", reason: "what storage drivers have left" },
  { group: "storage.k8s.io", kind: "VolumeAttachment", reason: "made where a Pod's volume is attached" },
  { group: "resource.k8s.io", kind: "ResourceSlice", reason: "what drivers of devices have to offer" },
  { group: "certificates.k8s.io", kind: "CertificateSigningRequest", reason: "a question, which is answered and goes" },
  { group: "internal.apiserver.k8s.io", kind: "*", reason: "the API server's own book-keeping" },
  { group: "autoscaling.k8s.io", kind: "VerticalPodAutoscalerCheckpoint", reason: "the recommender's memory" },
  { group: "wgpolicyk8s.io", kind: "*", reason: "what policies found, not what ought to be" },
  { group: "openreports.io", kind: "*", reason: "what policies found, not what ought to be" },
  { group: "reports.kyverno.io", kind: "*", reason: "what policies found, not what ought to be" },
  { group: "cilium.io", kind: "CiliumIdentity", reason: "made for the labels of Pods" },
  { group: "cilium.io", kind: "CiliumNode", reason: "the agent registers it" },
  { group: "authorization.openshift.io", kind: "*", reason: `the same objects as those of ${RBAC}` },
  { group: "plumbline.dev", kind: "Drift", reason: "Plumbline's own records" },
  { group: "plumbline.dev", kind: "Baseline", reason: "who may make one is for access rights to say" },
  // One object each, in every namespace.
  {
    group: "",
    kind: "ConfigMap",
    reason: "the cluster's authority, put into every namespace",
    matches: named("kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"),
  },
  { group: "", kind: "ServiceAccount", reason: "made for every namespace", matches: named("default") },
  { group: "", kind: "Secret", reason: "the token controller made it for an account", matches: isGeneratedToken },
  { group: "", kind: "Secret", reason: "Helm's memory of a release", matches: isHelmRelease },
  { group: "", kind: "ConfigMap", reason: "Helm's memory of a release", matches: isHelmRelease },
  // What every cluster has.
  { group: "", kind: "Service", reason: "the API server's own", matches: within("default", "kubernetes") },
  { group: "networking.k8s.io", kind: "ServiceCIDR", reason: "the API server's own", matches: named("kubernetes") },
  {
    group: "",
    kind: "ConfigMap",
    reason: "the API server's own",
    matches: within(
      "kube-system",
      "extension-apiserver-authentication",
      "kube-apiserver-legacy-service-account-token-tracking",
    ),
  },
  {
    group: "",
    kind: "ServiceAccount",
    reason: "an account of kube-controller-manager's",
    matches: (object) => namespaceOf(object) === "kube-system" && controllerAccounts.has(nameOf(object)),
  },
  {
    group: "",
    kind: "Namespace",
    reason: "every cluster has it",
    matches: named("default", "kube-system", "kube-public", "kube-node-lease"),
  },
  {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    reason: "every cluster has it",
    matches: named("system-cluster-critical", "system-node-critical"),
  },
  {
    group: "apiregistration.k8s.io",
    kind: "APIService",
    reason: "registered by the API server itself",
    matches: (object) => Object.hasOwn(labelsOf(object), "kube-aggregator.kubernetes.io/automanaged"),
  },
  {
    group: "",
    kind: "PersistentVolume",
    reason: "a provisioner made it for a claim",
    matches: (object) => Object.hasOwn(annotationsOf(object), "pv.kubernetes.io/provisioned-by"),
  },
  ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind) => ({
    group: RBAC,
    kind,
    reason: "the API server makes it at each start",
    matches: isBootstrap,
  })),
  ...["FlowSchema", "PriorityLevelConfiguration"].map((kind) => ({
    group: FLOW,
    kind,
    reason: "the API server makes it",
    matches: (object: KubeObject) => Object.hasOwn(annotationsOf(object), "apf.kubernetes.io/autoupdate-spec"),
  })),
];

/**
 * With `--use-service-account-credentials` each controller has an account of its own.
 * Source: kube-controller-manager's names of controllers, as it makes them on 1.34 to 1.36.
 */
export const controllerAccounts: ReadonlySet<string> = new Set([
  "attachdetach-controller",
  "bootstrap-signer",
  "certificate-controller",
  "clusterrole-aggregation-controller",
  "cronjob-controller",
  "daemon-set-controller",
  "deployment-controller",
  "device-taint-eviction-controller",
  "disruption-controller",
  "endpoint-controller",
  "endpointslice-controller",
  "endpointslicemirroring-controller",
  "ephemeral-volume-controller",
  "expand-controller",
  "generic-garbage-collector",
  "horizontal-pod-autoscaler",
  "job-controller",
  "legacy-service-account-token-cleaner",
  "namespace-controller",
  "node-controller",
  "persistent-volume-binder",
  "pod-garbage-collector",
  "pv-protection-controller",
  "pvc-protection-controller",
  "replicaset-controller",
  "replication-controller",
  "resource-claim-controller",
  "resourcequota-controller",
  "root-ca-cert-publisher",
  "route-controller",
  "selinux-warning-controller",
  "service-account-controller",
  "service-cidrs-controller",
  "service-controller",
  "statefulset-controller",
  "storage-version-migrator-controller",
  "taint-eviction-controller",
  "token-cleaner",
  "ttl-after-finished-controller",
  "ttl-controller",
  "validatingadmissionpolicy-status-controller",
  "volumeattributesclass-protection-controller",
]);

const concerns = (row: SystemRow, group: string, kind: string): boolean =>
  row.group === group && (row.kind === "*" || row.kind === kind);

/** Why no object of a kind is anybody's to declare; undefined where it may be. */
export function systemKind({ group, kind }: Pick<KindRef, "group" | "kind">): SystemRow | undefined {
  return systemRows.find((row) => row.matches === undefined && concerns(row, group, kind));
}

/** Why an object is nobody's to declare; undefined where it may be somebody's. Its metadata is enough. */
export function systemMade(object: KubeObject): SystemRow | undefined {
  const { group, kind } = idOf(object);
  return systemRows.find((row) => concerns(row, group, kind) && row.matches?.(object) !== false);
}

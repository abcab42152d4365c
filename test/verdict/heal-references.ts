/**
 * By which fields objects name others that have to be there first, and what one object names: what the order of heals is
 * held against, and knows nothing of. What names back (a volume its claim, an account its token) is left out: of two that
 * name each other the one of the earlier stage goes first.
 */
import { patternOfRow, type Step } from "../../src/compare/selector.ts";
import { getString, isArray, isObject, type Json } from "../../src/model/json.ts";
import { idKey, idOf, kindRef, type KubeObject, type ResourceId } from "../../src/model/resource.ts";

export interface ReferenceRow {
  /** `group/Kind` of what refers, `/Kind` for the core group. */
  readonly kinds: readonly string[];
  /** Typed path to a name, or to an object with `name` and perhaps `kind`, `namespace` and a group. */
  readonly path: string;
  /** What is named, where the reference does not say its kind or group itself. */
  readonly to: { readonly group: string; readonly kind: string; readonly cluster?: boolean };
}

const core = (kind: string): ReferenceRow["to"] => ({ group: "", kind });
const ofCluster = (group: string, kind: string): ReferenceRow["to"] => ({ group, kind, cluster: true });

/** Where each kind of workload keeps what its Pods are made from. */
export const podSpecs: Readonly<Record<string, string>> = {
  "/Pod": ".spec",
  "/PodTemplate": ".template.spec",
  "/ReplicationController": ".spec.template.spec",
  "apps/Deployment": ".spec.template.spec",
  "apps/ReplicaSet": ".spec.template.spec",
  "apps/StatefulSet": ".spec.template.spec",
  "apps/DaemonSet": ".spec.template.spec",
  "batch/Job": ".spec.template.spec",
  "batch/CronJob": ".spec.jobTemplate.spec.template.spec",
};

const containers = ["containers", "initContainers"].flatMap((list) => [
  { path: `.${list}[*].envFrom[*].configMapRef`, to: core("ConfigMap") },
  { path: `.${list}[*].envFrom[*].secretRef`, to: core("Secret") },
  { path: `.${list}[*].env[*].valueFrom.configMapKeyRef`, to: core("ConfigMap") },
  { path: `.${list}[*].env[*].valueFrom.secretKeyRef`, to: core("Secret") },
]);

/** Below a Pod's spec. */
export const podReferences: readonly Omit<ReferenceRow, "kinds">[] = [
  { path: ".serviceAccountName", to: core("ServiceAccount") },
  { path: ".imagePullSecrets[*]", to: core("Secret") },
  { path: ".priorityClassName", to: ofCluster("scheduling.k8s.io", "PriorityClass") },
  { path: ".runtimeClassName", to: ofCluster("node.k8s.io", "RuntimeClass") },
  { path: ".volumes[*].configMap", to: core("ConfigMap") },
  { path: ".volumes[*].secret.secretName", to: core("Secret") },
  { path: ".volumes[*].persistentVolumeClaim.claimName", to: core("PersistentVolumeClaim") },
  { path: ".volumes[*].projected.sources[*].configMap", to: core("ConfigMap") },
  { path: ".volumes[*].projected.sources[*].secret", to: core("Secret") },
  { path: ".volumes[*].csi.nodePublishSecretRef", to: core("Secret") },
  { path: ".resourceClaims[*].resourceClaimName", to: { group: "resource.k8s.io", kind: "ResourceClaim" } },
  ...containers,
];

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";
const routes = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"].map(
  (kind) => `gateway.networking.k8s.io/${kind}`,
);

export const referenceRows: readonly ReferenceRow[] = [
  { kinds: [`${rbac}/RoleBinding`, `${rbac}/ClusterRoleBinding`], path: ".roleRef", to: { group: rbac, kind: "Role" } },
  { kinds: [`${rbac}/RoleBinding`, `${rbac}/ClusterRoleBinding`], path: ".subjects[*]", to: core("ServiceAccount") },
  // Without its account the token controller deletes it again.
  {
    kinds: ["/Secret"],
    path: '.metadata.annotations["kubernetes.io/service-account.name"]',
    to: core("ServiceAccount"),
  },
  { kinds: ["apps/StatefulSet"], path: ".spec.serviceName", to: core("Service") },
  {
    kinds: ["/PersistentVolume", "/PersistentVolumeClaim"],
    path: ".spec.storageClassName",
    to: ofCluster("storage.k8s.io", "StorageClass"),
  },
  { kinds: ["/PersistentVolumeClaim"], path: ".spec.volumeName", to: ofCluster("", "PersistentVolume") },
  {
    kinds: ["autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject"],
    path: ".spec.scaleTargetRef",
    to: { group: "apps", kind: "Deployment" },
  },
  {
    kinds: ["autoscaling.k8s.io/VerticalPodAutoscaler"],
    path: ".spec.targetRef",
    to: { group: "apps", kind: "Deployment" },
  },
  {
    kinds: ["networking.k8s.io/Ingress"],
    path: ".spec.ingressClassName",
    to: ofCluster("networking.k8s.io", "IngressClass"),
  },
  { kinds: ["networking.k8s.io/Ingress"], path: ".spec.defaultBackend.service", to: core("Service") },
  { kinds: ["networking.k8s.io/Ingress"], path: ".spec.rules[*].http.paths[*].backend.service", to: core("Service") },
  { kinds: ["networking.k8s.io/Ingress"], path: ".spec.tls[*].secretName", to: core("Secret") },
  {
    kinds: ["gateway.networking.k8s.io/Gateway"],
    path: ".spec.gatewayClassName",
    to: ofCluster("gateway.networking.k8s.io", "GatewayClass"),
  },
  { kinds: routes, path: ".spec.rules[*].backendRefs[*]", to: core("Service") },
  {
    kinds: ["discovery.k8s.io/EndpointSlice"],
    path: '.metadata.labels["kubernetes.io/service-name"]',
    to: core("Service"),
  },
  { kinds: ["apiregistration.k8s.io/APIService"], path: ".spec.service", to: core("Service") },
  {
    kinds: [`${admission}/ValidatingWebhookConfiguration`, `${admission}/MutatingWebhookConfiguration`],
    path: ".webhooks[*].clientConfig.service",
    to: core("Service"),
  },
  {
    kinds: [`${admission}/ValidatingAdmissionPolicyBinding`],
    path: ".spec.policyName",
    to: ofCluster(admission, "ValidatingAdmissionPolicy"),
  },
  {
    kinds: [`${admission}/MutatingAdmissionPolicyBinding`],
    path: ".spec.policyName",
    to: ofCluster(admission, "MutatingAdmissionPolicy"),
  },
];

interface CompiledRow {
  readonly steps: readonly Step[];
  readonly to: ReferenceRow["to"];
}

const rowsOfKind = new Map<string, CompiledRow[]>();
const addRow = (kind: string, path: string, to: ReferenceRow["to"]): void => {
  const rows = rowsOfKind.get(kind) ?? [];
  rows.push({ steps: patternOfRow("heal references", path).steps, to });
  rowsOfKind.set(kind, rows);
};
for (const { kinds, path, to } of referenceRows) for (const kind of kinds) addRow(kind, path, to);
for (const [kind, spec] of Object.entries(podSpecs))
  for (const { path, to } of podReferences) addRow(kind, `${spec}${path}`, to);

/** What stands wherever the steps lead. */
function valuesAt(value: Json | undefined, steps: readonly Step[]): readonly Json[] {
  const [step, ...rest] = steps;
  if (value === undefined) return [];
  if (step === undefined) return [value];
  if (step.type === "any") return isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  return step.type === "field" && isObject(value) && Object.hasOwn(value, step.name)
    ? valuesAt(value[step.name], rest)
    : [];
}

/** `apiGroup`, `group`, or that of an `apiVersion`; undefined where the reference leaves it open. */
function groupOf(reference: Json): string | undefined {
  const version = getString(reference, "apiVersion");
  return (
    getString(reference, "apiGroup") ??
    getString(reference, "group") ??
    (version === undefined ? undefined : kindRef(version, "").group)
  );
}

function referred(value: Json, to: ReferenceRow["to"], namespace: string): ResourceId | undefined {
  const name = typeof value === "string" ? value : getString(value, "name");
  if (name === undefined || name === "") return undefined;
  const kind = getString(value, "kind") ?? to.kind;
  // Bindings name people too, who are no objects.
  if (to.kind === "ServiceAccount" && kind !== to.kind) return undefined;
  // And either kind of role, in whose group alone there are any; only one of them lives in a namespace.
  if (to.kind === "Role" && kind === "ClusterRole") return { group: to.group, kind, namespace: "", name };
  const group = groupOf(value) ?? (kind === to.kind ? to.group : "");
  if (to.cluster === true) return { group, kind, namespace: "", name };
  return { group, kind, namespace: getString(value, "namespace") ?? namespace, name };
}

/** What the object names that has to be there first, each once: its namespace, and what {@link referenceRows} tell. */
export function referencesOf(desired: KubeObject): readonly ResourceId[] {
  const own = idOf(desired);
  const found = (rowsOfKind.get(`${own.group}/${own.kind}`) ?? []).flatMap(({ steps, to }) =>
    valuesAt(desired, steps).flatMap((value) => referred(value, to, own.namespace) ?? []),
  );
  const namespace: ResourceId = { group: "", kind: "Namespace", namespace: "", name: own.namespace };
  const all = own.namespace === "" ? found : [namespace, ...found];
  return [...new Map(all.map((one) => [idKey(one), one])).values()];
}

/**
 * Fields of built-in kinds that their update validation lets nobody change: an object that differs there can only be
 * made anew. Data, and each row is tried on a real API server by its test. A field that is missing here costs a refused
 * patch, one too many an object that need not have gone, so a row says only what always holds.
 */

/** What must hold besides, of what the object is now and of what Git wants it to be. */
export type ImmutableCondition =
  /** Live has exactly this at the field. */
  | { readonly is: "live-field"; readonly path: readonly string[]; readonly value: string | boolean }
  /** Live has anything else there, or nothing. */
  | { readonly is: "live-field-not"; readonly path: readonly string[]; readonly value: string | boolean }
  /** Live has something there that is not empty. */
  | { readonly is: "live-has"; readonly path: readonly string[] }
  /** Live has nothing there, or nothing in it. */
  | { readonly is: "live-lacks"; readonly path: readonly string[] }
  /** Live and Git have exactly this at the field. */
  | { readonly is: "both"; readonly path: readonly string[]; readonly value: string }
  /** Neither live nor Git has this at the field. */
  | { readonly is: "neither"; readonly path: readonly string[]; readonly value: string };

export interface ImmutableRow {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Typed paths; the row holds at and below them. */
  readonly paths: readonly string[];
  /** What inside them may be changed all the same. */
  readonly except?: readonly string[];
  /** Only some changes: taking away what is there (`loss`), also item by item, or adding to it (`gain`). */
  readonly only?: "loss" | "gain";
  /** Of a loss: `key` of the items that admission gives every object, so that they are never lost. */
  readonly refilled?: readonly string[];
  /** All must hold. */
  readonly when?: readonly ImmutableCondition[];
  /** True where what the object made may live on without it and is taken over by the next one. */
  readonly orphans?: boolean;
  /** What goes with the object and does not come back with it. */
  readonly destroys?: string;
  /** The function of Kubernetes that refuses. */
  readonly source: string;
}

const validation = (of: string): string => `pkg/apis/${of}`;
/** @param of `group/Kind`, `/Kind` for the core group */
function always(of: string, paths: readonly string[], source: string): ImmutableRow {
  const [group = "", kind = ""] = of.split("/");
  return { group, kind, paths, source: validation(source) };
}
const claimsGo: ImmutableCondition = {
  is: "live-field",
  path: ["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"],
  value: "Delete",
};
const claimsStay: ImmutableCondition = { ...claimsGo, is: "live-field-not" };
const statefulSet = { group: "apps", kind: "StatefulSet", source: validation("apps ValidateStatefulSetUpdate") };
/** Of these the Pods know: those of the object before are none of the next one. */
const ofPods = [".spec.selector", ".spec.serviceName"];
const suspended: ImmutableCondition = { is: "live-field", path: ["spec", "suspend"], value: true };
const job = { group: "batch", kind: "Job" };
const pod = { group: "", kind: "Pod", source: validation("core ValidatePodUpdate") };
const sealed: readonly ImmutableCondition[] = [{ is: "live-field", path: ["immutable"], value: true }];
const service = { group: "", kind: "Service" };
const hasAddress: readonly ImmutableCondition[] = [
  { is: "neither", path: ["spec", "type"], value: "ExternalName" },
  { is: "live-has", path: ["spec", "clusterIP"] },
];
const claim = {
  group: "",
  kind: "PersistentVolumeClaim",
  destroys: "the data of its volume",
  source: validation("core ValidatePersistentVolumeClaimUpdate"),
};
const volume = {
  group: "",
  kind: "PersistentVolume",
  destroys: "its binding, and the way to the data",
  source: validation("core ValidatePersistentVolumeUpdate"),
};

export const immutableRows: readonly ImmutableRow[] = [
  ...["Deployment", "DaemonSet", "ReplicaSet"].map((kind) =>
    always(`apps/${kind}`, [".spec.selector"], `apps Validate${kind}Update`),
  ),
  { ...statefulSet, paths: ofPods, when: [claimsStay] },
  { ...statefulSet, paths: ofPods, when: [claimsGo], destroys: "its volume claims, and the data in them" },
  {
    ...statefulSet,
    paths: [".spec.volumeClaimTemplates", ".spec.podManagementPolicy"],
    // Deleted without them, its Pods run on, and the next StatefulSet of the same selector takes them.
    orphans: true,
  },
  always("apps/ControllerRevision", [".data"], "apps ValidateControllerRevision"),
  {
    ...job,
    paths: [
      ".spec.selector",
      ".spec.completionMode",
      ".spec.podFailurePolicy",
      ".spec.backoffLimitPerIndex",
      ".spec.managedBy",
      ".spec.successPolicy",
    ],
    source: validation("batch ValidateJobSpecUpdate"),
  },
  {
    ...job,
    paths: [".spec.template"],
    when: [{ ...suspended, is: "live-field-not" }],
    source: validation("batch validatePodTemplateUpdate"),
  },
  {
    ...job,
    paths: [".spec.template"],
    // Where its Pods may run, and what they may use, is open until it is let go.
    except: [
      ".spec.template.metadata.labels",
      ".spec.template.metadata.annotations",
      ".spec.template.spec.affinity",
      ".spec.template.spec.nodeSelector",
      ".spec.template.spec.tolerations",
      ".spec.template.spec.schedulingGates",
      ".spec.template.spec.containers[*].resources",
      ".spec.template.spec.initContainers[*].resources",
    ],
    when: [suspended],
    source: validation("batch validatePodTemplateUpdate"),
  },
  {
    ...job,
    paths: [".spec.completions"],
    when: [{ is: "live-field-not", path: ["spec", "completionMode"], value: "Indexed" }],
    source: validation("batch validateCompletions"),
  },
  {
    ...pod,
    paths: [".spec"],
    except: [
      ".spec.containers[*].image",
      ".spec.initContainers[*].image",
      ".spec.activeDeadlineSeconds",
      ".spec.tolerations",
      ".spec.schedulingGates",
      ".spec.nodeSelector",
      ".spec.affinity",
    ],
  },
  // Until its gates are gone, they may grow.
  {
    ...pod,
    paths: [".spec.nodeSelector", ".spec.affinity"],
    when: [{ is: "live-lacks", path: ["spec", "schedulingGates"] }],
  },
  {
    ...pod,
    paths: [".spec.tolerations", ".spec.activeDeadlineSeconds"],
    except: [".spec.tolerations[*].tolerationSeconds"],
    only: "loss",
    refilled: ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
  },
  { ...pod, paths: [".spec.schedulingGates"], only: "gain" },
  ...["providerID", "podCIDR"].map((name) => ({
    ...always("/Node", [`.spec.${name}`], "core ValidateNodeUpdate"),
    when: [{ is: "live-has", path: ["spec", name] }] as const,
    destroys: "its registration, and the Pods on it",
  })),
  {
    group: "",
    kind: "ConfigMap",
    paths: [".data", ".binaryData", ".immutable"],
    when: sealed,
    source: validation("core ValidateConfigMapUpdate"),
  },
  {
    group: "",
    kind: "Secret",
    paths: [".data", ".stringData", ".immutable"],
    when: sealed,
    source: validation("core ValidateSecretUpdate"),
  },
  always("/Secret", [".type"], "core ValidateSecretUpdate"),
  {
    ...service,
    paths: [".spec.clusterIP", ".spec.clusterIPs[0]"],
    when: hasAddress,
    source: validation("core validateUpgradeDowngradeClusterIPs"),
  },
  {
    ...service,
    paths: [".spec.ipFamilies[0]"],
    // Without an address of its own it may be of any family.
    when: [...hasAddress, { is: "neither", path: ["spec", "clusterIP"], value: "None" }],
    source: validation("core validateUpgradeDowngradeIPFamilies"),
  },
  {
    ...service,
    paths: [".spec.loadBalancerClass"],
    when: [{ is: "both", path: ["spec", "type"], value: "LoadBalancer" }],
    source: validation("core validateLoadBalancerClassField"),
  },
  {
    ...service,
    paths: [".spec.healthCheckNodePort"],
    when: [
      { is: "both", path: ["spec", "type"], value: "LoadBalancer" },
      { is: "both", path: ["spec", "externalTrafficPolicy"], value: "Local" },
    ],
    source: validation("core validateServiceExternalTrafficFieldsUpdate"),
  },
  {
    ...claim,
    paths: [".spec"],
    // What may grow once it is bound, and what may be set once.
    except: [".spec.resources", ".spec.volumeAttributesClassName", ".spec.volumeName", ".spec.storageClassName"],
  },
  ...["storageClassName", "volumeName"].map((name) => ({
    ...claim,
    paths: [`.spec.${name}`],
    when: [{ is: "live-has", path: ["spec", name] }] as const,
  })),
  {
    ...volume,
    paths: [".spec"],
    except: [
      ".spec.capacity",
      ".spec.accessModes",
      ".spec.claimRef",
      ".spec.persistentVolumeReclaimPolicy",
      ".spec.storageClassName",
      ".spec.mountOptions",
      ".spec.nodeAffinity",
      ".spec.volumeAttributesClassName",
      ".spec.csi.controllerExpandSecretRef",
    ],
  },
  always("/ResourceQuota", [".spec.scopes"], "core ValidateResourceQuotaUpdate"),
  ...["RoleBinding", "ClusterRoleBinding"].map((kind) =>
    always(`rbac.authorization.k8s.io/${kind}`, [".roleRef"], `rbac Validate${kind}Update`),
  ),
  always(
    "storage.k8s.io/StorageClass",
    [".provisioner", ".parameters", ".reclaimPolicy", ".volumeBindingMode"],
    "storage ValidateStorageClassUpdate",
  ),
  always(
    "storage.k8s.io/VolumeAttributesClass",
    [".driverName", ".parameters"],
    "storage ValidateVolumeAttributesClassUpdate",
  ),
  {
    ...always("storage.k8s.io/VolumeAttachment", [".spec"], "storage ValidateVolumeAttachmentUpdate"),
    destroys: "the attachment of a volume in use",
  },
  always(
    "storage.k8s.io/CSIDriver",
    [".spec.attachRequired", ".spec.volumeLifecycleModes"],
    "storage ValidateCSIDriverUpdate",
  ),
  always(
    "storage.k8s.io/CSIStorageCapacity",
    [".nodeTopology", ".storageClassName"],
    "storage ValidateCSIStorageCapacityUpdate",
  ),
  always("networking.k8s.io/IngressClass", [".spec.controller"], "networking validateIngressClassSpecUpdate"),
  always("networking.k8s.io/IPAddress", [".spec.parentRef"], "networking ValidateIPAddressUpdate"),
  always("scheduling.k8s.io/PriorityClass", [".value", ".preemptionPolicy"], "scheduling ValidatePriorityClassUpdate"),
  always("node.k8s.io/RuntimeClass", [".handler"], "node ValidateRuntimeClassUpdate"),
  always("discovery.k8s.io/EndpointSlice", [".addressType"], "discovery ValidateEndpointSliceUpdate"),
  ...["ResourceClaim", "ResourceClaimTemplate"].map((kind) =>
    always(`resource.k8s.io/${kind}`, [".spec"], `resource Validate${kind}Update`),
  ),
  {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    paths: [".spec.scope", ".spec.names.kind"],
    destroys: "every object of its kind",
    source: "apiextensions-apiserver validateCustomResourceDefinitionSpecUpdate",
  },
];

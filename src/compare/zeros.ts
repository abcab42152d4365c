/**
 * What the API server does with a zero (`false`, `0`, `""`) that a built-in's manifest states, field by field. A zero is
 * kept where the field can tell it from absence (`keptZeros`), and where the schema declares it as default, for then
 * the server writes it out anyway. Anywhere else it is dropped, and a default, if the field has one, takes its place.
 * `npm run truth -- defaults` asks a real server about every field of every type that can be made, and finds no row too
 * many and none too few. Where validation refuses the zero (it prints how many those are) no manifest can hold it, and
 * a row is what the API types declare: a pointer.
 */

/** Type without its version → the fields whose zero is a value. */
const keptZeros: Readonly<Record<string, string>> = {
  "admissionregistration.MatchResources": "matchPolicy",
  "admissionregistration.MutatingAdmissionPolicySpec": "failurePolicy",
  "admissionregistration.MutatingWebhook": "failurePolicy matchPolicy sideEffects timeoutSeconds reinvocationPolicy",
  "admissionregistration.NamedRuleWithOperations": "scope",
  "admissionregistration.ParamRef": "parameterNotFoundAction",
  "admissionregistration.Rule": "scope",
  "admissionregistration.RuleWithOperations": "scope",
  "admissionregistration.ServiceReference": "path port",
  "admissionregistration.ValidatingAdmissionPolicySpec": "failurePolicy",
  "admissionregistration.ValidatingWebhook": "failurePolicy matchPolicy sideEffects timeoutSeconds",
  "admissionregistration.Validation": "reason",
  "admissionregistration.WebhookClientConfig": "url",
  "apiextensions.CustomResourceDefinitionVersion": "deprecationWarning",
  "apiextensions.CustomResourceSubresourceScale": "labelSelectorPath",
  "apiextensions.JSONSchemaProps":
    "$ref maximum minimum maxLength minLength maxItems minItems multipleOf maxProperties minProperties x-kubernetes-preserve-unknown-fields x-kubernetes-list-type x-kubernetes-map-type",
  "apiextensions.ServiceReference": "path port",
  "apiextensions.ValidationRule": "reason optionalOldSelf",
  "apiextensions.WebhookClientConfig": "url",
  "apiregistration.ServiceReference": "port",
  "apps.DaemonSetSpec": "revisionHistoryLimit",
  "apps.DeploymentSpec": "replicas revisionHistoryLimit progressDeadlineSeconds",
  "apps.ReplicaSetSpec": "replicas",
  "apps.RollingUpdateDaemonSet": "maxUnavailable maxSurge",
  "apps.RollingUpdateDeployment": "maxUnavailable maxSurge",
  "apps.RollingUpdateStatefulSetStrategy": "partition maxUnavailable",
  "apps.StatefulSetSpec": "replicas revisionHistoryLimit",
  "autoscaling.HPAScalingRules": "stabilizationWindowSeconds selectPolicy tolerance",
  "autoscaling.HorizontalPodAutoscalerSpec": "minReplicas targetCPUUtilizationPercentage",
  "autoscaling.MetricTarget": "value averageValue averageUtilization",
  "batch.CronJobSpec": "timeZone startingDeadlineSeconds suspend successfulJobsHistoryLimit failedJobsHistoryLimit",
  "batch.JobSpec":
    "parallelism completions activeDeadlineSeconds backoffLimit backoffLimitPerIndex maxFailedIndexes manualSelector ttlSecondsAfterFinished completionMode suspend podReplacementPolicy managedBy",
  "batch.PodFailurePolicyOnExitCodesRequirement": "containerName",
  "batch.SuccessPolicyRule": "succeededIndexes succeededCount",
  "certificates.CertificateSigningRequestSpec": "expirationSeconds signerName",
  "certificates.PodCertificateRequestSpec": "maxExpirationSeconds",
  "coordination.LeaseSpec": "holderIdentity leaseDurationSeconds leaseTransitions strategy preferredHolder",
  "core.AppArmorProfile": "localhostProfile",
  "core.AzureDiskVolumeSource": "cachingMode fsType readOnly kind",
  "core.AzureFilePersistentVolumeSource": "secretNamespace",
  "core.CSIVolumeSource": "readOnly fsType",
  "core.ClientIPConfig": "timeoutSeconds",
  "core.ClusterTrustBundleProjection": "name signerName optional",
  "core.ConfigMap": "immutable",
  "core.ConfigMapEnvSource": "optional",
  "core.ConfigMapKeySelector": "optional",
  "core.ConfigMapProjection": "optional",
  "core.ConfigMapVolumeSource": "defaultMode optional",
  "core.Container": "restartPolicy",
  "core.DownwardAPIVolumeFile": "mode",
  "core.DownwardAPIVolumeSource": "defaultMode",
  "core.EmptyDirVolumeSource": "sizeLimit",
  "core.EndpointAddress": "nodeName",
  "core.EndpointPort": "appProtocol",
  "core.EphemeralContainer": "restartPolicy",
  "core.FCVolumeSource": "lun",
  "core.FileKeySelector": "optional",
  "core.GRPCAction": "service",
  "core.GlusterfsPersistentVolumeSource": "endpointsNamespace",
  "core.HostPathVolumeSource": "type",
  "core.ISCSIPersistentVolumeSource": "initiatorName",
  "core.ISCSIVolumeSource": "initiatorName",
  "core.KeyToPath": "mode",
  "core.Lifecycle": "stopSignal",
  "core.LocalVolumeSource": "fsType",
  "core.PersistentVolumeClaimSpec": "storageClassName volumeMode volumeAttributesClassName",
  "core.PersistentVolumeClaimStatus": "currentVolumeAttributesClassName",
  "core.PersistentVolumeSpec": "volumeMode volumeAttributesClassName",
  "core.PodCertificateProjection": "maxExpirationSeconds",
  "core.PodDNSConfigOption": "value",
  "core.PodResourceClaim": "resourceClaimName resourceClaimTemplateName",
  "core.PodSchedulingGroup": "podGroupName",
  "core.PodSecurityContext":
    "runAsUser runAsGroup runAsNonRoot supplementalGroupsPolicy fsGroup fsGroupChangePolicy seLinuxChangePolicy",
  "core.PodSpec":
    "terminationGracePeriodSeconds activeDeadlineSeconds automountServiceAccountToken shareProcessNamespace priority runtimeClassName enableServiceLinks preemptionPolicy setHostnameAsFQDN hostUsers hostnameOverride",
  "core.Probe": "terminationGracePeriodSeconds",
  "core.ProjectedVolumeSource": "defaultMode",
  "core.ReplicationControllerSpec": "replicas",
  "core.SeccompProfile": "localhostProfile",
  "core.Secret": "immutable",
  "core.SecretEnvSource": "optional",
  "core.SecretKeySelector": "optional",
  "core.SecretProjection": "optional",
  "core.SecretVolumeSource": "defaultMode optional",
  "core.SecurityContext":
    "privileged runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation procMount",
  "core.ServiceAccount": "automountServiceAccountToken",
  "core.ServiceAccountTokenProjection": "expirationSeconds",
  "core.ServicePort": "appProtocol",
  "core.ServiceSpec":
    "ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution",
  "core.Toleration": "tolerationSeconds",
  "core.TopologySpreadConstraint": "minDomains nodeAffinityPolicy nodeTaintsPolicy",
  "core.TypedLocalObjectReference": "apiGroup",
  "core.TypedObjectReference": "apiGroup namespace",
  "core.VolumeMount": "recursiveReadOnly mountPropagation",
  "core.WindowsSecurityContextOptions": "hostProcess",
  "discovery.Endpoint": "hostname nodeName zone",
  "discovery.EndpointConditions": "ready serving terminating",
  "discovery.EndpointPort": "name protocol port appProtocol",
  "flowcontrol.ExemptPriorityLevelConfiguration": "nominalConcurrencyShares lendablePercent",
  "flowcontrol.LimitedPriorityLevelConfiguration": "nominalConcurrencyShares lendablePercent borrowingLimitPercent",
  "meta.ObjectMeta": "deletionGracePeriodSeconds",
  "meta.OwnerReference": "controller blockOwnerDeletion",
  "networking.HTTPIngressPath": "pathType",
  "networking.IngressClassParametersReference": "apiGroup scope namespace",
  "networking.IngressSpec": "ingressClassName",
  "networking.NetworkPolicyPort": "protocol port endPort",
  "policy.PodDisruptionBudgetSpec": "minAvailable maxUnavailable unhealthyPodEvictionPolicy",
  "resource.BasicDevice": "nodeName allNodes bindsToNode allowMultipleAllocations",
  "resource.CapacityRequestPolicy": "default",
  "resource.CapacityRequestPolicyRange": "min max step",
  "resource.Device": "nodeName allNodes bindsToNode allowMultipleAllocations",
  "resource.DeviceAttribute": "int bool string version",
  "resource.DeviceClassSpec": "extendedResourceName",
  "resource.DeviceConstraint": "matchAttribute distinctAttribute",
  "resource.DeviceRequest": "adminAccess",
  "resource.DeviceTaintSelector": "driver pool device",
  "resource.DeviceToleration": "tolerationSeconds",
  "resource.ExactDeviceRequest": "adminAccess",
  "resource.NodeAllocatableResourceMapping": "capacityKey allocationMultiplier",
  "resource.ResourceSliceSpec": "nodeName allNodes perDeviceNodeSelection",
  "scheduling.PodGroupResourceClaim": "resourceClaimName resourceClaimTemplateName",
  "scheduling.PodGroupSpec": "disruptionMode priority",
  "scheduling.PodGroupTemplate": "disruptionMode priority",
  "scheduling.PriorityClass": "preemptionPolicy",
  "storage.CSIDriverSpec":
    "attachRequired podInfoOnMount storageCapacity fsGroupPolicy requiresRepublish seLinuxMount nodeAllocatableUpdatePeriodSeconds serviceAccountTokenInSecrets preventPodSchedulingIfMissing",
  "storage.CSIStorageCapacity": "capacity maximumVolumeSize",
  "storage.StorageClass": "reclaimPolicy allowVolumeExpansion volumeBindingMode",
  "storage.TokenRequest": "expirationSeconds",
  "storage.VolumeAttachmentSource": "persistentVolumeName",
  "storage.VolumeNodeResources": "count",
};

/** Type → fields for which OpenAPI declares a zero as default that the server does not write out. */
const silentZeros: Readonly<Record<string, string>> = {
  "core.ConfigMapEnvSource": "name",
  "core.ConfigMapKeySelector": "name",
  "core.ConfigMapProjection": "name",
  "core.ConfigMapVolumeSource": "name",
  "core.LocalObjectReference": "name",
  "core.ReplicationControllerSpec": "minReadySeconds",
  "core.SecretEnvSource": "name",
  "core.SecretKeySelector": "name",
  "core.SecretProjection": "name",
};

/** Type → fields for which OpenAPI declares a zero as default that the server itself replaces by a real one. */
const replacedZeros: Readonly<Record<string, string>> = {
  "batch.PodFailurePolicyOnPodConditionsPattern": "status",
  "flowcontrol.FlowSchemaSpec": "matchingPrecedence",
  "flowcontrol.QueuingConfiguration": "handSize queueLengthLimit queues",
  "rbac.RoleRef": "apiGroup",
};

/** Type → fields that the server never stores, whatever a manifest says: of old, or its own to fill in. */
const neverStored: Readonly<Record<string, string>> = {
  "certificates.CertificateSigningRequestSpec": "username uid groups extra",
  "core.NodeSpec": "configSource",
  "discovery.Endpoint": "deprecatedTopology",
};

type Fields = ReadonlyMap<string, ReadonlySet<string>>;

function read(table: Readonly<Record<string, string>>): Fields {
  return new Map(Object.entries(table).map(([type, fields]) => [type, new Set(fields.split(" "))] as const));
}

const kept = read(keptZeros);
const silent = read(silentZeros);
const replaced = read(replacedZeros);
const never = read(neverStored);
const shortNames = new Map<string, string>();

/** `io.k8s.api.core.v1.PodSpec` → `core.PodSpec`; other names come back as they are. */
export function shortTypeName(name: string): string {
  const known = shortNames.get(name);
  if (known !== undefined) return known;
  const parts = name.split(".");
  const group = parts.at(-3);
  const short = group === undefined || !name.startsWith("io.k8s.") ? name : `${group}.${parts.at(-1) ?? ""}`;
  shortNames.set(name, short);
  return short;
}

/** True where a zero that a manifest states in this field of a built-in type is stored as such. */
export function keepsZero(typeName: string, field: string): boolean {
  return kept.get(shortTypeName(typeName))?.has(field) ?? false;
}

/** True for a zero that the schema declares as default, and that the server leaves out all the same. */
export function isSilent(typeName: string, field: string): boolean {
  return silent.get(shortTypeName(typeName))?.has(field) ?? false;
}

/** True for a zero that the schema declares as default, and that the server replaces. */
export function isReplaced(typeName: string, field: string): boolean {
  return replaced.get(shortTypeName(typeName))?.has(field) ?? false;
}

/** True for a field of a built-in that the server drops from every manifest. */
export function isNeverStored(typeName: string, field: string): boolean {
  return never.get(shortTypeName(typeName))?.has(field) ?? false;
}

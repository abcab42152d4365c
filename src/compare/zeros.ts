/**
 * What the API server does with a zero (`false`, `0`, `""`) that a built-in's manifest states, field by field. A zero is
 * kept where the field can tell it from absence (listed here); anywhere else it is dropped, and a default, if the field
 * has one, takes its place. OpenAPI does not tell the two apart; the list is that of the optional scalars that the API
 * types declare as pointers (k8s.io/api 1.36), without those that only status uses. A field that is not listed is taken
 * as dropped, which costs at most a removal nobody can see the effect of, never a false difference.
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
  "discovery.Endpoint": "hostname nodeName zone",
  "discovery.EndpointConditions": "ready serving terminating",
  "discovery.EndpointPort": "name protocol port appProtocol",
  "flowcontrol.ExemptPriorityLevelConfiguration": "nominalConcurrencyShares lendablePercent",
  "flowcontrol.LimitedPriorityLevelConfiguration": "nominalConcurrencyShares lendablePercent borrowingLimitPercent",
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

const kept = new Map(Object.entries(keptZeros).map(([type, fields]) => [type, new Set(fields.split(" "))] as const));
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

/**
 * Fields that a server knows and yet drops from what it is sent, since the feature they belong to is off unless an
 * administrator turns it on. Where Git states one and live lacks it, nobody removed it. Proven, with the minors, by
 * `npm run truth -- defaults`.
 */
import { getIn, getString, isArray, type Json } from "../../model/json.ts";
import { isBefore } from "./row.ts";

export interface GatedField {
  /** Type that has the field, without version: `core.Lifecycle`. */
  readonly type: string;
  readonly field: string;
  readonly gate: string;
  /** First minor in which the feature is on by itself; absent where that is none we know. */
  readonly since?: string;
  /** Which values need the feature; any where absent. */
  readonly when?: (value: Json) => boolean;
}

function rowsOf(gate: string, since: string, ...names: readonly string[]): readonly GatedField[] {
  return names.map((name) => {
    const dot = name.lastIndexOf(".");
    return { type: name.slice(0, dot), field: name.slice(dot + 1), gate, since };
  });
}

export const gatedFields: readonly GatedField[] = [
  { type: "core.Lifecycle", field: "stopSignal", gate: "ContainerStopSignals" },
  { type: "core.VolumeProjection", field: "clusterTrustBundle", gate: "ClusterTrustBundleProjection" },
  { type: "core.VolumeProjection", field: "podCertificate", gate: "PodCertificateRequest" },
  { type: "core.PodSpec", field: "schedulingGroup", gate: "GenericWorkload" },
  { type: "core.PodSpec", field: "workloadRef", gate: "GenericWorkload" },
  { type: "coordination.LeaseSpec", field: "strategy", gate: "CoordinatedLeaderElection" },
  { type: "coordination.LeaseSpec", field: "preferredHolder", gate: "CoordinatedLeaderElection" },
  {
    type: "apps.RollingUpdateStatefulSetStrategy",
    field: "maxUnavailable",
    gate: "MaxUnavailableStatefulSet",
    since: "1.37",
  },
  { type: "storage.CSIDriverSpec", field: "preventPodSchedulingIfMissing", gate: "VolumeLimitScaling", since: "1.37" },
  {
    type: "core.PersistentVolumeClaimSpec",
    field: "dataSourceRef",
    gate: "CrossNamespaceVolumeDataSource",
    when: (reference) => (getString(reference, "namespace") ?? "") !== "",
  },
  { type: "resource.DeviceAttribute", field: "bools", gate: "DRAListTypeAttributes" },
  { type: "resource.DeviceAttribute", field: "ints", gate: "DRAListTypeAttributes" },
  { type: "resource.DeviceAttribute", field: "strings", gate: "DRAListTypeAttributes" },
  { type: "resource.DeviceAttribute", field: "versions", gate: "DRAListTypeAttributes" },
  ...rowsOf("MutableCSINodeAllocatableCount", "1.35", "storage.CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds"),
  ...rowsOf("EnvFiles", "1.35", "core.EnvVarSource.fileKeyRef"),
  ...rowsOf("HostnameOverride", "1.35", "core.PodSpec.hostnameOverride"),
  ...rowsOf("HPAConfigurableTolerance", "1.35", "autoscaling.HPAScalingRules.tolerance"),
  ...rowsOf("ContainerRestartRules", "1.35", "core.Container.restartPolicyRules"),
  {
    type: "core.Container",
    field: "restartPolicy",
    gate: "ContainerRestartRules",
    since: "1.35",
    when: (policy) => policy !== "Always",
  },
  {
    type: "core.PodSpec",
    field: "volumes",
    gate: "ImageVolume",
    since: "1.35",
    when: (volumes) => isArray(volumes) && volumes.every((volume) => getIn(volume, "image") !== undefined),
  },
  ...rowsOf("DRAExtendedResource", "1.36", "resource.DeviceClassSpec.extendedResourceName"),
  ...rowsOf(
    "DRADeviceTaints",
    "1.36",
    "resource.Device.taints",
    "resource.ExactDeviceRequest.tolerations",
    "resource.DeviceSubRequest.tolerations",
  ),
  ...rowsOf(
    "DRAConsumableCapacity",
    "1.36",
    "resource.Device.allowMultipleAllocations",
    "resource.DeviceCapacity.requestPolicy",
    "resource.ExactDeviceRequest.capacity",
    "resource.DeviceSubRequest.capacity",
    "resource.DeviceConstraint.distinctAttribute",
  ),
  ...rowsOf(
    "DRAPartitionableDevices",
    "1.36",
    "resource.ResourceSliceSpec.sharedCounters",
    "resource.ResourceSliceSpec.perDeviceNodeSelection",
    "resource.Device.consumesCounters",
    "resource.Device.nodeName",
    "resource.Device.nodeSelector",
    "resource.Device.allNodes",
  ),
  ...rowsOf(
    "DRADeviceBindingConditions",
    "1.36",
    "resource.Device.bindsToNode",
    "resource.Device.bindingConditions",
    "resource.Device.bindingFailureConditions",
  ),
  { type: "resource.Device", field: "nodeAllocatableResourceMappings", gate: "DRANodeAllocatableResources" },
];

const gated = new Map(gatedFields.map((row) => [`${row.type}.${row.field}`, row] as const));

export interface Stated {
  /** Without version. */
  readonly type: string;
  readonly field: string;
  readonly value: Json;
}

/**
 * The row of a field that a server of this minor drops where nobody turned its feature on.
 * @param server `1.36`; undefined where it is not known
 */
export function gatedField({ type, field, value }: Stated, server: string | undefined): GatedField | undefined {
  const row = gated.get(`${type}.${field}`);
  if (row === undefined || row.when?.(value) === false) return undefined;
  const isOn = row.since !== undefined && (server === undefined || !isBefore(server, row.since));
  return isOn ? undefined : row;
}

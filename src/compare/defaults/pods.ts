/** Defaults of Pods, in every template too, of containers, probes and volumes. Proven on the API server. */
import { getIn, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { pullPolicyOf } from "./image.ts";
import { podLevelResources } from "./pod-resources.ts";
import { isFilled, merged, within, type DefaultRow } from "./row.ts";

/** Beside its name, a volume names its source; one that names none is an emptyDir. */
function hasNoSource(volume: JsonObject): boolean {
  return Object.keys(volume).every((key) => key === "name");
}

function containerRows(type: string): readonly DefaultRow[] {
  return [
    {
      type,
      field: "imagePullPolicy",
      value: (container) => pullPolicyOf(container["image"]),
      reason: "follows from the tag at creation, and stays when the tag changes",
    },
    { type, field: "terminationMessagePath", value: "/dev/termination-log" },
    { type, field: "terminationMessagePolicy", value: "File" },
  ];
}

function requestsFromLimits(container: JsonObject): Json | undefined {
  const { resources } = container;
  if (!isObject(resources) || !isFilled(resources["limits"])) return undefined;
  const requests = merged(resources["requests"], resources["limits"]);
  return requests === undefined ? undefined : { ...resources, requests };
}

function modeRow(type: string): DefaultRow {
  return { type, field: "defaultMode", value: 420 };
}

export const podRows: readonly DefaultRow[] = [
  { type: "core.PodSpec", field: "dnsPolicy", value: "ClusterFirst" },
  { type: "core.PodSpec", field: "restartPolicy", value: "Always" },
  { type: "core.PodSpec", field: "schedulerName", value: "default-scheduler" },
  { type: "core.PodSpec", field: "securityContext", value: {} },
  { type: "core.PodSpec", field: "terminationGracePeriodSeconds", value: 30 },
  {
    type: "core.PodSpec",
    field: "serviceAccountName",
    value: (spec) => spec["serviceAccount"],
    mutual: "serviceAccount",
    reason: "the deprecated name of the field fills the new one",
  },
  {
    type: "core.PodSpec",
    field: "serviceAccount",
    over: true,
    value: (spec) => spec["serviceAccountName"],
    reason: "the deprecated name of the field always copies the new one",
  },
  {
    type: "core.PodSpec",
    field: "enableServiceLinks",
    value: true,
    when: within("Pod"),
    reason: "in Pods, not in templates",
  },
  {
    type: "core.PodSpec",
    field: "resources",
    over: true,
    value: podLevelResources,
    when: within("Pod"),
    reason: "in Pods, not in templates, limits of the whole Pod bring requests",
  },
  ...containerRows("core.Container"),
  ...containerRows("core.EphemeralContainer"),
  {
    type: "core.Container",
    field: "resources",
    over: true,
    value: requestsFromLimits,
    when: within("Pod"),
    reason: "in Pods, not in templates, a request that is not stated is the limit",
  },
  {
    type: "core.ContainerPort",
    field: "hostPort",
    value: (port) => port["containerPort"],
    when: (_, { root }) => root["kind"] === "Pod" && getIn(root, "spec", "hostNetwork") === true,
    reason: "in Pods on the host's network, not in templates",
  },
  { type: "core.ContainerPort", field: "protocol", value: "TCP" },
  { type: "core.Probe", field: "timeoutSeconds", value: 1 },
  { type: "core.Probe", field: "periodSeconds", value: 10 },
  { type: "core.Probe", field: "successThreshold", value: 1 },
  { type: "core.Probe", field: "failureThreshold", value: 3 },
  { type: "core.HTTPGetAction", field: "path", value: "/" },
  { type: "core.HTTPGetAction", field: "scheme", value: "HTTP" },
  { type: "core.ObjectFieldSelector", field: "apiVersion", value: "v1" },
  { type: "core.ResourceFieldSelector", field: "divisor", value: "0" },
  { type: "core.Volume", field: "emptyDir", value: {}, when: hasNoSource, reason: "a volume without a source" },
  {
    type: "core.ImageVolumeSource",
    field: "pullPolicy",
    value: (source) => pullPolicyOf(source["reference"]),
    reason: "follows from the tag at creation",
  },
  modeRow("core.SecretVolumeSource"),
  modeRow("core.ConfigMapVolumeSource"),
  modeRow("core.DownwardAPIVolumeSource"),
  modeRow("core.ProjectedVolumeSource"),
  { type: "core.ServiceAccountTokenProjection", field: "expirationSeconds", value: 3600 },
  { type: "core.HostPathVolumeSource", field: "type", value: "" },
  { type: "core.PersistentVolumeClaimSpec", field: "volumeMode", value: "Filesystem" },
];

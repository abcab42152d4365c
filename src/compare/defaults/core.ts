/** Defaults of the core group beside Pods, and of Endpoints' successors. Proven on the API server. */
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { isFilled, merged, within, type DefaultPlace, type DefaultRow } from "./row.ts";

const inServiceOf =
  (...types: readonly string[]) =>
  (spec: JsonObject): boolean =>
    types.includes(typeof spec["type"] === "string" ? spec["type"] : "ClusterIP");

function isReachedFromOutside(spec: JsonObject): boolean {
  if (inServiceOf("LoadBalancer", "NodePort")(spec)) return true;
  return inServiceOf("ClusterIP")(spec) && isFilled(spec["externalIPs"]);
}

function sessionAffinityConfig(spec: JsonObject): Json | undefined {
  if (spec["sessionAffinity"] !== "ClientIP") return null;
  const stated = getIn(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds") !== undefined;
  return stated ? undefined : { clientIP: { timeoutSeconds: 10800 } };
}

function targetPort(port: JsonObject): Json | undefined {
  const stated = port["targetPort"];
  return stated === undefined || stated === 0 || stated === "" ? port["port"] : undefined;
}

function templateLabels(root: JsonObject): Json | undefined {
  const labels = getIn(root, "spec", "template", "metadata", "labels");
  return isFilled(labels) ? labels : undefined;
}

/** ReplicationControllers and Jobs without labels take those of their template. */
export function metadataFromTemplate(_: JsonObject, { root }: DefaultPlace): Json | undefined {
  const labels = templateLabels(root);
  const { metadata } = root;
  if (labels === undefined || !isObject(metadata) || isFilled(metadata["labels"])) return undefined;
  return { ...metadata, labels };
}

function namespaceMetadata(namespace: JsonObject): Json | undefined {
  const { metadata } = namespace;
  if (!isObject(metadata) || typeof metadata["name"] !== "string") return undefined;
  const name = { "kubernetes.io/metadata.name": metadata["name"] };
  return { ...metadata, labels: merged(name, metadata["labels"]) ?? name };
}

const ofContainers = (item: JsonObject): boolean => item["type"] === "Container";

function dataSource(spec: JsonObject): Json | undefined {
  const reference = spec["dataSourceRef"];
  if (!isObject(reference)) return undefined;
  const { namespace = "", ...local } = reference;
  return namespace === "" ? local : undefined;
}

function isClaimOrSnapshot(source: Json | undefined): boolean {
  const group = getIn(source, "apiGroup") ?? "";
  const kind = getIn(source, "kind");
  if (kind === "PersistentVolumeClaim") return group === "";
  return kind === "VolumeSnapshot" && group === "snapshot.storage.k8s.io";
}

function podCidrs(spec: JsonObject): Json | undefined {
  const { podCIDR, podCIDRs } = spec;
  if (podCIDR === undefined || (isArray(podCIDRs) && podCIDRs[0] === podCIDR)) return undefined;
  return [podCIDR];
}

/** Of the objects that a ServiceAccount refers to, only the names are stored. */
function secretNames(account: JsonObject): Json | undefined {
  const { secrets } = account;
  if (!isArray(secrets)) return undefined;
  return secrets.map((secret) => (isObject(secret) && secret["name"] !== undefined ? { name: secret["name"] } : {}));
}

const inVolume = within("PersistentVolume");

const ofClaimItself = (_: JsonObject, { root }: DefaultPlace): boolean => root["kind"] === "PersistentVolumeClaim";
const ofTemplate = (_: JsonObject, { depth }: DefaultPlace): boolean => depth > 0;

export const coreRows: readonly DefaultRow[] = [
  { type: "meta.OwnerReference", field: "apiVersion", value: "" },
  { type: "meta.OwnerReference", field: "kind", value: "" },
  { type: "meta.OwnerReference", field: "name", value: "" },
  { type: "meta.OwnerReference", field: "uid", value: "" },
  { type: "core.ServiceSpec", field: "type", value: "ClusterIP" },
  { type: "core.ServiceSpec", field: "sessionAffinity", value: "None" },
  {
    type: "core.ServiceSpec",
    field: "sessionAffinityConfig",
    over: true,
    value: sessionAffinityConfig,
    reason: "only of ClientIP, and then complete",
  },
  {
    type: "core.ServiceSpec",
    field: "externalTrafficPolicy",
    value: "Cluster",
    when: isReachedFromOutside,
    reason: "only where it can be reached from outside",
  },
  {
    type: "core.ServiceSpec",
    field: "internalTrafficPolicy",
    value: "Cluster",
    when: inServiceOf("ClusterIP", "NodePort", "LoadBalancer"),
    reason: "of every type but ExternalName",
  },
  {
    type: "core.ServiceSpec",
    field: "allocateLoadBalancerNodePorts",
    value: true,
    when: inServiceOf("LoadBalancer"),
    reason: "only of load balancers",
  },
  { type: "core.ServicePort", field: "protocol", value: "TCP" },
  { type: "core.ServicePort", field: "targetPort", over: true, value: targetPort, reason: "the port itself" },
  { type: "core.Secret", field: "type", value: "Opaque" },
  {
    type: "core.ServiceAccount",
    field: "secrets",
    over: true,
    value: secretNames,
    reason: "only the names are stored",
  },
  { type: "core.EndpointPort", field: "protocol", value: "TCP" },
  { type: "discovery.EndpointPort", field: "name", value: "" },
  { type: "discovery.EndpointPort", field: "protocol", value: "TCP" },
  {
    type: "core.Namespace",
    field: "metadata",
    over: true,
    value: namespaceMetadata,
    reason: "the server labels a namespace with its name",
  },
  { type: "core.Namespace", field: "spec", value: {} },
  { type: "core.NamespaceSpec", field: "finalizers", value: ["kubernetes"] },
  {
    type: "core.PersistentVolumeSpec",
    field: "persistentVolumeReclaimPolicy",
    value: "Retain",
    when: inVolume,
    reason: "not of the volume inside a VolumeAttachment",
  },
  {
    type: "core.PersistentVolumeSpec",
    field: "volumeMode",
    value: "Filesystem",
    when: inVolume,
    reason: "not of the volume inside a VolumeAttachment",
  },
  {
    type: "core.PersistentVolumeClaimSpec",
    field: "dataSource",
    over: true,
    value: (spec) => (isClaimOrSnapshot(spec["dataSource"]) ? undefined : null),
    when: ofClaimItself,
    reason: "only a claim or a snapshot is taken, in claims, not in templates",
  },
  {
    type: "core.PersistentVolumeClaimSpec",
    field: "dataSourceRef",
    value: (spec) => spec["dataSource"],
    mutual: "dataSource",
    when: ofClaimItself,
    reason: "copies dataSource, in claims, not in templates",
  },
  {
    type: "core.PersistentVolumeClaimSpec",
    field: "dataSource",
    value: dataSource,
    when: ofClaimItself,
    reason: "copies a dataSourceRef without namespace, in claims, not in templates",
  },
  {
    type: "core.PersistentVolumeClaim",
    field: "apiVersion",
    over: true,
    value: () => "v1",
    when: ofTemplate,
    reason: "in templates, whatever they say",
  },
  {
    type: "core.PersistentVolumeClaim",
    field: "kind",
    over: true,
    value: () => "PersistentVolumeClaim",
    when: ofTemplate,
    reason: "in templates, whatever they say",
  },
  {
    type: "core.PersistentVolumeClaim",
    field: "status",
    over: true,
    value: (claim) => merged(claim["status"], { phase: "Pending" }),
    when: ofTemplate,
    reason: "in templates, where status is stored like any field",
  },
  { type: "core.ReplicationControllerSpec", field: "replicas", value: 1 },
  {
    type: "core.NodeSpec",
    field: "podCIDRs",
    over: true,
    value: podCidrs,
    reason: "the same said in both forms; the older one wins",
  },
  {
    type: "core.NodeSpec",
    field: "podCIDR",
    value: (spec) => (isArray(spec["podCIDRs"]) ? spec["podCIDRs"][0] : undefined),
    mutual: "podCIDRs",
    reason: "the same said in both forms",
  },
  {
    type: "core.ReplicationControllerSpec",
    field: "selector",
    value: (_, { root }) => templateLabels(root),
    reason: "the labels of the template",
  },
  {
    type: "core.ReplicationController",
    field: "metadata",
    over: true,
    value: metadataFromTemplate,
    reason: "the labels of the template",
  },
  {
    type: "core.LimitRangeItem",
    field: "default",
    over: true,
    value: (item) => merged(item["default"], item["max"]),
    when: ofContainers,
    reason: "of containers: what max says and default does not",
  },
  {
    type: "core.LimitRangeItem",
    field: "defaultRequest",
    over: true,
    value: (item) => merged(item["defaultRequest"], item["default"], item["min"]),
    when: ofContainers,
    reason: "of containers: what default or min say and defaultRequest does not",
  },
];

export const policyTypes = (spec: JsonObject): Json =>
  isArray(spec["egress"]) && spec["egress"].length > 0 ? ["Ingress", "Egress"] : ["Ingress"];

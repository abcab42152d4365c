/**
 * What the API server itself allocates or fills in at a write, and Git leaves open: addresses, ports, the labels of a
 * Job's Pods. No default could foretell these values. A row never excuses a value that Git states, nor one that the
 * server could not have chosen.
 */
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Difference } from "./difference.ts";
import { sameJson } from "./same-json.ts";

export interface AllocatedRow {
  readonly rule: string;
  readonly reason: string;
  /** `Service`, `batch/Job`: group without version, nothing for the core group; `*`: any kind. */
  readonly kinds: readonly string[];
  /** Field names from the root, `*` for a list item; a leading `**` for any depth. */
  readonly paths: readonly string[];
  /** All rows hold for additions; these for changes of a list too. */
  readonly changes?: boolean;
  readonly when: (value: Json, objects: { readonly live: KubeObject; readonly difference: Difference }) => boolean;
}

const ADDRESS = /^[0-9a-fA-F.:]+$/;
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;
const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const FAMILIES: ReadonlySet<Json> = new Set(["IPv4", "IPv6"]);
const POLICIES: ReadonlySet<Json> = new Set(["Always", "IfNotPresent"]);
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const always = (): boolean => true;

function serviceType(live: KubeObject): string {
  return getString(live, "spec", "type") ?? "ClusterIP";
}

function isPort(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

/** Without a selector a headless Service takes every family, since nothing tells which its endpoints have. */
function takesAllFamilies(live: KubeObject): boolean {
  return getIn(live, "spec", "selector") === undefined && getIn(live, "spec", "clusterIP") === "None";
}

function isDefaultToleration(toleration: Json): boolean {
  return TAINTS.some((key) =>
    sameJson(toleration, { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }),
  );
}

/** The two tolerations that admission puts on every Pod, and nothing else beside what Git says. */
function addsDefaultTolerations(value: Json, difference: Difference): boolean {
  if (!isArray(value)) return false;
  const stated = difference.desired ?? [];
  return sameJson(
    value.filter((toleration) => !isDefaultToleration(toleration)),
    isArray(stated) ? stated.filter((toleration) => !isDefaultToleration(toleration)) : stated,
  );
}

/** A Job without labels shares those of its template, and with them what the server adds there. */
function jobLabels(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`spec.template.metadata.labels.${name}`, `metadata.labels.${name}`]);
}

const jobs = ["batch/Job"];
const services = ["Service"];
const pods = ["Pod"];

export const allocatedRows: readonly AllocatedRow[] = [
  {
    rule: "cluster-ip",
    reason: "the server picks an address for a Service that states none",
    kinds: services,
    paths: ["spec.clusterIP"],
    when: (value, { live }) => typeof value === "string" && ADDRESS.test(value) && serviceType(live) !== "ExternalName",
  },
  {
    rule: "cluster-ip",
    reason: "the server repeats clusterIP, as the first of all addresses",
    kinds: services,
    paths: ["spec.clusterIPs"],
    when: (value, { live }) => isArray(value) && sameJson(value[0] ?? null, getIn(live, "spec", "clusterIP") ?? null),
  },
  {
    rule: "ip-families",
    reason: "the server picks the address family of a Service that states none",
    kinds: services,
    paths: ["spec.ipFamilies"],
    when: (value, { live }) =>
      isArray(value) &&
      value.every((family) => FAMILIES.has(family)) &&
      (value.length === 1 || getString(live, "spec", "ipFamilyPolicy") !== "SingleStack"),
  },
  {
    rule: "ip-families",
    reason: "a Service that states no policy gets one family, or all where it has neither address nor selector",
    kinds: services,
    paths: ["spec.ipFamilyPolicy"],
    when: (value, { live }) => value === "SingleStack" || (value === "RequireDualStack" && takesAllFamilies(live)),
  },
  {
    rule: "node-port",
    reason: "the server picks a node port where Git states none",
    kinds: services,
    paths: ["spec.ports.*.nodePort"],
    when: (value, { live }) => isPort(value) && ["NodePort", "LoadBalancer"].includes(serviceType(live)),
  },
  {
    rule: "node-port",
    reason: "the server picks a port for health checks where traffic stays on its node",
    kinds: services,
    paths: ["spec.healthCheckNodePort"],
    when: (value, { live }) => isPort(value) && getString(live, "spec", "externalTrafficPolicy") === "Local",
  },
  {
    rule: "job-selector",
    reason: "the server makes the selector of a Job from its uid",
    kinds: jobs,
    paths: ["spec.selector"],
    when: (value, { live }) => {
      const uid = getString(live.metadata, "uid") ?? "";
      return sameJson(value, { matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
    },
  },
  {
    rule: "job-selector",
    reason: "the server labels the Pods of a Job with its uid",
    kinds: jobs,
    paths: jobLabels("controller-uid", "batch.kubernetes.io/controller-uid"),
    when: (value, { live }) => value === getString(live.metadata, "uid"),
  },
  {
    rule: "job-selector",
    reason: "the server labels the Pods of a Job with its name",
    kinds: jobs,
    paths: jobLabels("job-name", "batch.kubernetes.io/job-name"),
    when: (value, { live }) => value === getString(live.metadata, "name"),
  },
  {
    rule: "template-generation",
    reason: "the server counts the templates of a DaemonSet",
    kinds: ["apps/DaemonSet"],
    paths: ["metadata.annotations.deprecated.daemonset.template.generation"],
    when: (value) => typeof value === "string" && /^\d+$/.test(value),
  },
  {
    rule: "storage-protection",
    reason: "admission protects volumes and claims in use",
    kinds: ["PersistentVolumeClaim", "PersistentVolume", "storage.k8s.io/VolumeAttributesClass"],
    paths: ["metadata.finalizers.*"],
    when: (value) => typeof value === "string" && /^kubernetes\.io\/(pvc?|vac)-protection$/.test(value),
  },
  {
    rule: "default-storage-class",
    reason: "admission puts a claim that states no class into the cluster's default one, for good",
    kinds: ["PersistentVolumeClaim"],
    paths: ["spec.storageClassName"],
    when: (value) => typeof value === "string" && value !== "",
  },
  {
    rule: "sticky-image-pull-policy",
    reason: "follows from the tag at creation, and stays when the tag changes",
    kinds: ["*"],
    paths: ["**.containers.*.imagePullPolicy", "**.initContainers.*.imagePullPolicy", "**.image.pullPolicy"],
    when: (value, { difference }) => POLICIES.has(value) && POLICIES.has(difference.defaulted ?? null),
  },
  {
    rule: "pod-service-account",
    reason: "admission puts a Pod that names no ServiceAccount under the default one",
    kinds: pods,
    paths: ["spec.serviceAccountName", "spec.serviceAccount"],
    when: (value) => value === "default",
  },
  {
    rule: "pod-service-account",
    reason: "admission mounts the ServiceAccount's token",
    kinds: pods,
    paths: ["spec.volumes.*"],
    when: (value) => TOKEN_VOLUME.test(getString(value, "name") ?? "") && getIn(value, "projected") !== undefined,
  },
  {
    rule: "pod-service-account",
    reason: "admission mounts the ServiceAccount's token",
    kinds: pods,
    paths: ["spec.containers.*.volumeMounts.*", "spec.initContainers.*.volumeMounts.*"],
    when: (value) => TOKEN_VOLUME.test(getString(value, "name") ?? "") && getString(value, "mountPath") === TOKEN_PATH,
  },
  {
    rule: "pod-service-account",
    reason: "admission gives a Pod without pull secrets those of its ServiceAccount; they never change afterwards",
    kinds: pods,
    paths: ["spec.imagePullSecrets.*"],
    when: isObject,
  },
  {
    rule: "pod-priority",
    reason: "admission resolves the priority class; it never changes afterwards",
    kinds: pods,
    paths: ["spec.priority", "spec.preemptionPolicy", "spec.priorityClassName"],
    when: always,
  },
  {
    rule: "pod-tolerations",
    reason: "admission lets every Pod stay for 5 minutes on a node that is lost",
    kinds: pods,
    paths: ["spec.tolerations"],
    changes: true,
    when: (value, { difference }) => addsDefaultTolerations(value, difference),
  },
  {
    rule: "certificate-request",
    reason: "the server notes who asked",
    kinds: ["certificates.k8s.io/CertificateSigningRequest"],
    paths: ["spec.username", "spec.uid", "spec.groups", "spec.extra.*"],
    when: always,
  },
  {
    rule: "taint-time",
    reason: "the server notes when a device was tainted",
    kinds: ["resource.k8s.io/ResourceSlice", "resource.k8s.io/DeviceTaintRule"],
    paths: ["spec.devices.*.taints.*.timeAdded", "spec.taint.timeAdded"],
    when: always,
  },
];

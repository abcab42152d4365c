/**
 * What the API server itself allocates or fills in at a write, and Git leaves open: addresses, ports, the labels of a
 * Job's Pods. No default could foretell these values. A row never excuses a value that Git states, nor one that the
 * server could not have chosen.
 */
import { getIn, getString, isArray, type Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { AllocatedRow } from "./allocated-row.ts";
import { podAllocations } from "./allocated-rows-pods.ts";
import type { Difference } from "./difference.ts";
import { sameJson } from "./same-json.ts";

const ADDRESS = /^[0-9a-fA-F.:]+$/;
const FAMILIES: ReadonlySet<Json> = new Set(["IPv4", "IPv6"]);
const POLICIES: ReadonlySet<Json> = new Set(["Always", "IfNotPresent"]);
const always = (): boolean => true;

function serviceType(live: KubeObject): string {
  return getString(live, "spec", "type") ?? "ClusterIP";
}

function isFamilies(value: Json): value is readonly Json[] {
  return isArray(value) && value.every((family) => FAMILIES.has(family));
}

function isPort(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

/** Without a selector a headless Service takes every family, since nothing tells which its endpoints have. */
function takesAllFamilies(live: KubeObject): boolean {
  return getIn(live, "spec", "selector") === undefined && getIn(live, "spec", "clusterIP") === "None";
}

/** The taint that admission puts on every new Node, and nothing else beside what Git says. */
function addsNotReadyTaint(value: Json, difference: Difference): boolean {
  if (!isArray(value)) return false;
  const stated = isArray(difference.desired) ? difference.desired : [];
  const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  return sameJson(value, [...stated, notReady]);
}

/** A Job without labels shares those of its template, and with them what the server adds there. */
function jobLabels(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`spec.template.metadata.labels.${name}`, `metadata.labels.${name}`]);
}

const jobs = ["batch/Job"];
const services = ["Service"];

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
    when: (value) => isFamilies(value) && value.length === 1,
  },
  {
    rule: "ip-families",
    reason: "the server picks both families where the policy asks for two; their order can be changed later",
    kinds: services,
    paths: ["spec.ipFamilies"],
    choice: true,
    when: (value, { live }) => isFamilies(value) && getString(live, "spec", "ipFamilyPolicy") !== "SingleStack",
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
    choice: true,
    when: (value, { live }) => isPort(value) && ["NodePort", "LoadBalancer"].includes(serviceType(live)),
  },
  {
    rule: "node-port",
    reason: "the server picks a port for health checks where traffic stays on its node",
    kinds: services,
    paths: ["spec.healthCheckNodePort"],
    choice: true,
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
    reason: "the server makes the selector of a Job from its uid",
    kinds: jobs,
    paths: ["spec.selector.matchLabels.batch.kubernetes.io/controller-uid"],
    when: (value, { live }) => value === getString(live.metadata, "uid"),
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
    choice: "once",
    when: (value) => typeof value === "string" && value !== "",
  },
  {
    rule: "sticky-image-pull-policy",
    reason: "follows from the tag at creation, and stays when the tag changes",
    kinds: ["*"],
    paths: ["**.containers.*.imagePullPolicy", "**.initContainers.*.imagePullPolicy", "**.image.pullPolicy"],
    choice: true,
    when: (value, { difference }) => POLICIES.has(value) && POLICIES.has(difference.defaulted ?? null),
  },
  {
    rule: "certificate-request",
    reason: "the server notes who asked",
    kinds: ["certificates.k8s.io/CertificateSigningRequest"],
    paths: ["spec.username", "spec.uid", "spec.groups", "spec.extra.*"],
    when: always,
  },
  {
    rule: "node-taint",
    reason: "admission keeps Pods from a new node until it is ready",
    kinds: ["Node"],
    paths: ["spec.taints"],
    changes: true,
    when: (value, { difference }) => addsNotReadyTaint(value, difference),
  },
  {
    rule: "taint-time",
    reason: "the server notes when a device was tainted",
    kinds: ["resource.k8s.io/ResourceSlice", "resource.k8s.io/DeviceTaintRule"],
    paths: ["spec.devices.*.taints.*.timeAdded", "spec.taint.timeAdded"],
    when: always,
  },
  {
    rule: "default-ingress-class",
    reason: "admission puts an Ingress that names no class, by field or annotation, into the cluster's default one",
    kinds: ["networking.k8s.io/Ingress"],
    paths: ["spec.ingressClassName"],
    choice: true,
    when: (value, { live }) =>
      typeof value === "string" && getIn(live.metadata, "annotations", "kubernetes.io/ingress.class") === undefined,
  },
  ...podAllocations,
];

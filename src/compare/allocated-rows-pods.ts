/**
 * What admission writes into a Pod of its own when it is created: its ServiceAccount, priority, tolerations, and what
 * the namespace, a LimitRange or a RuntimeClass asks of it. Templates are left alone, and so are Pods that exist.
 */
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { AllocatedRow } from "./allocated-row.ts";
import type { Difference } from "./difference.ts";
import { sameJson } from "./same-json.ts";

const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;
const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const LIMIT_RANGER = "kubernetes.io/limit-ranger";
const LIMIT_RANGER_SAYS = "LimitRanger plugin set: ";
const pods = ["Pod"];
const always = (): boolean => true;

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

/** What Git says is all there, and more: a namespace or a RuntimeClass adds tolerations, and takes none. */
function keepsTolerations(value: Json, difference: Difference): boolean {
  const stated = difference.desired ?? [];
  if (!isArray(value) || !isArray(stated)) return false;
  return stated.every((toleration) => value.some((found) => sameJson(found, toleration)));
}

/** The plugin lists what it set: `cpu, memory request for container c; cpu limit for init container i`. */
function setByLimitRanger(live: KubeObject, difference: Difference): boolean {
  const note = getString(live.metadata, "annotations", LIMIT_RANGER) ?? "";
  const last = difference.path.at(-1);
  if (!note.startsWith(LIMIT_RANGER_SAYS) || last?.type !== "field") return false;
  const kind = difference.tokens.at(-2) === "limits" ? "limit" : "request";
  const name = containerName(live, difference);
  const entries = note.slice(LIMIT_RANGER_SAYS.length).split("; ");
  return entries.some((entry) => {
    const [, resources = "", container] = new RegExp(`^(.*) ${kind} for (?:init )?container (.*)$`).exec(entry) ?? [];
    return container === name && resources.split(", ").includes(last.name);
  });
}

function containerName(live: KubeObject, { tokens }: Difference): string | undefined {
  const list = getIn(live, "spec", String(tokens[1]));
  return isArray(list) ? getString(list[Number(tokens[2])], "name") : undefined;
}

/** While a Pod is held back by a gate its node selector may still be narrowed, by anybody. */
function isGated(live: KubeObject): boolean {
  return getIn(live, "spec", "schedulingGates") !== undefined;
}

export const podAllocations: readonly AllocatedRow[] = [
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
    rule: "pod-tolerations",
    reason: "admission adds the tolerations of the namespace, the RuntimeClass, or for memory pressure",
    kinds: pods,
    paths: ["spec.tolerations"],
    changes: true,
    choice: true,
    when: (value, { difference }) => keepsTolerations(value, difference),
  },
  {
    rule: "pod-node-selector",
    reason: "admission adds the node selector of the namespace or the RuntimeClass; it never changes afterwards",
    kinds: pods,
    paths: ["spec.nodeSelector.*"],
    choice: true,
    when: (value, { live }) => typeof value === "string" && !isGated(live),
  },
  {
    rule: "pod-overhead",
    reason: "admission adds the overhead of the RuntimeClass; it never changes afterwards",
    kinds: pods,
    paths: ["spec.overhead.*"],
    when: (_, { live }) => getIn(live, "spec", "runtimeClassName") !== undefined,
  },
  {
    rule: "limit-range",
    reason: "admission gives a container the amounts of the namespace's LimitRange, and notes which",
    kinds: pods,
    paths: [
      "spec.containers.*.resources.limits.*",
      "spec.containers.*.resources.requests.*",
      "spec.initContainers.*.resources.limits.*",
      "spec.initContainers.*.resources.requests.*",
    ],
    choice: true,
    when: (_, { live, difference }) => setByLimitRanger(live, difference),
  },
  {
    rule: "limit-range",
    reason: "admission notes which amounts are those of the namespace's LimitRange",
    kinds: pods,
    paths: [`metadata.annotations.${LIMIT_RANGER}`],
    choice: true,
    when: (value) => typeof value === "string" && value.startsWith(LIMIT_RANGER_SAYS),
  },
];

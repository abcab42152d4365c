/**
 * What each kind's own status says of how it fares, one row a kind. A row reads only its object: no clock, no other
 * object. Source: kstatus (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus), API conventions.
 */
import { getIn, getString, isArray, isObject, type JsonObject } from "../model/json.ts";
import type { Health } from "../model/live.ts";
import type { KubeObject } from "../model/resource.ts";

export interface HealthRow {
  /** `group/Kind`, `/Kind` for the core group. */
  readonly kind: string;
  health(object: KubeObject): Health;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export const healthy: Health = { state: "healthy" };
export const progressing = (reason: string): Health => ({ state: "progressing", reason });
export const degraded = (reason: string): Health => ({ state: "degraded", reason });
export const suspended = (reason: string): Health => ({ state: "suspended", reason });

export function number(object: KubeObject, ...keys: readonly string[]): number | undefined {
  const value = getIn(object, ...keys);
  return typeof value === "number" ? value : undefined;
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  const list = getIn(object, "status", "conditions");
  if (!isArray(list)) return [];
  return list.filter(isObject).map((one: JsonObject) => ({
    type: getString(one, "type") ?? "",
    status: getString(one, "status") ?? "",
    reason: getString(one, "reason") ?? "",
    message: getString(one, "message") ?? "",
  }));
}

export function condition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((one) => one.type === type);
}

/** The controller has not looked at the newest generation: what status says is about an older one. */
export function isBehind(object: KubeObject): boolean {
  const observed = number(object, "status", "observedGeneration");
  const generation = number(object, "metadata", "generation");
  return observed !== undefined && generation !== undefined && observed < generation;
}

const said = (one: Condition): string => one.message || one.reason || `${one.type} is ${one.status}`;

function replicasOf(object: KubeObject): number {
  return number(object, "spec", "replicas") ?? 1;
}

function deployment(object: KubeObject): Health {
  const wanted = replicasOf(object);
  const progress = condition(object, "Progressing");
  if (progress?.reason === "ProgressDeadlineExceeded") return degraded(said(progress));
  const failure = condition(object, "ReplicaFailure");
  if (failure?.status === "True") return degraded(said(failure));
  if (getIn(object, "spec", "paused") === true) return suspended("the rollout is paused");
  const status = (field: string): number => number(object, "status", field) ?? 0;
  if (status("updatedReplicas") < wanted)
    return progressing(`${status("updatedReplicas")} of ${wanted} replicas updated`);
  if (status("replicas") > status("updatedReplicas"))
    return progressing(`${status("replicas") - status("updatedReplicas")} old replicas still there`);
  if (status("availableReplicas") < wanted)
    return progressing(`${status("availableReplicas")} of ${wanted} replicas available`);
  return healthy;
}

function statefulSet(object: KubeObject): Health {
  const wanted = replicasOf(object);
  const ready = number(object, "status", "readyReplicas") ?? 0;
  if (ready < wanted) return progressing(`${ready} of ${wanted} replicas ready`);
  if (getString(object, "spec", "updateStrategy", "type") === "OnDelete") return healthy;
  const partition = number(object, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const updated = number(object, "status", "updatedReplicas") ?? 0;
  const current = getString(object, "status", "currentRevision");
  const update = getString(object, "status", "updateRevision");
  if (partition > 0)
    return updated < Math.max(0, wanted - partition)
      ? progressing(`${updated} of ${wanted - partition} replicas above the partition updated`)
      : healthy;
  return current === update ? healthy : progressing(`${updated} of ${wanted} replicas updated`);
}

function daemonSet(object: KubeObject): Health {
  const wanted = number(object, "status", "desiredNumberScheduled");
  if (wanted === undefined) return progressing("not scheduled yet");
  const updated = number(object, "status", "updatedNumberScheduled") ?? 0;
  const available = number(object, "status", "numberAvailable") ?? 0;
  const onDelete = getString(object, "spec", "updateStrategy", "type") === "OnDelete";
  if (!onDelete && updated < wanted) return progressing(`${updated} of ${wanted} nodes updated`);
  return available < wanted ? progressing(`${available} of ${wanted} nodes available`) : healthy;
}

function replicaSet(object: KubeObject): Health {
  const failure = condition(object, "ReplicaFailure");
  if (failure?.status === "True") return degraded(said(failure));
  const wanted = replicasOf(object);
  const available = number(object, "status", "availableReplicas") ?? 0;
  return available < wanted ? progressing(`${available} of ${wanted} replicas available`) : healthy;
}

const STUCK = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

function stuckContainer(object: KubeObject): string | undefined {
  for (const list of ["initContainerStatuses", "containerStatuses"]) {
    const statuses = getIn(object, "status", list);
    for (const status of isArray(statuses) ? statuses : []) {
      const reason = getString(status, "state", "waiting", "reason");
      if (reason !== undefined && STUCK.has(reason)) return `${getString(status, "name") ?? "a container"}: ${reason}`;
    }
  }
  return undefined;
}

function pod(object: KubeObject): Health {
  const phase = getString(object, "status", "phase");
  if (phase === "Succeeded") return healthy;
  if (phase === "Failed") return degraded(getString(object, "status", "message") ?? "the Pod failed");
  const stuck = stuckContainer(object);
  if (stuck !== undefined) return degraded(stuck);
  const ready = condition(object, "Ready");
  if (phase === "Running" && ready?.status === "True") return healthy;
  const scheduled = condition(object, "PodScheduled");
  return progressing(scheduled?.status === "False" ? said(scheduled) : (ready?.message ?? "") || "not ready yet");
}

function job(object: KubeObject): Health {
  const failed = condition(object, "Failed");
  if (failed?.status === "True") return degraded(said(failed));
  if (condition(object, "Complete")?.status === "True") return healthy;
  if (getIn(object, "spec", "suspend") === true) return suspended("the Job is suspended");
  return progressing(
    `${number(object, "status", "succeeded") ?? 0} of ${number(object, "spec", "completions") ?? 1} done`,
  );
}

function claim(object: KubeObject): Health {
  const phase = getString(object, "status", "phase");
  if (phase === "Bound") return healthy;
  return phase === "Lost" ? degraded("the volume is lost") : progressing("not bound yet");
}

function service(object: KubeObject): Health {
  if (getString(object, "spec", "type") !== "LoadBalancer") return healthy;
  const ingress = getIn(object, "status", "loadBalancer", "ingress");
  return isArray(ingress) && ingress.length > 0 ? healthy : progressing("no load balancer yet");
}

function definition(object: KubeObject): Health {
  const names = condition(object, "NamesAccepted");
  if (names?.status === "False") return degraded(said(names));
  return condition(object, "Established")?.status === "True" ? healthy : progressing("not established yet");
}

function disruptionBudget(object: KubeObject): Health {
  const allowed = condition(object, "DisruptionAllowed");
  if (allowed?.status === "False" && allowed.reason === "SyncFailed") return degraded(said(allowed));
  const now = number(object, "status", "currentHealthy") ?? 0;
  const wanted = number(object, "status", "desiredHealthy") ?? 0;
  return now < wanted ? degraded(`${now} of ${wanted} Pods healthy`) : healthy;
}

function namespace(object: KubeObject): Health {
  return getString(object, "status", "phase") === "Terminating" ? progressing("terminating") : healthy;
}

function apiService(object: KubeObject): Health {
  const available = condition(object, "Available");
  if (available === undefined) return progressing("not looked at yet");
  return available.status === "True" ? healthy : degraded(said(available));
}

function cronJob(object: KubeObject): Health {
  return getIn(object, "spec", "suspend") === true ? suspended("the CronJob is suspended") : healthy;
}

function autoscaler(object: KubeObject): Health {
  const active = condition(object, "ScalingActive");
  const able = condition(object, "AbleToScale");
  for (const one of [able, active])
    if (one?.status === "False" && one.reason !== "ScalingDisabled") return degraded(said(one));
  return able === undefined ? progressing("not looked at yet") : healthy;
}

export const healthRows: readonly HealthRow[] = [
  { kind: "apps/Deployment", health: deployment },
  { kind: "apps/StatefulSet", health: statefulSet },
  { kind: "apps/DaemonSet", health: daemonSet },
  { kind: "apps/ReplicaSet", health: replicaSet },
  { kind: "/ReplicationController", health: replicaSet },
  { kind: "/Pod", health: pod },
  { kind: "batch/Job", health: job },
  { kind: "batch/CronJob", health: cronJob },
  { kind: "/PersistentVolumeClaim", health: claim },
  { kind: "/Service", health: service },
  { kind: "/Namespace", health: namespace },
  { kind: "apiextensions.k8s.io/CustomResourceDefinition", health: definition },
  { kind: "apiregistration.k8s.io/APIService", health: apiService },
  { kind: "policy/PodDisruptionBudget", health: disruptionBudget },
  { kind: "autoscaling/HorizontalPodAutoscaler", health: autoscaler },
];

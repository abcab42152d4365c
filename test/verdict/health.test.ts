import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import { healthRows } from "../../src/verdict/health-rules.ts";
import { healthOf } from "../../src/verdict/health.ts";

const is = (type: string, status: string, others: JsonObject = {}): JsonObject => ({ type, status, ...others });
const conditions = (...list: JsonObject[]): JsonObject => ({ status: { conditions: list } });
const spec = (of: JsonObject): JsonObject => ({ spec: of });
const status = (of: JsonObject): JsonObject => ({ status: of });
const rolledOut = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
const behind = { metadata: { name: "x", generation: 2 }, status: { observedGeneration: 1, ...rolledOut } };
const waiting = (reason: string): JsonObject => ({
  status: { phase: "Pending", containerStatuses: [{ name: "c", state: { waiting: { reason } } }] },
});
const stateful = (of: JsonObject, wanted: JsonObject = {}): JsonObject => ({
  spec: { replicas: 3, ...wanted },
  status: { readyReplicas: 3, updatedReplicas: 3, currentRevision: "a", updateRevision: "a", ...of },
});
const daemon = (of: JsonObject): JsonObject =>
  status({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, ...of });

const table: readonly (readonly [string, JsonObject, string])[] = [
  ["apps/v1 Deployment", { ...spec({ replicas: 3 }), ...status(rolledOut) }, "healthy"],
  ["apps/v1 Deployment", { ...spec({ replicas: 0 }), ...status({}) }, "healthy"],
  ["apps/v1 Deployment", { ...spec({ replicas: 3 }), ...status({ ...rolledOut, updatedReplicas: 1 }) }, "progressing"],
  ["apps/v1 Deployment", { ...spec({ replicas: 3 }), ...status({ ...rolledOut, replicas: 4 }) }, "progressing"],
  [
    "apps/v1 Deployment",
    { ...spec({ replicas: 3 }), ...status({ ...rolledOut, availableReplicas: 2 }) },
    "progressing",
  ],
  ["apps/v1 Deployment", { ...spec({ replicas: 3 }), ...behind }, "progressing"],
  ["apps/v1 Deployment", { ...spec({ paused: true }), ...status({}) }, "suspended"],
  ["apps/v1 Deployment", conditions(is("Progressing", "False", { reason: "ProgressDeadlineExceeded" })), "degraded"],
  ["apps/v1 Deployment", conditions(is("ReplicaFailure", "True")), "degraded"],
  ["apps/v1 Deployment", {}, "progressing"],
  ["apps/v1 StatefulSet", stateful({}), "healthy"],
  ["apps/v1 StatefulSet", stateful({ readyReplicas: 1 }), "progressing"],
  ["apps/v1 StatefulSet", stateful({ updateRevision: "b", updatedReplicas: 1 }), "progressing"],
  ["apps/v1 StatefulSet", stateful({ updateRevision: "b" }, { updateStrategy: { type: "OnDelete" } }), "healthy"],
  [
    "apps/v1 StatefulSet",
    stateful({ updatedReplicas: 1, updateRevision: "b" }, { updateStrategy: { rollingUpdate: { partition: 2 } } }),
    "healthy",
  ],
  [
    "apps/v1 StatefulSet",
    stateful({ updatedReplicas: 0, updateRevision: "b" }, { updateStrategy: { rollingUpdate: { partition: 2 } } }),
    "progressing",
  ],
  ["apps/v1 DaemonSet", daemon({}), "healthy"],
  ["apps/v1 DaemonSet", daemon({ updatedNumberScheduled: 1 }), "progressing"],
  ["apps/v1 DaemonSet", daemon({ numberAvailable: 1 }), "progressing"],
  ["apps/v1 DaemonSet", {}, "progressing"],
  ["apps/v1 ReplicaSet", { ...spec({ replicas: 1 }), ...status({ availableReplicas: 1 }) }, "healthy"],
  ["apps/v1 ReplicaSet", { ...spec({ replicas: 1 }), ...status({}) }, "progressing"],
  ["apps/v1 ReplicaSet", conditions(is("ReplicaFailure", "True")), "degraded"],
  ["v1 ReplicationController", { ...spec({ replicas: 1 }), ...status({ availableReplicas: 1 }) }, "healthy"],
  ["v1 Pod", status({ phase: "Running", conditions: [is("Ready", "True")] }), "healthy"],
  ["v1 Pod", status({ phase: "Running", conditions: [is("Ready", "False")] }), "progressing"],
  ["v1 Pod", status({ phase: "Succeeded" }), "healthy"],
  ["v1 Pod", status({ phase: "Failed" }), "degraded"],
  ["v1 Pod", waiting("CrashLoopBackOff"), "degraded"],
  ["v1 Pod", waiting("ContainerCreating"), "progressing"],
  ["batch/v1 Job", conditions(is("Complete", "True")), "healthy"],
  ["batch/v1 Job", conditions(is("Failed", "True")), "degraded"],
  ["batch/v1 Job", { ...spec({ suspend: true }), ...status({}) }, "suspended"],
  ["batch/v1 Job", status({ active: 1 }), "progressing"],
  ["batch/v1 CronJob", spec({ suspend: true }), "suspended"],
  ["batch/v1 CronJob", spec({ suspend: false }), "healthy"],
  ["v1 PersistentVolumeClaim", status({ phase: "Bound" }), "healthy"],
  ["v1 PersistentVolumeClaim", status({ phase: "Pending" }), "progressing"],
  ["v1 PersistentVolumeClaim", status({ phase: "Lost" }), "degraded"],
  ["v1 Service", spec({ type: "ClusterIP" }), "healthy"],
  ["v1 Service", spec({ type: "LoadBalancer" }), "progressing"],
  [
    "v1 Service",
    { ...spec({ type: "LoadBalancer" }), ...status({ loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } }) },
    "healthy",
  ],
  ["v1 Namespace", status({ phase: "Active" }), "healthy"],
  ["v1 Namespace", status({ phase: "Terminating" }), "progressing"],
  ["apiextensions.k8s.io/v1 CustomResourceDefinition", conditions(is("Established", "True")), "healthy"],
  ["apiextensions.k8s.io/v1 CustomResourceDefinition", conditions(is("NamesAccepted", "False")), "degraded"],
  ["apiextensions.k8s.io/v1 CustomResourceDefinition", {}, "progressing"],
  ["apiregistration.k8s.io/v1 APIService", conditions(is("Available", "True")), "healthy"],
  ["apiregistration.k8s.io/v1 APIService", conditions(is("Available", "False")), "degraded"],
  ["apiregistration.k8s.io/v1 APIService", {}, "progressing"],
  ["policy/v1 PodDisruptionBudget", status({ currentHealthy: 2, desiredHealthy: 2 }), "healthy"],
  ["policy/v1 PodDisruptionBudget", status({ currentHealthy: 1, desiredHealthy: 2 }), "degraded"],
  ["policy/v1 PodDisruptionBudget", conditions(is("DisruptionAllowed", "False", { reason: "SyncFailed" })), "degraded"],
  [
    "autoscaling/v2 HorizontalPodAutoscaler",
    conditions(is("AbleToScale", "True"), is("ScalingActive", "True")),
    "healthy",
  ],
  [
    "autoscaling/v2 HorizontalPodAutoscaler",
    conditions(is("AbleToScale", "True"), is("ScalingActive", "False")),
    "degraded",
  ],
  [
    "autoscaling/v2 HorizontalPodAutoscaler",
    conditions(is("AbleToScale", "True"), is("ScalingActive", "False", { reason: "ScalingDisabled" })),
    "healthy",
  ],
  ["autoscaling/v2 HorizontalPodAutoscaler", {}, "progressing"],
  // what custom resources agree on
  ["example.com/v1 Widget", conditions(is("Ready", "True")), "healthy"],
  ["example.com/v1 Widget", conditions(is("Ready", "False")), "degraded"],
  ["example.com/v1 Widget", conditions(is("Ready", "Unknown")), "progressing"],
  ["example.com/v1 Widget", conditions(is("Ready", "False"), is("Reconciling", "True")), "progressing"],
  [
    "example.com/v1 Widget",
    conditions(is("Ready", "False"), is("Reconciling", "True"), is("Stalled", "True")),
    "degraded",
  ],
  ["example.com/v1 Widget", status({ phase: "Whatever" }), "unknown"],
  [
    "example.com/v1 Widget",
    { metadata: { name: "x", generation: 2 }, status: { observedGeneration: 1, conditions: [is("Ready", "True")] } },
    "progressing",
  ],
  ["v1 ConfigMap", {}, "healthy"],
  ["v1 ConfigMap", { metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z" } }, "progressing"],
  // a status nobody can read
  ["apps/v1 Deployment", { spec: null, status: "x" }, "progressing"],
  ["v1 Pod", status({ phase: "Running", conditions: [3, null], containerStatuses: {} }), "progressing"],
];

function build(kind: string, others: JsonObject) {
  const [apiVersion = "", name = ""] = kind.split(" ");
  const { metadata = { name: "x" }, ...rest } = others;
  return { ...rest, apiVersion, kind: name, metadata: metadata as JsonObject };
}

describe("health", () => {
  test.each(table)("%s %j: %s", (kind, others, expected) => {
    const health = healthOf(build(kind, others));
    expect(health.state).toBe(expected);
    if (expected !== "healthy" && expected !== "unknown") expect(health.reason).toMatch(/^\S[^\n]*$/);
  });

  test("every kind with a row of its own is in the table", () => {
    const kinds = new Set(table.map(([kind]) => kind.replace(/^(?:([^ /]+)\/)?[^ /]+ /, "$1/")));
    for (const row of healthRows) expect(kinds).toContain(row.kind);
  });
});

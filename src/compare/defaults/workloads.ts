/** Defaults of apps, batch and autoscaling. Proven on the API server. */
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { metadataFromTemplate } from "./core.ts";
import { isSet, within, type DefaultRow } from "./row.ts";

const rolling = (strategy: JsonObject): boolean => strategy["type"] === "RollingUpdate";

/** A StatefulSet without any strategy gets a rolling one; one that says `type: RollingUpdate` gets no settings for it. */
function statefulSetStrategy(spec: JsonObject): Json | undefined {
  const stated = spec["updateStrategy"];
  if (isObject(stated) && isSet(stated, "type")) return undefined;
  const rollingUpdate = isObject(stated) && isObject(stated["rollingUpdate"]) ? stated["rollingUpdate"] : {};
  return { type: "RollingUpdate", rollingUpdate };
}

const scaleUp: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};
const scaleDown: JsonObject = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

const filledWith =
  (side: string, rules: JsonObject) =>
  (behavior: JsonObject): Json => {
    const stated = behavior[side];
    return isObject(stated) ? { ...rules, ...stated } : rules;
  };

const cpuMetric: Json = [
  { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
];

const inJob = within("Job");

function hasMetricsAnnotation(root: JsonObject): boolean {
  return getIn(root, "metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics") !== undefined;
}

export const workloadRows: readonly DefaultRow[] = [
  { type: "apps.DeploymentSpec", field: "replicas", value: 1 },
  { type: "apps.DeploymentSpec", field: "revisionHistoryLimit", value: 10 },
  { type: "apps.DeploymentSpec", field: "progressDeadlineSeconds", value: 600 },
  { type: "apps.DeploymentSpec", field: "strategy", value: {} },
  { type: "apps.DeploymentStrategy", field: "type", value: "RollingUpdate" },
  { type: "apps.DeploymentStrategy", field: "rollingUpdate", value: {}, when: rolling, reason: "not of Recreate" },
  { type: "apps.RollingUpdateDeployment", field: "maxUnavailable", value: "25%" },
  { type: "apps.RollingUpdateDeployment", field: "maxSurge", value: "25%" },
  { type: "apps.DaemonSetSpec", field: "revisionHistoryLimit", value: 10 },
  { type: "apps.DaemonSetSpec", field: "updateStrategy", value: {} },
  { type: "apps.DaemonSetUpdateStrategy", field: "type", value: "RollingUpdate" },
  { type: "apps.DaemonSetUpdateStrategy", field: "rollingUpdate", value: {}, when: rolling, reason: "not of OnDelete" },
  {
    type: "apps.RollingUpdateDaemonSet",
    field: "maxUnavailable",
    value: (_, { root }) => (getIn(root, "spec", "updateStrategy", "type") === "OnDelete" ? 0 : 1),
    reason: "0 where it is stated beside OnDelete, which does not use it",
  },
  { type: "apps.RollingUpdateDaemonSet", field: "maxSurge", value: 0 },
  { type: "apps.ReplicaSetSpec", field: "replicas", value: 1 },
  { type: "apps.StatefulSetSpec", field: "replicas", value: 1 },
  { type: "apps.StatefulSetSpec", field: "revisionHistoryLimit", value: 10 },
  { type: "apps.StatefulSetSpec", field: "podManagementPolicy", value: "OrderedReady" },
  { type: "apps.StatefulSetSpec", field: "persistentVolumeClaimRetentionPolicy", value: {} },
  {
    type: "apps.StatefulSetSpec",
    field: "updateStrategy",
    over: true,
    value: statefulSetStrategy,
    reason: "rolling, with its settings only where the type is not stated either",
  },
  {
    type: "apps.RollingUpdateStatefulSetStrategy",
    field: "partition",
    value: 0,
  },
  { type: "apps.RollingUpdateStatefulSetStrategy", field: "maxUnavailable", value: 1, since: "1.37" },
  { type: "apps.StatefulSetPersistentVolumeClaimRetentionPolicy", field: "whenDeleted", value: "Retain" },
  { type: "apps.StatefulSetPersistentVolumeClaimRetentionPolicy", field: "whenScaled", value: "Retain" },

  {
    type: "batch.JobSpec",
    field: "completions",
    value: 1,
    when: (spec, place) => inJob(spec, place) && !isSet(spec, "parallelism"),
    reason: "only where neither completions nor parallelism is stated",
  },
  { type: "batch.JobSpec", field: "parallelism", value: 1, when: inJob, reason: "in Jobs, not in templates" },
  {
    type: "batch.JobSpec",
    field: "backoffLimit",
    value: (spec) => (isSet(spec, "backoffLimitPerIndex") ? 2147483647 : 6),
    when: inJob,
    reason: "in Jobs, not in templates; no limit where each index has its own",
  },
  { type: "batch.JobSpec", field: "completionMode", value: "NonIndexed", when: inJob, reason: "not in templates" },
  { type: "batch.JobSpec", field: "suspend", value: false, when: inJob, reason: "not in templates" },
  { type: "batch.JobSpec", field: "manualSelector", value: false, when: inJob, reason: "not in templates" },
  {
    type: "batch.JobSpec",
    field: "podReplacementPolicy",
    value: (spec) => (isSet(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed"),
    when: inJob,
    reason: "in Jobs, not in templates; failed Pods only, where a policy looks at failures",
  },
  {
    type: "batch.Job",
    field: "metadata",
    over: true,
    value: metadataFromTemplate,
    reason: "the labels of the template",
  },
  { type: "batch.PodFailurePolicyOnPodConditionsPattern", field: "status", value: "True" },
  { type: "batch.CronJobSpec", field: "concurrencyPolicy", value: "Allow" },
  { type: "batch.CronJobSpec", field: "suspend", value: false },
  { type: "batch.CronJobSpec", field: "successfulJobsHistoryLimit", value: 3 },
  { type: "batch.CronJobSpec", field: "failedJobsHistoryLimit", value: 1 },

  { type: "autoscaling.HorizontalPodAutoscalerSpec", field: "minReplicas", value: 1 },
  {
    type: "autoscaling.HorizontalPodAutoscalerSpec",
    field: "metrics",
    value: cpuMetric,
    when: (spec, { root }) => root["apiVersion"] !== "autoscaling/v1" && !isArray(spec["metrics"]),
    reason: "80 % of the requested CPU where no metric is stated",
  },
  {
    type: "autoscaling.HorizontalPodAutoscalerSpec",
    field: "targetCPUUtilizationPercentage",
    value: 80,
    when: (_, { root }) => root["apiVersion"] === "autoscaling/v1" && !hasMetricsAnnotation(root),
    reason: "in version 1, where no annotation states a metric",
  },
  {
    type: "autoscaling.HorizontalPodAutoscalerBehavior",
    field: "scaleUp",
    over: true,
    value: filledWith("scaleUp", scaleUp),
    reason: "both sides are complete as soon as behavior is there",
  },
  {
    type: "autoscaling.HorizontalPodAutoscalerBehavior",
    field: "scaleDown",
    over: true,
    value: filledWith("scaleDown", scaleDown),
    reason: "both sides are complete as soon as behavior is there",
  },
];

/** What makes Pods: per kind the least there is, and one for each fork. */
import { autoscaler, c, daemonSet, deployment, job, labels, make, statefulSet, type Row } from "./make.ts";

export const workloadObjects: readonly Row[] = [
  ["Deployment: least", deployment({})],
  ["Deployment: empty strategy", deployment({}, { strategy: {} })],
  ["Deployment: strategy by type", deployment({}, { strategy: { type: "RollingUpdate" } })],
  ["Deployment: recreate", deployment({}, { strategy: { type: "Recreate" } })],
  ["Deployment: recreate with null", deployment({}, { strategy: { type: "Recreate", rollingUpdate: null } })],
  ["Deployment: one side", deployment({}, { strategy: { rollingUpdate: { maxSurge: 0 } } })],
  ["Deployment: zeros", deployment({}, { replicas: 0, paused: false, minReadySeconds: 0, revisionHistoryLimit: 0 })],
  ["Deployment: null replicas", deployment({}, { replicas: null })],
  [
    "Deployment: creationTimestamp",
    { ...deployment({}), metadata: { name: "it", creationTimestamp: null, annotations: null, labels: {} }, status: {} },
  ],
  ["DaemonSet: least", daemonSet({})],
  ["DaemonSet: on delete", daemonSet({ updateStrategy: { type: "OnDelete" } })],
  ["DaemonSet: one side", daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: "10%" } } })],
  ["StatefulSet: least", statefulSet({})],
  ["StatefulSet: by type", statefulSet({ updateStrategy: { type: "RollingUpdate" } })],
  ["StatefulSet: empty rolling update", statefulSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: {} } })],
  [
    "StatefulSet: partition",
    statefulSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } }),
  ],
  ["StatefulSet: settings without type", statefulSet({ updateStrategy: { rollingUpdate: { partition: 1 } } })],
  ["StatefulSet: on delete", statefulSet({ updateStrategy: { type: "OnDelete" }, podManagementPolicy: "" })],
  [
    "StatefulSet: retention",
    statefulSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" }, ordinals: { start: 0 } }),
  ],
  [
    "StatefulSet: claims",
    statefulSet({
      volumeClaimTemplates: [
        {
          metadata: { name: "a", creationTimestamp: null },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "b" },
          spec: { storageClassName: "", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "8Gi" } } },
          status: {},
        },
      ],
    }),
  ],
  [
    "ReplicaSet: least",
    make("apps/v1", "ReplicaSet", {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [c] } } },
    }),
  ],
  [
    "ReplicationController: least",
    make("v1", "ReplicationController", { spec: { template: { metadata: { labels }, spec: { containers: [c] } } } }),
  ],
  [
    "ReplicationController: own labels",
    make("v1", "ReplicationController", {
      metadata: { labels: { a: "b" } },
      spec: { replicas: 0, selector: labels, template: { metadata: { labels }, spec: { containers: [c] } } },
    }),
  ],
  ["PodTemplate: least", make("v1", "PodTemplate", { template: { metadata: { labels }, spec: { containers: [c] } } })],
  ["Job: least", job({})],
  ["Job: parallelism", job({ parallelism: 3 })],
  ["Job: parallelism 0", job({ parallelism: 0 })],
  ["Job: completions", job({ completions: 3 })],
  ["Job: indexed", job({ completions: 3, completionMode: "Indexed", backoffLimitPerIndex: 1 })],
  [
    "Job: labelled template",
    job({ template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [c] } } }),
  ],
  [
    "Job: own labels",
    {
      ...job({ template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [c] } } }),
      metadata: { name: "it", labels: { a: "b" } },
    },
  ],
  [
    "Job: failure policy",
    job({
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
          { action: "FailJob", onExitCodes: { operator: "In", values: [1] } },
        ],
      },
    }),
  ],
  ["Job: zeros", job({ backoffLimit: 0, suspend: false, ttlSecondsAfterFinished: 0 })],
  [
    "CronJob: least",
    make("batch/v1", "CronJob", {
      spec: {
        schedule: "@daily",
        jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [c] } } } },
      },
    }),
  ],
  [
    "CronJob: zeros",
    make("batch/v1", "CronJob", {
      spec: {
        schedule: "* * * * *",
        concurrencyPolicy: "",
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 0,
        jobTemplate: {
          metadata: { labels },
          spec: {
            parallelism: 2,
            template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [c] } },
          },
        },
      },
    }),
  ],
  ["HPA: least", autoscaler({})],
  ["HPA: empty metrics", autoscaler({ metrics: [] })],
  ["HPA: empty behavior", autoscaler({ behavior: {} })],
  ["HPA: one side", autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } })],
  [
    "HPA: policies",
    autoscaler({ behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } } }),
  ],
  [
    "HPA: metrics",
    autoscaler({
      metrics: [
        { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1024Mi" } } },
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        {
          type: "Pods",
          pods: { metric: { name: "m", selector: {} }, target: { type: "AverageValue", averageValue: 20 } },
        },
        { type: "External", external: { metric: { name: "e" }, target: { type: "Value", value: "0.5" } } },
        {
          type: "Object",
          object: {
            describedObject: { kind: "Service", name: "s" },
            metric: { name: "o" },
            target: { type: "Value", value: "0.0000001" },
          },
        },
        {
          type: "ContainerResource",
          containerResource: { name: "cpu", container: "c", target: { type: "Utilization", averageUtilization: 1 } },
        },
      ],
    }),
  ],
  [
    "HPA v1: least",
    make("autoscaling/v1", "HorizontalPodAutoscaler", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it" }, maxReplicas: 3 },
    }),
  ],
  [
    "HPA v1: target",
    make("autoscaling/v1", "HorizontalPodAutoscaler", {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it" },
        minReplicas: 2,
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 50,
      },
    }),
  ],

  [
    "Job: success policy",
    job({
      completionMode: "Indexed",
      completions: 2,
      successPolicy: { rules: [{ succeededIndexes: "0" }, { succeededCount: 1 }] },
    }),
  ],
  ["Job: managed elsewhere", job({ managedBy: "a.example.com/b", maxFailedIndexes: null, suspend: true })],
  [
    "Job: own selector",
    job({
      manualSelector: true,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [c] } },
    }),
  ],
  [
    "Job: limits per index",
    job({ completions: 3, completionMode: "Indexed", backoffLimitPerIndex: 0, maxFailedIndexes: 0, backoffLimit: 2 }),
  ],
  ["Job: replaced when failed", job({ podReplacementPolicy: "Failed", activeDeadlineSeconds: 10 })],
  [
    "Job: failure policy of every part",
    job({
      completions: 2,
      completionMode: "Indexed",
      backoffLimitPerIndex: 1,
      podFailurePolicy: {
        rules: [
          { action: "FailIndex", onExitCodes: { containerName: "c", operator: "NotIn", values: [0] } },
          { action: "Count", onPodConditions: [{ type: "A", status: "Unknown" }] },
        ],
      },
    }),
  ],
  ["Deployment: an absolute step", deployment({}, { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } })],
  ["Deployment: empty rolling update", deployment({}, { strategy: { type: "RollingUpdate", rollingUpdate: {} } })],
  [
    "DaemonSet: surge",
    daemonSet({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
  ],
  ["DaemonSet: annotations", { ...daemonSet({}), metadata: { name: "it", annotations: { a: "b" } } }],
  [
    "StatefulSet: start",
    statefulSet({ ordinals: { start: 2 }, minReadySeconds: 0, persistentVolumeClaimRetentionPolicy: {} }),
  ],
  [
    "StatefulSet: claim with everything",
    statefulSet({
      volumeClaimTemplates: [
        {
          metadata: { name: "a" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            dataSource: { kind: "PersistentVolumeClaim", name: "p" },
            resources: { requests: { storage: "8Gi" } },
          },
          status: {
            phase: "Bound",
            accessModes: ["ReadWriteOnce"],
            capacity: { storage: "1024Mi" },
            conditions: [{ type: "Resizing", status: "True" }],
          },
        },
        {
          metadata: { name: "b" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            dataSourceRef: { kind: "PersistentVolumeClaim", name: "p" },
            resources: { requests: { storage: "8Gi" } },
          },
        },
      ],
    }),
  ],
  [
    "ReplicationController: labels from its template",
    make("v1", "ReplicationController", {
      spec: { selector: {}, minReadySeconds: 0, template: { metadata: { labels }, spec: { containers: [c] } } },
    }),
  ],
  [
    "HPA: tolerance",
    autoscaler({ behavior: { scaleUp: { selectPolicy: "Disabled" }, scaleDown: { stabilizationWindowSeconds: 300 } } }),
  ],
  [
    "HPA: zero metrics",
    autoscaler({
      minReplicas: 1,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "1000m" } } },
      ],
    }),
  ],
  [
    "HPA v1: metrics by annotation",
    make("autoscaling/v1", "HorizontalPodAutoscaler", {
      metadata: {
        annotations: {
          "autoscaling.alpha.kubernetes.io/metrics":
            '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"20"}}]',
        },
      },
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it" }, maxReplicas: 3 },
    }),
  ],
];

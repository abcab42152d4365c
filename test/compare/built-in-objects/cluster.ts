/** Classes, priorities, flow control, leases. */
import { labels, make, type Row } from "./make.ts";

export const clusterObjects: readonly Row[] = [
  [
    "StorageClass: least",
    make("storage.k8s.io/v1", "StorageClass", { provisioner: "p", allowVolumeExpansion: false, parameters: {} }),
  ],
  ["CSIDriver: least", make("storage.k8s.io/v1", "CSIDriver", { spec: {} })],
  [
    "CSIDriver: token",
    make("storage.k8s.io/v1", "CSIDriver", { spec: { attachRequired: false, tokenRequests: [{ audience: "" }] } }),
  ],
  ["PriorityClass: least", make("scheduling.k8s.io/v1", "PriorityClass", { value: 0, globalDefault: false })],
  ["PodDisruptionBudget: zero", make("policy/v1", "PodDisruptionBudget", { spec: { minAvailable: 0, selector: {} } })],
  [
    "PodDisruptionBudget: null",
    make("policy/v1", "PodDisruptionBudget", {
      spec: { maxUnavailable: "50%", minAvailable: null, selector: { matchLabels: labels } },
    }),
  ],
  [
    "RuntimeClass: least",
    make("node.k8s.io/v1", "RuntimeClass", { handler: "h", overhead: { podFixed: { cpu: "1000m" } } }),
  ],
  ["Lease: least", make("coordination.k8s.io/v1", "Lease", { spec: { renewTime: "2024-01-01T00:00:00.000000Z" } })],
  [
    "FlowSchema: least",
    make("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", { spec: { priorityLevelConfiguration: { name: "exempt" } } }),
  ],
  [
    "PriorityLevelConfiguration: queues",
    make("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", {
      spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
    }),
  ],
  [
    "PriorityLevelConfiguration: queuing",
    make("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", {
      spec: {
        type: "Limited",
        limited: { nominalConcurrencyShares: 0, limitResponse: { type: "Queue", queuing: {} } },
      },
    }),
  ],
  [
    "ControllerRevision: data",
    make("apps/v1", "ControllerRevision", { revision: 0, data: { a: {}, b: [], c: "", d: 0, e: null } }),
  ],

  [
    "StorageClass: topologies",
    make("storage.k8s.io/v1", "StorageClass", {
      provisioner: "p",
      mountOptions: [],
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Retain",
      allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }],
    }),
  ],
  [
    "CSINode: least",
    make("storage.k8s.io/v1", "CSINode", { spec: { drivers: [{ name: "d", nodeID: "n", allocatable: {} }] } }),
  ],
  [
    "CSINode: count",
    make("storage.k8s.io/v1", "CSINode", {
      spec: { drivers: [{ name: "d", nodeID: "n", allocatable: { count: 1 }, topologyKeys: ["a"] }] },
    }),
  ],
  ["CSINode: none", make("storage.k8s.io/v1", "CSINode", { spec: { drivers: [] } })],
  [
    "CSIStorageCapacity: least",
    make("storage.k8s.io/v1", "CSIStorageCapacity", { storageClassName: "s", capacity: "1024Mi", nodeTopology: {} }),
  ],
  [
    "CSIDriver: everything",
    make("storage.k8s.io/v1", "CSIDriver", {
      spec: {
        attachRequired: true,
        fsGroupPolicy: "File",
        volumeLifecycleModes: ["Ephemeral"],
        tokenRequests: [{ audience: "a", expirationSeconds: 600 }],
        requiresRepublish: true,
        seLinuxMount: true,
        nodeAllocatableUpdatePeriodSeconds: 10,
        serviceAccountTokenInSecrets: true,
      },
    }),
  ],
  [
    "VolumeAttachment: least",
    make("storage.k8s.io/v1", "VolumeAttachment", {
      spec: { attacher: "a", nodeName: "n", source: { persistentVolumeName: "p" } },
    }),
  ],
  [
    "VolumeAttachment: inline",
    make("storage.k8s.io/v1", "VolumeAttachment", {
      spec: {
        attacher: "a",
        nodeName: "n",
        source: {
          inlineVolumeSpec: {
            accessModes: ["ReadWriteOnce"],
            csi: { driver: "d", volumeHandle: "h" },
          },
        },
      },
    }),
  ],
  [
    "VolumeAttributesClass: least",
    make("storage.k8s.io/v1", "VolumeAttributesClass", { driverName: "d", parameters: { a: "b" } }),
  ],
  [
    "PriorityClass: never",
    make("scheduling.k8s.io/v1", "PriorityClass", { value: 1, preemptionPolicy: "Never", description: "" }),
  ],
  [
    "PodDisruptionBudget: unhealthy Pods",
    make("policy/v1", "PodDisruptionBudget", {
      spec: {
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        maxUnavailable: 1,
        selector: { matchExpressions: [{ key: "a", operator: "Exists" }] },
      },
    }),
  ],
  ["PodDisruptionBudget: least", make("policy/v1", "PodDisruptionBudget", {})],
  [
    "RuntimeClass: scheduling",
    make("node.k8s.io/v1", "RuntimeClass", {
      handler: "h",
      scheduling: { nodeSelector: { a: "b" }, tolerations: [{ key: "a", operator: "Exists" }] },
    }),
  ],
  [
    "Lease: everything",
    make("coordination.k8s.io/v1", "Lease", {
      spec: {
        holderIdentity: "h",
        leaseDurationSeconds: 10,
        leaseTransitions: 0,
        acquireTime: "2024-01-01T00:00:00.000000Z",
      },
    }),
  ],
  [
    "FlowSchema: everything",
    make("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", {
      spec: {
        priorityLevelConfiguration: { name: "exempt" },
        matchingPrecedence: 5,
        distinguisherMethod: { type: "ByUser" },
        rules: [
          {
            subjects: [
              { kind: "User", user: { name: "u" } },
              { kind: "Group", group: { name: "g" } },
              { kind: "ServiceAccount", serviceAccount: { namespace: "n", name: "s" } },
            ],
            resourceRules: [
              { verbs: ["get"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: false },
            ],
            nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["/a"] }],
          },
        ],
      },
    }),
  ],
  [
    "PriorityLevelConfiguration: exempt",
    make(
      "flowcontrol.apiserver.k8s.io/v1",
      "PriorityLevelConfiguration",
      { spec: { type: "Exempt", exempt: {} } },
      "exempt",
    ),
  ],
  [
    "PriorityLevelConfiguration: bare exempt",
    make("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", { spec: { type: "Exempt" } }, "exempt"),
  ],
];

/**
 * What the rows of immutable fields say, put to a server: objects, one change of each, and whether it is refused. Each
 * path of each row has at least one change that is, and each exception one that is taken.
 */
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Operation } from "../../src/verdict/working-copy.ts";

export interface Proof {
  readonly title: string;
  readonly object: KubeObject;
  readonly change: readonly Operation[];
  readonly refused: boolean;
  /** Minor of the server from which on it is so. */
  readonly since?: number;
}

const replace = (path: string, value: Operation["value"] = "other"): Operation => ({ op: "replace", path, value });
const add = (path: string, value: Operation["value"]): Operation => ({ op: "add", path, value });
const remove = (path: string): Operation => ({ op: "remove", path });

type Change = readonly [title: string, ...operations: Operation[]];

let made = 0;
/** Every proof has an object of its own, so that none stands in another's way. */
function of(apiVersion: string, kind: string, rest: JsonObject, refused: readonly Change[], taken: readonly Change[]) {
  return [...refused.map((change) => [change, true] as const), ...taken.map((change) => [change, false] as const)].map(
    ([[title, ...change], isRefused]): Proof => {
      made += 1;
      const { metadata, ...fields } = rest;
      const named = { name: `it-${made}`, ...(metadata as JsonObject | undefined) };
      return {
        title: `${kind}: ${title}`,
        object: { apiVersion, kind, metadata: named, ...fields },
        change,
        refused: isRefused,
      };
    },
  );
}

const since = (minor: number, all: readonly Proof[]): readonly Proof[] => all.map((one) => ({ ...one, since: minor }));

const inDefault: JsonObject = { namespace: "default" };
const container: JsonObject = {
  name: "c",
  image: "a:1",
  resources: { requests: { cpu: "1m" } },
};
const template = (spec: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: "it", tier: "web" }, annotations: { note: "n" } },
  spec: { containers: [container], ...spec },
});
const selector: JsonObject = { matchLabels: { app: "it" } };
const narrower = add("/spec/selector/matchLabels/tier", "web");
const label: Change = ["a label", add("/metadata/labels", { x: "y" })];
const image = replace("/spec/template/spec/containers/0/image");

const workloads = ["Deployment", "DaemonSet", "ReplicaSet"].flatMap((kind) =>
  of(
    "apps/v1",
    kind,
    { metadata: inDefault, spec: { selector, template: template() } },
    [["selector", narrower]],
    [["image", image], label],
  ),
);

const claimSpec = {
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "1Gi" } },
};
const stateful = (spec: JsonObject): JsonObject => ({
  metadata: inDefault,
  spec: { serviceName: "it", selector, template: template(), ...spec },
});
const refusedOfStateful: readonly Change[] = [
  ["selector", narrower],
  ["service", replace("/spec/serviceName")],
  ["claim templates", add("/spec/volumeClaimTemplates", [{ metadata: { name: "data" }, spec: claimSpec }])],
  ["Pod management", replace("/spec/podManagementPolicy", "Parallel")],
];
const statefulSets = [
  ...of("apps/v1", "StatefulSet", stateful({}), refusedOfStateful, [
    ["image", image],
    ["replicas", replace("/spec/replicas", 3)],
    ["ordinals", add("/spec/ordinals", { start: 3 })],
    ["update strategy", replace("/spec/updateStrategy", { type: "OnDelete" })],
    ["history", replace("/spec/revisionHistoryLimit", 3)],
    ["patience", add("/spec/minReadySeconds", 3)],
    ["what becomes of claims", replace("/spec/persistentVolumeClaimRetentionPolicy/whenDeleted", "Delete")],
  ]),
  ...of(
    "apps/v1",
    "StatefulSet",
    stateful({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" } }),
    refusedOfStateful,
    [],
  ),
];

const job = (spec: JsonObject = {}, pod: JsonObject = {}): JsonObject => ({
  metadata: inDefault,
  spec: { template: template({ restartPolicy: "Never", ...pod }), ...spec },
});
const indexed: JsonObject = { completionMode: "Indexed", completions: 3, parallelism: 3 };
const failurePolicy: JsonObject = {
  rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
};
const affinity: JsonObject = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }],
    },
  },
};
const jobs = [
  ...of(
    "batch/v1",
    "Job",
    job(),
    [
      ["selector", add("/spec/selector/matchLabels/app", "it")],
      ["completion mode", replace("/spec/completionMode", "Indexed")],
      ["failure policy", add("/spec/podFailurePolicy", failurePolicy)],
      ["manager", add("/spec/managedBy", "example.com/jobs")],
      ["template", image],
      ["template's labels", replace("/spec/template/metadata/labels/tier")],
      ["completions", replace("/spec/completions", 3)],
    ],
    [
      ["parallelism", replace("/spec/parallelism", 2)],
      ["suspension", replace("/spec/suspend", true)],
      ["deadline", add("/spec/activeDeadlineSeconds", 100)],
      ["limit", replace("/spec/backoffLimit", 1)],
    ],
  ),
  ...of(
    "batch/v1",
    "Job",
    job(indexed),
    [
      ["limit per index", add("/spec/backoffLimitPerIndex", 1)],
      ["success policy", add("/spec/successPolicy", { rules: [{ succeededCount: 1 }] })],
    ],
    [["completions with parallelism", replace("/spec/completions", 4), replace("/spec/parallelism", 4)]],
  ),
  ...of(
    "batch/v1",
    "Job",
    job({ suspend: true }),
    [["template, while suspended", image]],
    [
      ["template's label, while suspended", replace("/spec/template/metadata/labels/tier")],
      ["template's annotation, while suspended", replace("/spec/template/metadata/annotations/note")],
      ["affinity, while suspended", add("/spec/template/spec/affinity", affinity)],
      ["node selector, while suspended", add("/spec/template/spec/nodeSelector", { zone: "a" })],
      ["tolerations, while suspended", add("/spec/template/spec/tolerations", [{ operator: "Exists" }])],
      ["gates, while suspended", add("/spec/template/spec/schedulingGates", [{ name: "a.b/c" }])],
    ],
  ),
  ...since(
    36,
    of(
      "batch/v1",
      "Job",
      job({ suspend: true }, { initContainers: [{ ...container, name: "i" }] }),
      [],
      [
        ["resources, while suspended", replace("/spec/template/spec/containers/0/resources/requests/cpu", "2m")],
        [
          "resources to begin, while suspended",
          replace("/spec/template/spec/initContainers/0/resources/requests/cpu", "2m"),
        ],
      ],
    ),
  ),
];

const podOf = (spec: JsonObject): JsonObject => ({ metadata: inDefault, spec: { containers: [container], ...spec } });
const pods = [
  ...of(
    "v1",
    "Pod",
    podOf({ initContainers: [container].map((one) => ({ ...one, name: "i" })) }),
    [
      ["command", add("/spec/containers/0/command", ["x"])],
      ["resources", replace("/spec/containers/0/resources/requests/cpu", "2m")],
      ["account", replace("/spec/serviceAccountName")],
      ["node selector", add("/spec/nodeSelector", { zone: "a" })],
      ["affinity", add("/spec/affinity", affinity)],
      ["grace", replace("/spec/terminationGracePeriodSeconds", 5)],
    ],
    [
      ["image", replace("/spec/containers/0/image")],
      ["image of an init container", replace("/spec/initContainers/0/image")],
      ["deadline", add("/spec/activeDeadlineSeconds", 100)],
      ["one toleration more", add("/spec/tolerations/-", { key: "a", operator: "Exists" })],
      label,
    ],
  ),
  ...of(
    "v1",
    "Pod",
    podOf({ schedulingGates: [{ name: "a.b/c" }] }),
    [["command, while gated", add("/spec/containers/0/command", ["x"])]],
    [
      ["gates", remove("/spec/schedulingGates")],
      ["node selector, while gated", add("/spec/nodeSelector", { zone: "a" })],
      ["affinity, while gated", add("/spec/affinity", affinity)],
    ],
  ),
];

const forgiving = [
  ...of(
    "v1",
    "Pod",
    podOf({
      tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 9 }],
      activeDeadlineSeconds: 9,
    }),
    [
      ["all tolerations", remove("/spec/tolerations")],
      ["a toleration's key", replace("/spec/tolerations/0/key", "b")],
      ["no deadline", remove("/spec/activeDeadlineSeconds")],
      ["gates", add("/spec/schedulingGates", [{ name: "a.b/c" }])],
    ],
    [
      ["a toleration's seconds", replace("/spec/tolerations/0/tolerationSeconds", 5)],
      ["a shorter deadline", replace("/spec/activeDeadlineSeconds", 5)],
    ],
  ),
];
const nodes = of(
  "v1",
  "Node",
  { spec: { providerID: "a://b", podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] } },
  [
    ["provider's name", remove("/spec/providerID")],
    ["addresses", replace("/spec/podCIDR", "10.2.0.0/24"), replace("/spec/podCIDRs/0", "10.2.0.0/24")],
  ],
  [["schedulable or not", add("/spec/unschedulable", true)]],
);

const text = Buffer.from("1").toString("base64");
const config = [
  ...of(
    "v1",
    "ConfigMap",
    { metadata: inDefault, data: { a: "1" }, immutable: true },
    [
      ["data, sealed", replace("/data/a")],
      ["all data, sealed", remove("/data")],
      ["binary data, sealed", add("/binaryData", { b: text })],
      ["the seal", remove("/immutable")],
    ],
    [label],
  ),
  ...of(
    "v1",
    "ConfigMap",
    { metadata: inDefault, data: { a: "1" } },
    [],
    [
      ["data", replace("/data/a")],
      ["sealing it", add("/immutable", true)],
    ],
  ),
  ...of(
    "v1",
    "Secret",
    { metadata: inDefault, type: "Opaque", data: { a: text }, immutable: true },
    [
      ["data, sealed", replace("/data/a", Buffer.from("2").toString("base64"))],
      ["text, sealed", add("/stringData", { a: "2" })],
      ["the seal", remove("/immutable")],
      ["type, sealed", replace("/type", "a.b/c")],
    ],
    [label],
  ),
  ...of(
    "v1",
    "Secret",
    { metadata: inDefault, type: "Opaque", data: { a: text } },
    [["type", replace("/type", "a.b/c")]],
    [["data", replace("/data/a", Buffer.from("2").toString("base64"))]],
  ),
];

const serviceOf = (spec: JsonObject): JsonObject => ({
  metadata: inDefault,
  spec: { selector: { app: "it" }, ports: [{ port: 80, protocol: "TCP" }], ...spec },
});
const balancer: JsonObject = {
  type: "LoadBalancer",
  externalTrafficPolicy: "Local",
  loadBalancerClass: "a.b/c",
};
const services = [
  ...of(
    "v1",
    "Service",
    serviceOf({}),
    [
      ["address", replace("/spec/clusterIP", "None")],
      ["addresses", replace("/spec/clusterIPs/0", "None"), replace("/spec/clusterIP", "None")],
      ["family", replace("/spec/ipFamilies/0", "IPv6")],
    ],
    [
      ["the port, which is the list's key", replace("/spec/ports/0/port", 81)],
      ["type", replace("/spec/type", "NodePort")],
      [
        "type to a mere name",
        replace("/spec/type", "ExternalName"),
        add("/spec/externalName", "a.example"),
        remove("/spec/clusterIP"),
        remove("/spec/clusterIPs"),
        remove("/spec/ipFamilies"),
        remove("/spec/ipFamilyPolicy"),
        remove("/spec/internalTrafficPolicy"),
      ],
    ],
  ),
  ...of(
    "v1",
    "Service",
    { metadata: inDefault, spec: { clusterIP: "None", ports: [{ port: 80, protocol: "TCP" }] } },
    [],
    [["families, without an address", replace("/spec/ipFamilies", ["IPv6", "IPv4"])]],
  ),
  ...of(
    "v1",
    "Service",
    serviceOf({ clusterIP: "None" }),
    [
      [
        "an address, where it had none by choice",
        replace("/spec/clusterIP", "10.0.0.200"),
        replace("/spec/clusterIPs/0", "10.0.0.200"),
      ],
    ],
    [],
  ),
  ...of(
    "v1",
    "Service",
    serviceOf(balancer),
    [
      ["class of a balancer", replace("/spec/loadBalancerClass", "a.b/d")],
      ["no class of a balancer", remove("/spec/loadBalancerClass")],
      ["port of the health check", replace("/spec/healthCheckNodePort", 31_999)],
    ],
    [["ports", replace("/spec/ports/0/port", 81)]],
  ),
];

const storage = [
  ...of(
    "v1",
    "PersistentVolumeClaim",
    { metadata: inDefault, spec: { ...claimSpec, storageClassName: "fast", volumeName: "pv" } },
    [
      ["modes", replace("/spec/accessModes/0", "ReadOnlyMany")],
      ["selector", add("/spec/selector", { matchLabels: { a: "b" } })],
      ["mode", replace("/spec/volumeMode", "Block")],
      ["class", replace("/spec/storageClassName")],
      ["volume", replace("/spec/volumeName")],
    ],
    [label],
  ),
  ...of(
    "v1",
    "PersistentVolumeClaim",
    { metadata: inDefault, spec: claimSpec },
    [],
    [
      ["a volume, where there was none", add("/spec/volumeName", "pv")],
      ["a class, where there was none", add("/spec/storageClassName", "fast")],
    ],
  ),
  ...of(
    "v1",
    "PersistentVolume",
    {
      spec: {
        accessModes: ["ReadWriteOnce"],
        capacity: { storage: "1Gi" },
        csi: { driver: "a.b", volumeHandle: "h" },
      },
    },
    [
      ["source", replace("/spec/csi/volumeHandle")],
      ["mode", replace("/spec/volumeMode", "Block")],
    ],
    [
      ["capacity", replace("/spec/capacity/storage", "2Gi")],
      ["modes", add("/spec/accessModes/-", "ReadOnlyMany")],
      ["claim", add("/spec/claimRef", { namespace: "default", name: "x" })],
      ["what becomes of it", replace("/spec/persistentVolumeReclaimPolicy", "Delete")],
      ["class", add("/spec/storageClassName", "fast")],
      ["mount options", add("/spec/mountOptions", ["ro"])],
      [
        "nodes",
        add("/spec/nodeAffinity", {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "z", operator: "Exists" }] }] },
        }),
      ],
      ["a secret for growth", add("/spec/csi/controllerExpandSecretRef", { namespace: "default", name: "x" })],
    ],
  ),
  ...of(
    "storage.k8s.io/v1",
    "StorageClass",
    { provisioner: "a.b/c", parameters: { a: "b" } },
    [
      ["provisioner", replace("/provisioner", "a.b/d")],
      ["parameters", replace("/parameters/a")],
      ["what becomes of volumes", replace("/reclaimPolicy", "Retain")],
      ["binding", replace("/volumeBindingMode", "WaitForFirstConsumer")],
    ],
    [
      ["growth", add("/allowVolumeExpansion", true)],
      ["mount options", add("/mountOptions", ["ro"])],
    ],
  ),
  ...of(
    "storage.k8s.io/v1",
    "VolumeAttributesClass",
    { driverName: "a.b", parameters: { a: "b" } },
    [
      ["driver", replace("/driverName", "a.c")],
      ["parameters", replace("/parameters/a")],
    ],
    [label],
  ),
  ...of(
    "storage.k8s.io/v1",
    "VolumeAttachment",
    { spec: { attacher: "a.b", nodeName: "n", source: { persistentVolumeName: "pv" } } },
    [["spec", replace("/spec/nodeName")]],
    [label],
  ),
  ...of(
    "storage.k8s.io/v1",
    "CSIDriver",
    { spec: { attachRequired: true, volumeLifecycleModes: ["Persistent"] } },
    [
      ["attaching", replace("/spec/attachRequired", false)],
      ["life of volumes", replace("/spec/volumeLifecycleModes", ["Persistent", "Ephemeral"])],
    ],
    [
      ["Pod info", replace("/spec/podInfoOnMount", true)],
      ["groups", replace("/spec/fsGroupPolicy", "File")],
    ],
  ),
  ...of(
    "storage.k8s.io/v1",
    "CSIStorageCapacity",
    { metadata: inDefault, storageClassName: "fast", nodeTopology: { matchLabels: { a: "b" } }, capacity: "1Gi" },
    [
      ["topology", replace("/nodeTopology/matchLabels/a")],
      ["class", replace("/storageClassName")],
    ],
    [["capacity", replace("/capacity", "2Gi")]],
  ),
];

const rbac = "rbac.authorization.k8s.io";
const others = [
  ...of(
    "apps/v1",
    "ControllerRevision",
    { metadata: inDefault, data: { a: "b" }, revision: 1 },
    [["data", replace("/data/a")]],
    [["number", replace("/revision", 2)]],
  ),
  ...of(
    "v1",
    "ResourceQuota",
    { metadata: inDefault, spec: { scopes: ["BestEffort"], hard: { pods: "100" } } },
    [["scopes", replace("/spec/scopes", ["NotBestEffort"])]],
    [["limits", replace("/spec/hard/pods", "200")]],
  ),
  ...["RoleBinding", "ClusterRoleBinding"].flatMap((kind) =>
    of(
      `${rbac}/v1`,
      kind,
      {
        ...(kind === "RoleBinding" ? { metadata: inDefault } : {}),
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "view" },
      },
      [["role", replace("/roleRef/name", "edit")]],
      [["subjects", add("/subjects", [{ kind: "User", apiGroup: rbac, name: "ada" }])]],
    ),
  ),
  ...of(
    "networking.k8s.io/v1",
    "IngressClass",
    { spec: { controller: "a.b/c" } },
    [["controller", replace("/spec/controller", "a.b/d")]],
    [["parameters", add("/spec/parameters", { kind: "X", name: "x" })]],
  ),
  ...of(
    "networking.k8s.io/v1",
    "IPAddress",
    {
      metadata: { name: "192.0.2.7" },
      spec: { parentRef: { resource: "services", namespace: "default", name: "it" } },
    },
    [["parent", replace("/spec/parentRef/name")]],
    [],
  ),
  ...of(
    "scheduling.k8s.io/v1",
    "PriorityClass",
    { value: 10 },
    [
      ["value", replace("/value", 11)],
      ["preemption", replace("/preemptionPolicy", "Never")],
    ],
    [["description", add("/description", "d")]],
  ),
  ...of(
    "node.k8s.io/v1",
    "RuntimeClass",
    { handler: "runc" },
    [["handler", replace("/handler")]],
    [["overhead", add("/overhead", { podFixed: { cpu: "1m" } })]],
  ),
  ...of(
    "discovery.k8s.io/v1",
    "EndpointSlice",
    { metadata: inDefault, addressType: "IPv4", endpoints: [], ports: [] },
    [["type", replace("/addressType", "FQDN")]],
    [["endpoints", replace("/endpoints", [{ addresses: ["192.0.2.1"] }])]],
  ),
  ...of(
    "resource.k8s.io/v1",
    "ResourceClaim",
    {
      metadata: inDefault,
      spec: {
        devices: { requests: [{ name: "a", exactly: { deviceClassName: "d.example", allocationMode: "All" } }] },
      },
    },
    [["spec", replace("/spec/devices/requests/0/name", "b")]],
    [label],
  ),
  ...of(
    "resource.k8s.io/v1",
    "ResourceClaimTemplate",
    {
      metadata: inDefault,
      spec: {
        spec: {
          devices: { requests: [{ name: "a", exactly: { deviceClassName: "d.example", allocationMode: "All" } }] },
        },
      },
    },
    [["spec", replace("/spec/spec/devices/requests/0/name", "b")]],
    [label],
  ),
];

const definition = (plural: string): JsonObject => ({
  metadata: { name: `${plural}.proof.example` },
  spec: {
    group: "proof.example",
    scope: "Namespaced",
    names: { plural, singular: plural, kind: plural, listKind: `${plural}List` },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});
const definitions = [
  ...of(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    definition("scoped"),
    [["scope", replace("/spec/scope", "Cluster")]],
    [],
  ),
  ...of(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    definition("named"),
    [["kind", replace("/spec/names/kind", "Other")]],
    [],
  ),
  ...of(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    definition("shortened"),
    [],
    [["short names", add("/spec/names/shortNames", ["sh"])]],
  ),
];

export const proofs: readonly Proof[] = [
  ...workloads,
  ...statefulSets,
  ...jobs,
  ...pods,
  ...forgiving,
  ...nodes,
  ...config,
  ...services,
  ...storage,
  ...others,
  ...definitions,
];

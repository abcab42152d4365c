/** The core group beside Pods, and Endpoints' successors. */
import { claim, labels, make, service, volumeObject, type Row } from "./make.ts";

export const coreObjects: readonly Row[] = [
  ["Service: least", service({})],
  [
    "Service: several ports",
    service({
      ports: [
        { name: "a", port: 80, targetPort: 0 },
        { name: "b", port: 81, targetPort: "" },
        { name: "c", port: 80, protocol: "UDP", nodePort: 0 },
      ],
    }),
  ],
  ["Service: no ports", service({ ports: [], clusterIP: "None", selector: {} })],
  ["Service: headless", service({ clusterIP: "None", selector: labels })],
  ["Service: empty address", service({ clusterIP: "", type: "", sessionAffinity: "" })],
  ["Service: node port", service({ type: "NodePort" })],
  ["Service: stated node port", service({ type: "NodePort", ports: [{ port: 80, nodePort: 30123 }] })],
  ["Service: load balancer", service({ type: "LoadBalancer" })],
  [
    "Service: local load balancer",
    service({ type: "LoadBalancer", externalTrafficPolicy: "Local", allocateLoadBalancerNodePorts: false }),
  ],
  ["Service: empty traffic policy", service({ type: "NodePort", externalTrafficPolicy: "" })],
  ["Service: external name", make("v1", "Service", { spec: { type: "ExternalName", externalName: "example.com" } })],
  ["Service: external name with ports", service({ type: "ExternalName", externalName: "example.com" })],
  ["Service: external addresses", service({ externalIPs: ["1.2.3.4"] })],
  ["Service: affinity", service({ sessionAffinity: "ClientIP" })],
  [
    "Service: affinity with time",
    service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }),
  ],
  ["Service: zeros", service({ publishNotReadyAddresses: false, loadBalancerIP: "", externalIPs: [] })],
  ["ConfigMap: nothing", make("v1", "ConfigMap", {})],
  ["ConfigMap: nulls", make("v1", "ConfigMap", { data: { a: null, b: "" }, binaryData: null })],
  ["ConfigMap: empties", make("v1", "ConfigMap", { data: {}, immutable: false })],
  ["Secret: least", make("v1", "Secret", {})],
  ["Secret: stringData", make("v1", "Secret", { data: { a: "YQ==", b: "Yg==" }, stringData: { b: "é", c: "" } })],
  ["Secret: nulls", make("v1", "Secret", { data: { a: null }, stringData: null, type: "" })],
  ["Secret: only a null in stringData", make("v1", "Secret", { stringData: { a: null } })],
  ["Secret: wrapped base64", make("v1", "Secret", { data: { a: "YWFh\nYWFh\n" } })],
  ["ServiceAccount: least", make("v1", "ServiceAccount", {})],
  [
    "ServiceAccount: zeros",
    make("v1", "ServiceAccount", { automountServiceAccountToken: false, secrets: [], imagePullSecrets: [] }),
  ],
  ["Namespace: least", make("v1", "Namespace", {}, "another")],
  ["Namespace: labels", make("v1", "Namespace", { metadata: { labels: { a: "b", c: null } } }, "another")],
  ["Namespace: null labels", make("v1", "Namespace", { metadata: { labels: null }, spec: {} }, "another")],
  [
    "metadata: nulls in maps",
    make("v1", "ConfigMap", {
      metadata: { labels: { a: null }, annotations: { b: null, c: "" }, finalizers: [], ownerReferences: null },
    }),
  ],
  ["claim: least", claim({})],
  ["claim: no class", claim({ storageClassName: "", volumeName: "", selector: {} })],
  ["claim: source", claim({ dataSource: { kind: "PersistentVolumeClaim", name: "p" } })],
  ["claim: source reference", claim({ dataSourceRef: { kind: "PersistentVolumeClaim", name: "p" } })],
  ["volume object: hostPath", volumeObject({ hostPath: { path: "/a" } })],
  [
    "volume object: csi",
    volumeObject({
      csi: { driver: "d", volumeHandle: "h" },
      persistentVolumeReclaimPolicy: "",
      claimRef: { name: "a", namespace: "b" },
    }),
  ],
  ["volume object: nfs", volumeObject({ nfs: { server: "s", path: "/" }, volumeMode: "Block", mountOptions: [] })],
  [
    "volume object: iscsi",
    volumeObject({ iscsi: { targetPortal: "1.2.3.4", iqn: "iqn.2001-04.com.example:a", lun: 0 } }),
  ],
  [
    "LimitRange: container",
    make("v1", "LimitRange", {
      spec: {
        limits: [{ type: "Container", max: { cpu: "2000m" }, min: { memory: "1Mi" }, default: { memory: "1024Mi" } }],
      },
    }),
  ],
  ["LimitRange: pod", make("v1", "LimitRange", { spec: { limits: [{ type: "Pod", max: { cpu: "1.5" } }] } })],
  [
    "ResourceQuota: least",
    make("v1", "ResourceQuota", { spec: { hard: { "requests.cpu": "1000m", pods: 10 }, scopes: [] } }),
  ],
  [
    "Endpoints: least",
    make("v1", "Endpoints", { subsets: [{ addresses: [{ ip: "1.2.3.4" }], ports: [{ port: 80 }] }] }),
  ],
  [
    "EndpointSlice: least",
    make("discovery.k8s.io/v1", "EndpointSlice", {
      addressType: "IPv4",
      endpoints: [{ addresses: ["1.2.3.4"] }],
      ports: [{ port: 80 }],
    }),
  ],

  ["Service: internal policy", service({ internalTrafficPolicy: "Local", trafficDistribution: "PreferClose" })],
  [
    "Service: load balancer class",
    service({
      type: "LoadBalancer",
      loadBalancerClass: "a.example.com/b",
      loadBalancerSourceRanges: ["10.0.0.0/8"],
      loadBalancerIP: "1.2.3.4",
    }),
  ],
  ["Service: stated families", service({ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" })],
  ["Service: headless without selector", service({ clusterIP: "None" })],
  ["Service: no config of other affinity", service({ sessionAffinity: "None", sessionAffinityConfig: null })],
  ["Service: affinity with empty config", service({ sessionAffinity: "ClientIP", sessionAffinityConfig: {} })],
  [
    "Service: affinity with empty client",
    service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: {} } }),
  ],
  ["Service: port of another protocol", service({ ports: [{ port: 80, appProtocol: "http", targetPort: "web" }] })],
  [
    "Service: stated health port",
    service({ type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 0 }),
  ],
  [
    "ResourceQuota: scopes",
    make("v1", "ResourceQuota", {
      spec: {
        hard: { pods: "10" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] },
      },
    }),
  ],
  ["ResourceQuota: empty", make("v1", "ResourceQuota", { spec: {} })],
  [
    "LimitRange: claims",
    make("v1", "LimitRange", {
      spec: { limits: [{ type: "PersistentVolumeClaim", max: { storage: "2048Mi" }, min: { storage: "1Gi" } }] },
    }),
  ],
  [
    "LimitRange: container with both",
    make("v1", "LimitRange", {
      spec: {
        limits: [
          {
            type: "Container",
            max: { cpu: 2 },
            min: { cpu: "0.1" },
            default: { cpu: 1 },
            defaultRequest: { cpu: "0.5" },
            maxLimitRequestRatio: { cpu: 4 },
          },
        ],
      },
    }),
  ],
  [
    "owner references",
    make("v1", "ConfigMap", {
      metadata: {
        ownerReferences: [
          { apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: false, blockOwnerDeletion: false },
        ],
        finalizers: ["a.example.com/b"],
      },
    }),
  ],
  [
    "ServiceAccount: secrets",
    make("v1", "ServiceAccount", { secrets: [{ name: "s" }], imagePullSecrets: [{ name: "s" }] }),
  ],
  [
    "Secret: of a type",
    make("v1", "Secret", { type: "kubernetes.io/basic-auth", stringData: { username: "u" }, immutable: false }),
  ],
  [
    "Endpoints: subsets that are merged",
    make("v1", "Endpoints", {
      subsets: [
        {
          addresses: [{ ip: "10.0.0.9" }, { ip: "10.0.0.2" }],
          ports: [
            { name: "b", port: 81 },
            { name: "a", port: 80 },
          ],
        },
        {
          addresses: [{ ip: "10.0.0.3" }],
          ports: [
            { name: "b", port: 81 },
            { name: "a", port: 80 },
          ],
        },
        { notReadyAddresses: [{ ip: "10.0.0.4" }], ports: [{ name: "a", port: 80 }] },
      ],
    }),
  ],
  [
    "Endpoints: an address that is both",
    make("v1", "Endpoints", {
      subsets: [
        {
          addresses: [{ ip: "10.0.0.2", hostname: "h", nodeName: "n", targetRef: { kind: "Pod", name: "p" } }],
          ports: [{ port: 80 }],
        },
        {
          notReadyAddresses: [{ ip: "10.0.0.2", hostname: "h", nodeName: "n", targetRef: { kind: "Pod", name: "p" } }],
          ports: [{ port: 80 }],
        },
      ],
    }),
  ],
  ["Endpoints: nothing", make("v1", "Endpoints", { subsets: [] })],
  [
    "Endpoints: a port twice",
    make("v1", "Endpoints", {
      subsets: [
        {
          addresses: [{ ip: "10.0.0.2" }, { ip: "10.0.0.2" }],
          ports: [
            { name: "a", port: 80 },
            { name: "b", port: 80 },
          ],
        },
      ],
    }),
  ],
  [
    "EndpointSlice: everything",
    make("discovery.k8s.io/v1", "EndpointSlice", {
      addressType: "IPv4",
      endpoints: [
        {
          addresses: ["1.2.3.4"],
          conditions: { ready: true, serving: false, terminating: false },
          hints: { forZones: [{ name: "z" }], forNodes: [{ name: "n" }] },
          hostname: "h",
          nodeName: "n",
          zone: "z",
          deprecatedTopology: { a: "b" },
          targetRef: { kind: "Pod", name: "p" },
        },
      ],
      ports: [
        { name: "a", port: 80, protocol: "UDP", appProtocol: "http" },
        { name: "", port: null },
      ],
    }),
  ],
  [
    "EndpointSlice: empty",
    make("discovery.k8s.io/v1", "EndpointSlice", { addressType: "FQDN", endpoints: [], ports: [] }),
  ],
];

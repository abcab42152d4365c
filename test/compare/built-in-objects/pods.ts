/** Pods and their templates: what a Pod says beside its containers and volumes. */
import { c, container, deployment, labels, pod, type Row } from "./make.ts";

export const podObjects: readonly Row[] = [
  ["Pod: least", pod({})],
  [
    "Pod: limits without requests",
    pod({ containers: [{ ...c, resources: { limits: { cpu: "1.5", memory: "0.5Gi" } } }] }),
  ],
  [
    "Pod: some requests",
    pod({
      initContainers: [
        { ...c, name: "i", resources: { limits: { cpu: 1, memory: 1024 }, requests: { cpu: "0.0005" } } },
      ],
    }),
  ],
  ["Pod: host network", pod({ hostNetwork: true, containers: [{ ...c, ports: [{ containerPort: 80 }] }] })],
  ["Pod: service account by its old name", pod({ serviceAccount: "default" })],
  ["Pod: own tolerations", pod({ tolerations: [{ key: "a", operator: "Exists" }] })],
  ["Pod: no token", pod({ automountServiceAccountToken: false, enableServiceLinks: false })],
  ["template: host network", deployment({ hostNetwork: true, containers: [{ ...c, ports: [{ containerPort: 80 }] }] })],
  ["template: service account", deployment({ serviceAccountName: "sa" })],
  ["template: service account by its old name", deployment({ serviceAccount: "sa" })],
  ["template: both names", deployment({ serviceAccount: "other", serviceAccountName: "sa" })],
  ["template: limits", container({ resources: { limits: { cpu: "1000m" }, requests: {} } })],
  ["template: nulls", deployment({ securityContext: null, volumes: null, nodeSelector: null, tolerations: null })],
  [
    "template: empties",
    deployment({ securityContext: {}, volumes: [], nodeSelector: {}, tolerations: [], affinity: {} }),
  ],
  [
    "template: zeros that are dropped",
    deployment({ hostNetwork: false, hostPID: false, hostIPC: false, hostname: "", subdomain: "", nodeName: "" }),
  ],
  [
    "template: zeros that are kept",
    deployment({ shareProcessNamespace: false, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 }),
  ],
  [
    "template: zeros that are replaced",
    deployment({ dnsPolicy: "", restartPolicy: "", schedulerName: "", serviceAccountName: "" }),
  ],
  ["template: deep empties", deployment({ affinity: { nodeAffinity: {}, podAffinity: null, podAntiAffinity: {} } })],
  [
    "template: pod security",
    deployment({
      securityContext: {
        runAsUser: 0,
        runAsNonRoot: false,
        fsGroup: 0,
        supplementalGroups: [],
        seLinuxOptions: {},
        sysctls: [],
      },
    }),
  ],
  [
    "template: spread and affinity",
    deployment({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: {} },
      ],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: {} } }],
        },
      },
    }),
  ],
  [
    "template: DNS",
    deployment({ dnsConfig: { options: [{ name: "ndots", value: "" }, { name: "x" }], searches: [] } }),
  ],
  [
    "template: overhead and runtime",
    deployment({ hostAliases: [{ ip: "1.2.3.4", hostnames: ["a"] }], readinessGates: [] }),
  ],

  ["Pod: limits of the whole Pod", pod({ resources: { limits: { cpu: "1000m", memory: "1Gi" } } })],
  [
    "Pod: limits of the whole Pod, requests of its containers",
    pod({
      resources: { limits: { cpu: 2, memory: "2Gi" } },
      containers: [{ ...c, resources: { requests: { cpu: "250m" } } }],
      initContainers: [
        { ...c, name: "i", resources: { requests: { cpu: 1 } } },
        { ...c, name: "s", restartPolicy: "Always", resources: { requests: { cpu: "50m" } } },
      ],
    }),
  ],
  [
    "Pod: some requests of the whole Pod",
    pod({ resources: { limits: { cpu: 2, memory: "2Gi" }, requests: { cpu: "1500m" } } }),
  ],
  [
    "Pod: limits of all containers, requests of the whole Pod",
    pod({
      resources: { requests: { cpu: 1 } },
      containers: [{ ...c, resources: { limits: { cpu: "500m", memory: "1Gi" } } }],
    }),
  ],
  [
    "Pod: host network by init containers",
    pod({ hostNetwork: true, initContainers: [{ ...c, name: "i", ports: [{ containerPort: 81 }] }] }),
  ],
  ["template: limits of the whole Pod", deployment({ resources: { limits: { cpu: 1 } } })],
  [
    "Pod: gates, claims, system",
    pod({
      os: { name: "linux" },
      readinessGates: [{ conditionType: "a.example.com/ready" }],
      schedulingGates: [{ name: "a.example.com/gate" }],
      resourceClaims: [{ name: "r", resourceClaimName: "claim" }],
      containers: [{ ...c, resources: { claims: [{ name: "r" }] } }],
      securityContext: {
        sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
        appArmorProfile: { type: "RuntimeDefault" },
        seccompProfile: { type: "Localhost", localhostProfile: "a.json" },
        seLinuxOptions: { level: "s0" },
      },
    }),
  ],
  ["Pod: claims by template", pod({ resourceClaims: [{ name: "r", resourceClaimTemplateName: "t" }] })],
  ["Pod: windows", pod({ os: { name: "windows" }, securityContext: { windowsOptions: { runAsUserName: "u" } } })],
  [
    "template: node affinity",
    deployment({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [{ key: "a", operator: "Exists" }],
                matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }],
              },
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] } },
          ],
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: "zone",
              labelSelector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
              matchLabelKeys: ["x"],
            },
          ],
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: "zone", labelSelector: {}, namespaceSelector: {} } },
          ],
        },
      },
    }),
  ],
  [
    "template: spread by keys",
    deployment({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "zone",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: labels },
          matchLabelKeys: ["pod-template-hash"],
        },
      ],
    }),
  ],
  [
    "Pod: spread by keys",
    pod({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "zone",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: labels },
          matchLabelKeys: ["app"],
        },
      ],
    }),
  ],
  [
    "template: tolerations",
    deployment({
      tolerations: [{}, { key: "a", operator: "Equal", value: "b", effect: "NoExecute", tolerationSeconds: 0 }].slice(
        1,
      ),
      imagePullSecrets: [{ name: "s" }],
      priorityClassName: "",
      runtimeClassName: "r",
      overhead: { cpu: "0.0005" },
    }),
  ],
];

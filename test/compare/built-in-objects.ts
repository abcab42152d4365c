/**
 * Objects that make the API server show its defaults, zeros and empties: per kind the least there is, and one for each
 * fork in its defaulting. Written as JSON, since YAML is not what is looked at.
 */
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

type Row = readonly [name: string, object: KubeObject];

function make(apiVersion: string, kind: string, rest: JsonObject, name = "it"): KubeObject {
  const { metadata, ...fields } = rest;
  return { apiVersion, kind, ...fields, metadata: { name, ...(metadata as JsonObject | undefined) } };
}

const c: JsonObject = { name: "c", image: "nginx" };
const labels = { app: "it" };

function pod(spec: JsonObject): KubeObject {
  return make("v1", "Pod", { spec: { containers: [c], ...spec } });
}
function deployment(template: JsonObject, spec: JsonObject = {}): KubeObject {
  const full = { metadata: { labels }, spec: { containers: [c], ...template } };
  return make("apps/v1", "Deployment", { spec: { selector: { matchLabels: labels }, template: full, ...spec } });
}
function container(fields: JsonObject): KubeObject {
  return deployment({ containers: [{ ...c, ...fields }] });
}
function volume(source: JsonObject): KubeObject {
  return deployment({ volumes: [{ name: "v", ...source }] });
}
function service(spec: JsonObject): KubeObject {
  return make("v1", "Service", { spec: { ports: [{ port: 80 }], ...spec } });
}
function job(spec: JsonObject): KubeObject {
  const template = { spec: { restartPolicy: "Never", containers: [c] } };
  return make("batch/v1", "Job", { spec: { template, ...spec } });
}
function statefulSet(spec: JsonObject): KubeObject {
  const template = { metadata: { labels }, spec: { containers: [c] } };
  return make("apps/v1", "StatefulSet", {
    spec: { selector: { matchLabels: labels }, serviceName: "it", template, ...spec },
  });
}
function daemonSet(spec: JsonObject): KubeObject {
  const template = { metadata: { labels }, spec: { containers: [c] } };
  return make("apps/v1", "DaemonSet", { spec: { selector: { matchLabels: labels }, template, ...spec } });
}
function autoscaler(spec: JsonObject): KubeObject {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "it" };
  return make("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef, maxReplicas: 3, ...spec } });
}
function networkPolicy(spec: JsonObject): KubeObject {
  return make("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ...spec } });
}
function webhook(kind: string, fields: JsonObject = {}): KubeObject {
  const hook = {
    name: "a.example.com",
    clientConfig: { service: { name: "s", namespace: "n" } },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...fields,
  };
  return make("admissionregistration.k8s.io/v1", `${kind}WebhookConfiguration`, { webhooks: [hook] });
}
function claim(spec: JsonObject): KubeObject {
  const resources = { requests: { storage: "1024Mi" } };
  return make("v1", "PersistentVolumeClaim", { spec: { accessModes: ["ReadWriteOnce"], resources, ...spec } });
}
function volumeObject(spec: JsonObject): KubeObject {
  return make("v1", "PersistentVolume", {
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...spec },
  });
}

const podRows: readonly Row[] = [
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
  ["container: image with tag", container({ image: "nginx:1.2" })],
  ["container: image by digest", container({ image: `nginx@sha256:${"a".repeat(64)}` })],
  ["container: latest by digest", container({ image: `nginx:latest@sha256:${"a".repeat(64)}` })],
  ["container: registry with port", container({ image: "host:5000/a/b" })],
  ["container: a name that is none", container({ image: "Upper/Case" })],
  ["container: a host in capitals", container({ image: "HOST/case" })],
  ["container: short digest", container({ image: "nginx@sha256:abc" })],
  ["container: strange tag", container({ image: "nginx:1.2+3" })],
  [
    "container: empty policies",
    container({ imagePullPolicy: "", terminationMessagePath: "", terminationMessagePolicy: "" }),
  ],
  [
    "container: empty values",
    container({ command: [], args: [], env: [], ports: [], resources: {}, lifecycle: {}, workingDir: "" }),
  ],
  ["container: terminal", container({ stdin: false, stdinOnce: false, tty: false })],
  [
    "container: env",
    container({
      env: [
        { name: "EMPTY", value: "" },
        { name: "NONE" },
        { name: "FIELD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "RESOURCE", valueFrom: { resourceFieldRef: { resource: "limits.cpu", containerName: "" } } },
        { name: "DIVISOR", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1000m" } } },
        { name: "ZERO", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: 0 } } },
        { name: "MAP", valueFrom: { configMapKeyRef: { name: "m", key: "k", optional: false } } },
        { name: "SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } },
      ],
      envFrom: [{ prefix: "", configMapRef: { name: "m", optional: false } }, { secretRef: { name: "s" } }],
    }),
  ],
  [
    "container: security",
    container({
      securityContext: {
        privileged: false,
        runAsUser: 0,
        runAsNonRoot: false,
        readOnlyRootFilesystem: false,
        allowPrivilegeEscalation: false,
        capabilities: { add: [], drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
    }),
  ],
  ["container: empty security", container({ securityContext: {} })],
  ["container: empty capabilities", container({ securityContext: { capabilities: {} } })],
  [
    "container: HTTP probe with zeros",
    container({
      livenessProbe: {
        httpGet: { port: 80, path: "", scheme: "", httpHeaders: [] },
        initialDelaySeconds: 0,
        timeoutSeconds: 0,
        periodSeconds: 0,
        failureThreshold: 0,
        successThreshold: 0,
      },
    }),
  ],
  [
    "container: null headers",
    container({ readinessProbe: { httpGet: { port: "http", httpHeaders: null, host: "" } } }),
  ],
  [
    "container: other probes",
    container({
      livenessProbe: { grpc: { port: 1 } },
      readinessProbe: { exec: { command: ["a"] } },
      startupProbe: { tcpSocket: { port: 1 } },
    }),
  ],
  [
    "container: grpc service",
    container({ livenessProbe: { grpc: { port: 1, service: "" }, terminationGracePeriodSeconds: 1 } }),
  ],
  [
    "container: lifecycle",
    container({ lifecycle: { preStop: { httpGet: { port: 1 } }, postStart: { exec: { command: ["a"] } } } }),
  ],
  [
    "container: ports",
    container({
      ports: [
        { containerPort: 80, hostPort: 0, name: "" },
        { containerPort: 80, protocol: "UDP" },
        { containerPort: 81, protocol: "" },
      ],
    }),
  ],
  [
    "container: mounts",
    deployment({
      volumes: [{ name: "v" }],
      containers: [
        {
          ...c,
          volumeMounts: [
            { name: "v", mountPath: "/a", readOnly: false, subPath: "" },
            { name: "v", mountPath: "/b", mountPropagation: "None" },
          ],
        },
      ],
    }),
  ],
  [
    "container: quantities",
    container({
      resources: {
        limits: { cpu: "0.0005", memory: "1e3", "ephemeral-storage": "0.1Gi" },
        requests: { cpu: "0.1m", memory: "0.1k" },
      },
    }),
  ],
  ["init container that stays", deployment({ initContainers: [{ ...c, name: "i", restartPolicy: "Always" }] })],
  ["container: resize", container({ resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }] })],
];

const volumeRows: readonly Row[] = [
  ["volume: none", volume({})],
  ["volume: null source", volume({ emptyDir: null })],
  ["volume: emptyDir", volume({ emptyDir: {} })],
  ["volume: emptyDir with size", volume({ emptyDir: { medium: "", sizeLimit: "1024Mi" } })],
  ["volume: hostPath", volume({ hostPath: { path: "/a" } })],
  ["volume: hostPath of a type", volume({ hostPath: { path: "/a", type: "Directory" } })],
  ["volume: secret", volume({ secret: { secretName: "s", items: [], optional: false } })],
  [
    "volume: secret of mode 0",
    volume({ secret: { secretName: "s", defaultMode: 0, items: [{ key: "k", path: "p", mode: 0 }] } }),
  ],
  ["volume: configMap", volume({ configMap: { name: "m" } })],
  [
    "volume: downwardAPI",
    volume({ downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] } }),
  ],
  [
    "volume: projected",
    volume({
      projected: {
        sources: [
          { serviceAccountToken: { path: "t" } },
          { configMap: { name: "m" } },
          { secret: { name: "s" } },
          { downwardAPI: { items: [{ path: "p", resourceFieldRef: { resource: "limits.cpu", containerName: "c" } }] } },
        ],
      },
    }),
  ],
  ["volume: claim", volume({ persistentVolumeClaim: { claimName: "p", readOnly: false } })],
  [
    "volume: ephemeral",
    volume({
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
      },
    }),
  ],
  ["volume: csi", volume({ csi: { driver: "d", readOnly: false } })],
  ["volume: nfs", volume({ nfs: { server: "s", path: "/", readOnly: false } })],
  ["volume: iscsi", volume({ iscsi: { targetPortal: "1.2.3.4", iqn: "iqn.2001-04.com.example:a", lun: 0 } })],
  ["volume: rbd", volume({ rbd: { monitors: ["m"], image: "i" } })],
  ["volume: azureDisk", volume({ azureDisk: { diskName: "d", diskURI: "https://b.blob.core.windows.net/v/d.vhd" } })],
  ["volume: scaleIO", volume({ scaleIO: { gateway: "g", system: "s", secretRef: { name: "n" }, volumeName: "v" } })],
  ["volume: image", volume({ image: { reference: "a/b:1" } })],
  ["volume: fc", volume({ fc: { targetWWNs: ["a"], lun: 0 } })],
];

const workloadRows: readonly Row[] = [
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
];

const coreRows: readonly Row[] = [
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
];

const clusterRows: readonly Row[] = [
  ["NetworkPolicy: least", networkPolicy({})],
  ["NetworkPolicy: no ingress", networkPolicy({ ingress: [] })],
  ["NetworkPolicy: all ingress", networkPolicy({ ingress: [{}] })],
  ["NetworkPolicy: egress", networkPolicy({ egress: [{ ports: [{ port: 53 }] }] })],
  ["NetworkPolicy: no egress", networkPolicy({ egress: [] })],
  ["NetworkPolicy: empty types", networkPolicy({ policyTypes: [], egress: [{}] })],
  [
    "NetworkPolicy: peers",
    networkPolicy({ ingress: [{ from: [], ports: [] }, { from: [{ podSelector: {} }, { namespaceSelector: {} }] }] }),
  ],
  [
    "NetworkPolicy: ports",
    networkPolicy({ ingress: [{ ports: [{}, { port: "http" }, { protocol: "UDP", port: 1, endPort: 2 }] }] }),
  ],
  [
    "Ingress: least",
    make("networking.k8s.io/v1", "Ingress", {
      spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } },
    }),
  ],
  [
    "Ingress: rules",
    make("networking.k8s.io/v1", "Ingress", {
      spec: {
        ingressClassName: "c",
        rules: [
          {
            host: "",
            http: {
              paths: [
                {
                  path: "",
                  pathType: "ImplementationSpecific",
                  backend: { service: { name: "s", port: { name: "p", number: 0 } } },
                },
              ],
            },
          },
        ],
        tls: [{ hosts: [], secretName: "" }],
      },
    }),
  ],
  [
    "IngressClass: parameters",
    make("networking.k8s.io/v1", "IngressClass", {
      spec: { controller: "a.com/b", parameters: { kind: "K", name: "n" } },
    }),
  ],
  ["Role: no rules", make("rbac.authorization.k8s.io/v1", "Role", { rules: [] })],
  [
    "Role: rules",
    make("rbac.authorization.k8s.io/v1", "Role", {
      rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: [], verbs: ["get"] }],
    }),
  ],
  ["ClusterRole: null rules", make("rbac.authorization.k8s.io/v1", "ClusterRole", { rules: null })],
  [
    "ClusterRole: aggregated",
    make("rbac.authorization.k8s.io/v1", "ClusterRole", {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
    }),
  ],
  [
    "RoleBinding: subjects",
    make("rbac.authorization.k8s.io/v1", "RoleBinding", {
      roleRef: { kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "u" },
        { kind: "Group", name: "g" },
        { kind: "ServiceAccount", name: "s", namespace: "n", apiGroup: "" },
      ],
    }),
  ],
  [
    "RoleBinding: nobody",
    make("rbac.authorization.k8s.io/v1", "RoleBinding", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [],
    }),
  ],
  ["webhook: validating", webhook("Validating")],
  ["webhook: mutating", webhook("Mutating", { failurePolicy: "Ignore", namespaceSelector: { matchLabels: {} } })],
  ["webhook: by URL", webhook("Mutating", { clientConfig: { url: "https://a.example.com" }, matchConditions: [] })],
  [
    "ValidatingAdmissionPolicy: least",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [{ expression: "true" }],
      },
    }),
  ],
  [
    "ValidatingAdmissionPolicyBinding: least",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {
      spec: { policyName: "p", validationActions: ["Deny"], matchResources: {} },
    }),
  ],
  [
    "CustomResourceDefinition: least",
    make(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      {
        spec: {
          group: "example.com",
          names: { plural: "things", kind: "Thing" },
          scope: "Namespaced",
          preserveUnknownFields: false,
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              deprecated: false,
              additionalPrinterColumns: [],
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  description: "",
                  properties: {
                    a: { type: "object", additionalProperties: { type: "string", description: "" }, required: [] },
                    b: { type: "array", items: { type: "integer", minimum: 0, default: 0 } },
                    c: { type: "boolean", nullable: false, default: false },
                  },
                },
              },
              subresources: { status: {} },
            },
          ],
        },
        status: { acceptedNames: { kind: "", plural: "" }, conditions: [], storedVersions: [] },
      },
      "things.example.com",
    ),
  ],
  [
    "APIService: least",
    make(
      "apiregistration.k8s.io/v1",
      "APIService",
      {
        spec: {
          group: "g.example.com",
          version: "v1",
          groupPriorityMinimum: 1,
          versionPriority: 1,
          insecureSkipTLSVerify: false,
          service: { name: "s", namespace: "n" },
          caBundle: "YQ==",
        },
      },
      "v1.g.example.com",
    ),
  ],
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
    "ResourceClaim: exactly",
    make("resource.k8s.io/v1", "ResourceClaim", {
      spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] } },
    }),
  ],
  [
    "ResourceClaim: first available",
    make("resource.k8s.io/v1", "ResourceClaimTemplate", {
      spec: {
        spec: {
          devices: {
            requests: [{ name: "r", firstAvailable: [{ name: "s", deviceClassName: "c", allocationMode: "All" }] }],
          },
        },
      },
    }),
  ],
  [
    "ControllerRevision: data",
    make("apps/v1", "ControllerRevision", { revision: 0, data: { a: {}, b: [], c: "", d: 0, e: null } }),
  ],
];

/** Name of the case, and the object as a file would have it. */
export const builtInObjects: readonly Row[] = [...podRows, ...volumeRows, ...workloadRows, ...coreRows, ...clusterRows];

/** Watch lines of four kinds, as a real API server sends them: with defaults, status, managed fields. */

export interface LineOptions {
  /** Raises the resourceVersion and what a heartbeat changes. */
  readonly beat: number;
  /** Containers have names of their own. */
  readonly own: boolean;
}

interface Part {
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: object;
  readonly content: object;
  readonly status?: object;
  readonly statusFields?: object;
}

function deployment(at: number, { beat, own }: LineOptions): Part {
  const name = `app-${at}`;
  const container = own ? `c-${at}` : "app";
  const time = new Date(1_790_000_000_000 + beat * 60_000).toISOString().replace(".000", "");
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    fields: {
      "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
      "f:spec": {
        "f:progressDeadlineSeconds": {},
        "f:replicas": {},
        "f:revisionHistoryLimit": {},
        "f:selector": {},
        "f:strategy": {
          "f:rollingUpdate": { ".": {}, "f:maxSurge": {}, "f:maxUnavailable": {} },
          "f:type": {},
        },
        "f:template": {
          "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
          "f:spec": {
            "f:containers": {
              [`k:{"name":"${container}"}`]: {
                ".": {},
                "f:env": { ".": {}, 'k:{"name":"LEVEL"}': { ".": {}, "f:name": {}, "f:value": {} } },
                "f:image": {},
                "f:imagePullPolicy": {},
                "f:name": {},
                "f:ports": {
                  ".": {},
                  'k:{"containerPort":8080,"protocol":"TCP"}': {
                    ".": {},
                    "f:containerPort": {},
                    "f:name": {},
                    "f:protocol": {},
                  },
                },
                "f:resources": {
                  ".": {},
                  "f:limits": { ".": {}, "f:memory": {} },
                  "f:requests": { ".": {}, "f:cpu": {}, "f:memory": {} },
                },
                "f:terminationMessagePath": {},
                "f:terminationMessagePolicy": {},
              },
            },
            "f:dnsPolicy": {},
            "f:restartPolicy": {},
            "f:schedulerName": {},
            "f:securityContext": {},
            "f:terminationGracePeriodSeconds": {},
          },
        },
      },
    },
    statusFields: {
      "f:metadata": { "f:annotations": { ".": {}, "f:deployment.kubernetes.io/revision": {} } },
      "f:status": {
        "f:conditions": {
          ".": {},
          'k:{"type":"Available"}': {
            ".": {},
            "f:lastTransitionTime": {},
            "f:lastUpdateTime": {},
            "f:message": {},
            "f:reason": {},
            "f:status": {},
            "f:type": {},
          },
        },
        "f:observedGeneration": {},
      },
    },
    content: {
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [
              {
                name: container,
                image: `registry.example/app:${at}`,
                ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
                env: [{ name: "LEVEL", value: "info" }],
                resources: { limits: { memory: "128Mi" }, requests: { cpu: "100m", memory: "64Mi" } },
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
                imagePullPolicy: "IfNotPresent",
              },
            ],
            restartPolicy: "Always",
            terminationGracePeriodSeconds: 30,
            dnsPolicy: "ClusterFirst",
            securityContext: {},
            schedulerName: "default-scheduler",
          },
        },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
    },
    status: {
      observedGeneration: 1,
      conditions: [
        {
          type: "Available",
          status: "True",
          lastUpdateTime: time,
          lastTransitionTime: "2026-09-21T13:33:20Z",
          reason: "MinimumReplicasAvailable",
          message: "Deployment has minimum availability.",
        },
      ],
    },
  };
}

function service(at: number): Part {
  const clusterIP = `10.${(at >> 16) % 256}.${(at >> 8) % 256}.${at % 256}`;
  return {
    apiVersion: "v1",
    kind: "Service",
    fields: {
      "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
      "f:spec": {
        "f:internalTrafficPolicy": {},
        "f:ports": {
          ".": {},
          'k:{"port":80,"protocol":"TCP"}': {
            ".": {},
            "f:name": {},
            "f:port": {},
            "f:protocol": {},
            "f:targetPort": {},
          },
        },
        "f:selector": {},
        "f:sessionAffinity": {},
        "f:type": {},
      },
    },
    content: {
      spec: {
        ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: "http" }],
        selector: { app: `app-${at}` },
        clusterIP,
        clusterIPs: [clusterIP],
        type: "ClusterIP",
        sessionAffinity: "None",
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        internalTrafficPolicy: "Cluster",
      },
    },
    status: { loadBalancer: {} },
  };
}

function ingress(at: number): Part {
  const backend = { service: { name: `app-${at}`, port: { name: "http" } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    fields: { "f:metadata": { "f:labels": { ".": {}, "f:app": {} } }, "f:spec": { "f:rules": {} } },
    content: {
      spec: { rules: [{ host: `app-${at}.example`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
    },
    status: { loadBalancer: {} },
  };
}

function configMap(): Part {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: {
      "f:data": { ".": {}, "f:config": {}, "f:level": {} },
      "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
    },
    content: { data: { config: "x".repeat(800), level: "info" } },
  };
}

function partOf(at: number, options: LineOptions): Part {
  switch (at % 4) {
    case 0:
      return deployment(at, options);
    case 1:
      return service(at);
    case 2:
      return configMap();
    default:
      return ingress(at);
  }
}

export function lineOf(at: number, options: LineOptions): Buffer {
  const { apiVersion, kind, fields, statusFields, content, status } = partOf(at, options);
  const second = (base: number): string => new Date(base).toISOString().replace(/\.\d+/, "");
  const made = second(1_790_000_000_000 + Math.floor(at / 40) * 1_000);
  const entry = { operation: "Update", apiVersion, fieldsType: "FieldsV1" };
  const managedFields = [
    { manager: "deployer", ...entry, time: made, fieldsV1: fields },
    ...(statusFields === undefined
      ? []
      : [
          {
            manager: "kube-controller-manager",
            ...entry,
            time: second(1_790_000_100_000 + at + options.beat * 60_000),
            fieldsV1: statusFields,
            subresource: "status",
          },
        ]),
  ];
  const hex = at.toString(16).padStart(12, "0");
  const metadata = {
    name: `app-${at}`,
    namespace: `bench-${at % 10}`,
    uid: `8f14e45f-ceea-467f-a3c2-${hex}`,
    resourceVersion: String(1_000 + at + options.beat * 1_000_000),
    generation: 1,
    creationTimestamp: made,
    labels: { app: `app-${at}` },
    ...(statusFields === undefined ? {} : { annotations: { "deployment.kubernetes.io/revision": "1" } }),
    managedFields,
  };
  const object = { kind, apiVersion, metadata, ...content, ...(status === undefined ? {} : { status }) };
  return Buffer.from(JSON.stringify({ type: "MODIFIED", object }));
}

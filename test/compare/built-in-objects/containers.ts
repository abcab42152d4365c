/** Containers: images, environments, probes, ports, security, amounts. */
import { c, container, deployment, make, type Row } from "./make.ts";

export const containerObjects: readonly Row[] = [
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

  [
    "container: HTTP headers, a sleep, a signal",
    deployment({
      os: { name: "linux" },
      containers: [
        {
          ...c,
          livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "A", value: "" }] } },
          lifecycle: {
            postStart: { httpGet: { port: 80, httpHeaders: [{ name: "A", value: "" }] } },
            preStop: { sleep: { seconds: 1 } },
            stopSignal: "SIGTERM",
          },
        },
      ],
    }),
  ],
  ["container: a TCP hook", container({ lifecycle: { preStop: { tcpSocket: { port: 80, host: "" } } } })],
  [
    "container: restarts by exit code",
    deployment({
      containers: [
        {
          ...c,
          restartPolicy: "Never",
          restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }],
        },
      ],
    }),
  ],
  [
    "container: windows",
    container({ securityContext: { windowsOptions: { hostProcess: false, runAsUserName: "u" } } }),
  ],
  [
    "container: AppArmor",
    container({ securityContext: { appArmorProfile: { type: "Localhost", localhostProfile: "p" } } }),
  ],
  ["container: SELinux", container({ securityContext: { seLinuxOptions: { level: "s0" }, procMount: "Default" } })],
  [
    "container: devices",
    deployment({
      volumes: [{ name: "v", persistentVolumeClaim: { claimName: "p" } }],
      containers: [{ ...c, volumeDevices: [{ name: "v", devicePath: "/dev/a" }] }],
    }),
  ],
  [
    "container: env of files",
    deployment({
      volumes: [{ name: "v", emptyDir: {} }],
      containers: [
        {
          ...c,
          env: [{ name: "F", valueFrom: { fileKeyRef: { volumeName: "v", path: "p", key: "K", optional: false } } }],
        },
      ],
    }),
  ],
  [
    "Pod: containers, probes and ports outside a template",
    make("v1", "Pod", {
      spec: {
        initContainers: [{ ...c, name: "i", restartPolicy: "Always", startupProbe: { exec: { command: ["a"] } } }],
        containers: [
          {
            ...c,
            ports: [{ containerPort: 80 }],
            readinessProbe: { tcpSocket: { port: 80 } },
            env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
            envFrom: [{ secretRef: { name: "s" } }],
            lifecycle: { preStop: { exec: { command: ["a"] } } },
            securityContext: { capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    }),
  ],
];

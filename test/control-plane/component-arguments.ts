/** With which arguments each component runs. Pure: from a layout of folder and ports to argument lists. */
import path from "node:path";

export type Component = "etcd" | "kube-apiserver" | "kube-controller-manager";

export interface Layout {
  readonly folder: string;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly apiPort: number;
  /** False: etcd waits for the disk as in production. */
  readonly unsafeNoFsync: boolean;
  readonly controllerManager: boolean;
  readonly audit: boolean;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly apiServerArgs: readonly string[];
  readonly controllerManagerArgs: readonly string[];
}

/** Files of a control plane, all in its own folder. */
export function files(folder: string) {
  const at = (name: string): string => path.join(folder, name);
  return {
    etcdData: at("etcd"),
    certificates: at("certificates"),
    /** The server's certificate followed by the authority that signed it: what a client must trust. */
    ca: at("certificates/apiserver.crt"),
    tokens: at("tokens.csv"),
    serviceAccountKey: at("service-account.key"),
    kubeconfig: at("kubeconfig"),
    controllerManagerKubeconfig: at("kube-controller-manager.kubeconfig"),
    auditPolicy: at("audit-policy.json"),
    auditLog: at("audit.log"),
  };
}

/** One line per request with user, verb, object and code; no bodies. */
export const auditPolicy = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
});

function etcdArguments(layout: Layout): readonly string[] {
  const client = `http://127.0.0.1:${layout.etcdPort}`;
  const peer = `http://127.0.0.1:${layout.etcdPeerPort}`;
  return [
    `--data-dir=${files(layout.folder).etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--log-level=warn",
    ...(layout.unsafeNoFsync ? ["--unsafe-no-fsync"] : []),
  ];
}

function gates(featureGates: Readonly<Record<string, boolean>>): readonly string[] {
  const list = Object.entries(featureGates).map(([name, on]) => `${name}=${on}`);
  return list.length === 0 ? [] : [`--feature-gates=${list.join(",")}`];
}

function apiServerArguments(layout: Layout): readonly string[] {
  const at = files(layout.folder);
  return [
    `--etcd-servers=http://127.0.0.1:${layout.etcdPort}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${layout.apiPort}`,
    `--cert-dir=${at.certificates}`,
    "--authorization-mode=RBAC",
    `--token-auth-file=${at.tokens}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${at.serviceAccountKey}`,
    `--service-account-signing-key-file=${at.serviceAccountKey}`,
    "--service-cluster-ip-range=10.0.0.0/16",
    "--endpoint-reconciler-type=none",
    "--allow-privileged",
    // Without a controller manager no namespace gets its default ServiceAccount, and no Pod would be let in.
    ...(layout.controllerManager ? [] : ["--disable-admission-plugins=ServiceAccount"]),
    ...(layout.audit ? [`--audit-policy-file=${at.auditPolicy}`, `--audit-log-path=${at.auditLog}`] : []),
    ...gates(layout.featureGates),
    ...layout.apiServerArgs,
  ];
}

function controllerManagerArguments(layout: Layout): readonly string[] {
  const at = files(layout.folder);
  return [
    `--kubeconfig=${at.controllerManagerKubeconfig}`,
    "--leader-elect=false",
    // As kubeadm does: each controller acts as its own ServiceAccount.
    "--use-service-account-credentials",
    `--service-account-private-key-file=${at.serviceAccountKey}`,
    `--root-ca-file=${at.ca}`,
    "--secure-port=0",
    // Suites make many objects at once; the default of 20 requests a second would be what they wait for.
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    ...layout.controllerManagerArgs,
  ];
}

export function componentArguments(component: Component, layout: Layout): readonly string[] {
  switch (component) {
    case "etcd":
      return etcdArguments(layout);
    case "kube-apiserver":
      return apiServerArguments(layout);
    case "kube-controller-manager":
      return controllerManagerArguments(layout);
  }
}

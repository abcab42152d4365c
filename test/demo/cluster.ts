/**
 * The cluster that the demo plays in: a control plane of its own, or a context of the user's kubeconfig. The same few
 * things can be done in both.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { openCluster } from "../../src/cli/cluster-access.ts";
import { exec } from "../../src/runtime/exec.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";
import type { Cluster } from "../e2e/operator.ts";

export interface DemoCluster extends Cluster {
  /** What it is, for a person. */
  readonly name: string;
  /** One raw request; throws with the server's words where it is refused. */
  request(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    options?: { body?: unknown; contentType?: string },
  ): Promise<unknown>;
  /** True where nothing outlives the demo, so nothing has to be cleaned up. */
  readonly disposable: boolean;
  close(): Promise<void>;
}

const parse = (text: string): unknown => (text === "" ? undefined : JSON.parse(text));

export async function ownCluster(): Promise<DemoCluster> {
  const plane = await startControlPlane({
    controllerManager: true,
    controllerManagerArgs: ["--horizontal-pod-autoscaler-sync-period=1s"],
  });
  return {
    kubeconfigPath: plane.kubeconfigPath,
    kubectl: (args, input) => plane.kubectl(args, input),
    tokenFor: (namespace, account) => plane.tokenFor(namespace, account),
    writeKubeconfig: (name, token, namespace) => plane.writeKubeconfig(name, token, namespace),
    name: `etcd, kube-apiserver and kube-controller-manager ${plane.version}, started here`,
    disposable: true,
    async request(method, pathname, options = {}) {
      const answer = await plane.request(method, pathname, options);
      if (answer.status > 299) throw new Error(`${method} ${pathname}: ${answer.text}`);
      return parse(answer.text);
    },
    close: () => plane.stop(),
  };
}

/** @throws Error where the context does not exist or does not answer */
export async function contextCluster(context: string): Promise<DemoCluster> {
  const cluster = await openCluster({ context });
  const { kubectl: binary } = await ensureBinaries(["kubectl"]);
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-demo-"));
  const kubeconfigPath = process.env["KUBECONFIG"] ?? path.join(homedir(), ".kube/config");
  const access = await cluster.credentials.access();
  const request: DemoCluster["request"] = async (method, pathname, options = {}) => {
    const [head = "", query = ""] = pathname.split("?");
    const answer = await cluster.transport.request({
      method,
      path: head,
      query: Object.fromEntries(new URLSearchParams(query)),
      verb: method.toLowerCase(),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      headers: { "content-type": options.contentType ?? "application/json" },
    });
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${pathname}: ${answer.text}`);
    return parse(answer.text);
  };
  return {
    kubeconfigPath,
    context,
    name: `context ${context}`,
    disposable: false,
    request,
    async kubectl(args, input) {
      const ran = await exec(binary, [...args, "--context", context], {
        cwd: folder,
        env: { KUBECONFIG: kubeconfigPath, HOME: homedir(), PATH: process.env["PATH"] ?? "" },
        timeout: 60_000,
        maxOutput: 16 * 1024 * 1024,
        ...(input === undefined ? {} : { input }),
      });
      return { code: ran.code, stdout: ran.stdout.toString("utf8"), stderr: ran.stderr };
    },
    async tokenFor(namespace, account) {
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
      const made = await request("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, { body });
      return (made as { status: { token: string } }).status.token;
    },
    writeKubeconfig(name, token) {
      const file = path.join(folder, name);
      const server = {
        server: access.origin + access.basePath,
        ...(access.tls.ca === undefined
          ? {}
          : { "certificate-authority-data": Buffer.from(access.tls.ca).toString("base64") }),
        ...(access.tls.rejectUnauthorized === false ? { "insecure-skip-tls-verify": true } : {}),
      };
      const config = {
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "demo", cluster: server }],
        users: [{ name: "demo", user: { token } }],
        contexts: [{ name: "demo", context: { cluster: "demo", user: "demo" } }],
        "current-context": "demo",
      };
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
      return file;
    },
    async close() {
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

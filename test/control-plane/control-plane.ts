/**
 * A real control plane of its own for each suite: etcd, kube-apiserver and, on request, kube-controller-manager, on
 * free ports of 127.0.0.1. It dies with the process that started it, even by SIGKILL, and leaves nothing behind.
 * No nodes, no scheduler: Pods are made and stay Pending.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { exec } from "../../src/runtime/exec.ts";
import { apiRequest, type RawAnswer } from "./api-request.ts";
import { ensureBinaries } from "./binaries.ts";
import { auditPolicy, componentArguments, files, type Component, type Layout } from "./component-arguments.ts";
import { freePort } from "./ports.ts";
import { Supervised } from "./supervised.ts";

export type { Component } from "./component-arguments.ts";

export interface ControlPlaneOptions {
  /** Minor of the server, `1.36` unless told; or PLUMBLINE_SERVER. */
  readonly server?: string;
  readonly controllerManager?: boolean;
  /** Writes an audit line per request to `auditLogPath`. */
  readonly audit?: boolean;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly apiServerArgs?: readonly string[];
  readonly controllerManagerArgs?: readonly string[];
  /** True unless told: etcd does not wait for the disk. A killed process loses nothing by it, a killed machine would. */
  readonly unsafeNoFsync?: boolean;
}

export interface KubectlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RequestOptions {
  /** Sent as JSON, or as it is where it is a string. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** The admin's unless told. */
  readonly token?: string;
}

export interface ControlPlane {
  readonly url: string;
  readonly caFile: string;
  /** PEM. */
  readonly caData: string;
  /** Of user `admin`, group `system:masters`. */
  readonly adminToken: string;
  /** For the admin. */
  readonly kubeconfigPath: string;
  /** Full version of the server. */
  readonly version: string;
  /** Removed on stop. */
  readonly folder: string;
  /** JSON lines; empty until the first request, absent without the option. */
  readonly auditLogPath?: string;
  /** A bound token of an existing ServiceAccount, through the TokenRequest API; valid for an hour. */
  tokenFor(namespace: string, serviceAccount: string): Promise<string>;
  /** `env`: beside KUBECONFIG, HOME and PATH. */
  kubectl(args: readonly string[], input?: string, env?: Readonly<Record<string, string>>): Promise<KubectlResult>;
  /** One raw request, `path` with its leading slash. */
  request(method: string, path: string, options?: RequestOptions): Promise<RawAnswer>;
  /** A kubeconfig for some token, written into the folder; its path. */
  writeKubeconfig(name: string, token: string, namespace?: string): string;
  /** SIGKILL unless told. Resolves when the process is gone; SIGSTOP and SIGCONT resolve at once. */
  kill(component: Component, signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts it again (killing it first where it runs) with the same ports and data. Resolves when it answers; a
   * controller manager takes a moment more until its controllers are at work.
   */
  restart(component: Component): Promise<void>;
  pidOf(component: Component): number | undefined;
  /** The last lines of a component's log. */
  log(component: Component, lines?: number): string;
  stop(): Promise<void>;
}

const READY_WITHIN = 90_000;

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const server = options.server ?? process.env["PLUMBLINE_SERVER"];
  const withControllers = options.controllerManager === true;
  const components: readonly Component[] = withControllers
    ? ["etcd", "kube-apiserver", "kube-controller-manager"]
    : ["etcd", "kube-apiserver"];
  const binaries = await ensureBinaries([...components, "kubectl"], server === undefined ? {} : { server });
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-control-plane-"));
  const supervised = new Supervised(folder);
  const layout: Layout = {
    folder,
    etcdPort: await freePort(),
    etcdPeerPort: await freePort(),
    apiPort: await freePort(),
    unsafeNoFsync: options.unsafeNoFsync ?? true,
    controllerManager: withControllers,
    audit: options.audit ?? false,
    featureGates: options.featureGates ?? {},
    apiServerArgs: options.apiServerArgs ?? [],
    controllerManagerArgs: options.controllerManagerArgs ?? [],
  };
  const at = files(folder);
  const url = `https://127.0.0.1:${layout.apiPort}`;
  const adminToken = randomBytes(16).toString("hex");
  const controllerToken = randomBytes(16).toString("hex");

  const caData = (): string => readFileSync(at.ca, "utf8");
  const request = (method: string, pathname: string, wanted: RequestOptions = {}): Promise<RawAnswer> => {
    const body =
      wanted.body === undefined || typeof wanted.body === "string" ? wanted.body : JSON.stringify(wanted.body);
    return apiRequest({
      url: `${url}${pathname}`,
      ca: caData(),
      token: wanted.token ?? adminToken,
      method,
      ...(body === undefined ? {} : { body }),
      ...(wanted.contentType === undefined ? {} : { contentType: wanted.contentType }),
    });
  };
  const answers = async (pathname: string): Promise<boolean> => {
    try {
      return (await request("GET", pathname)).status === 200;
    } catch {
      return false;
    }
  };
  const etcdAnswers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${layout.etcdPort}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  /** What it means for each of them to do its work. */
  const ready: Readonly<Record<Component, () => Promise<boolean>>> = {
    etcd: etcdAnswers,
    "kube-apiserver": () => answers("/readyz"),
    "kube-controller-manager": () => answers("/api/v1/namespaces/default/serviceaccounts/default"),
  };
  const run = (component: Component): void =>
    supervised.start(component, binaries[component], componentArguments(component, layout));
  const untilReady = async (component: Component): Promise<void> => {
    const deadline = performance.now() + READY_WITHIN;
    while (!(await ready[component]())) {
      supervised.assertAlive(component);
      if (performance.now() > deadline)
        throw new Error(`${component} is not ready after ${READY_WITHIN / 1000} s:\n${supervised.log(component)}`);
      await wait(25);
    }
  };
  const writeKubeconfig = (name: string, token: string, namespace?: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, JSON.stringify(kubeconfig({ url, ca: at.ca, token, namespace })), { mode: 0o600 });
    return file;
  };

  try {
    mkdirSync(at.certificates);
    writeFileSync(
      at.tokens,
      `${adminToken},admin,admin,"system:masters"\n${controllerToken},system:kube-controller-manager,controllers\n`,
      { mode: 0o600 },
    );
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(at.serviceAccountKey, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
    writeFileSync(at.auditPolicy, auditPolicy);
    // The authority lies inside the file, so these can be written before the server has made it.
    writeKubeconfig("kubeconfig", adminToken);
    writeKubeconfig("kube-controller-manager.kubeconfig", controllerToken);
    run("etcd");
    run("kube-apiserver");
    await untilReady("etcd");
    await untilReady("kube-apiserver");
    if (withControllers) {
      run("kube-controller-manager");
      await untilReady("kube-controller-manager");
    }
  } catch (error) {
    await supervised.stop();
    throw error;
  }

  return {
    url,
    caFile: at.ca,
    caData: caData(),
    adminToken,
    kubeconfigPath: at.kubeconfig,
    version: await readVersion(request),
    folder,
    ...(layout.audit ? { auditLogPath: at.auditLog } : {}),
    request,
    writeKubeconfig,
    async tokenFor(namespace, serviceAccount) {
      const pathname = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
      const answer = await request("POST", pathname, { body });
      if (answer.status !== 201) throw new Error(`no token for ${namespace}/${serviceAccount}: ${answer.text}`);
      return (JSON.parse(answer.text) as { status: { token: string } }).status.token;
    },
    async kubectl(args, input, more) {
      const env = { KUBECONFIG: at.kubeconfig, HOME: folder, PATH: process.env["PATH"] ?? "", ...more };
      const ran = await exec(binaries.kubectl, args, {
        cwd: process.cwd(),
        env,
        timeout: 120_000,
        maxOutput: 256 << 20,
        ...(input === undefined ? {} : { input }),
      });
      if (ran.end !== "exited") throw new Error(`kubectl ${args.join(" ")}: ${ran.error ?? ran.end}`);
      return { code: ran.code, stdout: ran.stdout.toString("utf8"), stderr: ran.stderr };
    },
    async kill(component, signal = "SIGKILL") {
      supervised.signal(component, signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await supervised.ended(component);
    },
    async restart(component) {
      if (supervised.isRunning(component)) {
        supervised.signal(component, "SIGKILL");
        await supervised.ended(component);
      }
      run(component);
      await untilReady(component);
      // The API server notices a new etcd only after a moment.
      if (component === "etcd" && supervised.isRunning("kube-apiserver")) await untilReady("kube-apiserver");
    },
    pidOf: (component) => supervised.pidOf(component),
    log: (component, lines) => supervised.log(component, lines),
    stop: () => supervised.stop(),
  };
}

interface Access {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
  readonly namespace: string | undefined;
}

/** JSON is YAML, so this is a kubeconfig as well as any. */
function kubeconfig(access: Access): unknown {
  const context = { cluster: "test", user: "test", namespace: access.namespace ?? "default" };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: access.url, "certificate-authority": access.ca } }],
    users: [{ name: "test", user: { token: access.token } }],
    contexts: [{ name: "test", context }],
    "current-context": "test",
  };
}

async function readVersion(request: ControlPlane["request"]): Promise<string> {
  const answer = await request("GET", "/version");
  return (JSON.parse(answer.text) as { gitVersion: string }).gitVersion.replace(/^v/, "");
}

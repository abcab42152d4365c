/**
 * Plumbline as a user gets it, less the container: its chart installed by the real helm, and the operator started with
 * the very args and environment of the Deployment that the chart made and with Node's flags as the image has them, as
 * its ServiceAccount, so that its RBAC is what is tested. Volumes become folders of a temporary place.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exec } from "../../src/runtime/exec.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { freePort } from "../control-plane/ports.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const chart = path.join(root, "charts/plumbline");

/** What the harness needs of a cluster; a {@link ControlPlane} is one, and so is a user's context. */
export type Cluster = Pick<ControlPlane, "kubeconfigPath" | "kubectl" | "tokenFor" | "writeKubeconfig"> & {
  readonly context?: string;
};

export interface InstallOptions {
  readonly namespace?: string;
  /** Values as `--set-json key=value`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

export const defaultNamespace = "plumbline-system";
/** As which it asks the API server there. */
export const operatorAccount = `system:serviceaccount:${defaultNamespace}:plumbline`;

/** Runs the real helm against the cluster; throws what it says where it fails. */
export async function helm(
  cluster: Pick<Cluster, "kubeconfigPath" | "context">,
  args: readonly string[],
): Promise<string> {
  const { helm: binary } = await ensureBinaries(["helm"]);
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-helm-"));
  try {
    const context = cluster.context === undefined ? [] : ["--kube-context", cluster.context];
    const ran = await exec(binary ?? "helm", [...args, ...context], {
      cwd: root,
      env: { KUBECONFIG: cluster.kubeconfigPath, HOME: home, PATH: process.env["PATH"] ?? "" },
      timeout: 120_000,
      maxOutput: 16 * 1024 * 1024,
    });
    if (ran.end !== "exited" || ran.code !== 0) throw new Error(`helm ${args.join(" ")}: ${ran.stderr}`);
    return ran.stdout.toString("utf8");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** `helm upgrade --install`, with free ports so that several can run on one machine. */
export async function installChart(cluster: Cluster, options: InstallOptions = {}): Promise<void> {
  const namespace = options.namespace ?? defaultNamespace;
  const values = { "metrics.port": await freePort(), "health.port": await freePort(), ...options.values };
  const sets = Object.entries(values).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
  await helm(cluster, [
    "upgrade",
    "--install",
    "plumbline",
    chart,
    "--namespace",
    namespace,
    "--create-namespace",
    ...sets,
  ]);
}

interface Container {
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
  readonly volumeMounts?: readonly { readonly mountPath: string }[];
}

/** Deployment or StatefulSet, whichever the chart made. */
interface Workload {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] };
    };
  };
}

export interface Operator {
  readonly metricsUrl: string;
  readonly healthUrl: string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Everything it logged so far. */
  log(): string;
  metrics(): Promise<string>;
  /** The value of one series, by name and a part of its labels; undefined where there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Resolves when `/readyz` says yes. */
  ready(within?: number): Promise<void>;
  /** Sends the signal and resolves with the exit code when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface StartOptions {
  readonly namespace?: string;
  readonly podName?: string;
  /** More arguments, after the Deployment's. */
  readonly args?: readonly string[];
  /** What is run instead of the source: the bundle, for example. */
  readonly program?: string;
  /** More flags of Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** Listens here instead, for a second replica on the same machine. */
  readonly freshPorts?: boolean;
  readonly onLog?: (line: string) => void;
}

async function readWorkload(cluster: Cluster, namespace: string): Promise<Workload> {
  const kinds = "deployment,statefulset";
  const selector = "app.kubernetes.io/name=plumbline";
  const got = await cluster.kubectl(["get", kinds, "-l", selector, "-n", namespace, "-o", "json"]);
  const [workload] = got.code === 0 ? (JSON.parse(got.stdout) as { items: Workload[] }).items : [];
  if (workload === undefined) throw new Error(`the chart made no Deployment or StatefulSet: ${got.stderr}`);
  return workload;
}

/** Paths of the container become folders of ours, and programs of the image those of this machine. */
async function translate(container: Container, folder: string): Promise<(text: string) => string> {
  const binaries = await ensureBinaries(["kustomize", "helm"]);
  const mounts = (container.volumeMounts ?? [])
    .map(({ mountPath }) => mountPath)
    .toSorted((a, b) => b.length - a.length);
  for (const mount of mounts) mkdirSync(path.join(folder, mount), { recursive: true });
  return (text) => {
    const program = /^(--(?:kustomize|helm|git)-binary=)(?:.*\/)?([a-z]+)$/.exec(text);
    if (program !== null) return `${program[1]}${binaries[program[2] as "kustomize"] ?? program[2]}`;
    for (const mount of mounts) {
      const at = text.indexOf(mount);
      if (at >= 0) return text.slice(0, at) + path.join(folder, mount) + text.slice(at + mount.length);
    }
    return text;
  };
}

const portOf = (args: readonly string[], flag: string): number => {
  const found = args.find((arg) => arg.startsWith(`--${flag}=`));
  if (found === undefined) throw new Error(`the Deployment's args name no --${flag}`);
  return Number(found.slice(found.lastIndexOf(":") + 1));
};

/** What the image's entry point gives Node, and its environment to malloc. */
function imageSettings(): { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const text = readFileSync(path.join(root, "Dockerfile"), "utf8");
  const entry = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? "[]") as string[];
  const arenas = /MALLOC_ARENA_MAX=(\d+)/.exec(text)?.[1];
  return { flags: entry.slice(1, -1), env: arenas === undefined ? {} : { MALLOC_ARENA_MAX: arenas } };
}

export async function startOperator(cluster: Cluster, options: StartOptions = {}): Promise<Operator> {
  const namespace = options.namespace ?? defaultNamespace;
  const podName = options.podName ?? "plumbline-0";
  const { serviceAccountName, containers } = (await readWorkload(cluster, namespace)).spec.template.spec;
  const container = containers[0] ?? {};
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-operator-"));
  const localise = await translate(container, folder);
  const fields: Readonly<Record<string, string>> = { "metadata.namespace": namespace, "metadata.name": podName };
  const env = Object.fromEntries(
    (container.env ?? []).map((one) => [
      one.name,
      localise(one.value ?? fields[one.valueFrom?.fieldRef?.fieldPath ?? ""] ?? ""),
    ]),
  );
  const kubeconfig = cluster.writeKubeconfig(
    `${podName}.kubeconfig`,
    await cluster.tokenFor(namespace, serviceAccountName),
  );
  /** `$(NAME)` is what the kubelet puts there. */
  const expand = (text: string): string => text.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole);
  let args = [...(container.args ?? []).map((arg) => localise(expand(arg))), ...(options.args ?? [])];
  if (options.freshPorts === true) {
    const fresh = { "metrics-address": await freePort(), "health-address": await freePort() };
    args = args.map((arg) =>
      arg.replace(
        /^(--(metrics-address|health-address)=.*:)\d+$/,
        (_, head: string, flag: keyof typeof fresh) => `${head}${fresh[flag]}`,
      ),
    );
  }
  const image = imageSettings();
  const program = options.program ?? path.join(root, "src/cli/plumbline.ts");
  const child = spawn(process.execPath, [...image.flags, ...(options.nodeFlags ?? []), program, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", ...image.env, ...env, PLUMBLINE_KUBECONFIG: kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The operator must not outlive a test run that is stopped.
  const killChild = (): void => void child.kill("SIGKILL");
  process.once("exit", killChild);
  let log = "";
  const collect = (chunk: Buffer): void => {
    log += chunk.toString("utf8");
    if (options.onLog !== undefined)
      for (const line of chunk.toString("utf8").split("\n")) if (line !== "") options.onLog(line);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const gone = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      process.off("exit", killChild);
      rmSync(folder, { recursive: true, force: true });
      resolve(code);
    });
  });
  const metricsUrl = `http://127.0.0.1:${portOf(args, "metrics-address")}/metrics`;
  const healthUrl = `http://127.0.0.1:${portOf(args, "health-address")}`;
  const metrics = async (): Promise<string> => (await fetch(metricsUrl)).text();

  return {
    metricsUrl,
    healthUrl,
    pid: child.pid ?? -1,
    process: child,
    log: () => log,
    metrics,
    async metric(name, labels = {}) {
      return readMetric(await metrics(), name, labels);
    },
    async ready(within = 60_000) {
      const deadline = performance.now() + within;
      for (;;) {
        if (child.exitCode !== null) throw new Error(`the operator ended with ${child.exitCode}:\n${log}`);
        const said = await fetch(`${healthUrl}/readyz`).then(
          ({ ok, status }) => (ok ? undefined : `answers ${status}`),
          (error: Error) => `cannot be asked: ${String(error.cause ?? error)}`,
        );
        if (said === undefined) return;
        if (performance.now() > deadline)
          throw new Error(`the operator is not ready after ${within} ms (/readyz ${said}):\n${log}`);
        await wait(20);
      }
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return gone;
    },
  };
}

/** Sum of the series of that name whose labels include the given ones; undefined where there is none. */
export function readMetric(text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  let sum: number | undefined;
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)/.exec(line);
    if (match?.[1] !== name) continue;
    const wanted = Object.entries(labels).every(([key, value]) => `,${match[2] ?? ""}`.includes(`,${key}="${value}"`));
    if (wanted) sum = (sum ?? 0) + Number(match[3]);
  }
  return sum;
}

/** Asks until the answer is what is wanted; throws with the last answer where it never is. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  options: { readonly within?: number; readonly every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.within ?? 45_000);
  let failure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const why = failure instanceof Error ? `: ${failure.message}` : "";
      throw new Error(`never came true: ${what}${why}`);
    }
    await wait(options.every ?? 20);
  }
}

/** Started with moved-clock.ts: its clock moves, and has moved when this ends. */
export async function moveClock(operator: Operator): Promise<void> {
  const moves = (): number => operator.log().split('"clock moved"').length;
  const before = moves();
  operator.process.kill("SIGUSR2");
  await eventually("its clock moved", () => moves() > before);
}

/** Killed, the one before left its Lease to run out. */
export async function untilLeads(operator: Operator, within = 60_000): Promise<void> {
  const leads = async (): Promise<true | undefined> =>
    (await operator.metric("leader_election_master_status")) === 1 || undefined;
  await eventually("it leads", leads, { within });
}

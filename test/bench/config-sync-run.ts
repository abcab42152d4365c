/**
 * Config Sync's reconciler beside the operator, as its manager would start it: its own RootSync, its defaults, a folder
 * in the place of what git-sync checks out. The executable and its CRDs come from outside the project. Never builds it.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { getIn, getString, isArray, parseJson } from "../../src/model/json.ts";
import { filePath, filesOf, namespaceNames, perFile } from "./manifests.ts";
import { memoryOf, type Memory } from "./process-figures.ts";
import type { World } from "./world.ts";

const NAMESPACE = "config-management-system";
const SYNC = "root-sync";
/** Milliseconds after which a start is given up: more than its own patience with objects, which is five minutes. */
const PATIENCE = 400_000;
const END_PATIENCE = 30_000;
/** Characters of its log that are kept. */
const LOG = 1_000_000;
/** Milliseconds between two looks at the Deployments. */
const LOOK = 500;

/** What it is given. */
export interface Given {
  readonly reconciler: string;
  readonly objects: number;
  readonly kubeconfig: string;
  /** Stands for the Pod's volume. */
  readonly folder: string;
}

export interface ReconcilerRun {
  /** Seconds from the process being made to its first look at the source: it waits for its polling interval. */
  readonly waited: number;
  /** Seconds from that look until it said that everything is applied. */
  readonly synced: number;
  memory(): Memory;
  stop(): Promise<void>;
}

async function apply(world: World, items: readonly unknown[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const { code, stderr } = await world.plane.kubectl(["apply", "-f", "-"], list);
  if (code !== 0) throw new Error(stderr);
}

/** Says of every Deployment that the newest of it is available, where that is not said yet. */
async function settleDeployments(world: World): Promise<void> {
  const condition = (type: string, reason: string) => ({ type, status: "True", reason });
  const conditions = [
    condition("Available", "MinimumReplicasAvailable"),
    condition("Progressing", "NewReplicaSetAvailable"),
  ];
  const contentType = "application/merge-patch+json";
  const { text } = await world.plane.request("GET", "/apis/apps/v1/deployments");
  const items = getIn(parseJson(text), "items");
  for (const item of isArray(items) ? items : []) {
    const observedGeneration = getIn(item, "metadata", "generation");
    if (getIn(item, "status", "observedGeneration") === observedGeneration) continue;
    const [namespace, name] = [getString(item, "metadata", "namespace"), getString(item, "metadata", "name")];
    const pathname = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`;
    const body = { status: { observedGeneration, conditions } };
    const answer = await world.plane.request("PATCH", pathname, { body, contentType });
    if (answer.status !== 200) throw new Error(`${pathname}: ${answer.status} ${answer.text.slice(0, 400)}`);
  }
}

/**
 * In the place of a controller-manager while something is done: without one the reconciler waits for the Deployments, of
 * which its annotations make a new generation, and puts nothing back meanwhile.
 */
export async function withDeploymentsSettled<T>(world: World, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const settling = (async () => {
    while (!done.signal.aborted) {
      await settleDeployments(world);
      await wait(LOOK);
    }
  })();
  // Told below, when the work has come to its end.
  settling.catch(() => {});
  try {
    return await work;
  } finally {
    done.abort();
    await settling;
  }
}

/** The first files of the repository and their namespaces, which it wants declared, under the name of the commit. */
function checkOut(world: World, folder: string, most: number): number {
  const source = path.join(folder, "source");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, "hydrated"), { recursive: true });
  mkdirSync(path.join(folder, "signals"));
  const files = Math.min(filesOf(world.objects), Math.ceil(most / perFile));
  for (let file = 0; file < files; file += 1) {
    const from = filePath(file, world.shape);
    const to = path.join(source, world.commit, from);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(path.join(world.repository, from), to);
  }
  const namespaces = namespaceNames(world.shape).map((name) =>
    JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
  );
  writeFileSync(path.join(source, world.commit, "namespaces.yaml"), `${namespaces.join("\n---\n")}\n`);
  symlinkSync(world.commit, path.join(source, "rev"));
  return Math.min(world.objects, files * perFile);
}

/** @param place with the executable `reconciler` and its CRDs in `crds` @throws where they are not there */
export async function furnishConfigSync(world: World, place: string, most: number): Promise<Given> {
  const reconciler = path.join(place, "reconciler");
  const crds = path.join(place, "crds");
  for (const needed of [reconciler, crds]) if (!existsSync(needed)) throw new Error(`no ${needed}`);
  for (const args of [
    ["apply", "--server-side", "-f", crds],
    ["wait", "--for=condition=Established", "--timeout=60s", "-f", crds],
  ]) {
    const { code, stderr } = await world.plane.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  }
  const folder = path.join(world.plane.folder, "config-sync");
  const objects = checkOut(world, folder, most);
  await apply(world, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }]);
  await apply(world, [
    {
      apiVersion: "configsync.gke.io/v1beta1",
      kind: "RootSync",
      metadata: { name: SYNC, namespace: NAMESPACE },
      spec: {
        sourceFormat: "unstructured",
        sourceType: "git",
        git: { repo: `file://${world.repository}`, branch: "main", dir: "/", auth: "none" },
      },
    },
  ]);
  return { reconciler, objects, kubeconfig: await world.peerKubeconfig(), folder };
}

/** What its manager hands it where a RootSync says no more than where the source is. */
function argumentsFor(world: World, { folder }: Given): readonly string[] {
  return [
    "--scope=:root",
    `--sync-name=${SYNC}`,
    "--reconciler-name=root-reconciler",
    "--cluster-name=bench",
    "--source-type=git",
    `--source-repo=file://${world.repository}`,
    "--source-branch=main",
    "--source-rev=HEAD",
    "--sync-dir=/",
    "--source-format=unstructured",
    `--repo-root=${folder}`,
    `--source-dir=${path.join(folder, "source", "rev")}`,
    `--hydrated-root=${path.join(folder, "hydrated")}`,
    `--reconciler-signals=${path.join(folder, "signals")}`,
    "--status-mode=enabled",
    "--reconcile-timeout=5m",
    "--api-server-timeout=15s",
  ];
}

/** @throws where it ends, or does not come to the end of its work */
export async function startReconciler(world: World, given: Given): Promise<ReconcilerRun> {
  const started = performance.now();
  const child = spawn(given.reconciler, argumentsFor(world, given), {
    env: { KUBECONFIG: given.kubeconfig, HOME: given.folder, PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", kill);
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(kill, END_PATIENCE);
    await ended;
    clearTimeout(timer);
  };
  let log = "";
  let waited: number | undefined;
  const said = new Promise<number>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString("utf8")).slice(-LOG);
      const seconds = (performance.now() - started) / 1000;
      if (log.includes("Starting sync attempt")) waited ??= seconds;
      // Its own word for it; the status of the RootSync says the same only seconds later, and of a restart nothing.
      if (log.includes("Applier succeeded")) resolve(seconds);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE)));
  const synced = await Promise.race([said, ended, late]);
  clearTimeout(timer);
  if (typeof synced !== "number") {
    await stop();
    throw new Error(`Config Sync's reconciler did not apply everything: ${log.slice(-4_000)}`);
  }
  const pid = child.pid ?? 0;
  return { waited: waited ?? 0, synced: synced - (waited ?? 0), memory: () => memoryOf(pid), stop };
}

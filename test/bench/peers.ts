/**
 * The peers' figures: `kubectl diff` as it is run beside us, and constants of those that are not. The constants are of
 * Argo CD v3.5.7, Flux (kustomize-controller v1.9.5) and Config Sync on a real kube-apiserver 1.36 with 2 cores and
 * default settings, one application of N objects, measured before this suite was; absolute figures are orders. Config
 * Sync's give way to those of this session where it is run in it (config-sync-figures.ts).
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { markAudit, type Request, requestsSince } from "./audit-count.ts";
import { bodyOf, filePath, filesOf, perFile } from "./manifests.ts";
import type { Peer } from "./results.ts";
import { peerUser, type World } from "./world.ts";

const before = "measured before, on a machine of this size";

export const published = {
  /** Milliseconds, live edit to seen, p50, in an application of 20 objects: its best. */
  argoDetect: { name: "Argo CD", value: 83, from: before },
  argoDetectP99: { name: "Argo CD", value: 139, from: before },
  /** Milliseconds, drift to put back. */
  configSyncHeal: { name: "Config Sync", value: 7, from: before },
  configSyncHealP99: { name: "Config Sync", value: 20, from: before },
  configSyncHealBusyP99: { name: "Config Sync", value: 474, from: before },
  configSyncHealRequests: { name: "Config Sync", value: 3, from: before },
  /** Objects a second, cold start to every verdict: its best. */
  argoStart: { name: "Argo CD", value: 274, from: before },
  /** Milliseconds of processor time for an event that means nothing. */
  configSyncEvent: { name: "Config Sync", value: 1.4, from: before },
  /** MB of its peak at 7,500 objects. */
  configSyncMemory: { name: "Config Sync, 7,500 objects", value: 705, from: before },
  argoMemory: { name: "Argo CD, 5,000 objects", value: 1_830, from: before },
  /** Milliseconds of its polling interval; what follows it is not counted. */
  configSyncPush: { name: "Config Sync, polling", value: 15_000, from: before },
  /** Of 6 edits under load. */
  configSyncMissed: { name: "Config Sync, of 6 edits", value: 3, from: before },
} as const satisfies Readonly<Record<string, Peer>>;

export interface KubectlRun {
  readonly objects: number;
  readonly seconds: number;
  /** MB, the most. */
  readonly peak: number;
  readonly requests: readonly Request[];
}

const LOOK = 5;

/** Runs `kubectl diff` over a file or folder and looks at its memory meanwhile. @throws where it fails */
async function kubectlDiff(world: World, target: string, objects: number): Promise<KubectlRun> {
  const { kubectl } = await ensureBinaries(["kubectl"]);
  const kubeconfig = await world.peerKubeconfig();
  const mark = markAudit(world.auditLog);
  const started = performance.now();
  const child = spawn(kubectl, ["diff", "--server-side", "--force-conflicts", "-R", "-f", target], {
    env: { KUBECONFIG: kubeconfig, HOME: world.plane.folder, PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString("utf8")));
  let peak = 0;
  const status = `/proc/${child.pid}/status`;
  const timer = setInterval(() => {
    if (!existsSync(status)) return;
    const found = /VmHWM:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1];
    peak = Math.max(peak, Number(found ?? 0) / 1024);
  }, LOOK);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  // 1 says that something differs.
  if (code !== 0 && code !== 1) throw new Error(`kubectl diff: ${said.slice(0, 1_000) || code}`);
  return { objects, seconds, peak, requests: requestsSince(world.auditLog, mark, peerUser) };
}

/** Of one object, as a person would ask whether it was edited. */
export async function kubectlDiffOne(world: World, at: number): Promise<KubectlRun> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-bench-one-"));
  try {
    const file = path.join(folder, "object.json");
    writeFileSync(file, bodyOf(at, world.shape));
    return await kubectlDiff(world, file, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of so many objects, in their files. */
export async function kubectlDiffMany(world: World, most: number): Promise<KubectlRun> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-bench-many-"));
  try {
    const files = Math.min(filesOf(world.objects), Math.floor(most / perFile));
    for (let file = 0; file < files; file += 1) {
      const from = filePath(file, world.shape);
      mkdirSync(path.join(folder, path.dirname(from)), { recursive: true });
      cpSync(path.join(world.repository, from), path.join(folder, from));
    }
    return await kubectlDiff(world, folder, Math.min(world.objects, files * perFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

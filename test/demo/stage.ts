/** Sets the scene: a cluster, a Git repository made from the example application, the chart, the operator; and clears it away. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { exec } from "../../src/runtime/exec.ts";
import { helm, installChart, type Operator, startOperator } from "../e2e/operator.ts";
import { contextCluster, type DemoCluster, ownCluster } from "./cluster.ts";

const example = fileURLToPath(new URL("../../deploy/examples/shop/plain", import.meta.url));

export const operatorNamespace = "plumbline-demo";
export const appNamespace = "plumbline-demo-shop";

export interface Repository {
  readonly folder: string;
  /** Changes a file of the tree, and commits it. */
  commit(message: string, file: string, edit: (text: string) => string): Promise<void>;
}

export interface Stage {
  readonly cluster: DemoCluster;
  readonly repository: Repository;
  readonly operator: Operator;
  /** Milliseconds that each part of setting up took. */
  readonly took: Readonly<Record<"cluster" | "chart" | "operator", number>>;
  clear(): Promise<void>;
}

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@shop.example",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@shop.example",
  };
  const ran = await exec("git", args, { cwd: folder, env, timeout: 30_000, maxOutput: 1024 * 1024 });
  if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.error ?? ran.stderr}`);
}

/** The example application in a namespace of the demo's own, as one commit on main. */
async function makeRepository(): Promise<Repository> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-demo-git-"));
  cpSync(example, folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), "utf8");
    const moved = text.replaceAll(/namespace: shop$/gm, `namespace: ${appNamespace}`);
    writeFileSync(
      path.join(folder, file),
      file === "namespace.yaml" ? moved.replace(/name: shop$/m, `name: ${appNamespace}`) : moved,
    );
  }
  await git(folder, "init", "--quiet", "--initial-branch=main");
  await git(folder, "add", ".");
  await git(folder, "commit", "--quiet", "--message", "The shop");
  return {
    folder,
    async commit(message, file, edit) {
      const target = path.join(folder, file);
      const before = readFileSync(target, "utf8");
      const after = edit(before);
      if (after === before) throw new Error(`the edit of ${file} changes nothing`);
      writeFileSync(target, after);
      await git(folder, "commit", "--quiet", "--all", "--message", message);
    },
  };
}

const cleared: readonly (readonly string[])[] = [
  ["delete", "namespace", appNamespace, operatorNamespace, "--ignore-not-found", "--wait=false"],
];
const crds = ["baselines.plumbline.dev", "drifts.plumbline.dev"];

export interface StageOptions {
  /** A context of the user's kubeconfig; a control plane of our own without it. */
  readonly context?: string;
  readonly say: (line: string) => void;
}

export async function setStage({ context, say }: StageOptions): Promise<Stage> {
  const took = { cluster: 0, chart: 0, operator: 0 };
  const timed = async <T>(part: keyof typeof took, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    took[part] = performance.now() - start;
    return result;
  };
  const undo: (() => Promise<unknown> | unknown)[] = [];
  const clear = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        say(`while clearing up: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  try {
    const cluster = await timed("cluster", () => (context === undefined ? ownCluster() : contextCluster(context)));
    undo.push(() => cluster.close());
    const hadCrds =
      (await cluster.kubectl(["get", "crd", crds[0] ?? "", "--ignore-not-found", "-o", "name"])).stdout !== "";
    if (!cluster.disposable) {
      undo.push(async () => {
        for (const args of cleared) await cluster.kubectl(args);
        if (!hadCrds) await cluster.kubectl(["delete", "crd", ...crds, "--ignore-not-found"]);
      });
    }
    const repository = await makeRepository();
    undo.push(() => rmSync(repository.folder, { recursive: true, force: true }));
    const values = { "rbac.mode": "remediate", "sources.allowFileUrls": true, replicaCount: 0 };
    await timed("chart", () => installChart(cluster, { namespace: operatorNamespace, values }));
    if (!cluster.disposable)
      undo.push(() => helm(cluster, ["uninstall", "plumbline", "--namespace", operatorNamespace]));
    const operator = await timed("operator", async () => {
      const started = await startOperator(cluster, { namespace: operatorNamespace });
      undo.push(() => started.stop());
      await started.ready();
      return started;
    });
    return { cluster, repository, operator, took, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

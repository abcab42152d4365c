/**
 * Nodes that are not there (kwok), for suites in which rollouts have to end: Pods that are bound to one become Running
 * and Ready at once. In a scheduler's place a loop binds whatever asks for no particular node; the others stay Pending.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { getIn, getString, isArray, parseJson, type Json } from "../../src/model/json.ts";
import { ensureBinaries } from "./binaries.ts";
import type { ControlPlane } from "./control-plane.ts";
import { freePort } from "./ports.ts";

export interface Nodes {
  readonly names: readonly string[];
  stop(): Promise<void>;
}

const READY_WITHIN = 30_000;
/** Milliseconds between two looks for Pods without a node. */
const LOOK = 100;

const itemsOf = (text: string): readonly Json[] => {
  const items = getIn(parseJson(text), "items");
  return isArray(items) ? items : [];
};

const isReady = (node: Json): boolean => {
  const conditions = getIn(node, "status", "conditions");
  return (isArray(conditions) ? conditions : []).some(
    (one) => getString(one, "type") === "Ready" && getString(one, "status") === "True",
  );
};

/** Binds Pods that ask for no label of a node. */
async function bindPods(plane: ControlPlane, node: string): Promise<void> {
  const { status, text } = await plane.request("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3D");
  if (status !== 200) return;
  for (const pod of itemsOf(text)) {
    if (getIn(pod, "spec", "nodeSelector") !== undefined) continue;
    const [namespace = "", name = ""] = [getString(pod, "metadata", "namespace"), getString(pod, "metadata", "name")];
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
    await plane.request("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, { body });
  }
}

export async function startNodes(plane: ControlPlane, count = 1): Promise<Nodes> {
  const { kwok } = await ensureBinaries(["kwok"]);
  const names = Array.from({ length: count }, (_, at) => `node-${at}`);
  for (const name of names) {
    const body = { apiVersion: "v1", kind: "Node", metadata: { name } };
    const { status, text } = await plane.request("POST", "/api/v1/nodes", { body });
    if (status !== 201) throw new Error(`no Node ${name}: ${text}`);
  }
  const logFile = path.join(plane.folder, "kwok.log");
  const log = openSync(logFile, "a");
  const address = `127.0.0.1:${await freePort()}`;
  const args = ["--manage-all-nodes=true", `--kubeconfig=${plane.kubeconfigPath}`, `--server-address=${address}`];
  const child = spawn(kwok, args, { cwd: plane.folder, env: { HOME: plane.folder }, stdio: ["ignore", log, log] });
  closeSync(log);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const gone = new Promise<void>((resolve) => void child.once("exit", () => resolve()));

  const deadline = performance.now() + READY_WITHIN;
  while (!itemsOf((await plane.request("GET", "/api/v1/nodes")).text).every(isReady)) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`the Nodes are not ready:\n${readFileSync(logFile, "utf8").slice(-4_000)}`);
    await wait(50);
  }
  const stopping = new AbortController();
  const binding = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      // A server that is away is looked for again.
      await bindPods(plane, names[turn % names.length] ?? "").catch(() => {});
      await wait(LOOK);
    }
  })();
  return {
    names,
    async stop() {
      stopping.abort();
      await binding;
      process.off("exit", kill);
      kill();
      await gone;
    },
  };
}

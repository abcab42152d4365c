/** The real helm on our chart: renders it to objects, and runs commands against a control plane. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { idOf, isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import type { Json } from "../../src/model/json.ts";
import { exec } from "../../src/runtime/exec.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const chart = path.join(root, "charts/plumbline");
export const releaseNamespace = "plumbline-system";

export interface HelmResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** `input` goes to standard input, for `-f -`. */
  run(
    args: readonly string[],
    options?: { readonly kubeconfig?: string; readonly input?: string },
  ): Promise<HelmResult>;
  close(): void;
}

/** Helm with a home of its own: no plugins, repositories or settings of whoever runs the test. */
export async function openHelm(): Promise<Helm> {
  const { helm = "helm" } = await ensureBinaries(["helm"]);
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-helm-"));
  return {
    async run(args, { kubeconfig = "/dev/null", input = "" } = {}) {
      const env = {
        HOME: home,
        HELM_CACHE_HOME: home,
        HELM_CONFIG_HOME: home,
        HELM_DATA_HOME: home,
        KUBECONFIG: kubeconfig,
      };
      const limits = { timeout: 90_000, maxOutput: 1 << 26 };
      const { code, stdout, stderr, error } = await exec(helm, args, { cwd: root, env, input, ...limits });
      return { code, stdout: stdout.toString("utf8"), stderr: error ?? stderr };
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

export function parseObjects(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Json)
    .filter((value) => value !== null)
    .map((value) => {
      if (!isKubeObject(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
      return value;
    });
}

/** @throws with helm's words where it refuses */
export async function render(
  helm: Helm,
  values: Json = {},
  args: readonly string[] = [],
): Promise<readonly KubeObject[]> {
  const input = JSON.stringify(values);
  const base = ["template", "plumbline", chart, "-n", releaseNamespace, "-f", "-"];
  const { code, stdout, stderr } = await helm.run([...base, ...args], { input });
  if (code !== 0) throw new Error(stderr);
  return parseObjects(stdout);
}

/** `ClusterRole plumbline`, `Deployment plumbline-system/plumbline`. */
export function find(objects: readonly KubeObject[], kind: string, name: string): KubeObject | undefined {
  return objects.find((object) => object.kind === kind && idOf(object).name === name);
}

export function kindsOf(objects: readonly KubeObject[]): readonly string[] {
  return [...new Set(objects.map((object) => object.kind))].sort();
}

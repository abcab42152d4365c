/** How long `kubectl diff` takes over objects that stand on a real API server, all in one call. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { KubeObject } from "../../src/model/resource.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { requirement } from "../control-plane/requirements.ts";
import { mixed } from "./pairs.ts";

export interface KubectlTime {
  readonly way: "client-side" | "server-side";
  readonly objects: number;
  readonly milliseconds: number;
}

const ways = [
  ["client-side", []],
  ["server-side", ["--server-side", "--force-conflicts"]],
] as const;

/** @param count how many objects; @returns why there is no figure, where there is none */
export async function timeKubectl(count: number): Promise<readonly KubectlTime[] | string> {
  for (const name of ["etcd", "kube-apiserver", "kubectl"] as const) {
    const found = requirement(name);
    if (!found.ok) return found.why;
  }
  const plane = await startControlPlane();
  try {
    const items: readonly KubeObject[] = mixed(count);
    const file = path.join(plane.folder, "bench.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await plane.kubectl(["create", "namespace", "bench"]);
    const applied = await plane.kubectl(["apply", "-f", file]);
    if (applied.code !== 0) return applied.stderr;
    const times: KubectlTime[] = [];
    for (const [way, flags] of ways) {
      const started = performance.now();
      const { code, stderr } = await plane.kubectl(["diff", ...flags, "-f", file]);
      // 1 says that something differs.
      if (code !== 0 && code !== 1) return `kubectl diff, ${way}: ${stderr || `exit status ${String(code)}`}`;
      times.push({ way, objects: count, milliseconds: performance.now() - started });
    }
    return times;
  } finally {
    await plane.stop();
  }
}

/** Where a run happens, so that its figures can be judged. Reads only. */
import { cpus, loadavg, totalmem } from "node:os";
import { exec } from "../../src/runtime/exec.ts";
import type { Machine } from "./results.ts";

export const loadNow = (): number => loadavg()[0] ?? Number.NaN;

export function describeMachine(seen: {
  readonly server: string;
  readonly loadBefore: number;
  readonly get: number;
}): Machine {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    server: seen.server,
    loadBefore: seen.loadBefore,
    loadAfter: loadNow(),
    get: seen.get,
  };
}

/** The commit of the work tree; dirty where what is built from differs from it. */
export async function readCommit(): Promise<{ readonly commit: string; readonly isDirty: boolean }> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
    const ran = await exec("git", args, { cwd: process.cwd(), env, timeout: 30_000, maxOutput: 1 << 20 });
    return ran.stdout.toString("utf8").trim();
  };
  const commit = await git("rev-parse", "--short", "HEAD");
  const changed = await git("status", "--porcelain", "--", "src", "package-lock.json", "rolldown.config.ts");
  return { commit: commit === "" ? "unknown" : commit, isDirty: changed !== "" };
}

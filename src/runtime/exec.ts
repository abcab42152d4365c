/**
 * The one door to child processes: an argument array, never a shell; a whole environment, never the parent's by
 * accident; bounded in time and output. A process that outstays either bound is killed with its group.
 */
import { spawn } from "node:child_process";

export interface ExecOptions {
  readonly cwd: string;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of standard output; more kills the process. */
  readonly maxOutput: number;
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** `exited` with any code; the other three name what ended it. */
  readonly end: "exited" | "timeout" | "output-limit" | "aborted" | "not-started";
  readonly code: number | null;
  readonly stdout: Buffer;
  /** At most 64 KiB, the last ones. */
  readonly stderr: string;
  /** For `not-started`: why, for example `spawn kustomize ENOENT`. */
  readonly error?: string;
}

const STDERR_LIMIT = 64 * 1024;

export function exec(command: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve) => {
    let end: ExecResult["end"] = "exited";
    const out: Buffer[] = [];
    let outBytes = 0;
    let stderr = "";
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      shell: false,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const kill = (why: ExecResult["end"]): void => {
      if (end !== "exited") return;
      end = why;
      try {
        // The whole group: git and kustomize start children of their own.
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const timeout = AbortSignal.timeout(options.timeout);
    const onTimeout = (): void => kill("timeout");
    const onAbort = (): void => kill("aborted");
    timeout.addEventListener("abort", onTimeout, { once: true });
    if (options.signal?.aborted === true) queueMicrotask(onAbort);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const finish = (code: number | null, error?: string): void => {
      timeout.removeEventListener("abort", onTimeout);
      options.signal?.removeEventListener("abort", onAbort);
      const started = error === undefined ? {} : { error };
      resolve({ end: error === undefined ? end : "not-started", code, stdout: Buffer.concat(out), stderr, ...started });
    };
    child.stdout.on("data", (chunk: Buffer) => {
      outBytes += chunk.length;
      if (outBytes > options.maxOutput) kill("output-limit");
      else out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString("utf8")).slice(-STDERR_LIMIT);
    });
    child.on("error", (error) => finish(null, error.message));
    child.on("close", (code) => finish(code));
    // A child that closes its input early is not an error of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

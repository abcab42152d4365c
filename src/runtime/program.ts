/**
 * A program that is kept running to be asked again and again: starting one takes this process some milliseconds. A whole
 * environment, never the parent's by accident; no shell; it does not outlive this process.
 */
import { spawn } from "node:child_process";

export interface ProgramOptions {
  readonly cwd: string;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Buffer) => void;
  /** Once: it ended, for whatever reason, or could not be started. */
  readonly onEnd: () => void;
}

export interface Program {
  write(text: string): void;
  kill(): void;
}

export function startProgram(command: string, args: readonly string[], options: ProgramOptions): Program {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["pipe", "pipe", "ignore"] });
  const killWithUs = (): void => void child.kill("SIGKILL");
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    process.off("exit", killWithUs);
    options.onEnd();
  };
  process.on("exit", killWithUs);
  child.stdout.on("data", options.onOutput);
  // What is written to one that is gone is lost; that it is gone is told.
  child.stdin.on("error", () => {});
  child.once("error", end);
  child.once("exit", end);
  child.unref();
  return {
    write: (text) => void child.stdin.write(text),
    kill: () => void child.kill("SIGKILL"),
  };
}

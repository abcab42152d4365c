/** A renderer of the person's own machine, run as they would run it themselves: with their settings and credentials. */
import { printableLine } from "../../model/printable.ts";
import type { Environment } from "../../runtime/config.ts";
import { exec } from "../../runtime/exec.ts";
import { CliError } from "../cli-error.ts";
import { childEnvironment } from "./child-environment.ts";

export interface RendererRun {
  readonly binary: string;
  readonly args: readonly string[];
  /** What was asked for, as an error names it: `kustomize build prod`. */
  readonly what: string;
  /** The flag that names another binary. */
  readonly flag: string;
  readonly environment: Environment;
}

/** Milliseconds. */
const TIMEOUT = 120_000;
/** Bytes of output. */
const LIMIT = 256 * 1024 * 1024;

/** What it prints. @throws CliError where it is not there or fails, with what it says itself */
export async function runRenderer({ binary, args, what, flag, environment }: RendererRun): Promise<string> {
  const env = childEnvironment(environment);
  const ran = await exec(binary, args, { cwd: process.cwd(), env, timeout: TIMEOUT, maxOutput: LIMIT });
  if (ran.end === "not-started")
    throw new CliError(`${what}: ${binary} cannot be started (${ran.error ?? ""}); ${flag} names another`);
  if (ran.end !== "exited" || ran.code !== 0)
    throw new CliError(`${what}: ${printableLine(ran.stderr.replace(/^Error: /, "") || ran.end)}`);
  return ran.stdout.toString("utf8");
}

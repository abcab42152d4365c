/** `--kustomize <dir>`: what the kustomize on this machine builds, as a person would pipe it in. */
import { exec } from "../../runtime/exec.ts";
import type { Environment } from "../../runtime/config.ts";
import { readManifests } from "../../sources/yaml.ts";
import { CliError } from "../cli-error.ts";
import type { ReadObjects } from "./inputs.ts";

const LIMIT = 64 * 1024 * 1024;

/** @throws CliError where kustomize is not there or fails */
export async function buildKustomize(folder: string, binary: string, environment: Environment): Promise<ReadObjects> {
  const env = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const ran = await exec(binary, ["build", folder], { cwd: process.cwd(), env, timeout: 120_000, maxOutput: LIMIT });
  if (ran.end !== "exited" || ran.code !== 0)
    throw new CliError(`kustomize build ${folder}: ${(ran.error ?? ran.stderr.trim()) || ran.end}`);
  return readManifests(ran.stdout.toString("utf8"), folder);
}

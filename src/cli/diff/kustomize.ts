/**
 * `--kustomize <dir>`: what the kustomize on this machine builds, as a person would pipe it in. What it prints has no
 * lines of its own in any file: its objects are named after the kustomization.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { printableLine } from "../../model/printable.ts";
import type { Environment } from "../../runtime/config.ts";
import { exec } from "../../runtime/exec.ts";
import { kustomizationNames } from "../../sources/kustomize-scan.ts";
import { readManifests } from "../../sources/yaml.ts";
import { CliError } from "../cli-error.ts";
import { childEnvironment } from "./child-environment.ts";
import type { ReadObjects } from "./inputs.ts";
import { cliLimits } from "./parse-texts.ts";

const LIMIT = 256 * 1024 * 1024;

/** @throws CliError where kustomize is not there or fails */
export async function buildKustomize(folder: string, binary: string, environment: Environment): Promise<ReadObjects> {
  const name = kustomizationNames.map((file) => path.join(folder, file)).find((file) => existsSync(file)) ?? folder;
  const env = childEnvironment(environment);
  const ran = await exec(binary, ["build", folder], { cwd: process.cwd(), env, timeout: 120_000, maxOutput: LIMIT });
  if (ran.end === "not-started")
    throw new CliError(
      `--kustomize: ${binary} cannot be started (${ran.error ?? ""}); --kustomize-binary names another`,
    );
  if (ran.end !== "exited" || ran.code !== 0)
    throw new CliError(`kustomize build ${folder}: ${printableLine(ran.stderr.replace(/^Error: /, "") || ran.end)}`);
  const { objects, problems } = readManifests(ran.stdout.toString("utf8"), name, cliLimits);
  return {
    objects: objects.map((one) => ({ ...one, source: { ...one.source, line: 1 } })),
    problems: problems.map((problem) => ({ ...problem, line: 1 })),
    texts: new Map(),
  };
}

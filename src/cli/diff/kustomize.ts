/**
 * `--kustomize <dir>`: what the kustomize on this machine builds, as a person would pipe it in. What it prints has no
 * lines of its own in any file: its objects are named after the kustomization.
 */
import { declaredAt } from "../../model/desired.ts";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Environment } from "../../runtime/config.ts";
import { kustomizationNames } from "../../sources/kustomize-scan.ts";
import { readManifests } from "../../sources/yaml.ts";
import type { ReadObjects } from "./inputs.ts";
import { cliLimits } from "./parse-texts.ts";
import { runRenderer } from "./renderer.ts";

/** @throws CliError where kustomize is not there or fails */
export async function buildKustomize(folder: string, binary: string, environment: Environment): Promise<ReadObjects> {
  const name = kustomizationNames.map((file) => path.join(folder, file)).find((file) => existsSync(file)) ?? folder;
  const what = `kustomize build ${folder}`;
  const text = await runRenderer({ binary, args: ["build", folder], what, flag: "--kustomize-binary", environment });
  const { objects, problems } = readManifests(text, name, cliLimits);
  return {
    objects: objects.map((one) => declaredAt(one, { ...one.source, line: 1 })),
    problems: problems.map((problem) => ({ ...problem, line: 1 })),
    texts: new Map(),
  };
}

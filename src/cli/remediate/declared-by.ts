/**
 * What a Baseline declares at one commit, read with the git (and where it takes one, the kustomize) of the person at the
 * keyboard, and with their credentials: the operator's are the operator's.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Baseline } from "../../model/baseline.ts";
import type { Environment } from "../../runtime/config.ts";
import { kustomizationNames } from "../../sources/kustomize-scan.ts";
import { compileGlobs } from "../../sources/render-plain.ts";
import { CliError } from "../cli-error.ts";
import { withGitTree } from "../diff/git-tree.ts";
import { filesUnder, readSource, type ReadObjects } from "../diff/inputs.ts";
import { buildKustomize } from "../diff/kustomize.ts";
import { parseTexts } from "../diff/parse-texts.ts";

export interface DeclaredReading {
  readonly baseline: Baseline;
  readonly commit: string;
  readonly environment: Environment;
  readonly kustomizeBinary: string;
}

const KUSTOMIZE = "kustomize.config.k8s.io";

/** As the operator reads plain manifests: nothing below a name with a dot, no kustomization, nothing excluded. */
async function readPlain(root: string, { path: folder, exclude }: Baseline): Promise<ReadObjects> {
  const excluded = compileGlobs(exclude);
  if (typeof excluded !== "function") throw new CliError(excluded.message);
  const at = path.join(root, folder);
  const chosen = filesUnder(at).filter((file) => {
    const below = path.relative(at, file).replaceAll("\\", "/") || path.basename(file);
    const isHidden = below.split("/").some((part) => part.startsWith("."));
    return !isHidden && !excluded(below) && !kustomizationNames.includes(path.basename(file));
  });
  const named = chosen.map((file) => ({
    name: path.relative(root, file).replaceAll("\\", "/"),
    ...readSource(file),
  }));
  const read = await parseTexts(named);
  return {
    objects: read.flatMap(({ objects }) => objects).filter(({ id }) => id.group !== KUSTOMIZE),
    problems: read.flatMap(({ problems }) => problems),
    texts: new Map(named.map(({ name, ...source }) => [name, source])),
  };
}

function isKustomized(root: string, { render, path: folder }: Baseline): boolean {
  if (render !== "Auto") return render === "Kustomize";
  return kustomizationNames.some((name) => existsSync(path.join(root, folder, name)));
}

/** @throws CliError where it cannot be fetched or rendered */
export async function readDeclaredBy({
  baseline,
  commit,
  environment,
  kustomizeBinary,
}: DeclaredReading): Promise<ReadObjects> {
  if (baseline.render === "Helm") throw new CliError("render.kind Helm is not supported yet");
  let found: ReadObjects | undefined;
  const target = baseline.path === "" ? baseline.git.url : `${baseline.git.url}//${baseline.path}`;
  await withGitTree(target, { environment, revision: commit }, async (root) => {
    found = isKustomized(root, baseline)
      ? await buildKustomize(path.join(root, baseline.path), kustomizeBinary, environment)
      : await readPlain(root, baseline);
  });
  return found ?? { objects: [], problems: [], texts: new Map() };
}

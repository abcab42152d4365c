/** The Baseline whose compare, severity and ignore settings apply: the one given, or one that says nothing. */
import { readFileSync } from "node:fs";
import type { Baseline } from "../../model/baseline.ts";
import { resolveBaseline } from "../../model/baseline-settings.ts";
import { formatProblem, messageOf, type Problem } from "../../model/problem.ts";
import type { KubeObject } from "../../model/resource.ts";
import { readManifests } from "../../sources/yaml.ts";
import { CliError } from "../cli-error.ts";

const silent: KubeObject = {
  apiVersion: "plumbline.dev/v1alpha1",
  kind: "Baseline",
  metadata: { namespace: "default", name: "diff" },
  spec: { source: { git: { url: "https://plumbline.invalid/none.git", ref: { branch: "main" } } } },
};

function readBaselineFile(file: string): KubeObject {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`);
  }
  const { objects, problems } = readManifests(text, file);
  if (problems[0] !== undefined) throw new CliError(formatProblem(problems[0]));
  const found = objects.filter(({ id }) => id.group === "plumbline.dev" && id.kind === "Baseline");
  if (found.length !== 1 || found[0] === undefined)
    throw new CliError(`${file}: holds ${found.length} Baselines; one is needed`);
  const { object } = found[0];
  return { ...object, metadata: { namespace: "default", ...object.metadata } };
}

/**
 * Without a grace period to end: with `--previous`, what still equals it is pending, however long ago.
 * @throws CliError where the file cannot be used
 */
export function readSettings(file: string | undefined): {
  readonly baseline: Baseline;
  readonly problems: readonly Problem[];
} {
  const resolved = resolveBaseline(file === undefined ? silent : readBaselineFile(file));
  if ("problem" in resolved) throw new CliError(`${file ?? "baseline"}: ${formatProblem(resolved.problem)}`);
  const problems = resolved.problems.map((problem) => ({ ...problem, ...(file === undefined ? {} : { file }) }));
  // Exemptions speak of namespaces' labels, which a dump may not hold; the rest applies as it stands.
  return { baseline: { ...resolved.baseline, gracePeriod: Number.MAX_SAFE_INTEGER / 4, suspend: false }, problems };
}

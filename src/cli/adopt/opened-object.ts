/** One declared object with its live side, for the commands that change what Git says of it. */
import { printableLine } from "../../model/printable.ts";
import { formatProblem } from "../../model/problem.ts";
import { formatId, kindRef } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { PairInput } from "../../verdict/counting.ts";
import { CliError } from "../cli-error.ts";
import type { Comparison } from "../diff/comparison.ts";
import type { Terminal } from "../terminal.ts";

/** @throws CliError where it is not there, or cannot be compared */
export async function pairOf(desired: DesiredObject, comparison: Comparison): Promise<PairInput> {
  const { world, baseline, now } = comparison;
  const { id, source } = desired;
  const kind = kindRef(desired.apiVersion, id.kind);
  const live = await world.view(id, kind.version);
  const where = `${formatId(id)} (${source.file}:${source.line})`;
  if (live.state === "absent")
    throw new CliError(`${where} is not in the cluster: to take that over, remove it from Git yourself`);
  if (live.state === "unseen") throw new CliError(`${where}: ${live.problem.message}`);
  const schema = await world.schemaFor(kind);
  if ("code" in schema) throw new CliError(`${where}: ${schema.message}`);
  return { baseline, desired, live: live.live, schema, facts: world.facts, now };
}

export function tellProblems({ problems }: Comparison, terminal: Terminal): void {
  for (const problem of problems) terminal.writeError(`${printableLine(formatProblem(problem))}\n`);
}

/** The text of its file. @throws CliError where it was not read from a file that can be edited */
export function sourceText({ source, id }: DesiredObject, { read }: Comparison): string {
  const text = read.texts.get(source.file);
  if (text === undefined || source.file === "<stdin>")
    throw new CliError(
      `${formatId(id)} comes from ${source.file}, which is no file of its own: give the files with -f, or the kustomization with -k`,
    );
  return text;
}

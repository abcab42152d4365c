/** One declared object with its live side, for the commands that change what Git says of it. */
import { printableLine } from "../../model/printable.ts";
import { formatProblem } from "../../model/problem.ts";
import { formatId, kindRef } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { readManifests } from "../../sources/yaml.ts";
import type { PairInput } from "../../verdict/counting.ts";
import { CliError } from "../cli-error.ts";
import type { Comparison } from "../diff/comparison.ts";
import { type SourceText, STANDARD_INPUT } from "../diff/inputs.ts";
import { cliLimits } from "../diff/parse-texts.ts";
import type { Terminal } from "../terminal.ts";

/** @throws CliError where it is not there, or cannot be compared */
export async function pairOf(desired: DesiredObject, comparison: Comparison): Promise<PairInput> {
  const { world, baseline, now } = comparison;
  const { id, source } = desired;
  const kind = kindRef(desired.apiVersion, id.kind);
  const live = await world.view(id, kind.version);
  const where = `${formatId(id)} (${source.file}:${source.line})`;
  if (live.state === "absent" && !comparison.isLiveWhole)
    throw new CliError(`${where} was not found, and not all of the live objects could be read: nobody can tell`);
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

/**
 * The text that holds the object; undefined where a renderer made it, also where a file that was read has the name of
 * what was rendered.
 */
export function ownText({ source, id }: DesiredObject, { read }: Comparison): SourceText | undefined {
  const found = read.texts.get(source.file);
  if (found === undefined) return undefined;
  const own = readManifests(found.text, source.file, cliLimits).objects[source.index]?.id;
  return own !== undefined && own.kind === id.kind && own.group === id.group && own.name === id.name
    ? found
    : undefined;
}

/** @throws CliError where its bytes would not be the same when it is written again */
export function checkExact(file: string, { isExact }: SourceText): void {
  if (!isExact) throw new CliError(`${file}: not UTF-8, so that an edit would change more than was asked for`);
}

export interface SourceFlags {
  readonly write?: boolean;
  readonly helm?: string;
}

/** The text of its file. @throws CliError where it was not read from a file that can be edited */
export function sourceText(desired: DesiredObject, comparison: Comparison, flags: SourceFlags): SourceText {
  const { source, id } = desired;
  const text = ownText(desired, comparison);
  if (text === undefined && flags.helm !== undefined)
    throw new CliError(
      `${formatId(id)} is rendered from the chart ${flags.helm} (${source.file}): change the chart's values or its templates yourself`,
    );
  if (text === undefined || source.file === STANDARD_INPUT)
    throw new CliError(
      `${formatId(id)} comes from ${source.file}, which is no file of its own: give the files with -f, or the kustomization with -k`,
    );
  checkExact(source.file, text);
  if (flags.write === true && text.inTree !== undefined)
    throw new CliError(
      `${source.file} was read from a Git tree, and --write changes files of this machine: give those with -f, or leave --write out for a patch`,
    );
  return text;
}

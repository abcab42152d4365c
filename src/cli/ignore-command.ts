/**
 * `plumbline ignore <kind/name> <path>`: the smallest rule that leaves a path alone, as a patch for Git: the annotation
 * on the object, or a row of the Baseline. What it would hide is told before; the rule is tried before it is shown.
 */
import { Command } from "commander";
import { resolveBaseline } from "../model/baseline-settings.ts";
import type { Baseline } from "../model/baseline.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem } from "../model/problem.ts";
import { formatId, type KubeObject } from "../model/resource.ts";
import { systemClock } from "../runtime/clock.ts";
import { readManifests } from "../sources/yaml.ts";
import type { PairInput } from "../verdict/counting.ts";
import { asWritten } from "./adopt/adoption.ts";
import { type ChangedFile, tellFiles } from "./adopt/checkout.ts";
import { editFile, type FileEdit, hintOf } from "./adopt/file-edit.ts";
import { annotated, checkPaths, type Hidden, hiddenBy, type IgnoreWords, withRow } from "./adopt/ignoring.ts";
import { adoptKustomized } from "./adopt/kustomized.ts";
import { checkExact, ownText, pairOf, sourceText, tellProblems } from "./adopt/opened-object.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type Comparison, type ComparisonFlags, openComparison, withComparisonFlags } from "./diff/comparison.ts";
import { chooseDeclared } from "./diff/declared.ts";
import { readSource } from "./diff/inputs.ts";
import { cliLimits } from "./diff/parse-texts.ts";
import { parseTime } from "../model/time.ts";
import type { Terminal } from "./terminal.ts";

interface IgnoreFlags extends ComparisonFlags {
  readonly reason?: string;
  readonly until?: string;
  readonly write?: boolean;
  readonly expand?: boolean;
}

interface Ruled extends Hidden {
  readonly files: readonly ChangedFile[];
}

/** @throws CliError where a row is asked for without its words, or words without a row */
function readWords(paths: readonly string[], { baseline, reason, until }: IgnoreFlags): IgnoreWords {
  checkPaths(paths);
  if (baseline === undefined && (reason !== undefined || until !== undefined))
    throw new CliError("an annotation holds no reason and no end: --reason and --until need --baseline <file>");
  if (baseline !== undefined && (reason ?? "").trim() === "")
    throw new CliError("a row of a Baseline says why: give --reason");
  const end = until === undefined ? undefined : parseTime(until);
  if (until !== undefined && (end === undefined || end <= systemClock.now()))
    throw new CliError(`--until ${until}: a time to come is needed, such as 2027-01-01T00:00:00Z`);
  return { paths, reason: reason ?? "", until };
}

const refused = (file: string, edit: Extract<FileEdit, { readonly ok: false }>): CliError =>
  new CliError(`${file}:${edit.line}: the rule cannot be written here: ${edit.message}${hintOf(edit)}`);

async function byAnnotation(pair: PairInput, words: IgnoreWords, comparison: Comparison, asked: Asked): Promise<Ruled> {
  const { desired } = pair;
  const { file, index } = desired.source;
  const target = annotated(desired.object, words.paths) as KubeObject;
  const found = hiddenBy(pair, { object: target });
  const { flags, terminal } = asked;
  if (ownText(desired, comparison) === undefined && flags.kustomize !== undefined) {
    const adoption = { target, adopted: [], left: [], hidden: [] };
    const { kustomize: folder, kustomizeBinary: binary } = flags;
    return {
      ...found,
      files: await adoptKustomized({ pair, adoption, folder, binary, environment: terminal.environment }),
    };
  }
  const { text: before, inTree } = sourceText(desired, comparison, flags);
  const edit = editFile({
    text: before,
    index,
    expand: flags.expand === true,
    change: (written) => asWritten(written, target),
  });
  if (!edit.ok) throw refused(file, edit);
  return { ...found, files: [{ file, before, after: edit.text, inTree, lost: edit.lost }] };
}

/** The Baseline of a file, and where in it. @throws CliError where there is not exactly one */
function baselineAt(file: string, text: string): { readonly index: number; readonly baseline: Baseline } {
  const { objects } = readManifests(text, file, cliLimits);
  const found = objects.filter(({ id }) => id.group === "plumbline.dev" && id.kind === "Baseline");
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new CliError(`${file}: holds ${found.length} Baselines; one is needed`);
  const { object } = one;
  const resolved = resolveBaseline({ ...object, metadata: { namespace: "default", ...object.metadata } });
  if ("problem" in resolved) throw new CliError(`${file}: ${formatProblem(resolved.problem)}`);
  return { index: one.source.index, baseline: resolved.baseline };
}

function byRow(pair: PairInput, words: IgnoreWords, file: string, expand: boolean): Ruled {
  const source = readSource(file);
  checkExact(file, source);
  const { text: before } = source;
  const { index } = baselineAt(file, before);
  const edit = editFile({ text: before, index, expand, change: (written) => withRow(written, pair.desired.id, words) });
  if (!edit.ok) throw refused(file, edit);
  const { baseline } = baselineAt(file, edit.text);
  const found = hiddenBy(pair, { baseline: { ...pair.baseline, compare: baseline.compare } });
  return { ...found, files: [{ file, before, after: edit.text, lost: edit.lost }] };
}

interface Asked {
  readonly flags: IgnoreFlags;
  readonly terminal: Terminal;
}

async function run(target: string, words: IgnoreWords, asked: Asked, keep: (opened: ClusterAccess) => void) {
  const { flags, terminal } = asked;
  const comparison = await openComparison(flags, terminal.environment, keep);
  tellProblems(comparison, terminal);
  const desired = chooseDeclared(target, flags, comparison);
  const pair = await pairOf(desired, comparison);
  const expand = flags.expand === true;
  const ruled =
    flags.baseline === undefined
      ? await byAnnotation(pair, words, comparison, asked)
      : byRow(pair, words, flags.baseline, expand);
  const name = formatId(desired.id);
  if (ruled.fresh.length > 0)
    throw new CliError(`${name}: the rule would make ${ruled.fresh.join(", ")} count; nothing was written`);
  const say = (line: string): void => terminal.writeError(`${printableLine(`${name}: ${line}`)}\n`);
  for (const one of ruled.hidden) say(`${one} does not count any more`);
  if (ruled.hidden.length === 0) say(`nothing differs at ${words.paths.join(", ")} now; the rule is for what will`);
  if (ruled.left.length > 0) say(`what still counts: ${ruled.left.join(", ")}`);
  tellFiles(ruled.files, { write: flags.write === true, sensitive: pair.baseline.compare.sensitive }, terminal);
}

const after = `
Without --baseline the rule is the annotation plumbline.dev/ignore on the object, which counts in Git only. With it, a
row of compare.ignore in that file, with its reason and, where given, its end. Prints a patch; --write changes the file.

Exit status: 0 the rule is in the patch; 2 an error, such as a file that cannot be edited safely.

Examples:
  plumbline ignore deployment/web .spec.replicas -n shop -f deploy/ | git apply
  plumbline ignore deployment/web '.metadata.annotations["example.com/stamp"]' -n shop -f deploy/ --write
  plumbline ignore deployment/web .spec.replicas -n shop -f deploy/ --baseline baseline.yaml --reason "batch window"
`;

export function ignoreCommand(terminal: Terminal): Command {
  return withComparisonFlags(
    new Command("ignore").description("Leave a path of an object alone: the smallest rule, as a patch for Git."),
  )
    .argument("<kind/name>", "a declared object, such as deployment/web")
    .argument("<path...>", "typed paths such as .spec.replicas, or JSON Pointers")
    .option("--reason <text>", "why (with --baseline)")
    .option("--until <time>", "when the row ends, such as 2027-01-01T00:00:00Z (with --baseline)")
    .option("--write", "change the file, instead of printing a patch")
    .option("--expand", "write a whole value out where an anchor or a merge is in the way; its comments are lost")
    .addHelpText("after", after)
    .action(async (target: string, paths: readonly string[], flags: IgnoreFlags) => {
      const words = readWords(paths, flags);
      let cluster: ClusterAccess | undefined;
      try {
        await run(target, words, { flags, terminal }, (opened) => (cluster = opened));
      } finally {
        await cluster?.close();
      }
    });
}

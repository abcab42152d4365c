/**
 * `plumbline adopt <kind/name>`: the other way. What somebody put right in the cluster becomes a patch for Git: the very
 * lines of the very file, comments and layout kept. The edit is read again, and judged, before it is shown.
 */
import { Command } from "commander";
import { type PathPattern, parsePath } from "../compare/selector.ts";
import { declare } from "../model/desired.ts";
import { formatPath } from "../model/path.ts";
import { printableLine } from "../model/printable.ts";
import { formatId, type KubeObject } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { readManifests } from "../sources/yaml.ts";
import { countDifferences, type PairInput } from "../verdict/counting.ts";
import { type Adoption, adopt, asWritten } from "./adopt/adoption.ts";
import { type ChangedFile, tellFiles } from "./adopt/checkout.ts";
import { editFile, hintOf } from "./adopt/file-edit.ts";
import { adoptKustomized } from "./adopt/kustomized.ts";
import { ownText, pairOf, sourceText, tellProblems } from "./adopt/opened-object.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type Comparison, type ComparisonFlags, openComparison, withComparisonFlags } from "./diff/comparison.ts";
import { chooseDeclared, oneMore } from "./diff/declared.ts";
import { cliLimits } from "./diff/parse-texts.ts";
import { showPathsOf } from "./output/shown-path.ts";
import type { Terminal } from "./terminal.ts";

interface AdoptFlags extends ComparisonFlags {
  readonly path?: readonly string[];
  readonly write?: boolean;
  readonly expand?: boolean;
}

const patternsOf = (texts: readonly string[]): readonly PathPattern[] =>
  texts.map((text) => {
    const parsed = parsePath(text);
    if (!parsed.ok) throw new CliError(`--path ${text}: ${parsed.message}`);
    return parsed.value;
  });

/** How a person takes over what this command shows nobody. */
const howTo = ({ id }: DesiredObject): string =>
  id.kind === "Secret"
    ? `values of a Secret are never printed; bring them to where ${formatId(id)} is made from (a sealed or encrypted file, a secret store)`
    : "values that the Baseline calls sensitive are never printed; edit the file yourself";

/** @throws CliError where there is nothing that may be taken over */
function checkAdopted(pair: PairInput, { adopted, hidden, left }: Adoption, paths: readonly string[]): void {
  const { desired } = pair;
  if (adopted.length > 0) return;
  const name = formatId(desired.id);
  if (hidden.length > 0) throw new CliError(`${name}: ${hidden.join(", ")}: ${howTo(desired)}`);
  const show = showPathsOf(pair);
  const others = left.map(({ path }) => show(path)).join(", ");
  if (paths.length > 0)
    throw new CliError(`${name} does not differ at ${paths.join(", ")}; it differs at ${others || "no path"}`);
}

/** Of what was taken over, what would still be drift: judged once more on the file as it is after the edit. */
function stillDiffers(pair: PairInput, written: KubeObject, adoption: Adoption): readonly string[] {
  const { namespace } = pair.desired.id;
  const placed = namespace === "" ? written.metadata : { ...written.metadata, namespace };
  const desired = declare({ ...written, metadata: placed }, pair.desired.source);
  const left = new Set(countDifferences({ ...pair, desired }).counting.map(({ path }) => formatPath(path)));
  const still = adoption.adopted.filter(({ path }) => left.has(formatPath(path)));
  const show = showPathsOf(pair);
  return still.map(({ path }) => show(path));
}

function adoptPlain(pair: PairInput, adoption: Adoption, comparison: Comparison, flags: AdoptFlags): ChangedFile {
  const { desired } = pair;
  const { file, index } = desired.source;
  const { text: before, inTree } = sourceText(desired, comparison, flags);
  const expand = flags.expand === true;
  const edit = editFile({ text: before, index, expand, change: (written) => asWritten(written, adoption.target) });
  if (!edit.ok)
    throw new CliError(
      `${file}:${edit.line}: ${formatId(desired.id)} cannot be edited here: ${edit.message}${hintOf(edit)}`,
    );
  const written = readManifests(edit.text, file, cliLimits).objects[index];
  const left = written === undefined ? ["it"] : stillDiffers(pair, written.object, adoption);
  if (left.length > 0)
    throw new CliError(
      `${file}: ${formatId(desired.id)} would still differ at ${left.join(", ")}; nothing was changed`,
    );
  return { file, before, after: edit.text, inTree, lost: edit.lost };
}

async function run(target: string, flags: AdoptFlags, terminal: Terminal, keep: (opened: ClusterAccess) => void) {
  const comparison = await openComparison(flags, terminal.environment, keep);
  tellProblems(comparison, terminal);
  const desired = chooseDeclared(target, flags, comparison);
  const pair = await pairOf(desired, comparison);
  const said = flags.path ?? [];
  const adoption = adopt({ pair, paths: patternsOf(said) });
  checkAdopted(pair, adoption, said);
  const show = showPathsOf(pair);
  const name = formatId(desired.id);
  if (adoption.adopted.length === 0) return terminal.writeError(`${name} is as declared: nothing to adopt\n`);
  const isRendered = ownText(desired, comparison) === undefined;
  const files =
    isRendered && flags.kustomize !== undefined
      ? await adoptKustomized({
          pair,
          adoption,
          folder: flags.kustomize,
          binary: flags.kustomizeBinary,
          environment: terminal.environment,
        })
      : [adoptPlain(pair, adoption, comparison, flags)];
  for (const { op, path } of adoption.adopted)
    terminal.writeError(`${printableLine(`${name}: ${op} ${show(path)} is taken over`)}\n`);
  if (adoption.hidden.length > 0)
    terminal.writeError(
      `${printableLine(`warning: ${name}: ${adoption.hidden.join(", ")} left out: ${howTo(desired)}`)}\n`,
    );
  tellFiles(files, { write: flags.write === true, sensitive: pair.baseline.compare.sensitive }, terminal);
}

const after = `
Prints a patch, which \`git apply\` takes; --write changes the files. Defaults of the server are left out.

Exit status: 0 it is in the patch, or there is nothing to adopt; 2 an error, such as a file that cannot be edited safely.

Examples:
  plumbline adopt deployment/web -n shop -f deploy/ | git apply
  plumbline adopt deployment/web -n shop -f deploy/ --path .spec.replicas --write
  plumbline adopt deployment/web -n shop -k overlays/prod
`;

export function adoptCommand(terminal: Terminal): Command {
  return withComparisonFlags(
    new Command("adopt").description("Take what runs over into Git: a patch of the very lines that declare it."),
  )
    .argument("<kind/name>", "a declared object, such as deployment/web")
    .option("--path <path>", "only what differs here, such as .spec.replicas; may be repeated", oneMore)
    .option("--write", "change the files, instead of printing a patch")
    .option("--expand", "write a whole value out where an anchor or a merge is in the way; its comments are lost")
    .addHelpText("after", after)
    .action(async (target: string, flags: AdoptFlags) => {
      let cluster: ClusterAccess | undefined;
      try {
        await run(target, flags, terminal, (opened) => (cluster = opened));
      } finally {
        await cluster?.close();
      }
    });
}

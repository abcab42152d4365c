/**
 * `plumbline remediate --dry-run`: for everything that drifted, what the operator would write, what it waits for, or why
 * it never writes. The command writes nothing to any object; `--now` only asks the operator to look.
 */
import { Command, Option } from "commander";
import { annotations } from "../model/annotations.ts";
import { getString } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem, messageOf } from "../model/problem.ts";
import type { KubeObject, ResourceId } from "../model/resource.ts";
import { systemClock } from "../runtime/clock.ts";
import { baselineKind } from "../sinks/events.ts";
import { annotate, readObject } from "./annotate.ts";
import { belongsTo } from "./approval.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterAccess, openCluster, withClusterFlags } from "./cluster-access.ts";
import { type DesiredFlags, namesDesired, readDeclared, withDesiredFlags } from "./diff/declared.ts";
import { type ReadObjects, standardInput } from "./diff/inputs.ts";
import { forecastReport, formatForecasts } from "./output/forecast-text.ts";
import { formatJsonText } from "./output/json-text.ts";
import { servedKind } from "./live-target.ts";
import { listOwn, listOwnWidely } from "./own-objects.ts";
import { idOfRecord } from "./remediate/foresee.ts";
import { type Forecast, forecast } from "./remediate/forecast.ts";
import { namesBaselines, namesKind, parseTarget, readBaselineName, type Target } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface RemediateFlags extends DesiredFlags {
  readonly dryRun?: boolean;
  readonly now?: boolean;
  readonly allNamespaces?: boolean;
  readonly output: "text" | "json";
}

interface Words {
  readonly baseline: string | undefined;
  readonly targets: readonly Target[];
}

const isNamed = (id: ResourceId, { kind, name }: Target): boolean => id.name === name && namesKind(kind, id);

/** A word without a slash, or `namespace/name` of no kind, is a Baseline; only the first one can be. */
function readWords(words: readonly string[], isKind: (said: string) => boolean): Words {
  const [first, ...rest] = words;
  const [kind = "", ...more] = first?.split("/") ?? [];
  const isBaseline = more.length === 0 || namesBaselines(kind) || (more.length === 1 && !isKind(kind));
  if (first === undefined || !isBaseline) return { baseline: undefined, targets: words.map(parseTarget) };
  return { baseline: first, targets: rest.map(parseTarget) };
}

/** @throws CliError where there is none */
async function chosenBaselines(
  cluster: ClusterAccess,
  said: string | undefined,
  flags: RemediateFlags,
): Promise<readonly KubeObject[]> {
  const namespace = flags.namespace ?? cluster.credentials.namespace;
  if (said !== undefined)
    return [await readObject(cluster, { kind: baselineKind, ...readBaselineName(said, namespace) })];
  const found = await listOwn(cluster, "baselines", flags.allNamespaces === true ? undefined : namespace);
  if (found.length > 0) return found;
  throw new CliError(
    flags.allNamespaces === true
      ? "there is no Baseline in any namespace"
      : `there is no Baseline in namespace ${namespace}: -n is where the Baseline is, -A looks in every namespace`,
  );
}

/** Drift records are where their Baselines are. */
async function recordsFor(cluster: ClusterAccess, baselines: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  const [namespace = "", ...others] = new Set(baselines.map((one) => keyOf(one).namespace));
  if (others.length > 0) return listOwn(cluster, "drifts", undefined);
  return (await listOwnWidely(cluster, "drifts", namespace)).objects;
}

const keyOf = (baseline: KubeObject): { readonly namespace: string; readonly name: string } => ({
  namespace: getString(baseline.metadata, "namespace") ?? "",
  name: getString(baseline.metadata, "name") ?? "",
});

const nameOf = (baseline: KubeObject): string => `Baseline ${keyOf(baseline).namespace}/${keyOf(baseline).name}`;

async function askNow(
  cluster: ClusterAccess,
  said: string | undefined,
  flags: RemediateFlags,
  terminal: Terminal,
): Promise<void> {
  if (said === undefined) throw new CliError("--now asks for one Baseline: name it");
  const [baseline] = await chosenBaselines(cluster, said, flags);
  if (baseline === undefined) return;
  const ref = { kind: baselineKind, ...keyOf(baseline) };
  const at = new Date(systemClock.now()).toISOString();
  await annotate(cluster, { ref, shown: baseline, annotations: { [annotations.requestedAt]: at } });
  terminal.write(
    `Baseline ${ref.namespace}/${ref.name} is asked to look now; what may be written, the operator writes\n`,
  );
}

async function declaredBy(
  baseline: KubeObject,
  flags: RemediateFlags,
  terminal: Terminal,
  cluster: ClusterAccess,
): Promise<ReadObjects | undefined> {
  if (!namesDesired(flags)) return undefined;
  // The flag says where the Baseline is; where its objects go, the Baseline does.
  const namespace = getString(baseline, "spec", "targetNamespace") ?? keyOf(baseline).namespace;
  const reading = { readStandardInput: standardInput(), environment: terminal.environment, revision: flags.revision };
  return readDeclared({ ...flags, namespace }, reading, async () => cluster);
}

async function foreseeAll(
  cluster: ClusterAccess,
  { baseline: said, targets }: Words,
  flags: RemediateFlags,
  terminal: Terminal,
): Promise<void> {
  const baselines = await chosenBaselines(cluster, said, flags);
  const [first] = baselines;
  if (namesDesired(flags) && baselines.length !== 1)
    throw new CliError(`-f says what one Baseline declares, and there are ${baselines.length}: name one`);
  const declared = first === undefined ? undefined : await declaredBy(first, flags, terminal, cluster);
  const seen = await recordsFor(cluster, baselines);
  const ofThese = seen.filter((record) => baselines.some((one) => belongsTo(record, keyOf(one))));
  // What no record names is as declared, or a slip of the hand: only what is declared tells.
  let unknown = targets.filter((target) => !ofThese.some((record) => isNamed(idOfRecord(record), target)));
  const isAsked = unknown.length > 0;
  const found: Forecast[] = [];
  let failed = false;
  for (const baseline of baselines) {
    const records = seen.filter(
      (record) =>
        belongsTo(record, keyOf(baseline)) &&
        (targets.length === 0 || targets.some((target) => isNamed(idOfRecord(record), target))),
    );
    try {
      const { objects, problems, ids } = await forecast({
        cluster,
        baseline,
        records,
        seen,
        declared,
        environment: terminal.environment,
        kustomizeBinary: flags.kustomizeBinary,
        as: flags.as,
        wantsIds: isAsked,
      });
      unknown = unknown.filter((target) => !ids.some((id) => isNamed(id, target)));
      found.push(...objects);
      for (const problem of problems) terminal.writeError(`${printableLine(formatProblem(problem))}\n`);
      failed ||= problems.length > 0;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      terminal.writeError(`plumbline: ${printableLine(`${nameOf(baseline)}: ${messageOf(error)}`, 4_000)}\n`);
      failed = true;
    }
  }
  // Of a Baseline that could not be read, nobody can say what it does not declare.
  if (!failed)
    for (const { kind, name } of unknown) {
      const who = first !== undefined && baselines.length === 1 ? nameOf(first) : "each of these Baselines";
      terminal.writeError(
        `plumbline: ${printableLine(`${kind}/${name} is not known to ${who}: not declared, and no Drift record names it`)}\n`,
      );
      failed = true;
    }
  terminal.write(flags.output === "json" ? formatJsonText(forecastReport(found)) : formatForecasts(found));
  const isOpen = found.some(({ remedy }) => remedy.do !== "never");
  terminal.exit(failed ? 2 : isOpen ? 1 : 0);
}

const after = `
What a Baseline declares is read from its Git at the revision the operator has, with your git; -f or -k say it instead.
Each plan is tried by the API server without being stored, as the Baseline's ServiceAccount where you may act as it.
Limits, open breakers and how health fared are the operator's own knowledge: they are taken from its Drift records.
So is what its dry runs told it of admission, and whether a live annotation may opt in: where that matters, a note says so.

Exit status: 0 there is nothing to write; 1 something would be written, or waits; 2 an error, such as a Baseline or an
object that is not known.

Examples:
  plumbline remediate --dry-run -n plumbline-system
  plumbline remediate --dry-run plumbline-system/shop deployment/web -o json
  plumbline remediate --dry-run shop -n plumbline-system -f deploy/
  plumbline remediate --now plumbline-system/shop
`;

export function remediateCommand(terminal: Terminal): Command {
  return withDesiredFlags(
    withClusterFlags(
      new Command("remediate").description("What the operator would write, waits with, or never writes, and why."),
    ),
    "namespace of the Baseline (default: the context's)",
  )
    .argument(
      "[words...]",
      "a Baseline such as shop or platform/shop, then objects such as deployment/web (default: all)",
    )
    .option("--dry-run", "show it; nothing is written")
    .option("--now", "ask the operator to look at the Baseline now")
    .option("-A, --all-namespaces", "Baselines of every namespace")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text"))
    .addHelpText("after", after)
    .action(async (words: readonly string[], flags: RemediateFlags) => {
      if ((flags.dryRun === true) === (flags.now === true))
        throw new CliError(
          "this command writes nothing to objects, the operator does: --dry-run shows what it would write, --now asks it to look",
        );
      const cluster = await openCluster(flags);
      try {
        const read = readWords(words, (kind) => servedKind(cluster, kind) !== undefined);
        if (flags.now === true) await askNow(cluster, read.baseline, flags, terminal);
        else await foreseeAll(cluster, read, flags, terminal);
      } finally {
        await cluster.close();
      }
    });
}

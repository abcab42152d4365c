/**
 * `plumbline remediate --dry-run`: for everything that drifted, what the operator would write, what it waits for, or why
 * it never writes. The command writes nothing to any object; `--now` only asks the operator to look.
 */
import { Command, Option } from "commander";
import { annotations } from "../model/annotations.ts";
import { getString } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem, messageOf } from "../model/problem.ts";
import type { KubeObject } from "../model/resource.ts";
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
import { listOwn, listOwnWidely, readBaselineName } from "./own-objects.ts";
import { idOfRecord } from "./remediate/foresee.ts";
import { type Forecast, forecast } from "./remediate/forecast.ts";
import { namesKind, parseTarget, type Target } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface RemediateFlags extends DesiredFlags {
  readonly dryRun?: boolean;
  readonly now?: boolean;
  readonly allNamespaces?: boolean;
  readonly output: "text" | "json";
}

const isNamed = (record: KubeObject, { kind, name }: Target): boolean => {
  const id = idOfRecord(record);
  return id.name === name && namesKind(kind, id);
};

/** A word without a slash, or `namespace/name` of no kind, is a Baseline; only the first one can be. */
function readWords(words: readonly string[]): {
  readonly baseline: string | undefined;
  readonly targets: readonly Target[];
} {
  const [first = "", ...rest] = words;
  const isBaseline = first !== "" && (!first.includes("/") || /^(?:baselines?|bl)\//.test(first));
  return {
    baseline: isBaseline ? first.replace(/^[^/]*\//, "") : undefined,
    targets: (isBaseline ? rest : words).map(parseTarget),
  };
}

async function chosenBaselines(
  cluster: ClusterAccess,
  said: string | undefined,
  flags: RemediateFlags,
): Promise<readonly KubeObject[]> {
  const namespace = flags.namespace ?? cluster.credentials.namespace;
  if (said !== undefined)
    return [await readObject(cluster, { kind: baselineKind, ...readBaselineName(said, namespace) })];
  return listOwn(cluster, "baselines", flags.allNamespaces === true ? undefined : namespace);
}

const keyOf = (baseline: KubeObject): { readonly namespace: string; readonly name: string } => ({
  namespace: getString(baseline.metadata, "namespace") ?? "",
  name: getString(baseline.metadata, "name") ?? "",
});

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
  flags: RemediateFlags,
  terminal: Terminal,
  cluster: ClusterAccess,
): Promise<ReadObjects | undefined> {
  if (!namesDesired(flags)) return undefined;
  const reading = { readStandardInput: standardInput(), environment: terminal.environment, revision: flags.revision };
  return readDeclared(flags, reading, async () => cluster);
}

async function foreseeAll(
  cluster: ClusterAccess,
  words: ReturnType<typeof readWords>,
  flags: RemediateFlags,
  terminal: Terminal,
): Promise<void> {
  const baselines = await chosenBaselines(cluster, words.baseline, flags);
  const declared = await declaredBy(flags, terminal, cluster);
  if (declared !== undefined && baselines.length !== 1)
    throw new CliError(`-f says what one Baseline declares, and there are ${baselines.length}: name one`);
  const seen = await listOwnWidely(cluster, "drifts", flags.namespace ?? cluster.credentials.namespace);
  const found: Forecast[] = [];
  let failed = false;
  for (const baseline of baselines) {
    const records = seen.filter(
      (record) =>
        belongsTo(record, keyOf(baseline)) &&
        (words.targets.length === 0 || words.targets.some((target) => isNamed(record, target))),
    );
    try {
      const { objects, problems } = await forecast({
        cluster,
        baseline,
        records,
        seen,
        declared,
        environment: terminal.environment,
        kustomizeBinary: flags.kustomizeBinary,
        as: flags.as,
      });
      found.push(...objects);
      for (const problem of problems) terminal.writeError(`${printableLine(formatProblem(problem))}\n`);
      failed ||= problems.length > 0;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const { namespace, name } = keyOf(baseline);
      terminal.writeError(`plumbline: ${printableLine(`Baseline ${namespace}/${name}: ${messageOf(error)}`, 4_000)}\n`);
      failed = true;
    }
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

Exit status: 0 there is nothing to write; 1 something would be written, or waits; 2 an error.

Examples:
  plumbline remediate --dry-run -n shop
  plumbline remediate --dry-run shop deployment/web -n shop -o json
  plumbline remediate --dry-run shop -n shop -f deploy/
  plumbline remediate --now shop -n shop
`;

export function remediateCommand(terminal: Terminal): Command {
  return withDesiredFlags(
    withClusterFlags(
      new Command("remediate").description("What the operator would write, waits with, or never writes, and why."),
    ),
  )
    .argument("[words...]", "a Baseline, then objects such as deployment/web (default: all of both)")
    .option("--dry-run", "show it; nothing is written")
    .option("--now", "ask the operator to look at the Baseline now")
    .option("-A, --all-namespaces", "Baselines of every namespace")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text"))
    .addHelpText("after", after)
    .action(async (words: readonly string[], flags: RemediateFlags) => {
      const read = readWords(words);
      if ((flags.dryRun === true) === (flags.now === true))
        throw new CliError(
          "this command writes nothing to objects, the operator does: --dry-run shows what it would write, --now asks it to look",
        );
      const cluster = await openCluster(flags);
      try {
        if (flags.now === true) await askNow(cluster, read.baseline, flags, terminal);
        else await foreseeAll(cluster, read, flags, terminal);
      } finally {
        await cluster.close();
      }
    });
}

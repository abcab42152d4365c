/** `plumbline diff`: what files declare against what runs. Contract: docs/diff.md. */
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { formatJson, type Json } from "../model/json.ts";
import { printable } from "../model/printable.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import { idKey } from "../model/resource.ts";
import { systemClock } from "../runtime/clock.ts";
import { placeObjects } from "../verdict/place.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterAccess, type ClusterFlags, openCluster, withClusterFlags } from "./cluster-access.ts";
import { type ReadObjects, readDesired, readLive } from "./diff/inputs.ts";
import { judgeObjects } from "./diff/judge.ts";
import { buildKustomize } from "./diff/kustomize.ts";
import { type DiffReport, exitStatus, makeReport } from "./diff/report.ts";
import { readSettings } from "./diff/settings.ts";
import { openFiles, openWorldOf, type World } from "./diff/worlds.ts";
import { formatMarkdown } from "./output/markdown.ts";
import { formatPatches } from "./output/patch.ts";
import { formatSarif } from "./output/sarif.ts";
import { colored, formatText, plain } from "./output/text.ts";
import { formatYaml } from "./output/yaml-text.ts";
import { readBuiltInSchema, readSchemaFolder } from "./schema-files.ts";
import type { Terminal } from "./terminal.ts";
import { readVersion } from "./version.ts";

interface DiffFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: string;
  readonly kustomizeBinary: string;
  readonly live?: string;
  readonly schema?: string;
  readonly baseline?: string;
  readonly namespace?: string;
  readonly previous?: string;
  readonly showSuppressed?: boolean;
  readonly failOn?: string;
  readonly output: Output;
}

const outputs = ["text", "json", "yaml", "patch", "sarif", "markdown"] as const;
type Output = (typeof outputs)[number];

function format(report: DiffReport, output: Output, color: boolean): string {
  switch (output) {
    case "text":
      return formatText(report, color ? colored : plain);
    case "json":
      return `${formatJson(report as unknown as Json, 2)}\n`;
    case "yaml":
      return formatYaml(report as unknown as Json);
    case "patch":
      return `${formatJson(formatPatches(report), 2)}\n`;
    case "sarif":
      return `${formatJson(formatSarif(report, readVersion()), 2)}\n`;
    case "markdown":
      return formatMarkdown(report);
  }
}

/** Standard input can be read once: for `-f -` or `--live -`, not both. */
function standardInput(): () => string {
  let taken = false;
  return () => {
    if (taken) throw new CliError("standard input can be read only once: `-` was given twice");
    taken = true;
    return readFileSync(0, "utf8");
  };
}

async function readInputs(flags: DiffFlags, input: () => string, terminal: Terminal): Promise<ReadObjects> {
  const files = flags.filename ?? [];
  if (files.length === 0 && flags.kustomize === undefined)
    throw new CliError("nothing to compare: give -f or --kustomize");
  const read = readDesired(files, input);
  if (flags.kustomize === undefined) return read;
  const built = await buildKustomize(flags.kustomize, flags.kustomizeBinary, terminal.environment);
  return { objects: [...read.objects, ...built.objects], problems: [...read.problems, ...built.problems] };
}

async function compare(
  flags: DiffFlags,
  terminal: Terminal,
  keep: (cluster: ClusterAccess) => void,
): Promise<DiffReport> {
  const input = standardInput();
  const settings = readSettings(flags.baseline);
  const read = await readInputs(flags, input, terminal);
  const problems: Problem[] = [...settings.problems, ...read.problems];
  const documents = flags.schema === undefined ? undefined : readSchemaFolder(flags.schema);
  let world: World;
  let namespace = flags.namespace;
  if (flags.live === undefined) {
    const cluster = await openCluster(flags);
    keep(cluster);
    namespace ??= cluster.credentials.namespace;
    world = await openWorldOf(cluster, read.objects, documents);
  } else {
    const live = readLive(flags.live, input);
    problems.push(...live.problems);
    world = openFiles(read.objects, live.objects, documents ?? readBuiltInSchema().documents);
  }
  const place = { targetNamespace: namespace ?? "default", scopeOf: world.scopeOf };
  const placed = placeObjects(read.objects, place);
  const before =
    flags.previous === undefined ? [] : placeObjects(readDesired([flags.previous], input).objects, place).objects;
  const judged = await judgeObjects(
    placed.objects,
    new Map(before.map((one) => [idKey(one.id), one])),
    settings.baseline,
    {
      ...world,
      fileText: (file) => (file === "<stdin>" || file === flags.kustomize ? undefined : readFileSync(file, "utf8")),
      now: systemClock.now(),
    },
  );
  const warnings = judged.flatMap((one) => one.warnings);
  for (const warning of warnings) terminal.writeError(`warning: ${printable(formatProblem(warning))}\n`);
  return makeReport(
    judged.map((one) => one.judged),
    [...problems, ...placed.problems],
    { showSuppressed: flags.showSuppressed === true },
  );
}

export function diffCommand(terminal: Terminal): Command {
  return withClusterFlags(
    new Command("diff").description("Compare what files declare with what runs: 0 no drift, 1 drift, 2 error."),
  )
    .option("-f, --filename <path...>", "file, folder or - for standard input; may be repeated")
    .option("-k, --kustomize <dir>", "what kustomize builds from this folder")
    .option("--kustomize-binary <path>", "kustomize to use", "kustomize")
    .option("--live <path>", "live objects from a file or folder instead of the cluster")
    .option("--schema <dir>", "OpenAPI documents saved by `plumbline schema save`")
    .option("--baseline <file>", "a Baseline whose compare, severity and ignore settings apply")
    .option("-n, --namespace <name>", "namespace of objects that name none")
    .option("--previous <path>", "what Git said before: what still equals it is pending")
    .option("--show-suppressed", "also list what does not count, and why")
    .addOption(new Option("--fail-on <what>", "also fail on").choices(["pending"]))
    .addOption(new Option("-o, --output <format>", "output format").choices([...outputs]).default("text"))
    .action(async (flags: DiffFlags) => {
      let cluster: ClusterAccess | undefined;
      try {
        const report = await compare(flags, terminal, (opened) => (cluster = opened));
        for (const problem of report.problems) terminal.writeError(`${printable(formatReported(problem))}\n`);
        for (const object of report.objects)
          if (object.problem !== undefined)
            terminal.writeError(
              `${printable(formatReported({ ...object.problem, object: `${object.kind} ${object.name}`, file: object.source?.file ?? null, line: object.source?.line ?? null }))}\n`,
            );
        terminal.write(format(report, flags.output, terminal.isTerminal && !terminal.environment["NO_COLOR"]));
        terminal.exit(exitStatus(report, flags.failOn === "pending"));
      } finally {
        await cluster?.close();
      }
    });
}

function formatReported({ code, message, file, line, object }: DiffReport["problems"][number]): string {
  return formatProblem({
    code,
    message,
    ...(file === null ? {} : { file }),
    ...(line === null ? {} : { line }),
    ...(object === null ? {} : { object }),
  });
}

/** `plumbline diff`: what files declare against what runs. Contract: docs/diff.md. */
import { Command, Option } from "commander";
import type { Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem } from "../model/problem.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { withComparisonFlags } from "./diff/comparison.ts";
import { exitStatus, problemLines } from "./diff/report.ts";
import { type DiffRequest, type DiffResult, runDiff } from "./diff/run-diff.ts";
import { formatJsonText } from "./output/json-text.ts";
import { formatMarkdown } from "./output/markdown.ts";
import { formatPatches } from "./output/patch.ts";
import { formatSarif } from "./output/sarif.ts";
import { colored, formatText, plain } from "./output/text.ts";
import { formatYaml } from "./output/yaml-text.ts";
import type { Terminal } from "./terminal.ts";
import { readVersion } from "./version.ts";

interface DiffFlags extends Omit<DiffRequest, "patches"> {
  readonly failOn?: string;
  readonly output: Output;
}

const outputs = ["text", "json", "yaml", "patch", "sarif", "markdown"] as const;
type Output = (typeof outputs)[number];

function format({ report, judged }: DiffResult, output: Output, color: boolean): string {
  switch (output) {
    case "text":
      return formatText(report, color ? colored : plain);
    case "json":
      return formatJsonText(report as unknown as Json);
    case "yaml":
      return formatYaml(report as unknown as Json);
    case "patch":
      return formatJsonText(formatPatches(judged));
    case "sarif":
      return formatJsonText(formatSarif(report, readVersion()));
    case "markdown":
      return formatMarkdown(report);
  }
}

/** Any value of NO_COLOR but the empty one. Source: https://no-color.org */
const wantsColor = (terminal: Terminal): boolean => terminal.isTerminal && !terminal.environment["NO_COLOR"];

const after = `
Exit status: 0 as declared, or pending; 1 drifted, missing, terminating or unmanaged; 2 an error, or any object
that could not be judged. 2 beats 1.

Examples:
  plumbline diff -f deploy/ -n shop
  kustomize build prod | plumbline diff -f - -o json
  kubectl get deployments,services -n shop -o yaml | plumbline diff -f deploy/ --live -
  plumbline diff --helm charts/web --values prod.yaml -n shop
  plumbline diff -f https://git.example/shop.git//prod --revision v1.4
`;

export function diffCommand(terminal: Terminal): Command {
  return withComparisonFlags(
    new Command("diff").description("Compare what files declare with what runs. Nothing is written anywhere."),
  )
    .option("--prune-scope <selector>", "also report live objects with these labels that nothing declares")
    .option("--show-suppressed", "also list what does not count, and why")
    .addOption(new Option("--fail-on <what>", "also exit 1 on").choices(["pending"]))
    .addOption(new Option("-o, --output <format>", "output format").choices([...outputs]).default("text"))
    .addHelpText("after", after)
    .action(async (flags: DiffFlags) => {
      let cluster: ClusterAccess | undefined;
      try {
        const request = { ...flags, patches: flags.output === "patch" };
        const result = await runDiff(request, terminal.environment, (opened) => (cluster = opened));
        for (const warning of result.warnings)
          terminal.writeError(`warning: ${printableLine(formatProblem(warning))}\n`);
        for (const line of problemLines(result.report)) terminal.writeError(`${printableLine(line)}\n`);
        terminal.write(format(result, flags.output, wantsColor(terminal)));
        terminal.exit(exitStatus(result.report, flags.failOn === "pending"));
      } finally {
        await cluster?.close();
      }
    });
}

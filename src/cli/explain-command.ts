/**
 * `plumbline explain <kind/name>`: why one declared object is drift, or is not: every rule that spoke, every default
 * that filled in, path by path. Made by the comparison that judges.
 */
import { Command, Option } from "commander";
import { printableLine } from "../model/printable.ts";
import { formatProblem } from "../model/problem.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type ComparisonFlags, openComparison, withComparisonFlags } from "./diff/comparison.ts";
import { chooseDeclared } from "./diff/declared.ts";
import { judgeDeclared } from "./diff/judge.ts";
import { explanationReport, formatExplanation } from "./output/explanation.ts";
import { formatJsonText } from "./output/json-text.ts";
import { formatYaml } from "./output/yaml-text.ts";
import type { Terminal } from "./terminal.ts";

interface ExplainFlags extends ComparisonFlags {
  readonly all?: boolean;
  readonly output: "text" | "json" | "yaml";
}

const after = `
Exit status: 0 it is explained, drift or not; 2 an error, or it could not be judged.

Examples:
  plumbline explain deployment/web -f deploy/ -n shop
  plumbline explain service/web -f deploy/ --live dump.json --all
`;

export function explainCommand(terminal: Terminal): Command {
  return withComparisonFlags(
    new Command("explain").description("Why an object is, or is not, drift: what decided each of its paths."),
  )
    .argument("<kind/name>", "a declared object, such as deployment/web")
    .option("--all", "also the paths that simply agree")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json", "yaml"]).default("text"))
    .addHelpText("after", after)
    .action(async (target: string, flags: ExplainFlags) => {
      let cluster: ClusterAccess | undefined;
      try {
        const comparison = await openComparison(flags, terminal.environment, (opened) => (cluster = opened));
        for (const problem of comparison.problems) terminal.writeError(`${printableLine(formatProblem(problem))}\n`);
        const chosen = chooseDeclared(target, flags, comparison);
        const [one] = await judgeDeclared([chosen], comparison, { explanations: true });
        if (one === undefined) return;
        for (const warning of one.warnings) terminal.writeError(`warning: ${printableLine(formatProblem(warning))}\n`);
        const report = explanationReport(one, flags.all === true);
        if (flags.output === "json") terminal.write(formatJsonText(report));
        else if (flags.output === "yaml") terminal.write(formatYaml(report));
        else terminal.write(formatExplanation(one, flags.all === true));
        terminal.exit(one.judged.verdict.kind === "unknown" ? 2 : 0);
      } finally {
        await cluster?.close();
      }
    });
}

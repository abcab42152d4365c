/** docs/metrics.md, made from the table of families. */
import { families } from "../../../src/sinks/metrics/families.ts";
import type { Family } from "../../../src/sinks/metrics/family.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ([name, family]: readonly [string, Family]): string => {
  const labels = family.labels.map((label) => `\`${label}\``).join(", ");
  return `| \`${name}\` | ${family.type} | ${labels} | ${cell(family.help)} |`;
};

function tableOf(from: Family["from"]): readonly string[] {
  const rows = (Object.entries(families) as [string, Family][]).filter(([, family]) => family.from === from);
  return ["| name | type | labels | what it says |", "|---|---|---|---|", ...rows.map(row)];
}

export function metricsPage(): string {
  return [
    "# Metrics",
    "",
    "<!-- Made by `npm run generate` from src/sinks/metrics/families.ts; edit the table there. -->",
    "",
    "`:8080/metrics`, in the Prometheus text format, or as OpenMetrics where the request asks for it. Base units; no value,",
    "path or message is ever a label. Series of a deleted object or Baseline disappear with it. How to scrape them, what to",
    "ask first and what alerts there are: [prometheus.md](prometheus.md).",
    "",
    "## From the lease holder only",
    "",
    "So that sums are true with a standby.",
    "",
    ...tableOf("holder"),
    "",
    "## From every replica",
    "",
    ...tableOf("process"),
    "",
  ].join("\n");
}

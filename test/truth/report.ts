/** What a run of `npm run truth` prints: the figures of each leg, by operator and by kind, and every wrong one. */
import type { Case, LegReport, Refusal } from "./leg.ts";
import { figuresOf, isWrong, precision, recall, rowsBy, type Figures } from "./tally.ts";

const HEAD = ["", "cases", "wrong", "FP", "FN", "precision", "recall", "refused"];
const MOST_WRONG = 200;

export const percent = (share: number): string => `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;

function cells(name: string, figures: Figures): readonly string[] {
  return [
    name,
    String(figures.cases),
    String(figures.wrong),
    String(figures.falsePositives),
    String(figures.falseNegatives),
    percent(precision(figures)),
    percent(recall(figures)),
    String(figures.refused),
  ];
}

function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function wrongLines(one: Case): readonly string[] {
  return [
    `  ${one.file}: ${one.object}: ${one.operator}: ${one.edit}`,
    `    expected ${one.expected.join(", ") || "nothing"}`,
    `    found    ${one.found.join(", ") || "nothing"}`,
  ];
}

/** Why the server refused, most frequent first; texts that differ only in their values count as one. */
function refusalLines(refused: readonly Refusal[]): readonly string[] {
  const plain = (text: string): string =>
    text
      .replaceAll(/"[^"]*"/g, '"…"')
      .replaceAll(/\d+/g, "#")
      .slice(0, 110);
  const groups = [...Map.groupBy(refused, ({ reason }) => plain(reason))];
  const sorted = groups.toSorted(([, one], [, other]) => other.length - one.length);
  return sorted.slice(0, 12).map(([reason, all]) => `  ${all.length} x ${reason}`);
}

/** @param whole false: figures and wrong ones only, without the tables by operator and kind */
export function printReport(report: LegReport, whole = true): string {
  const { leg, cases, refused, notes } = report;
  const wrong = cases.filter(isWrong);
  const total = cells("all", figuresOf(cases, refused));
  const tables = (["operator", "kind"] as const).map(
    (what) => [[`by ${what}`, ...HEAD.slice(1)], ...rowsBy(what, report).map((row) => cells(row.name, row))] as const,
  );
  const lines = [`== ${leg}`, ...notes.map((note) => `   ${note}`), ...align([HEAD, total])];
  if (whole) for (const table of tables) lines.push("", ...align(table));
  if (refused.length > 0) lines.push("", "refused by the server:", ...refusalLines(refused));
  if (wrong.length > 0) lines.push("", `wrong: ${wrong.length}`, ...wrong.slice(0, MOST_WRONG).flatMap(wrongLines));
  if (wrong.length > MOST_WRONG) lines.push(`  … and ${wrong.length - MOST_WRONG} more (--json has all)`);
  return `${lines.join("\n")}\n`;
}

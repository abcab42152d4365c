/** The table of the README's section on correctness, between its marks: what `npm run truth -- --readme` measured. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { LegReport } from "./leg.ts";
import { percent } from "./report.ts";
import { figuresOf, precision, recall, type Figures } from "./tally.ts";

export interface Run {
  /** Of the server. */
  readonly version: string;
  readonly seeds: readonly number[];
  /** What `npm run truth --` was given. */
  readonly asked: readonly string[];
  /** Declared in all directories. */
  readonly objects: number;
  readonly reports: readonly LegReport[];
}

const MARKED = /(<!-- truth: made by `([^`]*)` -->\n)([\s\S]*?)(<!-- \/truth -->)/;
const file = fileURLToPath(new URL("../../README.md", import.meta.url));

export const head: readonly string[] = [
  "",
  "cases",
  "wrong",
  "false positives",
  "false negatives",
  "path precision",
  "path recall",
  "refused",
];

const thousands = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function rowOf(name: string, figures: Figures): string {
  const counts = [figures.cases, figures.wrong, figures.falsePositives, figures.falseNegatives].map(thousands);
  const shares = [percent(precision(figures)), percent(recall(figures))];
  return line([name, ...counts, ...shares, thousands(figures.refused)]);
}

/** The reports of one leg under several seeds as one. */
function together(reports: readonly LegReport[]): readonly LegReport[] {
  return [...Map.groupBy(reports, ({ leg }) => leg).values()].flatMap((ofLeg) => {
    const [first] = ofLeg;
    if (first === undefined) return [];
    return [{ ...first, cases: ofLeg.flatMap(({ cases }) => cases), refused: ofLeg.flatMap(({ refused }) => refused) }];
  });
}

/** One row for each leg, or for each of its parts. */
export function tableOf({ version, seeds, asked, objects, reports }: Run): string {
  const rows = together(reports).flatMap(({ leg, cases, refused, parts }) =>
    parts === undefined
      ? [rowOf(leg, figuresOf(cases, refused))]
      : parts.map((part) =>
          rowOf(
            `${leg}: ${part}`,
            figuresOf(
              cases.filter(({ operator }) => operator.startsWith(part)),
              [],
            ),
          ),
        ),
  );
  return [
    `\`npm run truth -- ${asked.join(" ")}\` on Kubernetes ${version}, ${thousands(objects)} objects, seed${seeds.length > 1 ? "s" : ""} ${seeds.join(", ")}:`,
    "",
    line(head),
    line(head.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...rows,
    "",
  ].join("\n");
}

/** What stands between the marks, and the command they name; undefined where there are none. */
export function readMarked(text: string): { readonly command: string; readonly table: string } | undefined {
  const found = MARKED.exec(text);
  return found === null ? undefined : { command: found[2] ?? "", table: found[3] ?? "" };
}

/** @throws where the README has no marks */
export function writeReadme(run: Run): void {
  const text = readFileSync(file, "utf8");
  if (readMarked(text) === undefined) throw new Error("README.md has no marks for the table");
  writeFileSync(
    file,
    text.replace(
      MARKED,
      (_, opening: string, __: string, ___: string, closing: string) => `${opening}${tableOf(run)}${closing}`,
    ),
  );
}

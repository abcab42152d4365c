/**
 * Writes what was measured into docs/performance.md and docs/simulation.md, between their markers, from the JSON of
 * the runs: of each figure at each number of objects, what the newest run says. Computes nothing that was not measured.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isMet, numberText, ratioText, type Results, type Row } from "./results.ts";
import { simulationText } from "./simulation.ts";
import { soakTable, type SoakResults } from "./soak-results.ts";

interface Measured {
  readonly row: Row;
  readonly results: Results;
}

function isResults(value: unknown): value is Results {
  return typeof value === "object" && value !== null && "rows" in value && "machine" in value;
}

function isSoak(value: unknown): value is SoakResults {
  return typeof value === "object" && value !== null && "soak" in value;
}

function readAll(folder: string): readonly unknown[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as unknown);
}

/** The newest of each figure at each number of objects, in the order of the figures. */
export function newest(all: readonly Results[]): readonly Measured[] {
  const found = new Map<string, Measured>();
  for (const results of all.toSorted((one, other) => one.at.localeCompare(other.at)))
    for (const row of results.rows) found.set(`${results.objects} ${row.figure} ${row.what}`, { row, results });
  return [...found.values()];
}

function cell(measured: Measured | undefined): string {
  if (measured === undefined) return "";
  const { row } = measured;
  const met = isMet(row);
  return `${numberText(row.value)}${met === false ? " ✗" : ""}`;
}

function peerCell(of: readonly (Measured | undefined)[]): readonly [string, string] {
  // One that ran in the session before one that was measured another time.
  const last =
    of.findLast((one) => one?.row.peer?.from === "here") ?? of.findLast((one) => one?.row.peer !== undefined);
  if (last?.row.peer === undefined) return ["", ""];
  const { name, value, from } = last.row.peer;
  return [`${name} ${numberText(value)}${from === "here" ? "" : " †"}`, ratioText(last.row)];
}

const isOfLoop = ({ row }: Measured): boolean => row.what.startsWith("event loop");

function table(measured: readonly Measured[]): readonly string[] {
  const sizes = [...new Set(measured.map(({ results }) => results.objects))].toSorted((one, other) => one - other);
  const rows = [...Map.groupBy(measured, ({ row }) => `${row.figure} ${row.what}`).values()].toSorted((one, other) =>
    (one[0]?.row.figure ?? "").localeCompare(other[0]?.row.figure ?? ""),
  );
  const head = ["#", "figure", ...sizes.map((size) => `${size.toLocaleString("en")} objects`), "goal", "peer", "ratio"];
  const lines = rows.map((group) => {
    const at = sizes.map((size) => group.find(({ results }) => results.objects === size));
    const row = group[0]?.row;
    const goals = [...new Set(at.flatMap((one) => (one?.row.goal === undefined ? [] : [numberText(one.row.goal)])))];
    const sign = row?.isRate === true ? "≥" : "≤";
    const goal = goals.length === 0 ? "" : `${sign} ${goals.join(" / ")}`;
    return [
      row?.figure ?? "",
      `${row?.what}${row?.unit === "" ? "" : `, ${row?.unit}`}`,
      ...at.map(cell),
      goal,
      ...peerCell(at),
    ];
  });
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
}

function runLines(measured: readonly Measured[]): readonly string[] {
  const runs = [...new Set(measured.map(({ results }) => results))].toSorted((one, other) =>
    one.at.localeCompare(other.at),
  );
  return runs.map(({ commit, isDirty, at, objects, machine }) => {
    const { cores, cpu, memoryGb, node, server, get } = machine;
    const loads = `${machine.loadBefore.toFixed(1)} → ${machine.loadAfter.toFixed(1)}`;
    return `- ${objects.toLocaleString("en")} objects: commit ${commit}${isDirty ? " with changes" : ""}, ${at.slice(0, 10)}, ${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}, kube-apiserver ${server}, load ${loads}, a GET p50 ${get.toFixed(2)} ms`;
  });
}

/** Text with what is between the two markers replaced. @throws where they are not there */
export function between(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name}: made by npm run bench -- --report -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no markers ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${lines.join("\n")}\n\n${text.slice(to)}`;
}

function rewrite(file: string, parts: Readonly<Record<string, readonly string[]>>): void {
  let text = readFileSync(file, "utf8");
  for (const [name, lines] of Object.entries(parts)) text = between(text, name, lines);
  writeFileSync(file, text);
}

const nothing = ["Nothing was measured yet."];

/** @param folder of the JSON files */
export function writeReport(folder: string, say: (line: string) => void): void {
  const all = readAll(folder);
  const measured = newest(all.filter(isResults));
  const soaks = all.filter(isSoak).toSorted((one, other) => one.at.localeCompare(other.at));
  rewrite("docs/performance.md", {
    figures:
      measured.length === 0
        ? nothing
        : [
            ...table(measured.filter((one) => !isOfLoop(one))),
            "",
            "Blocks of the event loop:",
            "",
            ...table(measured.filter(isOfLoop)),
            "",
            "Measured at:",
            "",
            ...runLines(measured),
          ],
    soak: soaks.length === 0 ? nothing : soakTable(soaks.at(-1)!),
  });
  rewrite("docs/simulation.md", { simulation: measured.length === 0 ? nothing : simulationText(measured) });
  say(`${measured.length} figures of ${all.length} files written into docs/performance.md and docs/simulation.md`);
}

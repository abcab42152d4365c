/** One table: what Plumbline and `kubectl diff` said of the same objects, by what was done to them. */
import type { Answer, Mode } from "./kubectl-diff.ts";

export interface Compared {
  readonly operator: string;
  readonly mode: Mode["name"];
  /** True where something has to be found. */
  readonly isDrift: boolean;
  /** Exactly the right paths. */
  readonly ours: boolean;
  readonly ourCount: number;
  readonly theirs: Answer;
}

interface Tally {
  readonly right: number;
  readonly missed: number;
  readonly falsely: number;
  readonly failed: number;
}

function tallyOf(words: readonly ("right" | "missed" | "falsely" | "failed")[]): Tally {
  const count = (word: string): number => words.filter((one) => one === word).length;
  return { right: count("right"), missed: count("missed"), falsely: count("falsely"), failed: count("failed") };
}

/** They are asked only whether an object differs at all. */
export function theirWord({ isDrift, theirs }: Compared): "right" | "missed" | "falsely" | "failed" {
  if (theirs === "failed") return "failed";
  if (isDrift) return theirs === "differs" ? "right" : "missed";
  return theirs === "differs" ? "falsely" : "right";
}

/** We are asked for the very paths. */
function ourWord({ isDrift, ours, ourCount }: Compared): "right" | "missed" | "falsely" {
  if (ours) return "right";
  return isDrift && ourCount === 0 ? "missed" : "falsely";
}

function cells(name: string, rows: readonly Compared[]): readonly string[] {
  const ours = tallyOf(rows.map(ourWord));
  const theirs = tallyOf(rows.map(theirWord));
  const { right, missed, falsely, failed } = theirs;
  return [name, rows.length, ours.right, ours.missed, ours.falsely, right, missed, falsely, failed].map(String);
}

const HEAD = ["", "cases", "ours: right", "missed", "false", "kubectl: right", "missed", "false", "error"];

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}

/** Lines of a table for each way in which kubectl was asked, most cases missed first. */
export function sideBySide(compared: readonly Compared[]): readonly string[] {
  return [...Map.groupBy(compared, ({ mode }) => mode)].flatMap(([mode, all]) => {
    const rows = [...Map.groupBy(all, ({ operator }) => operator)].map(([name, some]) => cells(name, some));
    const worst = (row: readonly string[]): number => Number(row[6]) + Number(row[7]) + Number(row[8]);
    return [
      "",
      ...table([
        [mode, ...HEAD.slice(1)],
        cells("all", all),
        ...rows.toSorted((one, other) => worst(other) - worst(one)),
      ]),
    ];
  });
}

/** One table: what Plumbline and its peers said of the same objects, by what was done to them. */
import type { Answer } from "../peers/answer.ts";
import type { Mode } from "./kubectl-diff.ts";

export interface PeerAnswer {
  readonly peer: string;
  readonly answer: Answer;
}

export interface Compared {
  readonly operator: string;
  readonly mode: Mode["name"];
  /** True where something has to be found. */
  readonly isDrift: boolean;
  /** Exactly the right paths. */
  readonly ours: boolean;
  readonly ourCount: number;
  /** The same peers in the same order for all of a mode. */
  readonly theirs: readonly PeerAnswer[];
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
export function theirWord({ isDrift }: Compared, answer: Answer): "right" | "missed" | "falsely" | "failed" {
  if (answer === "failed") return "failed";
  if (isDrift) return answer === "differs" ? "right" : "missed";
  return answer === "differs" ? "falsely" : "right";
}

/** We are asked for the very paths. */
function ourWord({ isDrift, ours, ourCount }: Compared): "right" | "missed" | "falsely" {
  if (ours) return "right";
  return isDrift && ourCount === 0 ? "missed" : "falsely";
}

const peersOf = (rows: readonly Compared[]): readonly string[] => rows[0]?.theirs.map(({ peer }) => peer) ?? [];

const wrongs = ({ missed, falsely, failed }: Tally): number => missed + falsely + failed;

/** How one row of the table reads, and how much the peers have wrong in it. */
function rowOf(name: string, rows: readonly Compared[]): { readonly cells: readonly string[]; readonly worst: number } {
  const ours = tallyOf(rows.map(ourWord));
  const theirs = peersOf(rows).map((_, at) =>
    tallyOf(rows.flatMap((one) => one.theirs.slice(at, at + 1).map(({ answer }) => theirWord(one, answer)))),
  );
  const counts = [ours.right, ours.missed, ours.falsely];
  for (const { right, missed, falsely, failed } of theirs) counts.push(right, missed, falsely, failed);
  return {
    cells: [name, rows.length, ...counts].map(String),
    worst: theirs.reduce((total, tally) => total + wrongs(tally), 0),
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}

/** Lines of a table for each way in which kubectl was asked, the rows with most wrong answers of the peers first. */
export function sideBySide(compared: readonly Compared[]): readonly string[] {
  return [...Map.groupBy(compared, ({ mode }) => mode)].flatMap(([mode, all]) => {
    const head = [mode, "cases", "ours: right", "missed", "false"];
    for (const peer of peersOf(all)) head.push(`${peer}: right`, "missed", "false", "error");
    const rows = [...Map.groupBy(all, ({ operator }) => operator)].map(([name, some]) => rowOf(name, some));
    const sorted = rows.toSorted((one, other) => other.worst - one.worst);
    return [
      "",
      ...table(
        head,
        [rowOf("all", all), ...sorted].map(({ cells }) => cells),
      ),
    ];
  });
}

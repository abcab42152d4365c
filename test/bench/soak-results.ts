/** What a soak leaves, and its part of docs/performance.md. Pure. */
import type { Machine } from "./results.ts";
import { numberText } from "./results.ts";
import { median } from "./spread.ts";
import type { Comparison } from "./standing.ts";

export interface MemorySample {
  /** Seconds since the soak began. */
  readonly at: number;
  /** MB. */
  readonly resident: number;
  /** MB of JavaScript objects, garbage that is not yet collected included; absent in older results. */
  readonly heap?: number;
}

export interface SoakResults {
  readonly soak: true;
  readonly commit: string;
  readonly isDirty: boolean;
  readonly at: string;
  readonly objects: number;
  readonly minutes: number;
  readonly rate: number;
  readonly machine: Machine;
  readonly done: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly rotations: number;
  readonly relists: number;
  readonly watches: Readonly<Record<string, number>>;
  /** Against what the second process knows it did. */
  readonly found: Comparison;
  readonly isAsFresh: boolean;
  readonly crashes: readonly string[];
  readonly exitCode: number | null;
  readonly loopMax: number | undefined;
  readonly memory: readonly MemorySample[];
}

/** MB of objects at the fullest collection of each third after the first: what is truly held. */
function heldText(samples: readonly MemorySample[]): string {
  if (samples.some(({ heap }) => heap === undefined)) return "not measured";
  const third = Math.floor(samples.length / 3);
  const least = (from: number, to: number): string =>
    numberText(Math.min(...samples.slice(from, to).map(({ heap = 0 }) => heap)));
  return `${least(third, 2 * third)}, ${least(2 * third, samples.length)} MB`;
}

/** Median of the middle and of the last third, MB, and how far the last is above the middle, as a share. */
export function flatness(samples: readonly MemorySample[]): {
  readonly middle: number;
  readonly last: number;
  readonly rise: number;
} {
  const third = Math.floor(samples.length / 3);
  const of = (from: number, to: number): number => median(samples.slice(from, to).map(({ resident }) => resident));
  const middle = of(third, 2 * third);
  const last = of(2 * third, samples.length);
  return { middle, last, rise: last / middle - 1 };
}

export function soakLines(soak: SoakResults): readonly (readonly [string, string, string])[] {
  const { middle, last, rise } = flatness(soak.memory);
  const done = Object.entries(soak.done).map(([what, times]) => `${numberText(times)} × ${what}`);
  const lost = Object.entries(soak.watches).filter(([state, count]) => state !== "live" && count > 0);
  return [
    [
      "length",
      `${soak.minutes} min at ${numberText(soak.objects)} objects, ${numberText(soak.rate)} ev/s`,
      "30 min, 20,000, 200",
    ],
    ["what was done", done.join(", "), ""],
    ["API server restarts, token rotations", `${soak.restarts}, ${soak.rotations}`, ""],
    ["edits not told, verdicts wrong", `${soak.found.missed.length}, ${soak.found.wrong.length}`, "0, 0"],
    ["a fresh start says", soak.isAsFresh ? "the same" : "otherwise", "the same"],
    [
      "RSS, middle and last third",
      `${numberText(middle)}, ${numberText(last)} MB: ${(rise * 100).toFixed(1)} %`,
      "within 5 %",
    ],
    ["JavaScript heap at its least, middle and last third", heldText(soak.memory), ""],
    ["watches not live at the end", lost.map(([state, count]) => `${count} ${state}`).join(", ") || "none", "none"],
    ["relists", numberText(soak.relists), ""],
    ["event loop late at most", soak.loopMax === undefined ? "" : `${numberText(soak.loopMax)} ms`, "20 ms"],
    [
      "rejections and crashes",
      soak.crashes.length === 0 ? `none, exit code ${soak.exitCode}` : soak.crashes.join("; "),
      "none, 0",
    ],
  ];
}

export function soakTable(soak: SoakResults): readonly string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const { commit, isDirty, at, machine } = soak;
  return [
    row(["soak", "found", "goal"]),
    row(["---", "---", "---"]),
    ...soakLines(soak).map(row),
    "",
    `Commit ${commit}${isDirty ? " with changes" : ""}, ${at.slice(0, 10)}, ${machine.cores} cores, Node ${machine.node}.`,
  ];
}

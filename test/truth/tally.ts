/** From cases to figures: false positives and negatives, precision and recall of the paths, by operator and by kind. */
import type { Case, LegReport, Refusal } from "./leg.ts";

export interface Figures {
  readonly cases: number;
  readonly refused: number;
  readonly wrong: number;
  /** Cases in which something was found that is not there. */
  readonly falsePositives: number;
  /** Cases in which something that had to be found was not. */
  readonly falseNegatives: number;
  readonly expectedPaths: number;
  readonly foundPaths: number;
  readonly rightPaths: number;
}

export type Row = Figures & { readonly name: string };

function surplus(of: readonly string[], over: readonly string[]): readonly string[] {
  return of.filter((line) => !over.includes(line));
}

export function isWrong({ expected, found }: Case): boolean {
  return expected.length !== found.length || surplus(expected, found).length > 0;
}

export function figuresOf(cases: readonly Case[], refused: readonly Refusal[]): Figures {
  const sum = (count: (one: Case) => number): number => cases.reduce((total, one) => total + count(one), 0);
  const right = (one: Case): number => one.expected.length - surplus(one.expected, one.found).length;
  return {
    cases: cases.length,
    refused: refused.length,
    wrong: cases.filter(isWrong).length,
    falsePositives: cases.filter((one) => surplus(one.found, one.expected).length > 0).length,
    falseNegatives: cases.filter((one) => surplus(one.expected, one.found).length > 0).length,
    expectedPaths: sum((one) => one.expected.length),
    foundPaths: sum((one) => one.found.length),
    rightPaths: sum(right),
  };
}

/** 1 where there was nothing to find, or nothing found. */
export const precision = ({ rightPaths, foundPaths }: Figures): number =>
  foundPaths === 0 ? 1 : rightPaths / foundPaths;
export const recall = ({ rightPaths, expectedPaths }: Figures): number =>
  expectedPaths === 0 ? 1 : rightPaths / expectedPaths;

/** One row for each operator, or kind, in the order of the alphabet. */
export function rowsBy(what: "operator" | "kind", { cases, refused }: LegReport): readonly Row[] {
  const names = [...new Set([...cases, ...refused].map((one) => one[what]))].toSorted();
  const ofCases = Map.groupBy(cases, (one) => one[what]);
  const ofRefused = Map.groupBy(refused, (one) => one[what]);
  return names.map((name) => ({ name, ...figuresOf(ofCases.get(name) ?? [], ofRefused.get(name) ?? []) }));
}

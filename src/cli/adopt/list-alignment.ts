/** Two lists side by side: which item of the one is which of the other, so that only what differs is rewritten. Pure. */
import { canonicalJson } from "../../model/canonical.ts";
import { isObject, type Json } from "../../model/json.ts";

/** An item of both, of the first only (removed), or of the second only (added), in the order of the second. */
export interface Aligned {
  readonly from?: number;
  readonly to?: number;
}

/** What lists of Kubernetes are mostly keyed by; an item without any of them is itself. */
const NAMES = ["name", "key", "mountPath", "containerPort", "port", "ip", "topologyKey", "type", "uid"] as const;

function identityOf(item: Json): string {
  if (!isObject(item)) return canonicalJson(item);
  const name = NAMES.find((one) => item[one] !== undefined);
  return name === undefined ? canonicalJson(item) : canonicalJson([name, item[name] ?? null, item["protocol"] ?? null]);
}

/** Pairs of the longest sequence that both have in common. */
function common(from: readonly string[], to: readonly string[]): readonly (readonly [number, number])[] {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = from.length - 1; row >= 0; row -= 1)
    for (let column = to.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        from[row] === to[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const pairs: (readonly [number, number])[] = [];
  let [row, column] = [0, 0];
  while (row < from.length && column < to.length) {
    if (from[row] === to[column]) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}

/** Between two items that both have, what only one has is taken in order, as far as both go. */
function gap(from: readonly number[], to: readonly number[]): readonly Aligned[] {
  const paired = from.length === to.length ? from.length : 0;
  return [
    ...from.slice(0, paired).map((one, at): Aligned => ({ from: one, to: to[at] ?? 0 })),
    ...from.slice(paired).map((one): Aligned => ({ from: one })),
    ...to.slice(paired).map((one): Aligned => ({ to: one })),
  ];
}

/** Each item in the place of the one at its index, as far as both go. */
export const inOrder = (from: number, to: number): readonly Aligned[] =>
  Array.from({ length: Math.max(from, to) }, (_, at) => ({
    ...(at < from ? { from: at } : {}),
    ...(at < to ? { to: at } : {}),
  }));

const range = (start: number, end: number): readonly number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);

export function alignLists(from: readonly Json[], to: readonly Json[]): readonly Aligned[] {
  const pairs = common(from.map(identityOf), to.map(identityOf));
  const steps: Aligned[] = [];
  let [row, column] = [0, 0];
  for (const [nextRow, nextColumn] of [...pairs, [from.length, to.length] as const]) {
    steps.push(...gap(range(row, nextRow), range(column, nextColumn)));
    if (nextRow < from.length || nextColumn < to.length) steps.push({ from: nextRow, to: nextColumn });
    [row, column] = [nextRow + 1, nextColumn + 1];
  }
  return steps;
}

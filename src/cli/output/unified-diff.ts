/**
 * Two texts as a unified diff that `git apply` and `patch` take. Myers' greedy search over lines; where more differs than
 * a person would read, the whole stretch is one change.
 * Source: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */

const CONTEXT = 3;
/** Lines removed and added in all, beyond which the search costs more than it tells. */
const MOST = 2_000;

interface Stretch {
  /** Lines of the old text, from and behind. */
  readonly old: readonly [number, number];
  readonly fresh: readonly [number, number];
}

/** Lines with their breaks: the last one may have none. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The furthest reaching paths, one map of diagonals for each number of edits. */
function search(old: readonly string[], fresh: readonly string[]): readonly ReadonlyMap<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST, old.length + fresh.length); edits += 1) {
    const next = new Map<number, number>();
    trace.push(next);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const [down, right] = [reached.get(diagonal + 1) ?? -1, (reached.get(diagonal - 1) ?? -2) + 1];
      let row = Math.max(down, right);
      while (row < old.length && row - diagonal < fresh.length && old[row] === fresh[row - diagonal]) row += 1;
      if (row > old.length || row - diagonal > fresh.length) continue;
      next.set(diagonal, row);
      if (row === old.length && row - diagonal === fresh.length) return trace;
    }
    reached = next;
  }
  return undefined;
}

/** What differs, in order: lines of the one in the place of lines of the other. */
function stretchesOf(old: readonly string[], fresh: readonly string[]): readonly Stretch[] {
  const trace = search(old, fresh);
  if (trace === undefined) return [{ old: [0, old.length], fresh: [0, fresh.length] }];
  const found: Stretch[] = [];
  let [row, column] = [old.length, fresh.length];
  for (let edits = trace.length - 1; edits > 0; edits -= 1) {
    const before = trace[edits - 1] ?? new Map<number, number>();
    const diagonal = row - column;
    const [down, right] = [before.get(diagonal + 1) ?? -1, (before.get(diagonal - 1) ?? -2) + 1];
    const isDown = down >= right;
    const start = isDown ? down : right;
    // Behind the edit the two run together for a while.
    row = start;
    column = start - diagonal;
    const one: Stretch = isDown
      ? { old: [row, row], fresh: [column - 1, column] }
      : { old: [row - 1, row], fresh: [column, column] };
    const next = found.at(-1);
    if (next !== undefined && one.old[1] === next.old[0] && one.fresh[1] === next.fresh[0])
      found[found.length - 1] = { old: [one.old[0], next.old[1]], fresh: [one.fresh[0], next.fresh[1]] };
    else found.push(one);
    if (isDown) column -= 1;
    else row -= 1;
  }
  return found.toReversed();
}

/** Stretches that are so near that their context overlaps are one hunk. */
function hunksOf(stretches: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const hunks: Stretch[][] = [];
  for (const one of stretches) {
    const last = hunks.at(-1);
    const before = last?.at(-1);
    if (before === undefined || last === undefined || one.old[0] - before.old[1] > 2 * CONTEXT) hunks.push([one]);
    else last.push(one);
  }
  return hunks;
}

const NO_BREAK = "\n\\ No newline at end of file\n";
const marked = (mark: string, line: string): string => mark + (line.endsWith("\n") ? line : line + NO_BREAK);
const rangeOf = (start: number, count: number): string =>
  `${count === 0 ? start : start + 1}${count === 1 ? "" : `,${count}`}`;

function formatHunk(hunk: readonly Stretch[], old: readonly string[], fresh: readonly string[]): string {
  const [first, last] = [hunk[0] as Stretch, hunk.at(-1) as Stretch];
  const from = Math.max(0, first.old[0] - CONTEXT);
  const to = Math.min(old.length, last.old[1] + CONTEXT);
  const freshFrom = first.fresh[0] - (first.old[0] - from);
  const freshTo = last.fresh[1] + (to - last.old[1]);
  const body: string[] = [];
  let at = from;
  for (const { old: gone, fresh: came } of hunk) {
    body.push(...old.slice(at, gone[0]).map((line) => marked(" ", line)));
    body.push(...old.slice(...gone).map((line) => marked("-", line)));
    body.push(...fresh.slice(...came).map((line) => marked("+", line)));
    at = gone[1];
  }
  body.push(...old.slice(at, to).map((line) => marked(" ", line)));
  return `@@ -${rangeOf(from, to - from)} +${rangeOf(freshFrom, freshTo - freshFrom)} @@\n${body.join("")}`;
}

/** As git writes a name with characters that a line cannot hold. */
const quoted = (name: string): string => (/[\p{Cc}"\\]/u.test(name) ? JSON.stringify(name) : name);

/** The lines a patch shows, 0-based, of the one text and of the other. */
export function shownLines(
  before: string,
  after: string,
): { readonly old: readonly number[]; readonly fresh: readonly number[] } {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const around = (from: number, to: number, most: number): readonly number[] => {
    const start = Math.max(0, from - CONTEXT);
    return Array.from({ length: Math.min(most, to + CONTEXT) - start }, (_, index) => start + index);
  };
  const stretches = stretchesOf(old, fresh);
  return {
    old: stretches.flatMap((one) => around(...one.old, old.length)),
    fresh: stretches.flatMap((one) => around(...one.fresh, fresh.length)),
  };
}

/** @param before undefined: the file is new. "" where nothing differs */
export function unifiedDiff(file: string, before: string | undefined, after: string): string {
  if (before === after) return "";
  const [old, fresh] = [linesOf(before ?? ""), linesOf(after)];
  const hunks = hunksOf(stretchesOf(old, fresh)).map((hunk) => formatHunk(hunk, old, fresh));
  const [a, b] = [quoted(`a/${file}`), quoted(`b/${file}`)];
  const isNew = before === undefined ? "new file mode 100644\n" : "";
  return `diff --git ${a} ${b}\n${isNew}--- ${before === undefined ? "/dev/null" : a}\n+++ ${b}\n${hunks.join("")}`;
}

/**
 * A Baseline's own rows of what does not count: read once, matched against what Git declares. A row that can't be read
 * or has expired hides nothing and is named as a problem.
 */
import type { CompareSettings, IgnoreRow } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, idOf, type KubeObject } from "../model/resource.ts";
import type { Difference } from "./difference.ts";
import { holdersOf, type ManagedFields } from "./managed-fields.ts";
import { matchesPath, parsePath, type PathPattern } from "./selector.ts";
import { matchesGlob, readTarget, type TargetMatcher } from "./target.ts";

interface ReadRow {
  readonly row: IgnoreRow;
  readonly target: TargetMatcher;
  readonly patterns: readonly PathPattern[];
  /** One sentence for each part that can't be read. */
  readonly unread: readonly string[];
}

export interface IgnoreContext {
  readonly desired: KubeObject;
  readonly managed: ManagedFields;
  readonly settings: CompareSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface IgnoredBy {
  readonly row: IgnoreRow;
  readonly pattern: PathPattern;
}

const rowsOf = new WeakMap<CompareSettings, readonly ReadRow[]>();

function readRow(row: IgnoreRow): ReadRow {
  const target = readTarget(row.target);
  const paths = row.paths.map(parsePath);
  const unread = [...(target.ok ? [] : [target.message]), ...paths.flatMap((path) => (path.ok ? [] : [path.message]))];
  return {
    row,
    // A target nobody can read concerns every object as a warning, and none as a rule.
    target: target.ok ? target.value : { matches: () => true },
    patterns: target.ok ? paths.flatMap((path) => (path.ok ? [path.value] : [])) : [],
    unread,
  };
}

function readRows(settings: CompareSettings): readonly ReadRow[] {
  const known = rowsOf.get(settings);
  if (known !== undefined) return known;
  const rows = settings.ignore.map(readRow);
  rowsOf.set(settings, rows);
  return rows;
}

const isExpired = (row: IgnoreRow, now: number): boolean => row.until !== undefined && now >= row.until;

/** True where the row asks for no owner, or one of the names it asks for owns the path. */
function isOwned({ managers }: IgnoreRow, { path, atomicDepth }: Difference, managed: ManagedFields): boolean {
  if (managers.length === 0) return true;
  return holdersOf(managed, path, atomicDepth).some((entry) =>
    managers.some((name) => matchesGlob(name, entry.manager)),
  );
}

/** The first row in force that names the difference or encloses it. */
export function ignoreRowOf(difference: Difference, context: IgnoreContext): IgnoredBy | undefined {
  const { desired, managed, settings, now } = context;
  for (const { row, target, patterns } of readRows(settings)) {
    if (isExpired(row, now) || !target.matches(desired)) continue;
    const pattern = patterns.find((one) => matchesPath(one, difference.path, desired));
    if (pattern !== undefined && isOwned(row, difference, managed)) return { row, pattern };
  }
  return undefined;
}

/** Of the rows that concern the object: those that are not used, and why. */
export function ignoreWarnings(object: KubeObject, settings: CompareSettings, now: number): readonly Problem[] {
  const id = formatId(idOf(object));
  return readRows(settings)
    .filter(({ target }) => target.matches(object))
    .flatMap(({ row, unread }): Problem[] => {
      const problems = unread.map(
        (message): Problem => ({
          code: "invalid-baseline",
          message: `a rule of compare.ignore is not used: ${message}`,
          object: id,
        }),
      );
      if (isExpired(row, now))
        problems.push({
          code: "expired-rule",
          message: `a rule of compare.ignore has expired and is not used: ${row.paths.join(", ")} (${row.reason})`,
          object: id,
        });
      return problems;
    });
}

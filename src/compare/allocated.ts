/** Reads {@link allocatedRows}: which of them, if any, explains a difference. */
import { kindRef, type KubeObject } from "../model/resource.ts";
import type { Path } from "../model/path.ts";
import type { KindSchema } from "../model/schema.ts";
import type { AllocatedRow } from "./allocated-row.ts";
import { allocatedRows } from "./allocated-rows.ts";
import type { Difference } from "./difference.ts";

export interface Allocation {
  readonly rule: string;
  readonly reason: string;
  /** As in the row. */
  readonly choice?: true | "once";
}

/** A row's path names a map's key whole, dots and all; this is the difference's path in the same spelling. */
function spell(path: Path): string {
  return path.map((element) => (element.type === "field" ? element.name : "*")).join(".");
}

/** A `*` at the end is any item or any entry of a map. */
function matches(pattern: string, path: Path): boolean {
  if (pattern.startsWith("**.")) return spell(path).endsWith(pattern.slice(2));
  if (pattern.endsWith(".*")) return pattern.slice(0, -2) === spell(path.slice(0, -1));
  return pattern === spell(path);
}

const rowsByKind = new Map<string, readonly AllocatedRow[]>();

function rowsFor(object: KubeObject): readonly AllocatedRow[] {
  const { group } = kindRef(object.apiVersion, object.kind);
  const kind = group === "" ? object.kind : `${group}/${object.kind}`;
  const known = rowsByKind.get(kind);
  if (known !== undefined) return known;
  const found = allocatedRows.filter((row) => row.kinds.includes(kind) || row.kinds.includes("*"));
  rowsByKind.set(kind, found);
  return found;
}

/** The row that explains the difference as the API server's own doing; undefined where none does. */
export function isAllocated(
  difference: Difference,
  _desired: KubeObject,
  live: KubeObject,
  _schema: KindSchema,
): Allocation | undefined {
  const { live: value, op } = difference;
  if (value === undefined || op === "removed") return undefined;
  const row = rowsFor(live).find(
    (candidate) =>
      (op === "added" || candidate.changes === true) &&
      candidate.paths.some((pattern) => matches(pattern, difference.path)) &&
      candidate.when(value, { live, difference }),
  );
  return row === undefined
    ? undefined
    : { rule: row.rule, reason: row.reason, ...(row.choice !== undefined && { choice: row.choice }) };
}

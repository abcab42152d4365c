/** Reads {@link allocatedRows}: which of them, if any, explains a difference. */
import { kindRef, type KubeObject } from "../model/resource.ts";
import type { Path } from "../model/path.ts";
import type { KindSchema } from "../model/schema.ts";
import { allocatedRows, type AllocatedRow } from "./allocated-rows.ts";
import type { Difference } from "./difference.ts";

export interface Allocation {
  readonly rule: string;
  readonly reason: string;
}

/** A row's path names a map's key whole, dots and all; this is the difference's path in the same spelling. */
function spell(path: Path): string {
  return path.map((element) => (element.type === "field" ? element.name : "*")).join(".");
}

function matches(pattern: string, path: string): boolean {
  return pattern.startsWith("**.") ? path.endsWith(pattern.slice(2)) : pattern === path;
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
  const path = spell(difference.path);
  const row = rowsFor(live).find(
    (candidate) =>
      (op === "added" || candidate.changes === true) &&
      candidate.paths.some((pattern) => matches(pattern, path)) &&
      candidate.when(value, { live, difference }),
  );
  return row === undefined ? undefined : { rule: row.rule, reason: row.reason };
}

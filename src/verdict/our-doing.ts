/**
 * Whether an end is our own doing, as the object itself tells: of a write whose process was gone before it could tell.
 * Our manager is on record for what differed, with a time at or after the drift was first seen. What leaves no trace
 * (a field taken away, an object deleted) is not claimed. Pure.
 */
import { decodeManagedFields, ownersOf, type ManagedFields } from "../compare/managed-fields.ts";
import { fieldManager } from "../model/annotations.ts";
import { getIn, getString, isArray } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import { field, parsePointer, type Path } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import { makerOf } from "./unmanaged.ts";

/** Times in an object are whole seconds. */
const SECOND = 1_000;

/** Up to the first list: which of its items is meant, a pointer of before does not tell any more. */
function pathOf(pointer: string, object: KubeObject): Path {
  const tokens = parsePointer(pointer) ?? [];
  const inList = tokens.findIndex((_, index) => isArray(getIn(object, ...tokens.slice(0, index))));
  return (inList === -1 ? tokens : tokens.slice(0, inList)).map(field);
}

const isSince = (time: string | undefined, since: number): boolean =>
  time !== undefined && Date.parse(time) + SECOND > since;

function isWritten(managed: ManagedFields, path: Path, since: number): boolean {
  return ownersOf(managed, path).some(({ manager, time }) => manager === fieldManager && isSince(time, since));
}

/**
 * @param verdict what stood; of its changes only `op` and `pointer` count
 * @param since when it was first seen, in milliseconds since the epoch
 */
export function isOurDoing(
  verdict: Verdict,
  { object, managedFields }: Pick<LiveObject, "object" | "managedFields">,
  since: number,
): boolean {
  if (verdict.kind === "missing") {
    const { manager, confidence } = makerOf({ object, managedFields });
    const isMade = isSince(getString(object.metadata, "creationTimestamp"), since);
    return manager === fieldManager && confidence === "exact" && isMade;
  }
  if (verdict.kind !== "drifted") return false;
  const traced = verdict.changes.filter(({ op }) => op !== "added");
  if (traced.length === 0) return false;
  const managed = decodeManagedFields(managedFields, object.apiVersion);
  return traced.every(({ pointer }) => isWritten(managed, pathOf(pointer, object), since));
}

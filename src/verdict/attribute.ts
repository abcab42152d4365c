/**
 * Who made one difference, as far as ownership tells. Honest before helpful: a pure removal and a pure reorder leave
 * no trace of who did it, so there it says `unknown`, with the owner before and the versions between which it went.
 */
import type { Difference } from "../compare/difference.ts";
import { latestOf, managersOf, ownersOf, type ManagedFields } from "../compare/managed-fields.ts";
import { duplicatesNote, orderNote } from "../compare/finding.ts";
import { canonicalJson } from "../model/canonical.ts";
import { isArray, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Owner } from "../model/verdict.ts";

export interface Evidence {
  readonly managed: ManagedFields;
  /** Opaque version of the object judged. */
  readonly resourceVersion: string;
  /** Ownership as it was at the version seen before, where that is known. */
  readonly before?: { readonly managed: ManagedFields; readonly resourceVersion?: string } | undefined;
}

export const nobody: Owner = { manager: "", operation: "", subresource: "", confidence: "unknown" };

const sorted = (list: readonly Json[]): string => list.map(canonicalJson).toSorted().join("\n");

const isReorder = (desired: readonly Json[], live: readonly Json[]): boolean =>
  desired.length === live.length && sorted(desired) === sorted(live);

/**
 * Whoever applied a zero that the server drops, or left an empty list that reads as nothing, holds the path still. An
 * entry that was there before, at the same time, is no doer: it only was not cleared.
 */
function leftEmpty(path: Path, managed: ManagedFields, before: ManagedFields): Owner | undefined {
  const earlier = ownersOf(before, path);
  return ownersOf(managed, path).find(
    (owner) =>
      owner.confidence === "exact" &&
      !earlier.some(({ manager, operation, time }) => {
        return manager === owner.manager && operation === owner.operation && time === owner.time;
      }),
  );
}

/** Whoever holds what is merged as a whole: he wrote all of it, and maybe not this part. */
function holderOf(managed: ManagedFields, whole: Path): Owner | undefined {
  const owner = latestOf(managed, whole);
  return owner?.confidence === "exact" ? { ...owner, confidence: "ancestor" } : owner;
}

function ownerNow(difference: Difference, { managed, before }: Evidence): Owner | undefined {
  const { op, path, atomicDepth, desired, live, note } = difference;
  // A change that only takes away or moves: the server keeps no entry for whoever did it.
  if (op === "removed" && (atomicDepth === undefined || atomicDepth >= path.length))
    return before === undefined ? undefined : leftEmpty(path, managed, before.managed);
  const isInside = atomicDepth !== undefined && atomicDepth < path.length;
  // What enclosed a map that went as a whole says nothing of who took it.
  if (isInside && op === "removed") return holderOf(managed, path.slice(0, atomicDepth));
  // Such a list has an owner per item, and which item is which cannot be told: whoever wrote in it last.
  if (isInside && note === duplicatesNote) return latestOf(managed, path.slice(0, atomicDepth));
  if (op !== "changed" || isInside || !isArray(desired) || !isArray(live))
    return ownersOf(managed, path, atomicDepth)[0];
  if (atomicDepth === undefined && (note === orderNote || isReorder(desired, live))) return undefined;
  // Whoever made a list holds it still; whoever put another item into it wrote later.
  return latestOf(managed, path);
}

export function attribute(difference: Difference, evidence: Evidence): Owner {
  const { resourceVersion, before } = evidence;
  const now = ownerNow(difference, evidence);
  if (now !== undefined) return now;
  // Of an addition nobody is on record: who owned something around it before says nothing.
  if (difference.op === "added" || before === undefined) return nobody;
  const [manager = ""] = managersOf(before.managed, difference.path, difference.atomicDepth);
  if (manager === "") return nobody;
  return {
    ...nobody,
    previous: {
      manager,
      ...(before.resourceVersion === undefined ? {} : { after: before.resourceVersion }),
      ...(resourceVersion === "" ? {} : { before: resourceVersion }),
    },
  };
}

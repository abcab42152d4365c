/**
 * Who made one difference, as far as ownership tells. Honest before helpful: a pure removal and a pure reorder leave
 * no trace of who did it, so there it says `unknown`, with the owner before and the versions between which it went.
 */
import type { Difference } from "../compare/difference.ts";
import { ownersOf, type ManagedFields } from "../compare/managed-fields.ts";
import { isArray } from "../model/json.ts";
import type { Owner } from "../model/verdict.ts";

export interface Evidence {
  readonly managed: ManagedFields;
  /** Opaque version of the object judged. */
  readonly resourceVersion: string;
  /** Ownership as it was at the version seen before, where that is known. */
  readonly before?: { readonly managed: ManagedFields; readonly resourceVersion?: string } | undefined;
}

const nobody: Owner = { manager: "", operation: "", subresource: "", confidence: "unknown" };

/** A change that only takes away or moves: the server keeps no entry for whoever did it. */
function leavesNoTrace({ op, path, atomicDepth, desired, live }: Difference): boolean {
  if (op === "removed") return atomicDepth === undefined || atomicDepth >= path.length;
  return op === "changed" && atomicDepth === undefined && isArray(desired) && isArray(live);
}

export function attribute(difference: Difference, { managed, resourceVersion, before }: Evidence): Owner {
  if (!leavesNoTrace(difference)) return ownersOf(managed, difference.path, difference.atomicDepth)[0] ?? nobody;
  const previous =
    before === undefined ? undefined : ownersOf(before.managed, difference.path, difference.atomicDepth)[0];
  if (previous === undefined || previous.confidence === "unknown") return nobody;
  return {
    ...nobody,
    previous: {
      manager: previous.manager,
      ...(before?.resourceVersion === undefined ? {} : { after: before.resourceVersion }),
      ...(resourceVersion === "" ? {} : { before: resourceVersion }),
    },
  };
}

/**
 * The patch that would put one drifted object right, as it may be printed: the operator's own plan, for every cause,
 * with what nobody may see under the mark. Such a patch cannot be applied as it is; the others can, unless they touch
 * what the server lets nobody change.
 */
import { redactedMark } from "../../model/annotations.ts";
import type { Json } from "../../model/json.ts";
import { idOf } from "../../model/resource.ts";
import type { PairInput } from "../../verdict/counting.ts";
import { immutableIn } from "../../verdict/immutable.ts";
import { maskOperation } from "../../verdict/masked-operation.ts";
import { planOperations } from "../../verdict/operations.ts";
import { versionGuard, type Operation } from "../../verdict/working-copy.ts";

const causes = ["live-edit", "deletion", "rollout", "dropped-from-git", "recreation"] as const;

export interface PlannedPatch {
  readonly patch: readonly Operation[];
  /** Pointers of the operations that the server would refuse: the object has to be made anew. */
  readonly immutable: readonly string[];
}

export function planPatch(input: PairInput): PlannedPatch {
  const { baseline, live, desired } = input;
  const kind = idOf(live.object);
  const { sensitive } = baseline.compare;
  const operations = planOperations({
    ...input,
    baseline: { ...baseline, remediation: { ...baseline.remediation, causes } },
  });
  const fixed = immutableIn(kind, operations, () => ({ desired: desired.object, live: live.object }), input.schema);
  const patch = operations
    // A dump without its version has nothing to guard against.
    .filter(({ path }) => path !== versionGuard || live.resourceVersion !== "")
    .map((operation) => maskOperation(operation, { kind, sensitive, live: live.object }));
  return { patch, immutable: fixed?.pointers ?? [] };
}

/** True where something in it is under the mark. */
export function isRedacted(value: Json): boolean {
  if (value === redactedMark) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((entry: Json) => isRedacted(entry));
}

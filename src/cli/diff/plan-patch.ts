/**
 * The patch that would put one drifted object right, as it may be printed: the operator's own plan, for every cause,
 * with what nobody may see under the mark. Such a patch cannot be applied as it is; the others can.
 */
import { maskValue } from "../../compare/redact.ts";
import { redactedMark } from "../../model/annotations.ts";
import { getIn, isArray, type Json, type JsonObject } from "../../model/json.ts";
import { parsePointer, type Path, type PathElement } from "../../model/path.ts";
import { idOf } from "../../model/resource.ts";
import type { PairInput } from "../../verdict/counting.ts";
import { planOperations } from "../../verdict/operations.ts";

const causes = ["live-edit", "deletion", "rollout", "dropped-from-git", "recreation"] as const;
const INDEX = /^\d+$/;

/** A pointer as a path, read along the live object; below what live has, a number is taken for a place in a list or not. */
function pathOf(tokens: readonly string[], live: Json, beyond: "index" | "field"): Path {
  let at: Json | undefined = live;
  return tokens.map((token): PathElement => {
    const isItem: boolean = isArray(at) || (at === undefined && beyond === "index" && INDEX.test(token));
    at = isArray(at) ? at[Number(token)] : getIn(at, token);
    return isItem ? { type: "index", index: Number(token) } : { type: "field", name: token };
  });
}

export function planPatch(input: PairInput): readonly JsonObject[] {
  const { baseline, live } = input;
  const kind = idOf(live.object);
  const { sensitive } = baseline.compare;
  const operations = planOperations({
    ...input,
    baseline: { ...baseline, remediation: { ...baseline.remediation, causes } },
  });
  return (
    operations
      // A dump without its version has nothing to guard against.
      .filter(({ path }) => path !== "/metadata/resourceVersion" || live.resourceVersion !== "")
      .map((operation) => {
        const { path, value } = operation;
        const tokens = typeof path === "string" ? parsePointer(path) : undefined;
        if (value === undefined || tokens === undefined) return operation;
        const once = maskValue(value, { kind, path: pathOf(tokens, live.object, "index"), sensitive });
        return {
          ...operation,
          value: maskValue(once, { kind, path: pathOf(tokens, live.object, "field"), sensitive }),
        };
      })
  );
}

/** True where something in it is under the mark. */
export function isRedacted(value: Json): boolean {
  if (value === redactedMark) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((entry: Json) => isRedacted(entry));
}

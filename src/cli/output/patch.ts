/**
 * A diff report as RFC 6902 patches, one per drifted object: applied to the live object they make it what Git says.
 * Hidden values stay hidden, so a patch that needs one says so and cannot be applied as it is.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import type { DiffReport, ReportedChange } from "../diff/report.ts";

function operation(change: ReportedChange): JsonObject {
  const path = change.pointer;
  if (change.op === "removed") return { op: "add", path, value: change.desired ?? null };
  const value = change.desired ?? change.default;
  return value === undefined ? { op: "remove", path } : { op: "replace", path, value };
}

/** Later items of a list go first, so that no index moves before it is used; what is put back comes last. */
function inOrder(changes: readonly ReportedChange[]): readonly ReportedChange[] {
  const removals = changes.filter((change) => change.op === "added").toReversed();
  const rest = changes.filter((change) => change.op !== "added");
  return [
    ...rest.filter((change) => change.op === "changed"),
    ...removals,
    ...rest.filter((change) => change.op === "removed"),
  ];
}

export function formatPatches(report: DiffReport): Json {
  return report.objects
    .filter((object) => object.changes.length > 0)
    .map(({ group, version, kind, namespace, name, changes }) => ({
      group,
      version,
      kind,
      namespace,
      name,
      patch: inOrder(changes).map(operation),
    }));
}

/**
 * What ignores hide without naming it, as problems for whoever wrote them: one for each path, with how many changes it
 * hides in one object, how bad the worst would be, and the first of them. Shows no value.
 */
import { redactPath } from "../compare/redact.ts";
import type { BroadlyHidden } from "../compare/suppress.ts";
import { annotations } from "../model/annotations.ts";
import { formatPath } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, idOf } from "../model/resource.ts";
import { worstSeverity } from "../model/verdict.ts";
import { weighChange, type SeverityContext } from "./severity.ts";

const PATHS_TOLD = 3;

/** @param sensitive paths of the Baseline whose values are never shown */
export function broadIgnores(
  hidden: readonly BroadlyHidden[],
  context: SeverityContext,
  sensitive: readonly string[],
): readonly Problem[] {
  const id = idOf(context.desired);
  const byPath = new Map<string, BroadlyHidden[]>();
  for (const one of hidden) {
    const key = `${one.rule} ${one.path}`;
    byPath.set(key, [...(byPath.get(key) ?? []), one]);
  }
  return [...byPath.values()].map((group): Problem => {
    const [{ rule, path } = { rule: "annotation", path: "" }] = group;
    const worst = worstSeverity(group.map(({ difference }) => weighChange(difference, context).severity));
    const told = group
      .slice(0, PATHS_TOLD)
      .map(({ difference }) => formatPath(redactPath(id, difference.path, sensitive)));
    const more = group.length - told.length;
    const where = rule === "annotation" ? annotations.ignore : "compare.ignore";
    const what = `${group.length} ${group.length === 1 ? "change" : "changes"}`;
    const rest = more === 0 ? "" : ` and ${more} more`;
    return {
      code: "broad-ignore",
      message: `${where}: ${path} hides ${what} that it does not name, the worst ${worst}: ${told.join(", ")}${rest}`,
      object: formatId(id),
    };
  });
}

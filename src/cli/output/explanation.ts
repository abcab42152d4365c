/** What decided each path of an object, for a person and for programs. What Git or the cluster wrote is escaped. */
import { formatJson, type Json } from "../../model/json.ts";
import { formatPath } from "../../model/path.ts";
import { printableLine } from "../../model/printable.ts";
import { formatId } from "../../model/resource.ts";
import type { DecidedBy, ExplainedPath } from "../../verdict/explain.ts";
import type { Judged } from "../diff/judge.ts";
import { reportObject } from "../diff/report.ts";
import { formatTable } from "./table.ts";

/** What needs no words unless it is asked for. */
const plainly: ReadonlySet<DecidedBy> = new Set<DecidedBy>(["equal", "never-compared"]);

/** Characters of a value in a column. */
const WIDTH = 40;

function show(value: Json | undefined): string {
  if (value === undefined) return "-";
  const text = typeof value === "string" ? value : formatJson(value);
  const line = printableLine(text);
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

function shownOf({ explanation }: Judged, all: boolean): readonly ExplainedPath[] {
  return (explanation?.paths ?? []).filter(({ decidedBy }) => all || !plainly.has(decidedBy));
}

function counts(paths: readonly ExplainedPath[]): string {
  const byKind = new Map<DecidedBy, number>();
  for (const { decidedBy } of paths) byKind.set(decidedBy, (byKind.get(decidedBy) ?? 0) + 1);
  return [...byKind].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

const why = ({ rule, reason }: ExplainedPath): string => (rule === undefined ? reason : `${rule}: ${reason}`);

export function formatExplanation(judged: Judged, all: boolean): string {
  const { id, verdict, source } = judged.judged;
  const severity = "severity" in verdict ? ` ${verdict.severity}` : "";
  const place = source === undefined ? "" : `  ${printableLine(source.file)}:${source.line}`;
  const lines = [`${printableLine(formatId(id))}  ${verdict.kind}${severity}${place}`];
  if (verdict.kind === "unknown") lines.push(printableLine(verdict.problem.message));
  if (judged.explanation === undefined) return `${lines.join("\n")}\n`;
  const shown = shownOf(judged, all);
  if (shown.length > 0) {
    const rows = shown.map((one) => [
      one.decidedBy,
      formatPath(one.path),
      show(one.desired),
      show(one.live),
      one.owner.manager,
      why(one),
    ]);
    lines.push("", formatTable(["DECIDED-BY", "PATH", "GIT", "LIVE", "OWNER", "WHY"], rows).trimEnd(), "");
  }
  lines.push(`${judged.explanation.paths.length} paths: ${counts(judged.explanation.paths)}`);
  return `${lines.join("\n")}\n`;
}

/** The same as a document; fields may be added, none renamed. */
export function explanationReport(judged: Judged, all: boolean): Json {
  const object = reportObject(judged.judged, false);
  const paths = shownOf(judged, all).map(({ path, desired, live, rule, op, owner, ...rest }) => ({
    path: formatPath(path),
    ...rest,
    ...(desired === undefined ? {} : { desired }),
    ...(live === undefined ? {} : { live }),
    ...(rule === undefined ? {} : { rule }),
    ...(op === undefined ? {} : { op }),
    owner: { ...owner },
  }));
  const report = { apiVersion: "plumbline.dev/v1alpha1", kind: "Explanation", object, paths };
  return report as unknown as Json;
}

/** A diff report as GitHub-flavoured Markdown, for a comment on a change; under GitHub's limit of 65,536 characters. */
import { formatJson, type Json } from "../../model/json.ts";
import { printableLine } from "../../model/printable.ts";
import { formatId } from "../../model/resource.ts";
import { severities } from "../../model/verdict.ts";
import { type DiffReport, formatCounts, type ReportedObject } from "../diff/report.ts";

const LIMIT = 60_000;
/** Lets a bot find and replace its own comment. */
const MARKER = "<!-- plumbline-diff -->";

/** Text inside a table cell: nothing in it is markup. */
function cell(text: string, limit = 200): string {
  return printableLine(text, limit).replaceAll(
    /[\\`*_{}[\]<>()#+!|~&@]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

const value = (json: Json | undefined): string =>
  json === undefined ? "" : cell(typeof json === "string" ? json : formatJson(json), 120);

function rows(object: ReportedObject): string[] {
  const name = cell(formatId(object));
  const at = (place: { file: string; line: number } | undefined): string =>
    place === undefined ? "" : cell(`${place.file}:${place.line}`);
  if (object.changes.length === 0)
    return [
      `| ${object.severity ?? ""} | ${name} | ${object.verdict} | ${cell(object.problem?.message ?? "")} | | | | ${at(object.source)} |`,
    ];
  return object.changes.map(
    (change) =>
      `| ${change.severity} | ${name} | ${change.op} | ${cell(change.path)} | ${value(change.desired)} | ${value(change.live)} | ${cell(change.owner.manager)} | ${at(change.source ?? object.source)} |`,
  );
}

const placeText = (file: string | null, line: number | null): string =>
  file === null ? "" : line === null ? file : `${file}:${line}`;

export function formatMarkdown(report: DiffReport): string {
  const { summary } = report;
  const rank = (object: ReportedObject): number =>
    object.severity === undefined ? severities.length : severities.indexOf(object.severity);
  const shown = report.objects.filter((object) => !["in-sync", "excluded", "pending"].includes(object.verdict));
  const all = shown.toSorted((a, b) => rank(a) - rank(b)).flatMap(rows);
  const lines: string[] = [];
  let length = 0;
  for (const row of all) {
    if (length + row.length > LIMIT) break;
    lines.push(row);
    length += row.length + 1;
  }
  const hidden = all.length - lines.length;
  const head = `**${formatCounts(summary)}**`;
  const table =
    lines.length === 0
      ? []
      : [
          "",
          "| severity | object | what | where | Git | live | by | declared at |",
          "|---|---|---|---|---|---|---|---|",
          ...lines,
        ];
  const problems = report.problems.map(
    ({ file, line, object, message }) =>
      `- ${[placeText(file, line), object ?? "", message]
        .filter((part) => part !== "")
        .map((part) => cell(part))
        .join(": ")}`,
  );
  return [
    MARKER,
    head,
    ...table,
    ...(hidden > 0 ? ["", `${hidden} more rows are left out.`] : []),
    ...(problems.length > 0 ? ["", "Problems:", "", ...problems] : []),
    "",
  ].join("\n");
}

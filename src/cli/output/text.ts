/** A diff report for a person at a terminal. Colour only where it was asked for; what Git or the cluster wrote is escaped. */
import type { Json } from "../../model/json.ts";
import { formatJson } from "../../model/json.ts";
import { printable, printableLine } from "../../model/printable.ts";
import { formatId } from "../../model/resource.ts";
import { type DiffReport, formatCounts, type ReportedChange, type ReportedObject } from "../diff/report.ts";

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
type Paint = (color: keyof typeof codes, text: string) => string;

export const plain: Paint = (_, text) => text;
export const colored: Paint = (color, text) => `\u001b[${codes[color]}m${text}\u001b[0m`;

const signs = { changed: "~", added: "+", removed: "-" } as const;
const signColors = { changed: "yellow", added: "green", removed: "red" } as const;

/** A value in as few lines as it can be read in. */
function showValue(value: Json, indent: string): string {
  if (typeof value === "string") {
    if (!value.includes("\n")) return printable(value);
    return `|\n${printable(value)
      .split("\n")
      .map((line) => `${indent}  ${line}`)
      .join("\n")}`;
  }
  return printable(formatJson(value));
}

function showOwner({ owner }: ReportedChange): string {
  if (owner.confidence === "unknown") {
    const previous = owner.previous;
    if (previous === undefined) {
      const entry = owner.manager === "" ? "" : ` (on record as ${printableLine(owner.manager)})`;
      return `by an unknown manager${entry}${owner.time === undefined ? "" : `, by ${printableLine(owner.time)}`}`;
    }
    const since = previous.after === undefined ? "" : `, after ${previous.after}`;
    const until = previous.before === undefined ? "" : `, by ${previous.before}`;
    return `by an unknown manager; before it was ${printableLine(previous.manager)}'s${since}${until}`;
  }
  const where = owner.subresource === "" ? "" : ` through /${printableLine(owner.subresource)}`;
  const when = owner.time === undefined ? "" : `, by ${printableLine(owner.time)}`;
  const hedge = owner.confidence === "ancestor" ? " (owner of what encloses it)" : "";
  return `by ${printableLine(owner.manager)} (${owner.operation}${where})${when}${hedge}`;
}

function showChange(change: ReportedChange, paint: Paint): string[] {
  const at =
    change.source === undefined ? "" : paint("dim", `  ${printableLine(change.source.file)}:${change.source.line}`);
  const lines = [`  ${paint(signColors[change.op], signs[change.op])} ${printableLine(change.path)}${at}`];
  const indent = "      ";
  if (change.desired !== undefined) lines.push(`${indent}Git   ${showValue(change.desired, indent)}`);
  if (change.default !== undefined) lines.push(`${indent}else  ${showValue(change.default, indent)} (the default)`);
  if (change.live !== undefined) lines.push(`${indent}live  ${showValue(change.live, indent)}`);
  lines.push(paint("dim", `${indent}${showOwner(change)} · ${change.severity} · ${change.cause}`));
  if (change.note !== undefined) lines.push(paint("dim", `${indent}${printableLine(change.note)}`));
  return lines;
}

function showObject(object: ReportedObject, paint: Paint): string[] {
  const at =
    object.source === undefined ? "" : paint("dim", `  ${printableLine(object.source.file)}:${object.source.line}`);
  const severity = object.severity === undefined ? "" : ` ${object.severity}`;
  const name = printableLine(formatId(object));
  const lines = [
    `${paint("bold", name)}  ${paint(object.verdict === "unknown" ? "yellow" : "red", object.verdict + severity)}${at}`,
  ];
  if (object.problem !== undefined) lines.push(`  ${printableLine(object.problem.message)}`);
  for (const change of object.changes) lines.push(...showChange(change, paint));
  for (const one of object.suppressed ?? [])
    lines.push(
      paint("dim", `  · ${printableLine(one.path)} does not count: ${one.rule} (${printableLine(one.reason)})`),
    );
  return lines;
}

const quiet = new Set(["in-sync", "excluded", "pending"]);

/** Objects that are as declared are only counted, unless something about them was suppressed and is to be shown. */
export function formatText(report: DiffReport, paint: Paint): string {
  const shown = report.objects.filter((object) => !quiet.has(object.verdict) || (object.suppressed?.length ?? 0) > 0);
  const blocks = shown.map((object) => showObject(object, paint).join("\n"));
  return `${[...blocks, formatCounts(report.summary)].join("\n\n")}\n`;
}

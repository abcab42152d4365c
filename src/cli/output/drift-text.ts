/** A Drift record for a person who is to decide about it: what drifted, who did it, what would be written, why not yet. */
import { formatJson, getIn, getString, isArray, type Json } from "../../model/json.ts";
import { printableLine } from "../../model/printable.ts";

/** Lines of changes and of operations; the record has at most fifty. */
const LINES = 20;

const rowsAt = (record: Json, ...keys: readonly string[]): readonly Json[] => {
  const found = getIn(record, ...keys);
  return isArray(found) ? found : [];
};

/** `Deployment shop/web` */
export const objectOf = (record: Json): string =>
  `${getString(record, "object", "kind") ?? ""} ${getString(record, "object", "label") ?? getString(record, "object", "name") ?? ""}`;

function shown(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : formatJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function changeLine(change: Json): string {
  const manager = getString(change, "owner", "manager") ?? "";
  const path = getString(change, "path") ?? "";
  const before = getIn(change, "desired") ?? getIn(change, "defaulted");
  return `  ${getString(change, "op") ?? ""} ${path}: ${shown(before)} -> ${shown(getIn(change, "live"))}${
    manager === "" ? "" : ` by ${manager}`
  }`;
}

function cut(lines: readonly string[], total: number): readonly string[] {
  const first = lines.slice(0, LINES);
  return total > first.length ? [...first, `  … and ${total - first.length} more`] : first;
}

const count = (record: Json, otherwise: number, ...keys: readonly string[]): number => {
  const found = getIn(record, ...keys);
  return typeof found === "number" ? found : otherwise;
};

function planLines(record: Json): readonly string[] {
  const kind = getString(record, "remediation", "plan", "kind");
  if (kind === undefined) return [];
  const operations = rowsAt(record, "remediation", "plan", "operations");
  const lines = operations.map((one) => `  ${getString(one, "op") ?? ""} ${getString(one, "path") ?? ""}`);
  const total = count(record, lines.length, "remediation", "plan", "operationsTotal");
  const fixed = rowsAt(record, "remediation", "plan", "immutable").map(String);
  const why = fixed.length === 0 ? "" : `, for ${fixed.join(", ")} cannot be changed`;
  const destroys = getString(record, "remediation", "plan", "destroys");
  return [
    `would ${kind} it${why}${lines.length === 0 ? "" : ":"}`,
    ...cut(lines, total),
    ...(destroys === undefined ? [] : [`with it goes, and does not come back: ${destroys}`]),
  ];
}

function stateLines(record: Json): readonly string[] {
  const reason = getString(record, "remediation", "waitingFor");
  const message = getString(record, "remediation", "message");
  const until = getString(record, "remediation", "waitsUntil");
  const state = getString(record, "remediation", "state");
  if (state === undefined) return [];
  const what = reason === undefined ? state : `waits for ${reason}`;
  return [`${what}${message === undefined ? "" : `: ${message}`}${until === undefined ? "" : ` (until ${until})`}`];
}

/** Values in a record are redacted where they have to be; what others wrote is made safe for a terminal here. */
export function formatDrift(record: Json): string {
  const changes = rowsAt(record, "changes").map(changeLine);
  const who = getString(record, "who");
  const head = [
    objectOf(record),
    `  ${getString(record, "verdict") ?? ""} ${getString(record, "severity") ?? ""} ${getString(record, "cause") ?? ""}`,
    who === undefined ? "" : ` by ${who}`,
    `  Baseline ${getString(record, "metadata", "namespace") ?? ""}/${getString(record, "baseline") ?? ""}`,
  ].join("");
  const lines = [
    head,
    ...cut(changes, count(record, changes.length, "changesTotal")),
    ...planLines(record),
    ...stateLines(record),
  ];
  return lines.map((line) => `${line.startsWith("  ") ? "  " : ""}${printableLine(line)}\n`).join("");
}

/**
 * The lists of a Baseline whose rows each stand alone: ignore, severity, exempt. A row that cannot be used is left out
 * and named; leaving out a row can only mean more is seen.
 */
import type { Exemption, IgnoreRow, SeverityRow, Target } from "./baseline.ts";
import { getIn, getString, isObject, type Json } from "./json.ts";
import type { SettingReader } from "./setting-reader.ts";
import { parseTime } from "./time.ts";
import { severities } from "./verdict.ts";

/** Undefined where a part is not text: a part that is dropped would make the row match more. */
function readTarget(row: Json): Target | undefined {
  const found = getIn(row, "target");
  if (!isObject(found)) return undefined;
  const target: Record<string, string> = {};
  for (const part of ["group", "kind", "name", "namespace", "labelSelector"]) {
    const value = found[part];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") return undefined;
    target[part] = value;
  }
  return target;
}

/** Undefined where it is there and is no list of texts. */
function readTexts(row: Json, key: string): readonly string[] | undefined {
  const found = getIn(row, key) ?? [];
  return Array.isArray(found) && found.every((entry) => typeof entry === "string") ? found : undefined;
}

/** `{}` where the row has no end, undefined where it has one that cannot be read: such a row is at an end. */
function readEnd(row: Json): { readonly until?: number } | undefined {
  const found = getIn(row, "until") ?? undefined;
  if (found === undefined) return {};
  const until = typeof found === "string" ? parseTime(found) : undefined;
  return until === undefined ? undefined : { until };
}

function readIgnore(row: Json): IgnoreRow | undefined {
  const [target, paths, managers, end] = [
    readTarget(row),
    readTexts(row, "paths"),
    readTexts(row, "managers"),
    readEnd(row),
  ];
  if (target === undefined || paths === undefined || managers === undefined || end === undefined) return undefined;
  return paths.length === 0 ? undefined : { target, paths, managers, reason: getString(row, "reason") ?? "", ...end };
}

function readSeverity(row: Json): SeverityRow | undefined {
  const [target, paths] = [readTarget(row), readTexts(row, "paths")];
  const severity = severities.find((name) => name === getString(row, "severity"));
  return target === undefined || paths === undefined || severity === undefined
    ? undefined
    : { target, paths, severity };
}

function readExemption(row: Json): Exemption | undefined {
  const [namespaceSelector, end] = [getString(row, "namespaceSelector"), readEnd(row)];
  if (namespaceSelector === undefined || namespaceSelector === "" || end === undefined) return undefined;
  return { namespaceSelector, reason: getString(row, "reason") ?? "", ...end };
}

function readRows<Row>(reader: SettingReader, at: string, read: (row: Json) => Row | undefined): readonly Row[] {
  return reader.list(at).flatMap((row, place) => {
    const found = read(row);
    if (found === undefined) reader.complain(`${at}[${place}]`, "the row is malformed, and is left out");
    return found === undefined ? [] : [found];
  });
}

export const readIgnoreRows = (reader: SettingReader): readonly IgnoreRow[] =>
  readRows(reader, "spec.compare.ignore", readIgnore);
export const readSeverityRows = (reader: SettingReader): readonly SeverityRow[] =>
  readRows(reader, "spec.severity", readSeverity);
export const readExemptions = (reader: SettingReader): readonly Exemption[] =>
  readRows(reader, "spec.exempt", readExemption);

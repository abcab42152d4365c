/**
 * `spec.remediation` and the annotations that steer writing, from the custom resource to settings with defaults filled
 * in. What got past validation malformed is read towards writing less.
 */
import { annotations } from "./annotations.ts";
import { parseTime } from "./time.ts";
import type { Baseline, Mode, RemediationSettings, RemediationWindow, RollbackSettings } from "./baseline.ts";
import { parseDuration } from "./duration.ts";
import { getString, isArray, type Json } from "./json.ts";
import type { SettingReader } from "./setting-reader.ts";

export const remediationDefaults = {
  causes: ["live-edit", "deletion"],
  maxPerMinute: 30,
  maxObjectsPerRevision: 100,
  maxPercent: 20,
  retries: 5,
} as const;

const causes: readonly RemediationSettings["causes"][number][] = [
  "live-edit",
  "deletion",
  "rollout",
  "dropped-from-git",
  "recreation",
];

const at = "spec.remediation";
const same = <T>(value: T): { readonly absent: T; readonly malformed: T } => ({ absent: value, malformed: value });

function readWindow(row: Json): RemediationWindow | undefined {
  const [schedule, timeZone, kind] = ["schedule", "timeZone", "kind"].map((key) => getString(row, key));
  const duration = parseDuration(getString(row, "duration") ?? "");
  if (schedule === undefined || duration === undefined || duration <= 0) return undefined;
  if (kind !== "Allow" && kind !== "Deny") return undefined;
  return { schedule, duration, timeZone: timeZone ?? "UTC", kind };
}

/** Undefined where one of them cannot be read: nobody knows then when writing is allowed. */
function readWindows(reader: SettingReader): readonly RemediationWindow[] | undefined {
  const found = reader.value(`${at}.windows`) ?? [];
  if (!isArray(found)) return undefined;
  const windows = found.flatMap((row) => readWindow(row) ?? []);
  return windows.length === found.length ? windows : undefined;
}

/** The mode in force: Alert where the spec asks to heal at times that cannot be read. */
export function modeInForce(mode: Mode, reader: SettingReader): Mode {
  if (mode !== "Remediate" || readWindows(reader) !== undefined) return mode;
  reader.complain(`${at}.windows`, "a window cannot be read, so nothing is healed (mode Alert)");
  return "Alert";
}

export function readRemediation(reader: SettingReader): RemediationSettings {
  const listed = reader.value(`${at}.causes`) === undefined ? remediationDefaults.causes : reader.texts(`${at}.causes`);
  const known = causes.filter((cause) => listed.includes(cause));
  if (known.length < listed.length) reader.complain(`${at}.causes`, "causes that do not exist are left out");
  const limit = (name: "maxPerMinute" | "maxObjectsPerRevision" | "maxPercent" | "retries", most: number): number =>
    Math.trunc(
      reader.number(`${at}.limits.${name}`, { least: 0, most, absent: remediationDefaults[name], malformed: 0 }),
    );
  return {
    scope: reader.choice(`${at}.scope`, ["OptIn", "OptOut"], same("OptIn")),
    causes: known,
    approval: reader.choice(`${at}.approval`, ["Never", "HighRisk", "Always"], {
      absent: "HighRisk",
      malformed: "Always",
    }),
    maxPerMinute: limit("maxPerMinute", 600),
    maxObjectsPerRevision: limit("maxObjectsPerRevision", 10_000),
    retries: limit("retries", 100),
    maxPercent: limit("maxPercent", 100),
    prune: reader.flag(`${at}.prune`, same(false)),
    recreate: reader.flag(`${at}.recreate`, same(false)),
    onUnhealthy: reader.choice(`${at}.onUnhealthy`, ["None", "Rollback"], same("None")),
    windows: readWindows(reader) ?? [],
    allowProtected: reader.texts(`${at}.allowProtected`),
  };
}

type Marks = Readonly<Record<string, string>>;
type SwitchedByAnnotation = Pick<
  Baseline,
  "remediate" | "rollback" | "rolledBackFrom" | "approvedCommit" | "windowsOpenUntil" | "pauseUntil" | "pauseReason"
>;

/** Value of `plumbline.dev/rollback-by` on a rollback that no person asked for. */
export const automaticRollback = "onUnhealthy";

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

function readRollback(marks: Marks, reader: SettingReader): RollbackSettings | undefined {
  const commit = marks[annotations.rollbackTo]?.trim();
  if (commit === undefined) return undefined;
  const until = parseTime(marks[annotations.rollbackUntil]?.trim() ?? "");
  if (COMMIT.test(commit) && until !== undefined)
    return {
      commit,
      until,
      reason: marks[annotations.rollbackReason] ?? "",
      automatic: marks[annotations.rollbackBy] === automaticRollback,
    };
  const what = COMMIT.test(commit) ? annotations.rollbackUntil : annotations.rollbackTo;
  const wanted = COMMIT.test(commit) ? "an RFC 3339 time" : "a full commit";
  reader.complain(`annotation ${what}`, `it is not ${wanted}; nothing is rolled back`);
  return undefined;
}

/** What cannot be read stops rather than lets. */
function readStops(marks: Marks, reader: SettingReader): Pick<Baseline, "remediate" | "pauseUntil" | "pauseReason"> {
  const remediate = marks[annotations.remediate]?.trim();
  if (remediate !== undefined && remediate !== "enabled" && remediate !== "disabled")
    reader.complain(
      `annotation ${annotations.remediate}`,
      "it is neither `enabled` nor `disabled`; it is read as `disabled`",
    );
  const pause = marks[annotations.pauseUntil];
  const pauseUntil = pause === undefined ? undefined : (parseTime(pause.trim()) ?? Number.POSITIVE_INFINITY);
  if (pauseUntil === Number.POSITIVE_INFINITY)
    reader.complain(
      `annotation ${annotations.pauseUntil}`,
      "it is no RFC 3339 time; nothing is healed until it is put right",
    );
  const pauseReason = marks[annotations.pauseReason];
  return {
    ...(remediate === undefined || remediate === "enabled" ? {} : { remediate: "disabled" as const }),
    ...(pauseUntil === undefined ? {} : { pauseUntil }),
    ...(pauseReason === undefined ? {} : { pauseReason }),
  };
}

/** What annotations on a Baseline switch. */
export function readSwitches(marks: Marks, reader: SettingReader): SwitchedByAnnotation {
  const rollback = readRollback(marks, reader);
  const rolledBackFrom = marks[annotations.rolledBackFrom]?.trim();
  const approvedCommit = marks[annotations.approve]?.trim();
  const open = marks[annotations.windowsOpenUntil];
  const windowsOpenUntil = open === undefined ? undefined : parseTime(open.trim());
  if (open !== undefined && windowsOpenUntil === undefined)
    reader.complain(`annotation ${annotations.windowsOpenUntil}`, "it is no RFC 3339 time; windows stay as they are");
  return {
    ...readStops(marks, reader),
    ...(rollback === undefined ? {} : { rollback }),
    ...(rolledBackFrom === undefined || rolledBackFrom === "" ? {} : { rolledBackFrom }),
    ...(approvedCommit === undefined || approvedCommit === "" ? {} : { approvedCommit }),
    ...(windowsOpenUntil === undefined ? {} : { windowsOpenUntil }),
  };
}

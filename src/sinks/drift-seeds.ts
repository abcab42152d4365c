/**
 * Judgements read back from Drift records at start, so that what was announced before a restart is not announced or
 * counted again. Pure. A record that cannot be read is left out: its object is then judged as if for the first time.
 */
import { getIn, getString, isArray, type Json } from "../model/json.ts";
import type { HealthState } from "../model/live.ts";
import type { KubeObject } from "../model/resource.ts";
import { parseRevision, type Provenance } from "../model/snapshot.ts";
import {
  severities,
  type Cause,
  type Change,
  type ChangeClass,
  type Judgement,
  type Owner,
  type Severity,
  type Verdict,
} from "../model/verdict.ts";
import { readDrift } from "./drift-body.ts";
import { remediationResults, waitReasons, type RemediationState } from "./ports.ts";

const classes: readonly ChangeClass[] = ["security", "workload", "config", "metadata"];
const causes: readonly Cause[] = [
  "live-edit",
  "rollout",
  "dropped-from-git",
  "deletion",
  "recreation",
  "non-deterministic-render",
];
const healths: readonly HealthState[] = ["healthy", "progressing", "degraded", "suspended", "unknown"];

const remediationStates: readonly RemediationState["state"][] = [
  "waiting",
  "retrying",
  "applied",
  "failed",
  "not-allowed",
];

const oneOf = <Value extends string>(values: readonly Value[], found: string | undefined): Value | undefined =>
  values.find((value) => value === found);

interface Graded {
  readonly severity: Severity;
  readonly class: ChangeClass;
  readonly cause: Cause;
}

function graded(value: Json | undefined): Graded | undefined {
  const severity = oneOf(severities, getString(value, "severity"));
  const kind = oneOf(classes, getString(value, "class"));
  const cause = oneOf(causes, getString(value, "cause"));
  return severity === undefined || kind === undefined || cause === undefined
    ? undefined
    : { severity, class: kind, cause };
}

function sourceOf(value: Json | undefined): Provenance | undefined {
  const file = getString(value, "file");
  const line = getIn(value, "line");
  return file === undefined ? undefined : { file, line: typeof line === "number" ? line : 1, index: 0 };
}

function ownerOf(value: Json | undefined): Owner {
  const time = getString(value, "time");
  return {
    manager: getString(value, "manager") ?? "",
    operation: oneOf(["Apply", "Update", ""] as const, getString(value, "operation")) ?? "",
    subresource: getString(value, "subresource") ?? "",
    ...(time === undefined ? {} : { time }),
    confidence: oneOf(["exact", "ancestor", "unknown"] as const, getString(value, "confidence")) ?? "unknown",
  };
}

function changeOf(value: Json): Change | undefined {
  const op = oneOf(["changed", "added", "removed"] as const, getString(value, "op"));
  const pointer = getString(value, "pointer");
  const grade = graded(value);
  if (op === undefined || pointer === undefined || grade === undefined) return undefined;
  const [desired, live] = [getIn(value, "desired"), getIn(value, "live")];
  return {
    op,
    pointer,
    // The record has the path's text only; whoever compares looks at `op` and `pointer`.
    path: [],
    ...(desired === undefined ? {} : { desired }),
    ...(live === undefined ? {} : { live }),
    sensitive: getIn(value, "sensitive") === true,
    ...grade,
    owner: ownerOf(getIn(value, "owner")),
  };
}

const textsAt = (value: Json | undefined, ...keys: readonly string[]): readonly string[] => {
  const listed = getIn(value, ...keys);
  return isArray(listed) ? listed.filter((entry) => typeof entry === "string") : [];
};

function verdictOf(record: KubeObject): Verdict | undefined {
  const grade = graded(record);
  if (grade === undefined) return undefined;
  switch (record["verdict"]) {
    case "drifted": {
      const listed = record["changes"];
      const [first, ...rest] = isArray(listed) ? listed.flatMap((entry) => changeOf(entry) ?? []) : [];
      if (first === undefined) return undefined;
      return {
        kind: "drifted",
        changes: [first, ...rest],
        ...grade,
        ownershipWiped: record["ownershipWiped"] === true,
      };
    }
    case "missing":
      return { kind: "missing", ...grade };
    case "unmanaged": {
      const made = ownerOf(record["made"]);
      return { kind: "unmanaged", ...grade, ...(made.manager === "" ? {} : { made }) };
    }
    case "terminating": {
      const finalizers = textsAt(record, "terminating", "finalizers");
      const since = getString(record, "terminating", "since") ?? "";
      return { kind: "terminating", since, finalizers, severity: grade.severity, class: grade.class };
    }
    default:
      return undefined;
  }
}

function seedOf(record: KubeObject): Judgement | undefined {
  const drift = readDrift(record);
  const verdict = verdictOf(record);
  const firstObserved = Date.parse(getString(record, "firstObserved") ?? "");
  if (drift === undefined || verdict === undefined || Number.isNaN(firstObserved)) return undefined;
  const lastChanged = Date.parse(getString(record, "lastChanged") ?? "");
  const uid = getString(record, "object", "uid");
  const revision = parseRevision(getString(record, "revision") ?? "");
  const source = sourceOf(record["source"]);
  const health = oneOf(healths, getString(record, "health", "state"));
  return {
    baseline: drift.baseline,
    id: drift.id,
    version: getString(record, "object", "version") ?? "",
    verdict,
    suppressed: [],
    warnings: [],
    firstObserved,
    lastChanged: Number.isNaN(lastChanged) ? firstObserved : lastChanged,
    ...(uid === undefined ? {} : { uid }),
    ...(revision === undefined ? {} : { revision }),
    ...(source === undefined ? {} : { source }),
    ...(health === undefined ? {} : { health: { state: health } }),
  };
}

/** What a record remembers of its object. */
export interface Remembered {
  readonly judgement: Judgement;
  /** Undefined where nothing was to be put back. */
  readonly remediation: RemediationState | undefined;
}

function remediationOf(value: Json | undefined): RemediationState | undefined {
  const state = oneOf(remediationStates, getString(value, "state"));
  if (state === undefined) return undefined;
  const attempts = getIn(value, "attempts");
  const lastResult = oneOf(remediationResults, getString(value, "lastResult"));
  const lastAttemptAt = Date.parse(getString(value, "lastAttemptAt") ?? "");
  const waitingFor = oneOf(waitReasons, getString(value, "waitingFor"));
  const waitsUntil = Date.parse(getString(value, "waitsUntil") ?? "");
  const message = getString(value, "message");
  const owed = getString(value, "owed");
  const managers = textsAt(value, "contested", "managers");
  const paths = textsAt(value, "contested", "paths");
  return {
    state,
    attempts: typeof attempts === "number" ? attempts : 0,
    ...(lastResult === undefined ? {} : { lastResult }),
    ...(Number.isNaN(lastAttemptAt) ? {} : { lastAttemptAt }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(Number.isNaN(waitsUntil) ? {} : { waitsUntil }),
    ...(message === undefined ? {} : { message }),
    ...(getIn(value, "worsened") === true ? { worsened: true as const } : {}),
    ...(owed === undefined ? {} : { owed }),
    ...(managers.length + paths.length === 0 ? {} : { contested: { managers, paths } }),
  };
}

/**
 * @param records every Drift there is
 * @param uidOf uid of a Baseline that exists now; a record of another one is not its memory
 */
export function readRemembered(
  records: readonly KubeObject[],
  uidOf: (namespace: string, baseline: string) => string | undefined,
): readonly Remembered[] {
  return records.flatMap((record) => {
    const drift = readDrift(record);
    const judgement = seedOf(record);
    if (drift === undefined || judgement === undefined) return [];
    const slash = drift.baseline.indexOf("/");
    if (uidOf(drift.baseline.slice(0, slash), drift.baseline.slice(slash + 1)) !== drift.ownerUid) return [];
    return [{ judgement, remediation: remediationOf(record["remediation"]) }];
  });
}

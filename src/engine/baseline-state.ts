/** One Baseline summed up, from its record, what it considers and what was judged. Reads only. */
import type { HealthState } from "../model/live.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import { pendingCap, type BaselineState, type PendingObject, type SourceState, warningsCap } from "../model/state.ts";
import { isStanding, type Severity, type VerdictKind, worstSeverity } from "../model/verdict.ts";
import type { BaselineRecord } from "./baseline-store.ts";
import type { DesiredStore } from "./desired-store.ts";
import { rememberedHash } from "./recall.ts";
import type { VerdictStore } from "./verdict-store.ts";

/** Warnings about the Baseline's own rules and about ignores: whoever reads its status wrote them, or can ask who did. */
const OF_RULES: ReadonlySet<ProblemCode> = new Set(["broad-ignore", "expired-rule", "invalid-baseline"]);

function gather(warnings: Map<string, Problem>, found: readonly Problem[]): void {
  for (const warning of found) {
    if (warnings.size >= warningsCap || !OF_RULES.has(warning.code)) continue;
    // A rule that is not used is one thing to put right, however many objects it concerns.
    const { object: _object, ...rule } = warning;
    const isOfObject = warning.code === "broad-ignore";
    const key = isOfObject ? `${warning.object} ${warning.message}` : warning.message;
    if (!warnings.has(key)) warnings.set(key, isOfObject ? warning : rule);
  }
}

export function readState(record: BaselineRecord, desired: DesiredStore, verdicts: VerdictStore): BaselineState {
  const { key } = record.baseline;
  const counts = noCounts();
  const health: Record<HealthState, number> = { healthy: 0, progressing: 0, degraded: 0, suspended: 0, unknown: 0 };
  const standing: Severity[] = [];
  const warnings = new Map<string, Problem>();
  let secretsNotGranted = 0;
  for (const entry of desired.all(key)) {
    const judgement = verdicts.get(key, entry.key);
    const verdict = judgement?.verdict;
    // Considered and not judged yet is not known.
    counts[verdict?.kind ?? "unknown"] += 1;
    if (verdict?.kind === "unknown" && verdict.problem.code === "secrets-not-granted") secretsNotGranted += 1;
    if (verdict !== undefined && isStanding(verdict)) standing.push(verdict.severity);
    if (judgement !== undefined) gather(warnings, judgement.warnings);
    if (judgement?.health !== undefined) health[judgement.health.state] += 1;
  }
  return {
    baseline: record.baseline,
    source: sourceState(record),
    problems: record.problems,
    counts,
    secretsNotGranted,
    health,
    warnings: [...warnings.values()],
    ...(standing.length === 0 ? {} : { severity: worstSeverity(standing) }),
    judged: record.snapshot !== undefined && record.unjudged.size === 0,
    pending: record.snapshot === undefined ? (record.memory?.pending ?? []) : pendingOf(record, desired),
  };
}

function noCounts(): Record<VerdictKind, number> {
  return {
    "in-sync": 0,
    drifted: 0,
    pending: 0,
    missing: 0,
    terminating: 0,
    unmanaged: 0,
    excluded: 0,
    unknown: 0,
  };
}

function sourceState({ source, settledRevision }: BaselineRecord): SourceState {
  return { ...source, ...(settledRevision === undefined ? {} : { settledRevision }) };
}

function pendingOf(record: BaselineRecord, desired: DesiredStore): readonly PendingObject[] {
  return [...record.pending]
    .sort(([, one], [, other]) => one - other)
    .slice(0, pendingCap)
    .flatMap(([id, since]) => {
      const entry = desired.get(record.baseline.key, id);
      return entry === undefined
        ? []
        : [{ id: entry.id, since, hash: entry.desired?.hash.slice(0, rememberedHash) ?? "" }];
    });
}

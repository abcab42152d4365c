/**
 * The gauges that say how things stand, computed from the engine's states at each scrape. Nothing is remembered between
 * scrapes but how many series were left out, so a deleted object or Baseline has no series from the next scrape on.
 */
import type { Baseline } from "../../model/baseline.ts";
import type { HealthState } from "../../model/live.ts";
import { complianceRatio, coverageRatio, type BaselineState } from "../../model/state.ts";
import { severities, verdictKinds, type Severity } from "../../model/verdict.ts";
import { stands, type Standing } from "../episodes.ts";
import { waitReasons, type EngineReader, type RemediationReader } from "../ports.ts";
import type { GaugeName, LabelsOf } from "./families.ts";
import type { Metrics, Sample } from "./registry.ts";

export interface StateGaugeDeps {
  readonly engine: EngineReader;
  readonly remediation: Pick<RemediationReader, "waiting">;
  /** At most so many objects are named one by one, worst and then oldest first. */
  readonly maxResourceSeries: number;
}

const healthStates: readonly HealthState[] = ["healthy", "progressing", "degraded", "suspended", "unknown"];

const labelsOf = (baseline: Baseline): { readonly baseline_namespace: string; readonly baseline: string } => ({
  baseline_namespace: baseline.namespace,
  baseline: baseline.name,
});

/** Repository URL without user, password, query and fragment: `git.example/platform/shop.git`. */
export function shownUrl(url: string): string {
  return url
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
    .replace(/[?#].*$/s, "")
    .replace(/^[^/]*@/, "");
}

function standingOf(engine: EngineReader, state: BaselineState): Standing[] {
  return [...engine.open(state.baseline.key)].filter(stands);
}

export const causeOf = (verdict: Standing["verdict"]): string =>
  // What is being deleted has no cause of its own but the deletion.
  verdict.kind === "terminating" ? "deletion" : verdict.cause;

interface Named {
  readonly baseline: Baseline;
  readonly judgement: Standing;
}

/** What is named one by one: everything that stands, or the worst of it. */
function chosen(deps: StateGaugeDeps): { readonly named: readonly Named[]; readonly left: number } {
  const all = deps.engine
    .states()
    .flatMap((state) => standingOf(deps.engine, state).map((judgement) => ({ baseline: state.baseline, judgement })));
  const worth = (severity: Severity): number => severities.indexOf(severity);
  if (all.length > deps.maxResourceSeries)
    all.sort(
      (a, b) =>
        worth(a.judgement.verdict.severity) - worth(b.judgement.verdict.severity) ||
        a.judgement.firstObserved - b.judgement.firstObserved,
    );
  const named = all.slice(0, deps.maxResourceSeries);
  return { named, left: all.length - named.length };
}

const objectLabels = ({ baseline, judgement: { id } }: Named) => ({
  ...labelsOf(baseline),
  resource_group: id.group,
  resource_kind: id.kind,
  resource_namespace: id.namespace,
  resource_name: id.name,
});

function drifted(named: Named): Sample<"plumbline_resource_drifted"> {
  const { kind, severity, class: about } = named.judgement.verdict;
  const how = { verdict: kind, severity, class: about, cause: causeOf(named.judgement.verdict) };
  return [{ ...objectLabels(named), ...how, mode: named.baseline.mode }, 1];
}

function oldest(engine: EngineReader, state: BaselineState): Sample<"plumbline_drift_oldest_timestamp_seconds">[] {
  const found = new Map<Severity, number>();
  for (const { verdict, firstObserved } of standingOf(engine, state)) {
    found.set(verdict.severity, Math.min(found.get(verdict.severity) ?? Infinity, firstObserved));
  }
  return [...found].map(([severity, at]) => [{ ...labelsOf(state.baseline), severity }, at / 1000]);
}

/** One gauge that has, per Baseline, a value or none. */
type PerBaseline = {
  readonly [Name in GaugeName]: LabelsOf<Name> extends Record<"baseline_namespace" | "baseline", string>
    ? LabelsOf<"plumbline_source_ready"> extends LabelsOf<Name>
      ? Name
      : never
    : never;
}[GaugeName];

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

const perBaseline: Readonly<Partial<Record<PerBaseline, (state: BaselineState) => number | undefined>>> = {
  plumbline_baseline_compliance_ratio: complianceRatio,
  plumbline_baseline_coverage_ratio: coverageRatio,
  plumbline_baseline_compliance_target_ratio: (state) => state.baseline.minCompliance,
  // A suspended Baseline asks for nothing, so what its last attempt said is no news, and must not alert for ever.
  plumbline_source_ready: ({ baseline, source }) =>
    baseline.suspend || source.state === "waiting" ? undefined : source.state === "ready" ? 1 : 0,
  plumbline_source_last_success_timestamp_seconds: ({ source }) => seconds(source.lastSuccessAt),
  plumbline_source_revision_timestamp_seconds: ({ source }) => {
    const at = Date.parse(source.revision?.committedAt ?? "");
    return Number.isNaN(at) ? undefined : at / 1000;
  },
};

function suppressed({ baseline, suppressed: found }: BaselineState): Sample<"plumbline_suppressed_changes">[] {
  return [...found].map(([rule, count]) => [{ ...labelsOf(baseline), rule }, count]);
}

function guarded({ baseline, source: { guard } }: BaselineState): Sample<"plumbline_baseline_guarded">[] {
  // While Git is still asked about it, nobody need be told.
  const reason = guard?.asking === true ? undefined : guard?.reason;
  return (["Shrunk", "Rewritten"] as const).map((one) => [
    { ...labelsOf(baseline), reason: one },
    Number(one === reason && guard?.commit !== baseline.approvedCommit),
  ]);
}

function rolledBack({ baseline, source: { rollback } }: BaselineState): Sample<"plumbline_baseline_rolled_back">[] {
  const by = rollback?.phase !== "in-force" ? undefined : rollback.automatic ? "plumbline" : "other";
  return (["plumbline", "other"] as const).map((one) => [{ ...labelsOf(baseline), by: one }, Number(one === by)]);
}

export function collectStateGauges(metrics: Metrics, deps: StateGaugeDeps): void {
  const { engine } = deps;
  metrics.collect("plumbline_baseline_info", () =>
    engine
      .states()
      .map(({ baseline }) => [
        { ...labelsOf(baseline), mode: baseline.mode, source: shownUrl(baseline.git.url), path: baseline.path },
        1,
      ]),
  );
  metrics.collect("plumbline_baseline_objects", () =>
    engine
      .states()
      .flatMap((state) =>
        verdictKinds.map((verdict) => [{ ...labelsOf(state.baseline), verdict }, state.counts[verdict]] as const),
      ),
  );
  metrics.collect("plumbline_suppressed_changes", () => engine.states().flatMap(suppressed));
  metrics.collect("plumbline_health_objects", () =>
    engine
      .states()
      .flatMap((state) =>
        healthStates.map((health) => [{ ...labelsOf(state.baseline), health }, state.health[health]] as const),
      ),
  );
  metrics.collect("plumbline_baseline_guarded", () => engine.states().flatMap(guarded));
  metrics.collect("plumbline_baseline_rolled_back", () => engine.states().flatMap(rolledBack));
  metrics.collect("plumbline_remediations_waiting", () =>
    engine.states().flatMap(({ baseline }) => {
      const waiting = deps.remediation.waiting(baseline.key);
      return waitReasons.map((reason) => [{ ...labelsOf(baseline), reason }, waiting[reason]] as const);
    }),
  );
  metrics.collect("plumbline_drift_oldest_timestamp_seconds", () =>
    engine.states().flatMap((state) => oldest(engine, state)),
  );
  metrics.collect("plumbline_resource_drifted", () => {
    const { named, left } = chosen(deps);
    if (left > 0)
      metrics.count("plumbline_metrics_series_dropped_total", { metric: "plumbline_resource_drifted" }, left);
    return named.map(drifted);
  });
  metrics.collect("plumbline_resource_drifted_since_timestamp_seconds", () =>
    chosen(deps).named.map((named) => [objectLabels(named), named.judgement.firstObserved / 1000] as const),
  );
  for (const [name, value] of Object.entries(perBaseline) as [
    PerBaseline,
    (state: BaselineState) => number | undefined,
  ][]) {
    metrics.collect(name, () =>
      engine.states().flatMap((state) => {
        const found = value(state);
        return found === undefined ? [] : [[labelsOf(state.baseline), found] as const];
      }),
    );
  }
}

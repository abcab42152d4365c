/**
 * The sink that counts: episodes of drift begun, how long they lasted and who ended them. Counts only while this process holds the lease, and never what a restart replays.
 */
import { parseBaselineKey, type BaselineKey } from "../../model/snapshot.ts";
import { stepOf } from "../episodes.ts";
import type { RemediationReader, Sink } from "../ports.ts";
import type { Metrics } from "./registry.ts";
import { causeOf } from "./state-gauges.ts";

export interface DriftMetricsDeps {
  readonly metrics: Metrics;
  readonly remediation: Pick<RemediationReader, "actedSince">;
  readonly isLeader: () => boolean;
}

export function createDriftMetrics({ metrics, remediation, isLeader }: DriftMetricsDeps): Sink {
  const labelsOf = (key: BaselineKey): { readonly baseline_namespace: string; readonly baseline: string } => {
    const { namespace, name } = parseBaselineKey(key);
    return { baseline_namespace: namespace, baseline: name };
  };
  return {
    name: "metrics",
    transition(transition) {
      if (!isLeader()) return;
      const labels = labelsOf(transition.baseline);
      const step = stepOf(transition);
      if (step.kind === "began") {
        const { verdict } = step.judgement;
        const { severity, class: kind } = verdict;
        metrics.count("plumbline_drifts_total", { ...labels, severity, class: kind, cause: causeOf(verdict) });
      }
      if (step.kind === "ended" && (step.how === "in-sync" || step.how === "gone")) {
        const { firstObserved, verdict } = step.before;
        const by = remediation.actedSince(transition.baseline, transition.id, firstObserved) ? "plumbline" : "other";
        const took = Math.max(0, transition.at - firstObserved) / 1000;
        metrics.observe("plumbline_time_to_reconcile_seconds", { ...labels, by, severity: verdict.severity }, took);
      }
    },
    stateChanged() {},
    removed(key) {
      const { namespace, name } = parseBaselineKey(key);
      metrics.forgetBaseline(namespace, name);
    },
    leading() {},
  };
}

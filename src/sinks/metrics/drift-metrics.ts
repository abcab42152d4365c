/**
 * The sink that counts: episodes of drift begun, how long they lasted and who ended them. Counts only while this process
 * holds the lease, and never what a restart replays. The watch may bring the end before the answer to our own write:
 * only the answer tells whether that write ended it, or lost against somebody who was faster.
 */
import { parseBaselineKey, type BaselineKey } from "../../model/snapshot.ts";
import type { Transition } from "../../model/verdict.ts";
import { stepOf, type Standing } from "../episodes.ts";
import type { RemediationReader, Sink } from "../ports.ts";
import type { Metrics } from "./registry.ts";
import { causeOf } from "./state-gauges.ts";

export interface DriftMetricsDeps {
  readonly metrics: Metrics;
  readonly remediation: Pick<RemediationReader, "actedSince" | "answered">;
  readonly isLeader: () => boolean;
}

export function createDriftMetrics({ metrics, remediation, isLeader }: DriftMetricsDeps): Sink {
  const labelsOf = (key: BaselineKey): { readonly baseline_namespace: string; readonly baseline: string } => {
    const { namespace, name } = parseBaselineKey(key);
    return { baseline_namespace: namespace, baseline: name };
  };
  /** Ends that wait for an answer; without those of a Baseline that is gone, whose series would never go. */
  const waiting = new Set<Transition>();
  const ended = ({ baseline, id, at }: Transition, { firstObserved, verdict }: Standing): void => {
    const by = remediation.actedSince(baseline, id, firstObserved) ? "plumbline" : "other";
    const took = Math.max(0, at - firstObserved) / 1000;
    const labels = { ...labelsOf(baseline), by, severity: verdict.severity };
    metrics.observe("plumbline_time_to_reconcile_seconds", labels, took);
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
        const answered = remediation.answered(transition.baseline, transition.id);
        if (answered === undefined) return ended(transition, step.before);
        waiting.add(transition);
        void answered.then(() => {
          if (waiting.delete(transition)) ended(transition, step.before);
        });
      }
    },
    stateChanged() {},
    removed(key) {
      for (const transition of waiting) if (transition.baseline === key) waiting.delete(transition);
      const { namespace, name } = parseBaselineKey(key);
      metrics.forgetBaseline(namespace, name);
    },
    leading() {},
  };
}

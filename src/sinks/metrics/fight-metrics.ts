/**
 * Fights in numbers: how many objects have a breaker that is not closed, and how often one opened, by who is on the
 * other side. Names of managers come from the cluster, so only so many of them become a label; paths never do.
 */
import { parseBaselineKey, type BaselineKey } from "../../model/snapshot.ts";
import type { Breaker, BreakerChange } from "../breaker.ts";
import type { EngineReader } from "../ports.ts";
import type { Metrics } from "./registry.ts";

/** Managers of one Baseline that have a series of their own. */
export const managersNamed = 20;

const labelsOf = (key: BaselineKey): { readonly baseline_namespace: string; readonly baseline: string } => {
  const { namespace, name } = parseBaselineKey(key);
  return { baseline_namespace: namespace, baseline: name };
};

export interface FightCounter {
  /** Counts a fight that began; whatever else a breaker does is the same fight. */
  changed(change: BreakerChange): void;
  forget(key: BaselineKey): void;
}

export function createFightCounter(metrics: Pick<Metrics, "count">): FightCounter {
  const named = new Map<BaselineKey, Set<string>>();
  const labelOf = (key: BaselineKey, manager: string): string => {
    const known = named.get(key) ?? new Set<string>();
    named.set(key, known);
    if (known.has(manager)) return manager;
    if (known.size >= managersNamed) return "other";
    known.add(manager);
    return manager;
  };
  return {
    changed({ baseline, from, to, contested: { managers } }) {
      if (from !== "closed" || to !== "open") return;
      // One count per fight: the first on record is who it is named after, where several take turns.
      const manager = labelOf(baseline, managers[0] ?? "unknown");
      metrics.count("plumbline_remediation_fights_total", { ...labelsOf(baseline), manager });
    },
    forget(key) {
      named.delete(key);
    },
  };
}

export function collectBreakers(
  metrics: Pick<Metrics, "collect">,
  { engine, breaker }: { readonly engine: Pick<EngineReader, "states">; readonly breaker: Pick<Breaker, "count"> },
): void {
  metrics.collect("plumbline_remediation_breakers", () =>
    engine.states().flatMap(({ baseline: { key } }) => {
      const count = breaker.count(key);
      return (["open", "half-open"] as const).map((state) => [{ ...labelsOf(key), state }, count[state]] as const);
    }),
  );
}

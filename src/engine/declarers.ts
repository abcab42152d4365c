/**
 * Whether it is known what Baselines declare: nothing is nobody's while somebody who may declare it was not heard yet, or
 * was not asked since it was made. A tenant's Baseline has a say in its own namespace only. Kept as things happen.
 */
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";

export interface Declarers {
  /** Its source fares otherwise, or its settings are others. True where nobody need wait for it any more. */
  consider(record: BaselineRecord): boolean;
  /** Its snapshot is in force. True where nobody need wait for it any more. */
  heard(record: BaselineRecord): boolean;
  forget(key: BaselineKey): boolean;
  /** Those that may declare an object and were not heard since the start. */
  unheard(id: Pick<ResourceId, "namespace">): readonly BaselineKey[];
  /** Whether each that may declare it was asked after that moment, and what it answered is in force. */
  askedSince(id: Pick<ResourceId, "namespace">, moment: number): boolean;
}

export function createDeclarers(baselines: Pick<BaselineStore, "all" | "hasSay">): Declarers {
  const heard = new Set<BaselineKey>();
  /** Of before a restart they declared something, or it is not known yet whether they do. */
  const awaited = new Map<BaselineKey, BaselineRecord>();

  const isAwaited = ({ baseline, source }: BaselineRecord): boolean =>
    !heard.has(baseline.key) && (source.revision !== undefined || (!baseline.suspend && source.state === "waiting"));

  const consider = (record: BaselineRecord): boolean => {
    const { key } = record.baseline;
    if (!isAwaited(record)) return awaited.delete(key);
    awaited.set(key, record);
    return false;
  };

  return {
    consider,
    heard(record) {
      heard.add(record.baseline.key);
      return consider(record);
    },
    forget(key) {
      heard.delete(key);
      return awaited.delete(key);
    },
    unheard: (id) =>
      [...awaited.values()].flatMap(({ baseline }) => (baselines.hasSay(baseline, id) ? [baseline.key] : [])),
    askedSince(id, moment) {
      for (const { baseline, source, gate } of baselines.all()) {
        if (!baselines.hasSay(baseline, id)) continue;
        if (gate !== undefined || (source.lastSuccessAt ?? 0) < moment) return false;
      }
      return true;
    },
  };
}

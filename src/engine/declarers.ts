/**
 * Whether it is known what Baselines declare: nothing is nobody's while somebody who may declare it was not heard yet, or
 * was not asked since it was made. A tenant's Baseline has a say in its own namespace only. Kept as things happen.
 */
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { SearchPort } from "./ports.ts";

export interface Declarers {
  /** Its source fares otherwise, or its settings are others. True where nobody need wait for it any more. */
  consider(record: BaselineRecord): boolean;
  /** Its snapshot is in force. True where nobody need wait for it any more. */
  heard(record: BaselineRecord): boolean;
  forget(key: BaselineKey): boolean;
  /** Those that may declare an object and were not heard since the start. */
  unheard(id: Pick<ResourceId, "namespace">): readonly BaselineKey[];
  /** Of those the ones whose source was not even tried yet. */
  untried(id: Pick<ResourceId, "namespace">): readonly BaselineKey[];
  /**
   * Those that may declare it and were not asked after that moment, milliseconds since the epoch, or what was answered is
   * not in force yet.
   */
  unasked(id: Pick<ResourceId, "namespace">, moment: number): readonly BaselineKey[];
}

/** Whether another process judges a Baseline that declares the object and has a say there; `asking`: not known yet. */
export function isDeclaredByOthers(
  search: Pick<SearchPort, "declaredElsewhere">,
  baselines: Pick<BaselineStore, "hasSay">,
  id: ResourceId,
): boolean | "asking" {
  const elsewhere = search.declaredElsewhere(id);
  return elsewhere === "asking" ? elsewhere : elsewhere.some((baseline) => baselines.hasSay(baseline, id));
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

  const withSay = (records: Iterable<BaselineRecord>, id: Pick<ResourceId, "namespace">): readonly BaselineRecord[] =>
    [...records].filter(({ baseline }) => baselines.hasSay(baseline, id));

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
    unheard: (id) => withSay(awaited.values(), id).map(({ baseline }) => baseline.key),
    untried: (id) =>
      withSay(awaited.values(), id).flatMap(({ baseline, source }) =>
        source.state === "waiting" && !baseline.suspend ? [baseline.key] : [],
      ),
    unasked: (id, moment) =>
      withSay(baselines.all(), id).flatMap(({ baseline, source, gate }) =>
        gate !== undefined || (source.lastSuccessAt ?? 0) < moment ? [baseline.key] : [],
      ),
  };
}

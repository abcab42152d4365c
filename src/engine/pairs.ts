/** Both sides of one object, as the sinks ask for them: read at the moment of asking, and never for keeping. */
import { idKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { Calibrator } from "./calibrator.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import type { Engine } from "./engine.ts";
import type { Reconciler } from "./reconcile.ts";

export interface PairsDeps {
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  readonly reconciler: Pick<Reconciler, "read" | "pair">;
  readonly calibrator: Pick<Calibrator, "acting"> | undefined;
}

export function createPairs({
  baselines,
  desired,
  reconciler,
  calibrator,
}: PairsDeps): Pick<Engine, "inputOf" | "pairOf" | "mutatorsOf" | "declaring"> {
  const find = <Found>(
    key: BaselineKey,
    id: ResourceId,
    read: (record: BaselineRecord, entry: Considered) => Found,
  ): Found | undefined => {
    const record = baselines.get(key);
    const entry = desired.get(key, idKey(id));
    return record === undefined || entry === undefined ? undefined : read(record, entry);
  };
  const inputOf: Engine["inputOf"] = (key, id) => {
    const input = find(key, id, reconciler.read);
    return input === undefined || "code" in input ? undefined : input;
  };
  return {
    inputOf,
    pairOf: (key, id) => find(key, id, reconciler.pair),
    mutatorsOf(key, id) {
      const input = inputOf(key, id);
      return input === undefined ? [] : (calibrator?.acting(input) ?? []);
    },
    declaring: (id) =>
      desired.considering(idKey(id)).filter((key) => desired.get(key, idKey(id))?.desired !== undefined),
  };
}

/**
 * What the engine has watched, and what the watches tell it: which ids an event, or a change of what is seen, concerns
 * beyond the object it is about. It only queues; what it means is found out when the id comes up.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { WorkQueue } from "../runtime/work-queue.ts";
import { isAutoscaler } from "./autoscaler-kinds.ts";
import type { BaselineStore } from "./baseline-store.ts";
import type { Calibrator } from "./calibrator.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import { boundsLinger, type FactStore, namespaceKind } from "./fact-store.ts";
import { isMutator } from "./mutators.ts";
import type { EnginePorts } from "./ports.ts";
import type { Revisits } from "./revisits.ts";
import { mergeKinds } from "./search-kinds.ts";
import type { Search } from "./search.ts";

export interface SightDeps {
  readonly ports: Pick<EnginePorts, "live" | "clock">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  readonly facts: FactStore;
  readonly calibrator: Calibrator | undefined;
  readonly search: Search | undefined;
  readonly queue: WorkQueue<IdKey>;
  readonly revisits: Revisits;
}

export interface Sight {
  /** Has what is in use now watched, where that is something else than before. */
  watch(): void;
  /** As {@link Sight.watch}, whether or not: other kinds are served now. */
  watchAnew(): void;
  /** An object changed. True where it is considered, and is going to be judged. */
  changed(id: ResourceId): boolean;
  watchesChanged(): void;
}

/** Milliseconds. */
const LATE_ENOUGH = 20;

const forgetAbsence = (entry: Considered): void => void (entry.absenceConfirmed = false);

export function createSight(deps: SightDeps): Sight {
  const { ports, baselines, desired, facts, calibrator, search, queue, revisits } = deps;
  const { live, clock } = ports;
  let watchedVersion = -1;

  const version = (): number => desired.kinds.version + (search?.version() ?? 0);

  const watch = (): void => {
    if (watchedVersion === version()) return;
    const searched = search?.watched() ?? [];
    watchedVersion = version();
    const context = facts.contextKinds(desired.kinds.scalable);
    // What is declared is watched whole, also where it would be watched for its labels.
    live.ensure(mergeKinds([...searched, ...context, ...(calibrator?.kinds() ?? []), ...desired.kinds.watched()]));
  };

  /** What admission does to objects may have changed: to what differs, that is. */
  const mutatorsChanged = (): void => {
    if (calibrator === undefined) return;
    calibrator.refresh();
    revisits.open(new Set(["drifted", "unknown"]));
  };

  return {
    watch,
    watchAnew() {
      watchedVersion = -1;
      watch();
    },

    changed(id) {
      const key = idKey(id);
      for (const target of facts.autoscalerChanged(id)) {
        if (desired.considering(target).length === 0) continue;
        queue.add(target, "live");
        // A timer may fire a little before its time, and a look too early would be the last.
        if (facts.boundsMoved(id)) clock.after(boundsLinger + LATE_ENOUGH, () => queue.add(target, "resync"));
      }
      if (facts.namespaceChanged(id)) {
        revisits.namespace(id.name);
        search?.namespaceChanged();
      }
      if (isMutator(id)) mutatorsChanged();
      const considering = desired.considering(key);
      for (const baseline of considering) {
        const entry = desired.get(baseline, key);
        if (entry !== undefined) forgetAbsence(entry);
      }
      const isSearched = search?.concerns(id) === true;
      const isLookedAt = considering.length > 0 || isSearched;
      if (isLookedAt) queue.add(key, "live");
      return isLookedAt;
    },

    watchesChanged() {
      const kinds = facts.watchesChanged();
      search?.watchesChanged(kinds);
      if (kinds.some(isMutator)) mutatorsChanged();
      for (const { group, kind } of kinds) revisits.kinds({ group, kind }, forgetAbsence);
      if (kinds.some((kind) => isAutoscaler(kind))) revisits.scalable();
      if (!kinds.some(({ group, kind }) => group === namespaceKind.group && kind === namespaceKind.kind)) return;
      search?.namespaceChanged();
      for (const { baseline } of baselines.all()) if (baseline.exempt.length > 0) revisits.baseline(baseline.key);
    },
  };
}

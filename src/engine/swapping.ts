/** What follows when a snapshot is in force: who is to be judged, and in which order. In slices; judges nothing itself. */
import type { IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { isStanding, isStray } from "../model/verdict.ts";
import type { WorkQueue } from "../runtime/work-queue.ts";
import type { Declarers } from "./declarers.ts";
import type { DesiredStore } from "./desired-store.ts";
import type { IntakeDeps } from "./intake.ts";
import type { Recorder } from "./recorder.ts";
import type { Search } from "./search.ts";
import type { VerdictStore } from "./verdict-store.ts";

export interface SwappingDeps {
  readonly desired: DesiredStore;
  readonly verdicts: VerdictStore;
  readonly recorder: Recorder;
  readonly declarers: Pick<Declarers, "heard">;
  readonly search: Pick<Search, "swapped"> | undefined;
  readonly queue: Pick<WorkQueue<IdKey>, "add">;
  watch(): void;
  changed(key: BaselineKey): void;
}

export function createSwapping(deps: SwappingDeps): IntakeDeps["swapped"] {
  const { desired, verdicts, recorder, declarers, search, queue, watch, changed } = deps;
  return function* swapped(record, swap, isFirst) {
    const { key } = record.baseline;
    for (const id of swap.left) {
      recorder.leave(record, id);
      yield;
    }
    for (const id of swap.changed) {
      if (desired.get(key, id)?.desired !== undefined) record.unjudged.add(id);
      yield;
    }
    const waited = record.gate;
    record.gate = undefined;
    const isHeard = declarers.heard(record);
    search?.swapped(record, isHeard);
    watch();
    recorder.settled(record);
    changed(key);
    for (const id of waited ?? []) queue.add(id, "live");
    for (const id of swap.changed) {
      // A commit is waited for; fifty thousand objects seen for the first time are not to delay one.
      queue.add(id, isFirst ? "bulk" : "resync");
      yield;
    }
    // What is not as declared is shown with the revision it was judged at: that is now this one. What nobody declares is not.
    for (const [id, { verdict }] of verdicts.open(key)) {
      if ((isStanding(verdict) && !isStray(verdict)) || verdict.kind === "unknown") queue.add(id);
      yield;
    }
  };
}

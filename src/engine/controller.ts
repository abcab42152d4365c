/**
 * The loop's owner: turns what happened into ids in a queue, works them off, and publishes what means something new.
 * Somebody's edit goes before what a commit changed or a moment brought, and that before everything else. Nothing it does
 * holds the event loop for long: what concerns many is done in slices. It writes to no cluster and keeps no object.
 */
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { Baseline } from "../model/baseline.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineMemory, BaselineState } from "../model/state.ts";
import { breathOf, inSlices } from "../runtime/breath.ts";
import { createWorkQueue } from "../runtime/work-queue.ts";
import { readOutline, readState } from "./baseline-state.ts";
import { BaselineStore, type BaselineRecord } from "./baseline-store.ts";
import { createCalibrator } from "./calibrator.ts";
import { createDeclarers } from "./declarers.ts";
import { createDepartures } from "./departures.ts";
import { DesiredStore } from "./desired-store.ts";
import type { Engine } from "./engine.ts";
import { Expiries } from "./expiries.ts";
import { FactStore } from "./fact-store.ts";
import { createIntake } from "./intake.ts";
import { createJudging } from "./judging.ts";
import { LineFinder } from "./lines.ts";
import { createPairs } from "./pairs.ts";
import type { EnginePorts } from "./ports.ts";
import { beginning, createRecorder } from "./recorder.ts";
import { createReconciler } from "./reconcile.ts";
import { createRevisits } from "./revisits.ts";
import { createSearch, type SearchDeps } from "./search.ts";
import { createSight } from "./sight.ts";
import { createSwapping } from "./swapping.ts";
import { VerdictStore } from "./verdict-store.ts";

export function createEngine(ports: EnginePorts): Engine {
  const { clock, live, sources, observe = {} } = ports;
  const baselines = new BaselineStore(ports.tenancy);
  const verdicts = new VerdictStore();
  const desired = new DesiredStore({
    entered: (key, id) => baselines.get(key)?.tally.add(verdicts.get(key, id)),
    left: (key, id) => baselines.get(key)?.tally.remove(verdicts.get(key, id)),
  });
  const facts = new FactStore(live, ports.schemas, clock);
  const lines = new LineFinder((...asked) => sources.locate(...asked));
  const breath = breathOf(clock);
  let stopped = false;
  const slices = (steps: Generator<void, void>): Promise<void> | undefined => inSlices(breath, steps, () => !stopped);
  /** Of an id that several Baselines consider the smallest counts: the others' size is no reason for it to wait. */
  const lineOf = (id: IdKey): string => {
    const [first = "", ...others] = desired.considering(id);
    return others.reduce<string>(
      (least, key) => (desired.size(key) < desired.size(least as BaselineKey) ? key : least),
      first,
    );
  };
  const queue = createWorkQueue<IdKey>({
    clock,
    name: "engine",
    lineOf,
    ...(observe.queue === undefined ? {} : { metrics: observe.queue }),
  });
  const port = ports.calibration;
  const again = (id: ResourceId): void => queue.add(idKey(id), "live");
  const calibrator = port && createCalibrator({ ports, port, facts: facts.facts, again });
  const reconciler = createReconciler({
    ports,
    baselines,
    desired,
    facts,
    lines,
    calibrator,
    isJudged: ({ baseline }, entry) => verdicts.isJudged(baseline.key, entry.key),
    again: (id) => queue.add(id),
  });
  const declarers = createDeclarers(baselines);
  const states = new Map<BaselineKey, BaselineState>();
  let synced = false;

  const changed = (key: BaselineKey): void => {
    states.delete(key);
    ports.stateChanged(key);
  };

  const revisits = createRevisits({
    baselines,
    desired,
    verdicts,
    again: (id) => queue.add(id),
    inSlices: slices,
  });

  const leave: SearchDeps["leave"] = (record, id, why) => recorder.leave(record, id, why);
  const search =
    ports.search &&
    createSearch({
      ports: { live, clock, search: ports.search },
      baselines,
      desired,
      verdicts,
      facts,
      declarers,
      queue,
      leave,
      changed,
      inSlices: slices,
    });
  const sight = createSight({ ports, baselines, desired, facts, calibrator, search, queue, revisits });
  const { watch } = sight;
  const recorder = createRecorder({ ports, desired, verdicts, changed, watch });
  const judging = createJudging({
    ports,
    baselines,
    desired,
    reconciler,
    recorder,
    search,
    queue,
    seen({ baseline }, entry) {
      if (entry.found) return;
      desired.watch(entry, baselines.isWatched(baseline, entry.id));
      watch();
    },
  });
  const requeue = (waited: Iterable<IdKey> = []): void => {
    for (const id of waited) queue.add(id, "live");
  };

  const swapped = createSwapping({ desired, verdicts, recorder, declarers, search, queue, watch, changed });
  const intake = createIntake({
    ports,
    baselines,
    desired,
    reported: (key) => verdicts.all(key),
    inSlices: (record, steps) =>
      inSlices(breath, steps, () => !stopped && baselines.get(record.baseline.key) === record),
    stopped: () => stopped,
    openGate(record) {
      const waited = record.gate;
      record.gate = undefined;
      requeue(waited);
    },
    swapped,
    revisit: (record) => revisits.baseline(record.baseline.key),
    sourceChanged(record) {
      recorder.settled(record);
      search?.asked(declarers.consider(record));
      changed(record.baseline.key);
    },
  });
  const expiries = new Expiries(clock, (key) => {
    const record = baselines.get(key);
    if (record !== undefined) intake.reconsider(record);
    revisits.baseline(key);
    search?.again();
  });

  const departures = createDepartures(slices);

  function* depart(gone: BaselineRecord): Generator<void, void> {
    const { key } = gone.baseline;
    for (const id of verdicts.ids(key)) {
      recorder.leave(gone, id, desired.get(key, id)?.found === true ? "unsearched" : undefined);
      yield;
    }
    desired.remove(key);
    verdicts.remove(key);
    search?.again();
    watch();
    ports.removed(key);
  }

  const remove = (key: BaselineKey): void => {
    const record = baselines.get(key);
    if (record === undefined) return;
    expiries.forget(key);
    sources.remove(key);
    baselines.remove(key);
    const isHeard = declarers.forget(key);
    states.delete(key);
    search?.removed(key, isHeard);
    departures.leave(key, depart(record));
  };

  const apply = (baseline: Baseline, memory: BaselineMemory): void => {
    const known = baselines.get(baseline.key);
    const record = known ?? baselines.add(baseline, memory, clock.monotonic());
    // By then it is no beginning any more: what still cannot be seen is said, and why.
    if (known === undefined) clock.after(beginning, () => revisits.baseline(baseline.key));
    const before = known?.baseline;
    record.baseline = baseline;
    if (!baseline.suspend) sources.ensure(baseline);
    else if (before?.suspend === false) sources.remove(baseline.key);
    if (before !== undefined && !baseline.suspend && baseline.requestedAt !== before.requestedAt)
      sources.checkNow(baseline.key);
    // Our own writes to its status come back as the same settings.
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(baseline)) return;
    if (before !== undefined && before.generation !== baseline.generation) {
      intake.replace(record);
      revisits.baseline(baseline.key);
    }
    intake.reconsider(record);
    expiries.arm(record);
    declarers.consider(record);
    search?.applied(record);
    watch();
    changed(baseline.key);
  };

  const state = (key: BaselineKey): BaselineState | undefined => {
    const record = baselines.get(key);
    if (record === undefined) return undefined;
    const known = states.get(key) ?? readState(record, desired);
    states.set(key, known);
    return known;
  };

  return {
    baselineApplied(baseline, memory) {
      const { key, uid } = baseline;
      departures.after(key, () => {
        if (baselines.get(key)?.baseline.uid !== uid) remove(key);
        departures.after(key, () => apply(baseline, memory));
      });
    },
    baselineRemoved: (key) => departures.after(key, () => remove(key)),
    baselinesSynced() {
      synced = true;
      watch();
    },
    sourceOutcome: (key, outcome) => intake.outcome(key, outcome),

    liveChanged(id, _version, receivedAt) {
      if (sight.changed(id)) judging.heard(idKey(id), receivedAt);
    },
    watchesChanged: sight.watchesChanged,
    schemaChanged: (kinds) => (kinds === undefined ? revisits.everything() : revisits.kinds(kinds)),

    discoveryChanged() {
      intake.scopesChanged();
      search?.servedChanged();
      // Autoscalers may be served only now.
      sight.watchAnew();
      revisits.open(new Set(["unknown"]));
    },

    seed(judgements) {
      for (const judgement of judgements) {
        const key = idKey(judgement.id);
        if (!verdicts.seed(judgement) || desired.get(judgement.baseline, key) === undefined) continue;
        baselines.get(judgement.baseline)?.tally.remove(undefined);
        baselines.get(judgement.baseline)?.tally.add(judgement);
      }
    },
    adopt: (judgements) => verdicts.adopt(judgements),
    recheck: again,
    recheckBaseline(key) {
      revisits.baseline(key);
      search?.again();
    },
    checkNow: (key) => sources.checkNow(key),
    claimsElsewhereChanged: () => search?.again(),
    judgement: (key, id) => verdicts.get(key, idKey(id)),
    judgements: (key) => verdicts.all(key),
    *open(key) {
      for (const [, judgement] of verdicts.open(key)) yield judgement;
    },
    state,
    outline(key) {
      const record = baselines.get(key);
      return record === undefined ? undefined : readOutline(record);
    },
    states: () => [...baselines.all()].flatMap(({ baseline }) => state(baseline.key) ?? []),

    unheard: declarers.unheard,
    untried: declarers.untried,
    unasked: declarers.unasked,
    ...createPairs({ baselines, desired, reconciler, calibrator }),
    isReady: () =>
      synced && [...baselines.all()].every(({ baseline, source }) => baseline.suspend || source.state !== "waiting"),
    queueDepth: () => queue.depth(),
    queueBusy: () => queue.busy(),

    async run(signal) {
      const stop = (): void => {
        stopped = true;
        expiries.stop();
        void queue.shutdown({ discard: true });
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      await Promise.all([queue.run(ports.workers, judging.work), calibrator?.run(signal)]);
    },
  };
}

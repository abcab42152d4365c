/**
 * The loop's owner: turns what happened into ids in a queue, works them off, and publishes what means something new.
 * Live edits go before bulk work. It holds the only catch: an object that can't be judged is counted, logged and
 * unknown, and nothing else is the worse for it. It writes to no cluster and keeps no object.
 */
import { idKey, kindKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineState } from "../model/state.ts";
import { isStanding } from "../model/verdict.ts";
import { createWorkQueue } from "../runtime/work-queue.ts";
import { readState } from "./baseline-state.ts";
import { BaselineStore, settle, type BaselineRecord } from "./baseline-store.ts";
import { createCalibrator } from "./calibrator.ts";
import { DesiredStore, type Considered, type Swap } from "./desired-store.ts";
import type { Engine } from "./engine.ts";
import { Expiries } from "./expiries.ts";
import { boundsLinger, FactStore, isAutoscaler, namespaceKind } from "./fact-store.ts";
import { createIntake, declaredOf } from "./intake.ts";
import { LineFinder } from "./lines.ts";
import { isMutator } from "./mutators.ts";
import type { EnginePorts } from "./ports.ts";
import { createRecorder, isUncertain } from "./recorder.ts";
import { createReconciler, type Judged } from "./reconcile.ts";
import { VerdictStore } from "./verdict-store.ts";

function count<Item>(items: Iterable<Item>, counts: (item: Item) => boolean): number {
  let total = 0;
  for (const item of items) if (counts(item)) total += 1;
  return total;
}

/** Milliseconds. */
const LATE_ENOUGH = 20;

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

export function createEngine(ports: EnginePorts): Engine {
  const { clock, log, live, sources, observe = {} } = ports;
  const baselines = new BaselineStore(ports.tenancy);
  const desired = new DesiredStore();
  const verdicts = new VerdictStore();
  const facts = new FactStore(live, ports.schemas, clock);
  const lines = new LineFinder((...asked) => sources.locate(...asked));
  const queue = createWorkQueue<IdKey>({
    clock,
    name: "engine",
    ...(observe.queue === undefined ? {} : { metrics: observe.queue }),
  });
  const port = ports.calibration;
  const again = (id: ResourceId): void => queue.add(idKey(id), "live");
  const calibrator = port && createCalibrator({ ports, port, facts: facts.facts, again });
  const reconciler = createReconciler({
    ports,
    baselines,
    facts,
    lines,
    calibrator,
    isJudged: ({ baseline }, entry) => verdicts.isJudged(baseline.key, entry.key),
    again: (entry) => queue.add(entry.key),
  });
  /** When the oldest watch line about an id that was not worked on yet arrived. */
  const received = new Map<IdKey, number>();
  const states = new Map<BaselineKey, BaselineState>();
  let watchedVersion = -1;
  let synced = false;

  const changed = (key: BaselineKey): void => {
    states.delete(key);
    ports.stateChanged(key);
  };

  const watch = (): void => {
    if (watchedVersion === desired.kindsVersion) return;
    watchedVersion = desired.kindsVersion;
    const kinds = new Map(
      [...desired.kinds(), ...facts.contextKinds(desired.scalable), ...(calibrator?.kinds() ?? [])].map(
        (kind) => [kindKey(kind), kind] as const,
      ),
    );
    live.ensure([...kinds.values()]);
  };

  const recorder = createRecorder({ ports, desired, verdicts, changed, watch });

  const swapped = (record: BaselineRecord, swap: Swap): void => {
    const { key } = record.baseline;
    for (const id of swap.left) recorder.leave(record, id);
    record.uncertain = record.complete ? 0 : count(desired.all(key), isUncertain);
    for (const id of declaredOf(desired, key, swap.changed)) record.unjudged.add(id);
    watch();
    for (const id of swap.changed) queue.add(id);
    // What is not as declared is shown with the revision it was judged at: that is now this one.
    for (const { id, verdict } of verdicts.all(key))
      if (isStanding(verdict) || verdict.kind === "unknown") queue.add(idKey(id));
    settle(record);
    changed(key);
  };

  const intake = createIntake({
    ports,
    baselines,
    desired,
    reported: (key) => verdicts.all(key),
    swapped,
    sourceChanged: (record) => changed(record.baseline.key),
  });

  const recheckBaseline = (key: BaselineKey): void => {
    for (const entry of desired.all(key)) queue.add(entry.key);
  };

  const expiries = new Expiries(clock, recheckBaseline);

  /** Queues what a change outside of its own pair may judge otherwise. */
  const recheckWhere = (concerns: (entry: Considered, record: BaselineRecord) => boolean): void => {
    for (const record of baselines.all())
      for (const entry of desired.all(record.baseline.key)) if (concerns(entry, record)) queue.add(entry.key);
  };

  /** What admission does to objects may have changed: to what differs, that is. */
  const mutatorsChanged = (): void => {
    if (calibrator === undefined) return;
    calibrator.refresh();
    const open = new Set<string | undefined>(["drifted", "unknown"]);
    recheckWhere((entry, { baseline }) => open.has(verdicts.get(baseline.key, entry.key)?.verdict.kind));
  };

  const judgeFor = async (key: BaselineKey, id: IdKey, receivedAt: number | undefined): Promise<boolean | "held"> => {
    const record = baselines.get(key);
    const entry = desired.get(key, id);
    // A suspended Baseline keeps its last verdicts.
    if (record === undefined || entry === undefined || record.baseline.suspend) return true;
    const { desired: declared, dropped } = entry;
    let judged: Judged;
    let failure: unknown;
    try {
      judged = await reconciler.judge(record, entry, receivedAt);
    } catch (error) {
      failure = error;
      judged = reconciler.failed(record, entry, error);
      log.error({ baseline: key, object: id, error: describe(error) }, "judging an object failed");
    }
    // Meanwhile Git moved, or the Baseline went: the id is queued again, or nobody asks any more.
    const current = baselines.get(key) === record && desired.get(key, id) === entry;
    if (!current || entry.desired !== declared || entry.dropped !== dropped) return true;
    if (judged.kind === "held") {
      queue.addAfter(id, judged.until - clock.monotonic());
      return "held";
    }
    const until = recorder.keep(record, entry, judged);
    if (until !== undefined) queue.addAfter(id, until - clock.now());
    return failure === undefined;
  };

  const work = async (id: IdKey): Promise<void> => {
    const started = clock.monotonic();
    const receivedAt = received.get(id);
    received.delete(id);
    const ended = await Promise.all(desired.considering(id).map((key) => judgeFor(key, id, receivedAt)));
    const well = ended.every(Boolean);
    if (well) queue.forget(id);
    else queue.addRateLimited(id);
    if (receivedAt !== undefined && ended.includes("held")) received.set(id, receivedAt);
    else if (receivedAt !== undefined) observe.judged?.((clock.now() - receivedAt) / 1000);
    observe.reconciled?.(well ? "success" : "error", (clock.monotonic() - started) / 1000);
  };

  const baselineRemoved = (key: BaselineKey): void => {
    const record = baselines.get(key);
    if (record === undefined) return;
    expiries.forget(key);
    sources.remove(key);
    for (const id of verdicts.ids(key)) recorder.leave(record, id);
    desired.remove(key);
    verdicts.remove(key);
    baselines.remove(key);
    states.delete(key);
    watch();
    ports.removed(key);
  };

  const state = (key: BaselineKey): BaselineState | undefined => {
    const record = baselines.get(key);
    if (record === undefined) return undefined;
    const known = states.get(key) ?? readState(record, desired, verdicts);
    states.set(key, known);
    return known;
  };

  return {
    baselineApplied(baseline, memory) {
      if (baselines.get(baseline.key)?.baseline.uid !== baseline.uid) baselineRemoved(baseline.key);
      const known = baselines.get(baseline.key);
      const record = known ?? baselines.add(baseline, memory);
      const before = known?.baseline;
      record.baseline = baseline;
      if (!baseline.suspend) sources.ensure(baseline);
      else if (before?.suspend === false) sources.remove(baseline.key);
      if (before !== undefined && !baseline.suspend && baseline.requestedAt !== before.requestedAt)
        sources.checkNow(baseline.key);
      // Our own writes to its status come back as the same generation.
      if (before?.generation === baseline.generation) return;
      if (before !== undefined) {
        intake.replace(record);
        recheckBaseline(baseline.key);
      }
      expiries.arm(record);
      changed(baseline.key);
    },
    baselineRemoved,
    baselinesSynced() {
      synced = true;
      watch();
    },
    sourceOutcome: (key, outcome) => intake.outcome(key, outcome),

    liveChanged(id, _version, receivedAt) {
      const key = idKey(id);
      for (const target of facts.autoscalerChanged(id)) {
        if (desired.considering(target).length === 0) continue;
        queue.add(target, "live");
        // A timer may fire a little before its time, and a look too early would be the last.
        if (facts.boundsMoved(id)) clock.after(boundsLinger + LATE_ENOUGH, () => queue.add(target));
      }
      if (facts.namespaceChanged(id)) recheckWhere((entry) => entry.id.namespace === id.name);
      if (isMutator(id)) mutatorsChanged();
      const considering = desired.considering(key);
      if (considering.length === 0) return;
      for (const baseline of considering) {
        const entry = desired.get(baseline, key);
        if (entry !== undefined) entry.absenceConfirmed = false;
      }
      if (!received.has(key)) received.set(key, receivedAt);
      queue.add(key, "live");
    },

    watchesChanged() {
      const changedKinds = facts.watchesChanged();
      const kinds = new Set(changedKinds.map(({ group, kind }) => `${group}/${kind}`));
      if (kinds.size === 0) return;
      const autoscalers = changedKinds.some((kind) => isAutoscaler(kind));
      const namespaces = kinds.has(`${namespaceKind.group}/${namespaceKind.kind}`);
      if (changedKinds.some(isMutator)) mutatorsChanged();
      recheckWhere((entry, { baseline }) => {
        const own = kinds.has(`${entry.id.group}/${entry.id.kind}`);
        if (own) entry.absenceConfirmed = false;
        return own || (autoscalers && entry.scalable) || (namespaces && baseline.exempt.length > 0);
      });
    },

    schemaChanged(kind) {
      recheckWhere(({ id }) => kind === undefined || (id.kind === kind.kind && id.group === kind.group));
    },

    discoveryChanged() {
      intake.scopesChanged();
      // Autoscalers may be served only now.
      watchedVersion = -1;
      watch();
      recheckWhere((entry, { baseline }) => verdicts.get(baseline.key, entry.key)?.verdict.kind === "unknown");
    },

    seed: (judgements) => verdicts.seed(judgements),
    adopt: (judgements) => verdicts.adopt(judgements),
    recheck: again,
    recheckBaseline,
    judgement: (key, id) => verdicts.get(key, idKey(id)),
    judgements: (key) => verdicts.all(key),
    state,
    states: () => [...baselines.all()].flatMap(({ baseline }) => state(baseline.key) ?? []),

    inputOf(key, id) {
      const record = baselines.get(key);
      const entry = desired.get(key, idKey(id));
      if (record === undefined || entry === undefined) return undefined;
      const input = reconciler.read(record, entry);
      return "code" in input ? undefined : input;
    },
    declaring: (id) =>
      desired.considering(idKey(id)).filter((key) => desired.get(key, idKey(id))?.desired !== undefined),
    isReady: () =>
      synced && [...baselines.all()].every(({ baseline, source }) => baseline.suspend || source.state !== "waiting"),
    queueDepth: () => queue.depth(),
    queueBusy: () => queue.busy(),

    async run(signal) {
      const stop = (): void => {
        expiries.stop();
        void queue.shutdown({ discard: true });
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      await Promise.all([queue.run(ports.workers, work), calibrator?.run(signal)]);
    },
  };
}

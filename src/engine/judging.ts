/**
 * Works off one id: every Baseline that considers it judges it, and what was found is kept. It holds the only catch: an
 * object that can't be judged is counted, logged and unknown, and nothing else is the worse for it.
 */
import { traceOf } from "../model/problem.ts";
import type { IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { WorkQueue } from "../runtime/work-queue.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import type { EnginePorts } from "./ports.ts";
import type { Recorder } from "./recorder.ts";
import type { Judged, Reconciler } from "./reconcile.ts";
import type { Search } from "./search.ts";

export interface JudgingDeps {
  readonly ports: Pick<EnginePorts, "clock" | "log" | "observe">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  readonly reconciler: Reconciler;
  readonly recorder: Recorder;
  readonly queue: WorkQueue<IdKey>;
  readonly search: Pick<Search, "look"> | undefined;
  /** Whether a Baseline may see the object turned out otherwise: what is watched may be another. */
  seen(record: BaselineRecord, entry: Considered): void;
}

export interface Judging {
  /** A watch line about it arrived, milliseconds since the epoch: the verdict is timed from the oldest one. */
  heard(id: IdKey, receivedAt: number): void;
  work(id: IdKey): Promise<void>;
}

export function createJudging(deps: JudgingDeps): Judging {
  const { ports, baselines, desired, reconciler, recorder, search, queue, seen } = deps;
  const { clock, log, observe = {} } = ports;
  /** When the oldest watch line about an id that was not worked on yet arrived. */
  const received = new Map<IdKey, number>();

  /** A snapshot is on its way in: it waits for all of it. */
  const gated = ({ gate }: BaselineRecord, id: IdKey): boolean => {
    gate?.add(id);
    return gate !== undefined;
  };

  const judgeFor = async (key: BaselineKey, id: IdKey, receivedAt: number | undefined): Promise<boolean | "held"> => {
    const record = baselines.get(key);
    const entry = desired.get(key, id);
    // A suspended Baseline keeps its last verdicts.
    if (record === undefined || entry === undefined || record.baseline.suspend) return true;
    if (gated(record, id)) return "held";
    seen(record, entry);
    const { desired: declared, dropped } = entry;
    let judged: Judged;
    let failure: unknown;
    try {
      judged = await reconciler.judge(record, entry, receivedAt);
    } catch (error) {
      failure = error;
      judged = reconciler.failed(record, entry, error);
      log.error({ baseline: key, object: id, error: traceOf(error) }, "judging an object failed");
    }
    // Meanwhile Git moved, or the Baseline went: the id is queued again, or nobody asks any more.
    const current = baselines.get(key) === record && desired.get(key, id) === entry;
    if (!current || entry.desired !== declared || entry.dropped !== dropped) return true;
    if (gated(record, id)) return "held";
    if (judged.kind === "held") {
      queue.addAfter(id, judged.until - clock.monotonic());
      return "held";
    }
    const until = recorder.keep(record, entry, judged);
    if (until !== undefined) queue.addAfter(id, until - clock.now());
    return failure === undefined;
  };

  return {
    heard(id, receivedAt) {
      if (!received.has(id)) received.set(id, receivedAt);
    },

    async work(id) {
      const started = clock.monotonic();
      const receivedAt = received.get(id);
      received.delete(id);
      search?.look(id);
      const considering = desired.considering(id);
      const [only] = considering;
      const ended =
        considering.length === 1 && only !== undefined
          ? [await judgeFor(only, id, receivedAt)]
          : await Promise.all(considering.map((key) => judgeFor(key, id, receivedAt)));
      const well = ended.every(Boolean);
      if (well) queue.forget(id);
      else queue.addRateLimited(id);
      if (receivedAt !== undefined && ended.includes("held")) received.set(id, receivedAt);
      else if (receivedAt !== undefined) observe.judged?.((clock.now() - receivedAt) / 1000);
      observe.reconciled?.(well ? "success" : "error", (clock.monotonic() - started) / 1000);
    },
  };
}

/**
 * Texts to manifests, without blocking the loop: small lots are read at once, larger ones in threads, each text once
 * for as long as the cache keeps it. Equal content has equal objects, shared between revisions. A text that outstays
 * its time, or takes the memory of a thread, is a problem of that text alone.
 */
import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import type { WorkerAnswer, WorkerRequest } from "./yaml-worker.ts";
import { manifestsOf, readManifests, type Manifests } from "./yaml.ts";

export interface ParseJob {
  /** Names the content: an object id, or a digest. */
  readonly key: string;
  readonly text: string;
}

export interface ManifestParser {
  /** Those of the keys that are kept. */
  recall(keys: readonly string[]): ReadonlyMap<string, Manifests>;
  /** Manifests by key, with an empty file name in provenance and problems. */
  parse(jobs: readonly ParseJob[]): Promise<ReadonlyMap<string, Manifests>>;
  stop(): Promise<void>;
}

export interface ParserOptions {
  readonly clock: Clock;
  readonly limits: YamlLimits;
  readonly workers: number;
  /** Milliseconds for one batch. */
  readonly timeout: number;
  /** Heap of one thread. */
  readonly memoryBytes: number;
  readonly cacheBytes: number;
  readonly workerUrl?: URL;
}

const INLINE = 64 * 1024;
/** Milliseconds a thread is kept for more: commits are rare, and an idle thread holds the heap it grew. */
const IDLE = 10_000;
const BATCH = 512 * 1024;
/** What objects weigh against the text they came from, roughly. */
const WEIGHT = 3;

interface Batch {
  readonly jobs: readonly ParseJob[];
  readonly done: (results: readonly (Manifests | "failed")[]) => void;
}

interface Thread {
  readonly worker: Worker;
  finish(results: readonly (Manifests | "failed")[]): void;
}

export function createManifestParser(options: ParserOptions): ManifestParser {
  const cache = new Map<string, { readonly manifests: Manifests; readonly bytes: number }>();
  let cached = 0;
  const idle = new Map<Worker, Timer>();
  const busy = new Set<Thread>();
  const waiting: Batch[] = [];
  let stopped = false;

  const remember = (key: string, manifests: Manifests, textLength: number): void => {
    const bytes = textLength * WEIGHT + 256;
    if (cache.has(key) || bytes > options.cacheBytes) return;
    cache.set(key, { manifests, bytes });
    cached += bytes;
    for (const [oldest, entry] of cache) {
      if (cached <= options.cacheBytes) break;
      cache.delete(oldest);
      cached -= entry.bytes;
    }
  };

  const recall = (keys: readonly string[]): ReadonlyMap<string, Manifests> => {
    const found = new Map<string, Manifests>();
    for (const key of keys) {
      const entry = cache.get(key);
      if (entry === undefined) continue;
      // Last in the map is last to go.
      cache.delete(key);
      cache.set(key, entry);
      found.set(key, entry.manifests);
    }
    return found;
  };

  const rest = (worker: Worker): void => {
    const timer = options.clock.after(IDLE, () => {
      idle.delete(worker);
      void worker.terminate();
    });
    idle.set(worker, timer);
  };

  /** The thread that rested last, so that the others can go. */
  const wake = (): Worker | undefined => {
    const found = [...idle].at(-1);
    if (found === undefined) return undefined;
    const [worker, timer] = found;
    timer.cancel();
    idle.delete(worker);
    return worker;
  };

  const start = (batch: Batch, worker: Worker): void => {
    const failed = batch.jobs.map(() => "failed" as const);
    const onMessage = (answer: WorkerAnswer): void => thread.finish(answer.map(manifestsOf));
    const onEnd = (): void => thread.finish(failed);
    const timer = options.clock.after(options.timeout, onEnd);
    const thread: Thread = {
      worker,
      finish(results) {
        if (!busy.delete(thread)) return;
        timer.cancel();
        worker.off("message", onMessage).off("error", onEnd).off("exit", onEnd);
        // A thread that failed is in an unknown state, and may still be at it.
        if (results === failed || stopped) void worker.on("error", () => {}).terminate();
        else {
          worker.unref();
          rest(worker);
        }
        batch.done(results);
        pump();
      },
    };
    busy.add(thread);
    worker.on("message", onMessage).on("error", onEnd).on("exit", onEnd);
    worker.ref();
    worker.postMessage(
      { texts: batch.jobs.map((job) => job.text), limits: options.limits } satisfies WorkerRequest,
      [],
    );
  };

  const pump = (): void => {
    while (waiting.length > 0 && busy.size < options.workers) {
      const batch = waiting.shift();
      if (batch === undefined) return;
      const url = options.workerUrl ?? new URL("./yaml-worker.ts", import.meta.url);
      start(
        batch,
        wake() ??
          new Worker(url, { resourceLimits: { maxOldGenerationSizeMb: Math.ceil(options.memoryBytes / 2 ** 20) } }),
      );
    }
  };

  const run = (jobs: readonly ParseJob[]): Promise<readonly (Manifests | "failed")[]> =>
    new Promise((resolve) => {
      if (stopped) return resolve(jobs.map(() => "failed"));
      waiting.push({ jobs, done: resolve });
      pump();
    });

  /** A batch that fails is tried text by text, so that only the culprit is lost. */
  const runBatch = async (jobs: readonly ParseJob[]): Promise<readonly Manifests[]> => {
    const results = await run(jobs);
    return await Promise.all(
      results.map(async (result, index) => {
        if (result !== "failed") return result;
        const job = jobs[index];
        const again = job === undefined || jobs.length === 1 ? "failed" : (await run([job]))[0];
        return again === undefined || again === "failed" ? tooLarge : again;
      }),
    );
  };

  return {
    recall,
    async parse(jobs) {
      const found = new Map<string, Manifests>();
      const total = jobs.reduce((sum, job) => sum + job.text.length, 0);
      const results =
        total < INLINE
          ? jobs.map((job) => readManifests(job.text, "", options.limits))
          : (await Promise.all(batches(jobs).map(runBatch))).flat();
      for (const [index, job] of jobs.entries()) {
        const manifests = results[index];
        if (manifests === undefined) continue;
        found.set(job.key, manifests);
        if (manifests !== tooLarge) remember(job.key, manifests, job.text.length);
      }
      return found;
    },
    async stop() {
      stopped = true;
      for (const batch of waiting.splice(0)) batch.done(batch.jobs.map(() => "failed"));
      const threads = [...busy].map((thread) => thread.worker);
      for (const timer of idle.values()) timer.cancel();
      await Promise.all([...idle.keys(), ...threads].map((worker) => worker.terminate()));
      idle.clear();
    },
  };
}

const tooLarge: Manifests = {
  objects: [],
  problems: [{ code: "yaml-too-large", message: "reading the file took more time or memory than is allowed" }],
};

function batches(jobs: readonly ParseJob[]): readonly (readonly ParseJob[])[] {
  const all: ParseJob[][] = [];
  let size = BATCH;
  for (const job of jobs) {
    if (size >= BATCH) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(job);
    size += job.text.length;
  }
  return all;
}

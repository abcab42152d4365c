/**
 * Texts to manifests, without blocking the loop: small lots are read at once, larger ones in threads that end soon after.
 * Nothing is kept of what was read. A text that outstays its time, or takes the memory of a thread, is a problem of that
 * text alone.
 */
import { Worker } from "node:worker_threads";
import { fromText } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { ObjectStore } from "./git-tree.ts";
import { unpackManifests, type ManifestPack } from "./manifest-pack.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import type { StoredContents, WorkerAnswer, WorkerRequest } from "./yaml-worker.ts";
import { locatePointers, manifestsOf, readContent, type Manifests } from "./yaml.ts";

export interface ParseJob {
  /** Names the content: an object id, or a digest. */
  readonly key: string;
  /** Or its bytes, as UTF-8. */
  readonly text: string | Uint8Array;
  /** As its objects and problems give it as their file; "" where it is left out. */
  readonly file?: string;
}

export interface StoredFile {
  readonly id: string;
  readonly file: string;
}

export interface ManifestParser {
  /** Manifests by key. */
  parse(jobs: readonly ParseJob[]): Promise<ReadonlyMap<string, Manifests>>;
  /**
   * The same of contents that a thread fetches itself, by object id; what the store lacks is not among them. Undefined
   * where the thread failed: then they are for {@link parse}, which finds the culprit.
   */
  parseStored(
    store: ObjectStore,
    files: readonly StoredFile[],
    maxBytes: number,
  ): Promise<{ readonly found: ReadonlyMap<string, Manifests>; readonly bytes: number } | Problem | undefined>;
  /** Lines of fields of one object of a text, as `locatePointers` has them; none where it takes too long. */
  locate(text: string, index: number, pointers: readonly string[]): Promise<ReadonlyMap<string, number>>;
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
  readonly workerUrl?: URL;
}

/** What the precise reader does in a few milliseconds, should it have to. */
const INLINE = 8 * 1024;
/** Milliseconds a thread is kept for more: commits are rare, and an idle thread holds the heap it grew. */
const IDLE = 1000;
const BATCH = 256 * 1024;
/** A second thread is worth its start and its heap where so many batches wait. */
const WORTH_A_THREAD = 4;
/** Megabytes: what is read is dropped batch by batch, and need not pile up before. */
const YOUNG = 12;
/** Words that many objects share: their kinds, versions, namespaces. */
const MOST_WORDS = 10_000;

type Extra = Exclude<WorkerAnswer, ManifestPack>;
type Stored = Extract<Extra, { stored: unknown }>["stored"];
type Results = readonly (Manifests | "failed")[];

interface Batch {
  /** The file of each text. */
  readonly files: readonly string[];
  request(): { readonly contents: WorkerRequest["contents"]; readonly bytes: readonly ArrayBuffer[] };
  /** What comes before the objects. */
  readonly onAnswer?: (answer: Extra) => void;
  readonly done: (results: Results) => void;
}

interface Thread {
  readonly worker: Worker;
  finish(results: Results): void;
}

export function createManifestParser(options: ParserOptions): ManifestParser {
  const idle = new Map<Worker, Timer>();
  const busy = new Set<Thread>();
  const waiting: Batch[] = [];
  const words = new Map<string, string>();
  let stopped = false;

  const intern = (word: string): string => {
    const known = words.get(word);
    if (known !== undefined) return known;
    if (words.size >= MOST_WORDS) words.clear();
    words.set(word, word);
    return word;
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
    const failed = batch.files.map(() => "failed" as const);
    const read = batch.files.map(() => ({ objects: [] as DesiredObject[], problems: [] as Problem[] }));
    const fileOf = (of: number): string => batch.files[of] ?? "";
    const onMessage = (pack: WorkerAnswer): void => {
      if (!("last" in pack)) return batch.onAnswer?.(pack);
      unpackManifests(pack, fileOf, intern, (of, text) => void read[of]?.objects.push(fromText(text)));
      for (const { of, problem } of pack.problems) read[of]?.problems.push({ ...problem, file: fileOf(of) });
      if (pack.last) thread.finish(read);
    };
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
    const { contents, bytes } = batch.request();
    worker.postMessage({ contents, limits: options.limits } satisfies WorkerRequest, bytes);
  };

  const startWorker = (): Worker =>
    new Worker(options.workerUrl ?? new URL("./yaml-worker.ts", import.meta.url), {
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(options.memoryBytes / 2 ** 20),
        maxYoungGenerationSizeMb: YOUNG,
      },
    });

  const pump = (): void => {
    while (waiting.length > 0 && busy.size < options.workers) {
      const rested = wake();
      if (rested === undefined && busy.size > 0 && waiting.length < WORTH_A_THREAD) return;
      const worker = rested ?? startWorker();
      const batch = waiting.shift();
      if (batch !== undefined) start(batch, worker);
    }
  };

  const enqueue = (batch: Omit<Batch, "done">): Promise<Results> =>
    new Promise((resolve) => {
      if (stopped) return resolve(batch.files.map(() => "failed"));
      waiting.push({ ...batch, done: resolve });
      pump();
    });

  const run = (jobs: readonly ParseJob[]): Promise<Results> =>
    enqueue({ files: jobs.map((job) => job.file ?? ""), request: () => contentsOf(jobs) });

  /** A batch that fails is tried text by text, so that only the culprit is lost. */
  const runBatch = async (jobs: readonly ParseJob[]): Promise<readonly Manifests[]> => {
    const results = await run(jobs);
    return await Promise.all(
      results.map(async (result, index) => {
        if (result !== "failed") return result;
        const job = jobs[index];
        const again = job === undefined || jobs.length === 1 ? "failed" : (await run([job]))[0];
        return again === undefined || again === "failed" ? tooLarge(job) : again;
      }),
    );
  };

  return {
    async parse(jobs) {
      const total = jobs.reduce((sum, job) => sum + job.text.length, 0);
      const results =
        total < INLINE
          ? jobs.map((job) => manifestsOf(readContent(job.text, job.file ?? "", options.limits)))
          : (await Promise.all(batches(jobs).map(runBatch))).flat();
      return new Map(jobs.map((job, index) => [job.key, results[index] ?? tooLarge(job)]));
    },
    async parseStored(store, files, maxBytes) {
      const contents: StoredContents = { store, ids: files.map(({ id }) => id), maxBytes };
      let stored: Stored | undefined;
      const results = await enqueue({
        files: files.map(({ file }) => file),
        request: () => ({ contents, bytes: [] }),
        onAnswer: (answer) => {
          if ("stored" in answer) stored = answer.stored;
        },
      });
      if (stored === undefined || "code" in stored) return stored;
      if (results.includes("failed")) return undefined;
      const { bytes, missing } = stored;
      const found = new Map<string, Manifests>();
      for (const [index, { id }] of files.entries()) {
        const manifests = results[index];
        if (manifests !== undefined && manifests !== "failed" && !missing.includes(index)) found.set(id, manifests);
      }
      return { found, bytes };
    },
    async locate(text, index, pointers) {
      if (text.length < INLINE) return locatePointers(text, index, pointers);
      let lines: ReadonlyMap<string, number> = new Map();
      await enqueue({
        files: [""],
        request: () => ({ contents: { text, index, pointers }, bytes: [] }),
        onAnswer: (answer) => {
          if ("lines" in answer) lines = answer.lines;
        },
      });
      return lines;
    },
    async stop() {
      stopped = true;
      for (const batch of waiting.splice(0)) batch.done(batch.files.map(() => "failed"));
      const threads = [...busy].map((thread) => thread.worker);
      for (const timer of idle.values()) timer.cancel();
      await Promise.all([...idle.keys(), ...threads].map((worker) => worker.terminate()));
      idle.clear();
    },
  };
}

function tooLarge(job: ParseJob | undefined): Manifests {
  const message = "reading the file took more time or memory than is allowed";
  return { objects: [], problems: [{ code: "yaml-too-large", message, file: job?.file ?? "" }] };
}

/** The bytes of all in one piece that can be handed over; ours stay, for a batch may have to be read again. */
function contentsOf(jobs: readonly ParseJob[]): {
  readonly contents: readonly (string | Uint8Array)[];
  readonly bytes: readonly ArrayBuffer[];
} {
  const size = jobs.reduce((sum, { text }) => sum + (typeof text === "string" ? 0 : text.length), 0);
  const bytes = new ArrayBuffer(size);
  let at = 0;
  const contents = jobs.map(({ text }) => {
    if (typeof text === "string") return text;
    const copy = new Uint8Array(bytes, at, text.length);
    copy.set(text);
    at += text.length;
    return copy;
  });
  return { contents, bytes: [bytes] };
}

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

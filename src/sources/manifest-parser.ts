/**
 * Texts to manifests, without blocking the loop: small lots are read at once, larger ones in processes that end soon after.
 * Nothing is kept of what was read. A text that outstays its time, or takes the memory of a process, is a problem of that
 * text alone.
 */
import { fromText } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import { type Companion, startCompanion } from "../runtime/companion.ts";
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
   * The same of contents that the process fetches itself, by object id; what the store lacks is not among them. Undefined
   * where it failed: then they are for {@link parse}, which finds the culprit.
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
  /** Heap of one process. */
  readonly memoryBytes: number;
  readonly workerUrl?: URL;
}

/** What the precise reader does in a few milliseconds, should it have to. */
const INLINE = 8 * 1024;
/** Milliseconds a process is kept for more: commits are rare, and an idle one holds the heap it grew. */
const IDLE = 1000;
const BATCH = 256 * 1024;
/** A second process is worth its start and its heap where so many batches wait. */
const WORTH_A_PROCESS = 2;
/** Megabytes: what is read is dropped batch by batch, and need not pile up before. */
const YOUNG = 4;
/** Words that many objects share: their kinds, versions, namespaces. */
const MOST_WORDS = 10_000;

type Extra = Exclude<WorkerAnswer, ManifestPack>;
type Stored = Extract<Extra, { stored: unknown }>["stored"];
type Results = readonly (Manifests | "failed")[];

interface Batch {
  /** The file of each text. */
  readonly files: readonly string[];
  readonly contents: WorkerRequest["contents"];
  /** What comes before the objects. */
  readonly onAnswer?: (answer: Extra) => void;
  readonly done: (results: Results) => void;
}

/** One process, and what it is at. */
interface Reader {
  readonly companion: Companion;
  answered(answer: WorkerAnswer): void;
  ended(): void;
}

export function createManifestParser(options: ParserOptions): ManifestParser {
  const idle = new Map<Reader, Timer>();
  const busy = new Set<Reader>();
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

  const rest = (reader: Reader): void => {
    reader.companion.release();
    const timer = options.clock.after(IDLE, () => {
      idle.delete(reader);
      reader.companion.kill();
    });
    idle.set(reader, timer);
  };

  /** The one that rested last, so that the others can go. */
  const wake = (): Reader | undefined => {
    const found = [...idle].at(-1);
    if (found === undefined) return undefined;
    const [reader, timer] = found;
    timer.cancel();
    idle.delete(reader);
    reader.companion.hold();
    return reader;
  };

  const startReader = (): Reader => {
    const nothing = (): void => {};
    const reader: Reader = {
      answered: nothing,
      ended: nothing,
      companion: startCompanion({
        module: options.workerUrl ?? new URL("./yaml-worker.ts", import.meta.url),
        memory: Math.ceil(options.memoryBytes / 2 ** 20),
        young: YOUNG,
        onMessage: (answer) => reader.answered(answer as WorkerAnswer),
        onEnd() {
          idle.get(reader)?.cancel();
          idle.delete(reader);
          reader.ended();
        },
      }),
    };
    return reader;
  };

  const give = (batch: Batch, reader: Reader): void => {
    const failed = batch.files.map(() => "failed" as const);
    const read = batch.files.map(() => ({ objects: [] as DesiredObject[], problems: [] as Problem[] }));
    const fileOf = (of: number): string => batch.files[of] ?? "";
    const finish = (results: Results): void => {
      if (!busy.delete(reader)) return;
      timer.cancel();
      // One that failed is in an unknown state, and may still be at it.
      if (results === failed || stopped) reader.companion.kill();
      else rest(reader);
      batch.done(results);
      pump();
    };
    const timer = options.clock.after(options.timeout, () => finish(failed));
    reader.answered = (pack) => {
      if (!busy.has(reader)) return;
      if (!("last" in pack)) return batch.onAnswer?.(pack);
      unpackManifests(pack, fileOf, intern, (of, text) => void read[of]?.objects.push(fromText(text)));
      for (const { of, problem } of pack.problems) read[of]?.problems.push({ ...problem, file: fileOf(of) });
      if (pack.last) finish(read);
    };
    reader.ended = () => finish(failed);
    busy.add(reader);
    reader.companion.send({ contents: batch.contents, limits: options.limits } satisfies WorkerRequest);
  };

  const pump = (): void => {
    while (waiting.length > 0 && busy.size < options.workers) {
      const rested = wake();
      if (rested === undefined && busy.size > 0 && waiting.length < WORTH_A_PROCESS) return;
      const reader = rested ?? startReader();
      const batch = waiting.shift();
      if (batch !== undefined) give(batch, reader);
    }
  };

  const enqueue = (batch: Omit<Batch, "done">): Promise<Results> =>
    new Promise((resolve) => {
      if (stopped) return resolve(batch.files.map(() => "failed"));
      waiting.push({ ...batch, done: resolve });
      pump();
    });

  const run = (jobs: readonly ParseJob[]): Promise<Results> =>
    enqueue({ files: jobs.map((job) => job.file ?? ""), contents: jobs.map(({ text }) => text) });

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

  const parseLot: ManifestParser["parseStored"] = async (store, files, maxBytes) => {
    const contents: StoredContents = { store, ids: files.map(({ id }) => id), maxBytes };
    let stored: Stored | undefined;
    const results = await enqueue({
      files: files.map(({ file }) => file),
      contents,
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
      const lots = lotsOf(files, options.workers);
      const answers = await Promise.all(lots.map((lot) => parseLot(store, lot, maxBytes)));
      const found = new Map<string, Manifests>();
      let bytes = 0;
      for (const answer of answers) {
        if (answer === undefined || "code" in answer) return answer;
        bytes += answer.bytes;
        for (const [id, manifests] of answer.found) found.set(id, manifests);
      }
      return { found, bytes };
    },
    async locate(text, index, pointers) {
      if (text.length < INLINE) return locatePointers(text, index, pointers);
      let lines: ReadonlyMap<string, number> = new Map();
      await enqueue({
        files: [""],
        contents: { text, index, pointers },
        onAnswer: (answer) => {
          if ("lines" in answer) lines = answer.lines;
        },
      });
      return lines;
    },
    stop() {
      stopped = true;
      for (const batch of waiting.splice(0)) batch.done(batch.files.map(() => "failed"));
      for (const timer of idle.values()) timer.cancel();
      for (const { companion } of [...idle.keys(), ...busy]) companion.kill();
      idle.clear();
      return Promise.resolve();
    },
  };
}

function tooLarge(job: ParseJob | undefined): Manifests {
  const message = "reading the file took more time or memory than is allowed";
  return { objects: [], problems: [{ code: "yaml-too-large", message, file: job?.file ?? "" }] };
}

/** Fewer files than this are not worth a process of their own. */
const LOT = 1000;

/** As many lots as there are processes, where there is so much. */
function lotsOf(files: readonly StoredFile[], workers: number): readonly (readonly StoredFile[])[] {
  const size = Math.max(LOT, Math.ceil(files.length / workers));
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) => files.slice(at * size, (at + 1) * size));
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

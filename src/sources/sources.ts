/**
 * The room's face: keeps every Baseline's source fetched and rendered, and tells how each attempt ended. One attempt
 * per Baseline at a time, a bounded number in all; a request to check is never lost and never piles up. It decides
 * nothing about what runs, and keeps the last good rendering only to find lines in it.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Baseline } from "../model/baseline.ts";
import { formatJson, getIn, isArray, type Json } from "../model/json.ts";
import { parsePointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { BaselineKey, Provenance } from "../model/snapshot.ts";
import { breathOf } from "../runtime/breath.ts";
import { sleep, type Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { createBlobReader } from "./blob-reader.ts";
import { openGit } from "./git.ts";
import type { SecretData } from "./git-credentials.ts";
import { kustomizationNames } from "./kustomize-scan.ts";
import { createManifestParser } from "./manifest-parser.ts";
import { createMirrors } from "./mirrors.ts";
import { createPolls } from "./polls.ts";
import type { Known } from "./render-input.ts";
import type { SourceSettings } from "./settings.ts";
import {
  askDescent,
  fetchSource,
  fingerprintOf,
  readFileAt,
  renderSource,
  type AttemptDeps,
  type Rendered,
} from "./source-attempt.ts";

export interface Sources {
  /** Starts, or goes on with, this Baseline's source; a change of its settings checks at once. */
  ensure(baseline: Baseline): void;
  remove(key: BaselineKey): void;
  checkNow(key: BaselineKey): void;
  /** Renders a commit with the Baseline's present settings, fetching it if need be; anew each time. */
  renderAt(baseline: Baseline, commit: string): Promise<RenderOutcome>;
  /** Whether one commit is in the history of another, or is it: asked of the Git server. */
  descends(baseline: Baseline, ancestor: string, commit: string): Promise<boolean | Problem>;
  /** Lines of fields by JSON Pointer, where the file at that commit says them itself. */
  locate(
    key: BaselineKey,
    commit: string,
    source: Provenance,
    pointers: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export type FetchResult = "changed" | "unchanged" | "failed";

export interface SourceDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SourceSettings;
  readSecret(namespace: string, name: string): Promise<SecretData | Problem>;
  /** Addresses of the API server, as text. */
  readonly apiServerAddresses: readonly string[];
  onOutcome(key: BaselineKey, outcome: RenderOutcome): void;
  readonly observe?: {
    fetch(result: FetchResult, seconds: number, key: BaselineKey): void;
    render(seconds: number, key: BaselineKey): void;
  };
}

interface Last extends Rendered {
  readonly fingerprint: string;
}

/** Milliseconds after which lines are looked for; the record of a drift waits for them longer. */
const LINES_LATER = 15;
/** For one file; and git is kept as long for the next one. */
const LINES_TIMEOUT = 10_000;

export function createSources(deps: SourceDeps): Sources {
  const { clock, log, settings } = deps;
  const { caps } = settings;
  const root = path.join(settings.workDir, "sources");
  const stopping = new AbortController();
  const last = new Map<BaselineKey, Last>();
  const parser = createManifestParser({
    clock,
    limits: settings.yaml,
    workers: settings.parseWorkers,
    timeout: caps.parseTimeout,
    memoryBytes: caps.parseMemoryBytes,
    ...(settings.parseWorkerUrl === undefined ? {} : { workerUrl: settings.parseWorkerUrl }),
  });
  let opened: Promise<AttemptDeps> | undefined;

  /** What an earlier life left is removed: half-written packs and stale locks would outlive their cause. */
  const open = async (): Promise<AttemptDeps> => {
    await rm(root, { recursive: true, force: true });
    await mkdir(root, { recursive: true, mode: 0o700 });
    const git = await openGit(settings, clock, root);
    const mirrors = createMirrors(git, root, caps.maxMirrorBytes);
    const { apiServerAddresses } = deps;
    const trees: AttemptDeps["trees"] = new WeakMap();
    const { gitBinary } = settings;
    const blobs = createBlobReader({ clock, gitBinary, env: git.env, timeout: LINES_TIMEOUT });
    return {
      clock,
      settings,
      git,
      mirrors,
      parser,
      blobs,
      trees,
      root,
      apiServerAddresses,
      readSecret: deps.readSecret,
    };
  };

  const ready = (): Promise<AttemptDeps> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  const failed = (stage: "source" | "render", problem: Problem): RenderOutcome => {
    return { kind: "failed", stage, problem, at: clock.now() };
  };

  /** What was not foreseen is caught here, and nowhere else: one source's bug is not another's. */
  const guarded = async (key: BaselineKey, work: () => Promise<RenderOutcome>): Promise<RenderOutcome> => {
    try {
      return await work();
    } catch (error) {
      log.error({ err: error, baseline: key }, "source attempt broke");
      return failed("source", { code: "render-failed", message: "the attempt broke unexpectedly; the log says where" });
    }
  };

  const seconds = (from: number): number => (clock.monotonic() - from) / 1000;

  const attempt = async (
    baseline: Baseline,
    commit: string | undefined,
    signal: AbortSignal,
  ): Promise<RenderOutcome> => {
    const { key } = baseline;
    const fingerprint = fingerprintOf(baseline);
    const known = last.get(key);
    const usable = known?.fingerprint === fingerprint ? known : undefined;
    const attemptDeps = await ready();
    const started = clock.monotonic();
    const fetched = await fetchSource(attemptDeps, baseline, commit, signal);
    if ("code" in fetched) {
      deps.observe?.fetch("failed", seconds(started), key);
      return failed("source", fetched);
    }
    const { revision } = usable?.snapshot ?? {};
    // Who names a commit wants it rendered, also once more: it may come out otherwise.
    const unchanged =
      commit === undefined && revision?.commit === fetched.resolved.commit && revision.ref === fetched.resolved.ref;
    deps.observe?.fetch(unchanged ? "unchanged" : "changed", seconds(started), key);
    if (unchanged) return { kind: "unchanged", revision, fetchedAt: fetched.fetchedAt };
    const from = clock.monotonic();
    const rendered = await renderSource(attemptDeps, baseline, fetched, { signal, known: usable && left(usable) });
    deps.observe?.render(seconds(from), key);
    if ("code" in rendered) return failed(rendered.code.startsWith("source-") ? "source" : "render", rendered);
    if (commit === undefined && !signal.aborted) last.set(key, { ...rendered, fingerprint });
    return { kind: "rendered", snapshot: rendered.snapshot };
  };

  const polls = createPolls({
    clock,
    concurrency: settings.concurrency,
    attempt: (baseline, signal) => guarded(baseline.key, () => attempt(baseline, undefined, signal)),
    onOutcome: deps.onOutcome,
  });

  return {
    ensure: (baseline) => polls.ensure(baseline),
    remove(key) {
      last.delete(key);
      void polls.remove(key).then(async () => {
        last.delete(key);
        if (opened !== undefined && !polls.has(key)) await (await opened).mirrors.release(key);
      });
    },
    checkNow: (key) => polls.checkNow(key),
    renderAt: (baseline, commit) =>
      polls.limited(() => guarded(baseline.key, () => attempt(baseline, commit, stopping.signal))),
    descends: (baseline, ancestor, commit) =>
      polls.limited(async () => askDescent(await ready(), baseline, { ancestor, commit }, stopping.signal)),
    async locate(key, commit, source, pointers) {
      const none = new Map<string, number>();
      const name = source.file.slice(source.file.lastIndexOf("/") + 1);
      if (opened === undefined || kustomizationNames.includes(name)) return none;
      // Starting git holds this thread for some milliseconds: first the verdict goes out, and a heal on its heels.
      await sleep(clock, LINES_LATER, stopping.signal);
      const attemptDeps = await opened;
      const mirror = attemptDeps.mirrors.of(key);
      const text = mirror === undefined ? undefined : await readFileAt(attemptDeps, mirror, commit, source.file);
      if (text === undefined) return none;
      await breathOf(clock).pause();
      const lines = await parser.locate(text, source.index, pointers);
      const known = last.get(key);
      if (known === undefined || known.verbatim) return lines;
      const written = (await parser.parse([{ key: source.file, text }])).get(source.file)?.objects[source.index];
      const rendered = known.snapshot.objects.find(
        ({ source: { file, index } }) => file === source.file && index === source.index,
      );
      return new Map([...lines].filter(([pointer]) => saysSo(rendered?.object, written?.object, pointer)));
    },
    async stop() {
      stopping.abort();
      await polls.stop();
      await parser.stop();
      (await opened?.catch(() => undefined))?.blobs.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What the next rendering may use again. */
const left = ({ snapshot, files }: Last): Known => ({ objects: snapshot.objects, files });

/** Whether the file's own value at a pointer is what was rendered; a renderer may have put another there. */
function saysSo(rendered: Json | undefined, written: Json | undefined, pointer: string): boolean {
  const value = valueAt(rendered, pointer);
  const own = valueAt(written, pointer);
  return value !== undefined && own !== undefined && formatJson(value) === formatJson(own);
}

function valueAt(root: Json | undefined, pointer: string): Json | undefined {
  let at = root;
  for (const token of parsePointer(pointer) ?? []) at = isArray(at) ? at[Number(token)] : getIn(at, token);
  return at;
}

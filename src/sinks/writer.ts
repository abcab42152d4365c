/**
 * The loop every writing sink runs: keys from its own queue, one outcome each. A key whose write failed comes back
 * with a growing delay and keeps nobody else waiting; work that throws is a bug, is logged, and comes back as well.
 * While this process does not hold the lease, keys are dropped unworked: who gains the lease starts from everything.
 */
import type { ApiRefusal } from "../model/api.ts";
import { messageOf } from "../model/problem.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { createWorkQueue, type Priority, type QueueObserver, type WorkQueue } from "../runtime/work-queue.ts";

export type Outcome =
  | { readonly kind: "done" }
  /** Nothing went wrong; ask again in so many milliseconds. */
  | { readonly kind: "later"; readonly milliseconds: number }
  /** Worth another try, after `milliseconds` where the server said so, else after a growing delay. */
  | { readonly kind: "retry"; readonly why: string; readonly milliseconds?: number };

export const done: Outcome = { kind: "done" };
export const later = (milliseconds: number): Outcome => ({ kind: "later", milliseconds });

/** A refusal that time may heal: no answer, too many requests, or an error of the server's own. */
export function isTransient(refusal: ApiRefusal): boolean {
  return refusal.status === 0 || refusal.status === 429 || refusal.status >= 500;
}

/** The same, and a refusal of rights: an API server that has just come back refuses all until it has read its rules. */
export function mayPass(refusal: ApiRefusal): boolean {
  return isTransient(refusal) || refusal.status === 403;
}

export function retryAfter(refusal: ApiRefusal): Outcome {
  const why = `${refusal.status} ${refusal.reason}`;
  return refusal.retryAfter === undefined
    ? { kind: "retry", why }
    : { kind: "retry", why, milliseconds: refusal.retryAfter };
}

/** What the loops of all sinks share. */
export interface WriterDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly isLeader: () => boolean;
  readonly observe?: WriterObserver;
}

export interface WriterObserver {
  /** For the workqueue_* metrics of one queue. */
  readonly queue?: (name: string) => QueueObserver;
  /** Hands out the queue itself, for what is read at scrape. */
  readonly created?: (queue: WorkQueue<string>, workers: number) => void;
  readonly reconciled?: (queue: string, result: "success" | "error", seconds: number) => void;
}

export interface Writer {
  add(key: string, priority?: Priority): void;
  addAfter(key: string, milliseconds: number): void;
  /** How often in a row the key was put back. */
  retries(key: string): number;
  run(signal: AbortSignal): Promise<void>;
}

export interface WriterOptions {
  readonly name: string;
  readonly workers: number;
  readonly work: (key: string) => Promise<Outcome>;
}

const RETRY = { base: 200, cap: 60_000 };

export function createWriter(deps: WriterDeps, { name, workers, work }: WriterOptions): Writer {
  const { clock, log, observe } = deps;
  const metrics = observe?.queue?.(name);
  const queue = createWorkQueue<string>({ clock, name, retry: RETRY, ...(metrics === undefined ? {} : { metrics }) });
  observe?.created?.(queue, workers);

  const attempt = async (key: string): Promise<Outcome> => {
    try {
      return await work(key);
    } catch (error) {
      log.error({ sink: name, key, error: messageOf(error) }, "sink threw");
      return { kind: "retry", why: "internal error" };
    }
  };
  const handle = async (key: string): Promise<void> => {
    if (!deps.isLeader()) {
      queue.forget(key);
      return;
    }
    const started = clock.monotonic();
    const outcome = await attempt(key);
    const seconds = (clock.monotonic() - started) / 1000;
    observe?.reconciled?.(name, outcome.kind === "retry" ? "error" : "success", seconds);
    if (outcome.kind !== "retry") {
      queue.forget(key);
      if (outcome.kind === "later") queue.addAfter(key, outcome.milliseconds);
      return;
    }
    log.warn({ sink: name, key, why: outcome.why, retries: queue.retries(key) }, "write put off");
    if (outcome.milliseconds === undefined) queue.addRateLimited(key);
    else queue.addAfter(key, outcome.milliseconds);
  };

  return {
    add: (key, priority) => queue.add(key, priority),
    addAfter: (key, milliseconds) => queue.addAfter(key, milliseconds),
    retries: (key) => queue.retries(key),
    run: (signal) => queue.run(workers, handle, signal),
  };
}

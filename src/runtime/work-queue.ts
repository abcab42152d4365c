/**
 * A queue of keys that promises, as client-go's workqueue does:
 * - **Fair**: keys of one priority come out in the order they went in. `live` goes before `bulk`, but of every
 *   {@link liveRun} + 1 keys taken at least one is `bulk` while any waits, so bulk work is slowed and never starved.
 * - **Stingy**: a key added any number of times before it is worked on is worked on once.
 * - One worker per key: a key added while it is worked on waits, and comes up once more when that work is done.
 * - A key that is taken is never lost: added again meanwhile, it comes up again with what happened since in view.
 * - A `bulk` key told again as `live` moves over.
 * - Shutting down drains: what is queued or in hand is finished, nothing new is taken in, what waits is dropped.
 * It holds keys, never what happened to them. It catches nothing: a handler that rejects ends `run` with its error.
 * Source: https://pkg.go.dev/k8s.io/client-go/util/workqueue
 */
import type { Clock, Timer } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";

export type Priority = "live" | "bulk";

/** What the workqueue_* metrics are made from, beside {@link WorkQueue.depth} and {@link WorkQueue.busy}. */
export interface QueueObserver {
  /** A key went in, and was not already there. */
  readonly added?: () => void;
  readonly depth?: (keys: number) => void;
  /** Seconds between going in and being taken. */
  readonly waited?: (seconds: number) => void;
  /** Seconds a key was worked on. */
  readonly worked?: (seconds: number) => void;
  /** A key was put back to be tried again. */
  readonly retried?: () => void;
}

export interface Busy {
  readonly active: number;
  /** Seconds that the keys in hand have been worked on so far, together. */
  readonly unfinished: number;
  /** Seconds of the one in hand for longest. */
  readonly longest: number;
}

export interface WorkQueue<Key> {
  readonly name: string;
  /** Priority `bulk` unless told. */
  add(key: Key, priority?: Priority): void;
  /** Adds once so many milliseconds have passed; of several such calls for one key the earliest moment counts. */
  addAfter(key: Key, milliseconds: number): void;
  /** Adds after a delay that doubles each time until {@link WorkQueue.forget}. */
  addRateLimited(key: Key): void;
  /** The key went well: its delays start over. */
  forget(key: Key): void;
  /** How often the key was put back since it last went well. */
  retries(key: Key): number;
  /** Keys that wait to be taken, those with a delay left out. */
  depth(): number;
  busy(): Busy;
  /** Works keys off, so many at once, until shut down and drained. The signal shuts down. */
  run(workers: number, handler: (key: Key) => Promise<void> | void, signal?: AbortSignal): Promise<void>;
  /** Resolves once nothing is in hand and, unless discarded, nothing is queued; with keys queued and no workers, discard. */
  shutdown(how?: { readonly discard?: boolean }): Promise<void>;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly name: string;
  readonly metrics?: QueueObserver;
  /** Milliseconds: first and longest delay of a key that is put back. */
  readonly retry?: { readonly base: number; readonly cap: number };
}

/** So many live keys in a row at most while a bulk key waits. */
export const liveRun = 8;

/** Bulk work lets the event loop breathe after so many milliseconds, or so many keys. */
const YIELD_AFTER = { milliseconds: 8, keys: 64 };

const DEFAULT_RETRY = { base: 5, cap: 300_000 };

export function createWorkQueue<Key>(options: WorkQueueOptions): WorkQueue<Key> {
  return new KeyedQueue<Key>(options);
}

class KeyedQueue<Key> implements WorkQueue<Key> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #metrics: QueueObserver;
  readonly #retry: { readonly base: number; readonly cap: number };
  /** Keys that need work, queued or not, and how urgently. */
  readonly #dirty = new Map<Key, Priority>();
  /** Keys in hand, with the moment they were taken. */
  readonly #processing = new Map<Key, number>();
  /** A Set keeps the order of insertion and gives up any member at once. */
  readonly #queues: Readonly<Record<Priority, Set<Key>>> = { live: new Set(), bulk: new Set() };
  readonly #addedAt = new Map<Key, number>();
  readonly #later = new Deadlines<Key>();
  readonly #failures = new Map<Key, number>();
  readonly #idle: (() => void)[] = [];
  readonly #drained: (() => void)[] = [];
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #liveInARow = 0;
  #closing = false;

  constructor(options: WorkQueueOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#metrics = options.metrics ?? {};
    this.#retry = options.retry ?? DEFAULT_RETRY;
  }

  add(key: Key, priority: Priority = "bulk"): void {
    if (this.#closing) return;
    const known = this.#dirty.get(key);
    if (known !== undefined) {
      if (known === "live" || priority === "bulk") return;
      this.#dirty.set(key, "live");
      if (this.#queues.bulk.delete(key)) this.#queues.live.add(key);
      return;
    }
    this.#dirty.set(key, priority);
    this.#metrics.added?.();
    this.#addedAt.set(key, this.#clock.monotonic());
    if (!this.#processing.has(key)) this.#enqueue(key, priority);
  }

  addAfter(key: Key, milliseconds: number): void {
    if (this.#closing) return;
    if (milliseconds <= 0) return this.add(key);
    this.#later.add(key, this.#clock.monotonic() + milliseconds);
    this.#arm();
  }

  addRateLimited(key: Key): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.retried?.();
    this.addAfter(key, Math.min(this.#retry.cap, this.#retry.base * 2 ** Math.min(failures, 40)));
  }

  forget(key: Key): void {
    this.#failures.delete(key);
  }

  retries(key: Key): number {
    return this.#failures.get(key) ?? 0;
  }

  depth(): number {
    return this.#queues.live.size + this.#queues.bulk.size;
  }

  busy(): Busy {
    const now = this.#clock.monotonic();
    let unfinished = 0;
    let longest = 0;
    for (const since of this.#processing.values()) {
      unfinished += (now - since) / 1000;
      longest = Math.max(longest, (now - since) / 1000);
    }
    return { active: this.#processing.size, unfinished, longest };
  }

  async run(workers: number, handler: (key: Key) => Promise<void> | void, signal?: AbortSignal): Promise<void> {
    const stop = (): void => void this.shutdown();
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#work(handler)));
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  shutdown(how: { readonly discard?: boolean } = {}): Promise<void> {
    this.#closing = true;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#later.clear();
    if (how.discard === true) {
      for (const queue of Object.values(this.#queues)) queue.clear();
      this.#dirty.clear();
    }
    for (const wake of this.#idle.splice(0)) wake();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#settle();
    });
  }

  async #work(handler: (key: Key) => Promise<void> | void): Promise<void> {
    let breath = { at: this.#clock.monotonic(), keys: 0 };
    for (;;) {
      const key = this.#take();
      if (key === undefined) {
        if (this.#closing) return;
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        breath = { at: this.#clock.monotonic(), keys: 0 };
        continue;
      }
      try {
        await handler(key.key);
      } finally {
        this.#done(key.key);
      }
      breath.keys += 1;
      if (breath.keys < YIELD_AFTER.keys && this.#clock.monotonic() - breath.at < YIELD_AFTER.milliseconds) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      breath = { at: this.#clock.monotonic(), keys: 0 };
    }
  }

  #take(): { readonly key: Key } | undefined {
    const { live, bulk } = this.#queues;
    const turn: Priority = live.size > 0 && (bulk.size === 0 || this.#liveInARow < liveRun) ? "live" : "bulk";
    const next = this.#queues[turn].values().next();
    if (next.done === true) return undefined;
    const key = next.value;
    this.#liveInARow = turn === "live" && bulk.size > 0 ? this.#liveInARow + 1 : 0;
    this.#queues[turn].delete(key);
    this.#dirty.delete(key);
    const now = this.#clock.monotonic();
    this.#processing.set(key, now);
    this.#metrics.waited?.((now - (this.#addedAt.get(key) ?? now)) / 1000);
    this.#addedAt.delete(key);
    this.#metrics.depth?.(this.depth());
    return { key };
  }

  #done(key: Key): void {
    const since = this.#processing.get(key);
    this.#processing.delete(key);
    if (since !== undefined) this.#metrics.worked?.((this.#clock.monotonic() - since) / 1000);
    const again = this.#dirty.get(key);
    if (again !== undefined) this.#enqueue(key, again);
    this.#settle();
  }

  #enqueue(key: Key, priority: Priority): void {
    this.#queues[priority].add(key);
    this.#metrics.depth?.(this.depth());
    this.#idle.shift()?.();
  }

  #settle(): void {
    if (!this.#closing || this.#processing.size > 0 || this.depth() > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #arm(): void {
    const soonest = this.#later.soonest;
    if (soonest === undefined || (this.#timer !== undefined && this.#timer.at <= soonest)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.after(Math.max(0, soonest - this.#clock.monotonic()), () => this.#due());
    this.#timer = { timer, at: soonest };
  }

  #due(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let key = this.#later.take(now); key !== undefined; key = this.#later.take(now)) this.add(key);
    this.#arm();
  }
}

/**
 * A queue of keys that promises, as client-go's workqueue does:
 * - **Stingy**: a key added any number of times before it is worked on is worked on once.
 * - One worker per key: a key added while it is worked on waits, and comes up once more when that work is done.
 * - A key that is taken is never lost: added again meanwhile, it comes up again with what happened since in view.
 * - Shutting down drains: what is queued or in hand is finished, nothing new is taken in, what waits is dropped.
 * And beyond it:
 * - Three priorities: `live` (somebody just edited it), `resync` (its moment has come: a grace period ran out, a retry is
 *   due), `bulk` (everything else). The more urgent goes first, and a key told again as more urgent moves over; but of
 *   every {@link liveRun} + 1 keys taken at least one is `bulk` while any waits, and of every {@link liveRun} + 2 one
 *   `resync`, so that nothing is starved.
 * - **Fair**: keys of one priority are taken in turn from the lines their owner sorts them into ({@link
 *   WorkQueueOptions.lineOf}), and within a line in the order they went in.
 * - It never holds the event loop for long: all workers together work for one span, then let the loop come round.
 * It holds keys, never what happened to them. It catches nothing: a handler that rejects ends `run` with its error.
 * Source: https://pkg.go.dev/k8s.io/client-go/util/workqueue
 */
import { breathOf, type Breath } from "./breath.ts";
import type { Clock, Timer } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";
import { FairLines } from "./fair-lines.ts";

export type Priority = "live" | "resync" | "bulk";

/** Most urgent first. */
const priorities: readonly Priority[] = ["live", "resync", "bulk"];

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
  /** Adds as `resync` once so many milliseconds have passed; of several such calls for one key the earliest moment counts. */
  addAfter(key: Key, milliseconds: number): void;
  /** Adds as `resync` after a delay that doubles each time until {@link WorkQueue.forget}. */
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

export interface WorkQueueOptions<Key> {
  readonly clock: Clock;
  readonly name: string;
  readonly metrics?: QueueObserver;
  /** Whose turn a key is taken in, asked when it goes in; all in one line unless told. */
  readonly lineOf?: (key: Key) => string;
  /** Milliseconds: first and longest delay of a key that is put back. */
  readonly retry?: { readonly base: number; readonly cap: number };
}

/** So many more urgent keys in a row at most while a bulk key waits. */
export const liveRun = 8;

const DEFAULT_RETRY = { base: 5, cap: 300_000 };

export function createWorkQueue<Key>(options: WorkQueueOptions<Key>): WorkQueue<Key> {
  return new KeyedQueue<Key>(options);
}

/** A key that needs work, queued or not. */
interface Dirty {
  priority: Priority;
  readonly line: string;
  readonly since: number;
}

class KeyedQueue<Key> implements WorkQueue<Key> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #metrics: QueueObserver;
  readonly #retry: { readonly base: number; readonly cap: number };
  readonly #lineOf: (key: Key) => string;
  readonly #breath: Breath;
  readonly #dirty = new Map<Key, Dirty>();
  /** Keys in hand, with the moment they were taken. */
  readonly #processing = new Map<Key, number>();
  readonly #queues: Readonly<Record<Priority, FairLines<Key>>> = {
    live: new FairLines(),
    resync: new FairLines(),
    bulk: new FairLines(),
  };
  /** How many keys of other priorities were taken in a row while one of these waited. */
  readonly #passedOver: Record<Priority, number> = { live: 0, resync: 0, bulk: 0 };
  readonly #later = new Deadlines<Key>();
  readonly #failures = new Map<Key, number>();
  readonly #idle: (() => void)[] = [];
  readonly #drained: (() => void)[] = [];
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #closing = false;

  constructor(options: WorkQueueOptions<Key>) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#metrics = options.metrics ?? {};
    this.#retry = options.retry ?? DEFAULT_RETRY;
    this.#lineOf = options.lineOf ?? (() => "");
    this.#breath = breathOf(options.clock);
  }

  add(key: Key, priority: Priority = "bulk"): void {
    if (this.#closing) return;
    const known = this.#dirty.get(key);
    if (known !== undefined) return this.#hasten(key, known, priority);
    const dirty = { priority, line: this.#lineOf(key), since: this.#clock.monotonic() };
    this.#dirty.set(key, dirty);
    this.#metrics.added?.();
    if (!this.#processing.has(key)) this.#enqueue(key, dirty);
  }

  addAfter(key: Key, milliseconds: number): void {
    if (this.#closing) return;
    if (milliseconds <= 0) return this.add(key, "resync");
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
    return this.#queues.live.size + this.#queues.resync.size + this.#queues.bulk.size;
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
    for (;;) {
      const key = this.#take();
      if (key === undefined) {
        if (this.#closing) return;
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        continue;
      }
      try {
        await handler(key.key);
      } finally {
        this.#done(key.key);
      }
      if (this.#breath.spent()) await this.#breath.over();
    }
  }

  /** Whose turn it is: the most urgent that wait, unless less urgent ones were passed over for too long. */
  #turn(): Priority | undefined {
    const waiting = priorities.filter((priority) => this.#queues[priority].size > 0);
    return waiting.findLast((priority) => this.#passedOver[priority] >= liveRun) ?? waiting[0];
  }

  #take(): { readonly key: Key } | undefined {
    const turn = this.#turn();
    const key = turn === undefined ? undefined : this.#queues[turn].take();
    if (turn === undefined || key === undefined) return undefined;
    for (const priority of priorities) {
      const waits = priority !== turn && priority !== "live" && this.#queues[priority].size > 0;
      this.#passedOver[priority] = waits ? this.#passedOver[priority] + 1 : 0;
    }
    const now = this.#clock.monotonic();
    const since = this.#dirty.get(key)?.since ?? now;
    this.#dirty.delete(key);
    this.#processing.set(key, now);
    this.#metrics.waited?.((now - since) / 1000);
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

  #hasten(key: Key, dirty: Dirty, priority: Priority): void {
    if (priorities.indexOf(priority) >= priorities.indexOf(dirty.priority)) return;
    const queued = this.#queues[dirty.priority].delete(dirty.line, key);
    dirty.priority = priority;
    if (queued) this.#queues[priority].add(dirty.line, key);
  }

  #enqueue(key: Key, { priority, line }: Dirty): void {
    this.#queues[priority].add(line, key);
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
    for (let key = this.#later.take(now); key !== undefined; key = this.#later.take(now)) this.add(key, "resync");
    this.#arm();
  }
}

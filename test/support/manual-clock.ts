/**
 * A clock that tests hold by the hands: time stands still until `advance`. Timers fire in the order they are due, and
 * whatever a timer sets off through promises has settled before the next one fires. It never waits for real time.
 */
import type { Clock, Timer } from "../../src/runtime/clock.ts";

interface Waiting {
  readonly due: number;
  readonly order: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  readonly #start: number;
  readonly #random: () => number;
  readonly #waiting = new Set<Waiting>();
  #elapsed = 0;
  #jumped = 0;
  #order = 0;

  /** `start` in milliseconds since the epoch; `random` is what chance gives, the middle unless told. */
  constructor(start: number = Date.UTC(2026, 0, 1), random: () => number = () => 0.5) {
    this.#start = start;
    this.#random = random;
  }

  now(): number {
    return this.#start + this.#elapsed + this.#jumped;
  }

  /** Somebody sets the clock that people read, forward or back; no time passes. */
  jump(milliseconds: number): void {
    this.#jumped += milliseconds;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  random(): number {
    return this.#random();
  }

  after(milliseconds: number, call: () => void): Timer {
    const waiting = { due: this.#elapsed + Math.max(0, milliseconds), order: this.#order++, call };
    this.#waiting.add(waiting);
    return {
      cancel: () => {
        this.#waiting.delete(waiting);
      },
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Milliseconds until the next timer, undefined where none waits. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.due - this.#elapsed;
  }

  /** Moves time on, firing what falls due on the way, also timers set on the way; resolves when all has settled. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.#elapsed + milliseconds;
    await settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > target) break;
      this.#elapsed = next.due;
      this.#waiting.delete(next);
      next.call();
      await settle();
    }
    this.#elapsed = target;
    await settle();
  }

  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (next === undefined || waiting.due < next.due || (waiting.due === next.due && waiting.order < next.order))
        next = waiting;
    }
    return next;
  }
}

/** One turn of the event loop: all microtasks have run by then, however long their chain. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

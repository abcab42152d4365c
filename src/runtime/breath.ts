/**
 * How long computing may hold the event loop: everybody who shares a `Breath` works for one span together per round of the
 * loop, then waits until the loop has come round and whatever else waited for it was served. Long work is written as
 * a generator and run by {@link inSlices}; what fits into one span has ended when the call returns.
 */
import type { Clock } from "./clock.ts";

/** Per round; the count holds where the clock stands still. */
const SPAN = { milliseconds: 4, steps: 1_000 };
/** What one run of slices takes of it: the rest is for the others, and for whoever works off single things. */
const SLICE = { milliseconds: 1.5, steps: 250 };

interface Round {
  readonly started: number;
  steps: number;
  readonly over: Promise<void>;
}

export class Breath {
  readonly #clock: Pick<Clock, "monotonic">;
  #round: Round | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Counts one step; true where this round of the loop has been worked in for long enough. */
  spent(): boolean {
    const round = (this.#round ??= this.#begin());
    round.steps += 1;
    return round.steps >= SPAN.steps || this.#clock.monotonic() - round.started >= SPAN.milliseconds;
  }

  /** Counts steps of a slice that begins now; the answer is true where it has lasted long enough. */
  slice(): () => boolean {
    const started = this.#clock.monotonic();
    let steps = 0;
    return () => {
      steps += 1;
      return this.spent() || steps >= SLICE.steps || this.#clock.monotonic() - started >= SLICE.milliseconds;
    };
  }

  /** Undefined while this round may be worked in, so that a loop need not wait at each step: `const pause = breath.pause(); if (pause) await pause`. */
  pause(): Promise<void> | undefined {
    return this.spent() ? this.over() : undefined;
  }

  /** Resolves when the loop has come round. */
  over(): Promise<void> {
    return (this.#round ??= this.#begin()).over;
  }

  #begin(): Round {
    const over = new Promise<void>((resolve) =>
      setImmediate(() => {
        this.#round = undefined;
        resolve();
      }),
    );
    return { started: this.#clock.monotonic(), steps: 0, over };
  }
}

const breaths = new WeakMap<Pick<Clock, "monotonic">, Breath>();

/** That of all who go by this clock: a process has one loop, and shares of several would add up. */
export function breathOf(clock: Pick<Clock, "monotonic">): Breath {
  const known = breaths.get(clock) ?? new Breath(clock);
  breaths.set(clock, known);
  return known;
}

/**
 * Runs the steps to their end, with a breath after each span; no further where `wanted` says no after a breath. Undefined
 * where they have ended, or thrown, at once; rejects with what a later step throws.
 */
export function inSlices(
  breath: Breath,
  steps: Generator<void, void>,
  wanted: () => boolean,
): Promise<void> | undefined {
  const slice = (): boolean => {
    const isOver = breath.slice();
    while (steps.next().done !== true) if (isOver()) return false;
    return true;
  };
  const rest = async (): Promise<void> => {
    do {
      await breath.over();
      if (!wanted()) return void steps.return();
    } while (!slice());
  };
  return slice() ? undefined : rest();
}

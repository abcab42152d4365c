/** The one door to time and chance. Everything that waits or stamps takes a `Clock`, so that tests can hold the hands. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch: for what people read. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start: for durations. Never goes back. */
  monotonic(): number;
  /** Calls once after so many milliseconds. Does not keep the process alive by itself. */
  after(milliseconds: number, call: () => void): Timer;
  /** 0 (inclusive) to 1 (exclusive): for jitter, never for secrets. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, call) {
    // setTimeout fires at once above 2^31-1 ms; a day is long enough for anything that asks again.
    const timer = setTimeout(call, Math.min(milliseconds, 86_400_000));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
};

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = clock.after(milliseconds, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    const stop = (): void => {
      timer.cancel();
      resolve();
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** `base` doubled per attempt up to `cap`, then a random point in its upper half. Milliseconds; attempts count from 0. */
export function backoff(clock: Pick<Clock, "random">, attempt: number, base: number, cap: number): number {
  const full = Math.min(cap, base * 2 ** Math.min(attempt, 30));
  return full / 2 + (clock.random() * full) / 2;
}

/** Long work on the main thread, cut into slices: between two of them everybody else has a turn. */
import type { Clock } from "../runtime/clock.ts";

/** Milliseconds of one slice. */
const SLICE = 5;

export interface Turns {
  /** Undefined while the slice lasts, so that a loop need not wait at each item: `const turn = next(); if (turn) await turn`. */
  next(): Promise<void> | undefined;
}

export function createTurns(clock: Pick<Clock, "monotonic">): Turns {
  let since = clock.monotonic();
  const pass = async (): Promise<void> => {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    since = clock.monotonic();
  };
  return { next: () => (clock.monotonic() - since < SLICE ? undefined : pass()) };
}

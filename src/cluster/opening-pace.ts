/**
 * Spreads the openings of many watches: one every few milliseconds, with chance, however many are asked for in the same
 * one, so that a start (or a server that is back) is no hammer blow. One alone does not wait.
 */
import { sleep, type Clock } from "../runtime/clock.ts";

/** Milliseconds between two openings, on average: the watches of sixty kinds are asked for within as many. */
const GAP = 1;

/** Resolves when this one may be opened, or its signal aborts. */
export function createOpeningPace(clock: Clock): (signal?: AbortSignal) => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  return (signal) => {
    const now = clock.monotonic();
    const at = Math.max(now, next);
    next = at + GAP * (0.5 + clock.random());
    return at - now < 1 ? Promise.resolve() : sleep(clock, at - now, signal);
  };
}

/**
 * So many a second, with a burst: a token bucket. It only says how long to wait; it never waits. Whoever gives a name
 * keeps his place in line: five hundred who ask again and again would else take more time than what they wait for.
 */
import type { Clock } from "./clock.ts";

export interface Rate {
  /**
   * 0: granted, and spent. Else milliseconds after which to ask again: under a name, it is granted then. Infinity where
   * that would be longer than `patience`: no place is taken.
   */
  take(name?: string, patience?: number): number;
}

/** Places that nobody came back for are given up after so many milliseconds. */
const KEPT = 60_000;

/** A bucket of `burst` that fills with `perSecond`. */
export function createRate(clock: Pick<Clock, "monotonic">, perSecond: number, burst: number = perSecond): Rate {
  /** Below zero: so many are promised. */
  let tokens = burst;
  let at = clock.monotonic();
  /** When each one's turn is, in that order. */
  const line = new Map<string, number>();

  const forgetOld = (now: number): void => {
    for (const [name, turn] of line) {
      if (turn > now - KEPT) return;
      line.delete(name);
    }
  };

  return {
    take(name, patience = Number.POSITIVE_INFINITY) {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
      at = now;
      forgetOld(now);
      const turn = name === undefined ? undefined : line.get(name);
      if (name !== undefined && turn !== undefined) {
        if (turn > now) return Math.ceil(turn - now);
        line.delete(name);
        return 0;
      }
      const wait = tokens < 1 ? Math.ceil(((1 - tokens) / perSecond) * 1000) : 0;
      if (wait > patience) return Number.POSITIVE_INFINITY;
      if (wait === 0 || name !== undefined) tokens -= 1;
      if (wait > 0 && name !== undefined) line.set(name, now + wait);
      return wait;
    },
  };
}

/**
 * How often Plumbline may write about one thing: a pace holds each key to a smallest interval. It only says how long to
 * wait. All of them together are held by a rate (`runtime/rate.ts`).
 */
import type { Clock } from "../runtime/clock.ts";

/**
 * Milliseconds: a line for the rate grows no longer. Who finds it so asks again later and takes no place: what it would
 * write may not be wanted by then, and a place that nobody uses is a write that nobody gets.
 */
export const longestLine = 2_000;

export interface Pace {
  /** Milliseconds until the key may write again; 0: now. */
  wait(key: string): number;
  /** The key writes now. */
  spent(key: string): void;
  forget(key: string): void;
}

export function createPace(clock: Pick<Clock, "monotonic">, interval: number): Pace {
  const last = new Map<string, number>();
  return {
    wait(key) {
      const at = last.get(key);
      return at === undefined ? 0 : Math.max(0, at + interval - clock.monotonic());
    },
    spent(key) {
      last.set(key, clock.monotonic());
    },
    forget(key) {
      last.delete(key);
    },
  };
}

/**
 * How much Plumbline may write about itself. A pace holds one key to a smallest interval; a rate holds all of them
 * together to so many a second. Both only say how long to wait; neither waits.
 */
import type { Clock } from "../runtime/clock.ts";

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

export interface Rate {
  /** 0: granted, and spent. Else milliseconds after which to ask again. */
  take(): number;
}

/** A bucket of `burst` that fills with `perSecond`. */
export function createRate(clock: Pick<Clock, "monotonic">, perSecond: number, burst: number = perSecond): Rate {
  let tokens = burst;
  let at = clock.monotonic();
  return {
    take() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
      at = now;
      if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1000);
      tokens -= 1;
      return 0;
    },
  };
}

/** So many a second, with a burst: a token bucket. It only says how long to wait; it never waits. */
import type { Clock } from "./clock.ts";

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

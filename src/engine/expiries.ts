/** Tells when something in a Baseline's settings has run out: a rule, an exemption. One timer per Baseline. */
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import { nextExpiry, type BaselineRecord } from "./baseline-store.ts";

/** Milliseconds that a clock waits at most. */
const LONGEST_WAIT = 86_400_000;

export class Expiries {
  readonly #clock: Clock;
  readonly #due: (key: BaselineKey) => void;
  readonly #timers = new Map<BaselineKey, Timer>();

  constructor(clock: Clock, due: (key: BaselineKey) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  arm(record: BaselineRecord): void {
    const { key } = record.baseline;
    this.forget(key);
    const next = nextExpiry(record.baseline, this.#clock.now());
    if (next === undefined) return;
    const due = (): void => {
      this.#due(key);
      this.arm(record);
    };
    // Told too early, nothing comes of it.
    this.#timers.set(key, this.#clock.after(Math.min(next - this.#clock.now(), LONGEST_WAIT), due));
  }

  forget(key: BaselineKey): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }
}

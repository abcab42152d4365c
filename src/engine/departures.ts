/**
 * Baselines that go. Saying of each of their objects that it is gone takes a while, and is done in slices; whatever is said
 * of the same Baseline meanwhile, such as that it is back, waits until then.
 */
import type { BaselineKey } from "../model/snapshot.ts";

export interface Departures {
  /** Calls at once, or when the Baseline is gone. */
  after(key: BaselineKey, call: () => void): void;
  /** Takes the steps of leaving. */
  leave(key: BaselineKey, steps: Generator<void, void>): void;
}

export function createDepartures(inSlices: (steps: Generator<void, void>) => Promise<void> | undefined): Departures {
  const going = new Map<BaselineKey, (() => void)[]>();

  const after = (key: BaselineKey, call: () => void): void => {
    const waiting = going.get(key);
    if (waiting === undefined) call();
    else waiting.push(call);
  };

  return {
    after,
    leave(key, steps) {
      going.set(key, []);
      const gone = (): void => {
        const waiting = going.get(key) ?? [];
        going.delete(key);
        // One of them may be that it goes again: then the others wait for that.
        for (const call of waiting) after(key, call);
      };
      const rest = inSlices(steps);
      if (rest === undefined) gone();
      else void rest.then(gone);
    },
  };
}

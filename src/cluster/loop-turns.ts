/**
 * Keeps long work from holding the event loop: who handles many lines asks before each whether the turn is over, and if
 * so waits for a later one. The turns are handed out one by one to all who wait, in order, so sixty streams at once hold
 * the loop no longer than one. Waiting is also what makes a socket stop reading.
 */
import { systemClock, type Clock } from "../runtime/clock.ts";

export interface LoopTurns {
  /** Whether the work of this turn of the loop has taken its time. Cheap enough for every line. */
  isOver(): boolean;
  /** Resolves in a turn of the loop that is one's own. */
  next(): Promise<void>;
}

/** Milliseconds of work at a stretch. */
const SLICE = 6;

export function createLoopTurns(clock: Pick<Clock, "monotonic">): LoopTurns {
  let began: number | undefined;
  let isScheduled = false;
  const waiting: (() => void)[] = [];

  const turn = (): void => {
    isScheduled = false;
    began = undefined;
    const first = waiting.shift();
    if (first === undefined) return;
    // From here on, so that what arrives meanwhile finds the turn taken.
    began = clock.monotonic();
    schedule();
    first();
  };

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(turn);
  };

  return {
    isOver() {
      if (began === undefined) {
        began = clock.monotonic();
        schedule();
        return false;
      }
      return clock.monotonic() - began >= SLICE;
    },
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        schedule();
      }),
  };
}

/** A process has one loop. */
export const loopTurns: LoopTurns = createLoopTurns(systemClock);

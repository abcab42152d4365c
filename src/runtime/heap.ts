/**
 * How far V8 lets the heap grow between two collections of all of it. By itself it takes up to four times what is in use
 * when much is allocated, and gives it back rarely: memory for nothing, and a start is no faster for it.
 */
import { setFlagsFromString } from "node:v8";
import type { Clock } from "./clock.ts";

/**
 * Percent beyond what is in use; measured in docs/memory.md. When the start is over the heap may be larger by more than
 * half of what it may grow to from then on, and V8 would mark all of it at once, in one pause: 1.8 is less than 1.3 and a half more.
 */
const GROWTH = { start: 80, after: 30 };
/** Milliseconds between two looks whether the start is over. */
const LOOK = 1_000;

/**
 * While the start lasts the heap grows by much at a time, and from then on by little.
 * @param set takes a flag of V8; V8 reads this one at each collection
 */
export function holdHeap(
  clock: Pick<Clock, "after">,
  isStartOver: () => boolean,
  set: (flag: string) => void = setFlagsFromString,
): { stop(): void } {
  const grow = (percent: number): void => set(`--heap-growing-percent=${percent}`);
  grow(GROWTH.start);
  let timer = clock.after(LOOK, look);
  function look(): void {
    if (isStartOver()) grow(GROWTH.after);
    else timer = clock.after(LOOK, look);
  }
  return { stop: () => timer.cancel() };
}

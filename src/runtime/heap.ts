/**
 * How far V8 lets the heap grow between two collections of all of it. By itself it takes up to four times what is in use
 * when much is allocated, and gives it back rarely: a start is faster for it, and afterwards it is memory for nothing.
 */
import { setFlagsFromString } from "node:v8";
import type { Clock } from "./clock.ts";

/** Percent beyond what is in use; measured in docs/memory.md. */
const GROWTH = 30;
/** Milliseconds between two looks whether the start is over. */
const LOOK = 1_000;

/**
 * From when the start is over the heap grows by little at a time.
 * @param set takes a flag of V8; V8 reads this one at each collection
 */
export function holdHeap(
  clock: Pick<Clock, "after">,
  isStartOver: () => boolean,
  set: (flag: string) => void = setFlagsFromString,
): { stop(): void } {
  let timer = clock.after(LOOK, look);
  function look(): void {
    if (isStartOver()) set(`--heap-growing-percent=${GROWTH}`);
    else timer = clock.after(LOOK, look);
  }
  return { stop: () => timer.cancel() };
}

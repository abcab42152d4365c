/**
 * How V8 collects all of the heap: how far it lets it grow until then, and that it compacts what is left. By itself it takes
 * up to four times what is in use when much is allocated, and pages of what is kept for long get emptier for hours: memory
 * for nothing, and a start is no faster for it.
 */
import { setFlagsFromString } from "node:v8";
import type { Clock } from "./clock.ts";

/**
 * Percent beyond what is in use; measured in docs/memory.md. When the start is over the heap may be larger by more than
 * half of what it may grow to from then on, and V8 would mark all of it at once, in one pause: 1.4 is far from that.
 */
const GROWTH = { start: 40, after: 30 };
/** Set from within: on the command line it would also halve the young generation, for which a start pays. */
const COMPACTS = "--optimize-for-size";
/** Milliseconds between two looks whether the start is over. */
const LOOK = 1_000;

/**
 * While the start lasts the heap grows by much at a time, and from then on by little. What is collected is compacted.
 * @param set takes a flag of V8; V8 reads these at each collection
 */
export function holdHeap(
  clock: Pick<Clock, "after">,
  isStartOver: () => boolean,
  set: (flag: string) => void = setFlagsFromString,
): { stop(): void } {
  const grow = (percent: number): void => set(`--heap-growing-percent=${percent}`);
  set(COMPACTS);
  grow(GROWTH.start);
  let timer = clock.after(LOOK, look);
  function look(): void {
    if (isStartOver()) grow(GROWTH.after);
    else timer = clock.after(LOOK, look);
  }
  return { stop: () => timer.cancel() };
}

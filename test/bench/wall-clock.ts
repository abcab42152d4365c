/**
 * The time of this machine in milliseconds since the epoch with fractions, comparable between processes of one machine:
 * the monotonic clock, tied to the very moment at which the wall clock steps to its next millisecond.
 */
let offset: number | undefined;

/** Ties the two clocks anew: the wall clock may have been set meanwhile. Spins for a millisecond at most. */
export function tieClocks(): void {
  const before = Date.now();
  let now = Date.now();
  while (now === before) now = Date.now();
  offset = now - performance.now();
}

export function wallNow(): number {
  if (offset === undefined) tieClocks();
  return performance.now() + (offset ?? 0);
}

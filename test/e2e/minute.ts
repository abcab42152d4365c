/** Of the clock by which Events are named. Decides nothing. */
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds. */
const MINUTE = 60_000;
const LATE = 45_000;

/**
 * An Event bears the minute in its name, by which two processes that tell the same make one of it: where they see it on
 * either side of a full minute they make two. Whoever counts Events of two processes edits early in a minute.
 */
export async function earlyInTheMinute(): Promise<void> {
  const passed = Date.now() % MINUTE;
  if (passed > LATE) await wait(MINUTE - passed);
}

/**
 * Loaded into the operator by `--import`: each SIGUSR2 moves its clocks ten minutes on, as if it had slept. Timers do not
 * move; what waits looks again within a minute, or at the next event. With `?wall=<milliseconds>` only the clock that
 * people read moves, by so much, as where somebody sets it.
 */
const wall = new URL(import.meta.url).searchParams.get("wall");
/** Milliseconds. */
export const step = wall === null ? 600_000 : Number(wall);

let offset = 0;
const now = Date.now;
const monotonic = performance.now.bind(performance);
Date.now = () => now() + offset;
if (wall === null) performance.now = () => monotonic() + offset;
process.on("SIGUSR2", () => (offset += step));

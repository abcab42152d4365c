/**
 * Loaded into the operator by `--import`: each SIGUSR2 moves its clocks ten minutes on, as if it had slept. Timers do not
 * move; what waits looks again within a minute, or at the next event.
 */
export const step = 600_000;

let offset = 0;
const now = Date.now;
const monotonic = performance.now.bind(performance);
Date.now = () => now() + offset;
performance.now = () => monotonic() + offset;
process.on("SIGUSR2", () => (offset += step));

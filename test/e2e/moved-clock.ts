/**
 * Loaded into the operator by `--import`: each SIGUSR2 moves its clocks ten minutes on, as if it had slept. Timers do not
 * move; what waits looks again within a minute, or at the next event. With `?wall=<milliseconds>` only the clock that
 * people read moves, by so much, as where somebody sets it; with `?stops=<epoch ms>,…` it is set to the next of them.
 * Each move is told in the log: a signal is handled after all that has arrived meanwhile.
 */
const { searchParams } = new URL(import.meta.url);
const wall = searchParams.get("wall");
const stops = searchParams.get("stops")?.split(",").map(Number) ?? [];
/** Milliseconds. */
export const step = wall === null ? 600_000 : Number(wall);

let offset = 0;
const now = Date.now;
const monotonic = performance.now.bind(performance);
Date.now = () => now() + offset;
if (wall === null && stops.length === 0) performance.now = () => monotonic() + offset;
process.on("SIGUSR2", () => {
  const stop = stops.shift();
  offset = stop === undefined ? offset + step : stop - now();
  process.stdout.write(`${JSON.stringify({ msg: "clock moved", offset })}\n`);
});

/**
 * Loaded into the operator by `--import=./test/bench/loop-watch.ts?file=FILE`: tells two reasons apart for which the event
 * loop comes late, that it was held by work of its own thread and that the thread was not given a core. Appends a line of
 * JSON to FILE as the process ends. It looks each 5 ms, which costs: never beside a figure of processor time.
 */
import { appendFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const file = new URL(import.meta.url).searchParams.get("file") ?? "loop.jsonl";
/** Milliseconds. */
const LOOK = 5;
const LATE = 20;
/** Until then the program itself is read and compiled. */
const LOADED = 1_000;

const late: { readonly by: number; readonly own: number }[] = [];
let loading = 0;
let longest = 0;
let at = performance.now();
let used = process.threadCpuUsage();
const timer = setInterval(() => {
  const now = performance.now();
  const cpu = process.threadCpuUsage();
  const own = (cpu.user + cpu.system - used.user - used.system) / 1_000;
  const by = now - at - LOOK;
  if (now < LOADED) loading = Math.max(loading, own);
  else {
    longest = Math.max(longest, own);
    if (by > LATE) late.push({ by, own });
  }
  at = now;
  used = cpu;
}, LOOK).unref();
// What it tidies up at its end holds nobody up.
process.once("SIGTERM", () => clearInterval(timer));

const most = (numbers: readonly number[]): number =>
  Math.round(numbers.reduce((one, other) => Math.max(one, other), 0));
process.once("exit", () => {
  const held = late.filter(({ own }) => own > LATE);
  const line = {
    seconds: Math.round(performance.now() / 1_000),
    turnsLate: late.length,
    latestBy: most(late.map(({ by }) => by)),
    ofThemHeldByOwnWork: held.length,
    longestOwnWork: Math.round(longest),
    longestWhileLoading: Math.round(loading),
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
});

/**
 * P5: what an event costs that changes no verdict: heartbeats in the status of what is watched, at rising rates, and
 * renewals of Leases. Processor time less what the same time costs idle; at the end of each rate, while it goes on, how
 * long a real edit has to wait.
 */
import { setTimeout as wait } from "node:timers/promises";
import { isLease, type Request, requestsText } from "./audit-count.ts";
import { type Bench, everyObject, type Script } from "./bench-context.ts";
import { beginStage } from "./operator-run.ts";
import { delaysOf } from "./p1-detect.ts";
import { published } from "./peers.ts";
import type { ChurnOrder } from "./second/churn.ts";
import { untilQuiet } from "./quiet.ts";
import { spreadOf, spreadText } from "./spread.ts";
import { operatorAccount } from "../e2e/operator.ts";

const PROBES = 10;
const RAMP = 2_000;
const QUIET = 10_000;
const LOOKS = 4;
/** Events a second, and milliseconds: what a process does for the first time it does slowly, and compiles. */
const WARM = { rate: 400, time: 15_000 };

const isNoLease = (request: Request): boolean => !isLease(request);

async function measure(bench: Bench, order: ChurnOrder, idle: number): Promise<void> {
  const { world, window } = bench;
  const run = await bench.operator();
  const what = order.leases === true ? `Lease renewals, ${order.rate} ev/s` : `status events, ${order.rate} ev/s`;
  // Events and statuses of the probes before come late.
  await untilQuiet(world, operatorAccount, isNoLease);
  await world.churner.run("churn", order);
  await wait(RAMP);
  await world.churner.run("calm", null);
  await world.churner.run("churn", order);
  const stage = await beginStage(world, run);
  await wait(window * 1000);
  const { cpuSeconds, seconds, requests, loopMax } = await stage.end();
  const probes = order.leases === true ? [] : await world.editor.run("detect", { ats: bench.take(PROBES), warm: 0 });
  const churned = await world.churner.run("calm", null);
  // The probes' time is the churn's too, but not the stage's.
  const events = churned.rate * seconds;
  const asked = requests.filter(isNoLease);
  const perEvent = ((cpuSeconds - idle * seconds) * 1000) / events;
  const delays = spreadOf(delaysOf(probes));
  bench.say(
    `${what}: made ${churned.rate.toFixed(0)} ev/s (${churned.failed} failed), ${perEvent.toFixed(3)} ms of CPU each (${((cpuSeconds * 1000) / events).toFixed(3)} with idle); requests: ${requestsText(asked)}`,
  );
  bench.row({ figure: "P5", what: `made of ${what}`, value: churned.rate, unit: "ev/s", isRate: true });
  const whole = ((cpuSeconds * 1000) / events).toFixed(3);
  const made = `made ${churned.rate.toFixed(0)} ev/s; ${whole} ms with what is needed idle`;
  const goal = order.leases === true ? {} : { goal: 0.25, peer: published.configSyncEvent };
  bench.row({
    figure: "P5",
    what: `CPU of one of ${what}`,
    value: Math.max(0, perEvent),
    unit: "ms",
    detail: made,
    ...goal,
  });
  bench.row({ figure: "P5", what: `requests, ${what}`, value: asked.length, unit: "requests", goal: 0, detail: made });
  if (loopMax !== undefined)
    bench.row({ figure: "P5", what: `event loop late at most, ${what}`, value: loopMax, unit: "ms", goal: 20 });
  if (probes.length === 0) return;
  bench.say(`  an edit then: ${spreadText(delays)}`);
  bench.row({
    figure: "P5",
    what: `edit → verdict at the end, p50, ${what}`,
    value: delays.p50,
    unit: "ms",
    detail: `${spreadText(delays)}; ${made}`,
  });
}

/** Seconds of CPU a second: of a few looks the quietest, since what came before may still be tidied up. */
async function idleShare(bench: Bench): Promise<number> {
  const run = await bench.operator();
  // Hundreds of heals, where they were measured before, are told for a while.
  await untilQuiet(bench.world, operatorAccount, isNoLease);
  await wait(QUIET);
  const shares: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const stage = await beginStage(bench.world, run);
    await wait(QUIET / 2);
    const { cpuSeconds, seconds } = await stage.end();
    shares.push(cpuSeconds / seconds);
  }
  return Math.min(...shares);
}

export const p5: Script = {
  title: "an event that means nothing",
  inPages: false,
  async run(bench) {
    const { world } = bench;
    await bench.operator();
    await world.churner.run("churn", { rate: WARM.rate, ats: everyObject(world) });
    await wait(WARM.time);
    await world.churner.run("calm", null);
    const idle = await idleShare(bench);
    bench.say(`idle: ${(idle * 100).toFixed(2)} % of a core`);
    for (const rate of bench.rates) await measure(bench, { rate, ats: everyObject(world) }, idle);
    await measure(bench, { rate: 100, ats: [], leases: true }, idle);
  },
};

/**
 * P2: from drift to its being put back, both as the second process's own watch saw them, and how many requests that
 * took. The objects are opted in one by one, as a person would, and each drifts once.
 */
import { setTimeout as wait } from "node:timers/promises";
import { readMetric } from "../e2e/operator.ts";
import { isOwn, isWrite, requestsText } from "./audit-count.ts";
import { type Bench, everyObject, type Script } from "./bench-context.ts";
import { beginStage } from "./operator-run.ts";
import { kubectlDiffOne } from "./peers.ts";
import type { Peer } from "./results.ts";
import { median, type Spread, spreadOf, spreadText } from "./spread.ts";

const REMEDIATE = "plumbline.dev/remediate";
const SETTLE = 1_000;

/** PATCHes of the operator so far. */
function patchTime(metrics: string): { readonly seconds: number; readonly count: number } {
  const of = (part: string): number =>
    readMetric(metrics, `rest_client_request_duration_seconds_${part}`, { verb: "patch" }) ?? 0;
  return { seconds: of("sum"), count: of("count") };
}

async function measure(bench: Bench, when: string, peer: Peer): Promise<Spread> {
  const { world, rounds, warm } = bench;
  const run = await bench.operator();
  const ats = bench.take(rounds + warm);
  await world.editor.run("annotate", { ats, annotations: { [REMEDIATE]: "enabled" } });
  await wait(SETTLE);
  const stage = await beginStage(world, run);
  const before = patchTime(await run.operator.metrics());
  const healed = await world.editor.run("heal", { ats, warm });
  const after = patchTime(await run.operator.metrics());
  // Records, Events and statuses are written after the heal.
  await wait(SETTLE);
  const { requests, loopMax } = await stage.end();
  await world.editor.run("annotate", { ats, annotations: { [REMEDIATE]: null } });
  const took = healed.flatMap((one) => (one.took === undefined ? [] : [one.took]));
  const bare = spreadOf(healed.flatMap((one) => (one.patch === undefined ? [] : [one.patch])));
  const writes = requests.filter((request) => isWrite(request) && !isOwn(request));
  const spread = spreadOf(took);
  bench.say(`drift → put back, ${when}: ${spreadText(spread)}; ${healed.length - took.length} never`);
  bench.say(`  the PATCH that made the drift, sent → seen: ${spreadText(bare)}`);
  bench.row({
    figure: "P2",
    what: `one such PATCH alone, sent → seen, p50, ${when}`,
    value: bare.p50,
    unit: "ms",
    detail: spreadText(bare),
  });
  const mean = (after.seconds - before.seconds) / Math.max(1, after.count - before.count);
  bench.say(`  the operator's own PATCHes took ${(mean * 1000).toFixed(1)} ms on average`);
  bench.say(`  requests of ${ats.length} heals: ${requestsText(requests)}`);
  bench.row({
    figure: "P2",
    what: `writes per heal, ${when}`,
    value: writes.length / ats.length,
    unit: "requests",
    goal: 1,
    peer,
  });
  if (loopMax !== undefined)
    bench.row({ figure: "P2", what: `event loop late at most, heals, ${when}`, value: loopMax, unit: "ms", goal: 20 });
  return spread;
}

export const p2: Script = {
  title: "drift → put back",
  inPages: false,
  async run(bench) {
    const { world, configSync } = bench;
    await bench.operator();
    const quiet = await measure(bench, "idle", configSync.requests);
    await world.churner.run("churn", { rate: 100, ats: everyObject(world) });
    const busy = await measure(bench, "at 100 ev/s", configSync.requests);
    await world.churner.run("calm", null);
    const asked: number[] = [];
    for (const at of bench.take(5)) asked.push((await kubectlDiffOne(world, at)).seconds * 1000);
    bench.say(`  kubectl diff of one object, which puts nothing back: ${median(asked).toFixed(0)} ms`);
    const row = (what: string, value: number, spread: Spread, goal: number, peer?: Peer): void =>
      bench.row({
        figure: "P2",
        what,
        value,
        unit: "ms",
        goal,
        detail: spreadText(spread),
        ...(peer === undefined ? {} : { peer }),
      });
    row("drift → put back, p50, idle", quiet.p50, quiet, 5, configSync.healP50);
    row("drift → put back, p99, idle", quiet.p99, quiet, 20, configSync.healP99);
    row("drift → put back, p50, at 100 ev/s", busy.p50, busy, 5, configSync.healBusyP50);
    row("drift → put back, p99, at 100 ev/s", busy.p99, busy, 20, configSync.healBusyP99);
  },
};

/**
 * P1: from a live edit to its verdict. The edit begins to count when the first one outside could know of it: the
 * writer by the answer, or another watcher by the event, whichever was earlier. The verdict's moment is the Drift
 * record's `firstObserved`, which the operator takes anyway: to look on costs it nothing.
 */
import type { Bench, Script } from "./bench-context.ts";
import { everyObject } from "./bench-context.ts";
import { beginStage, type Run } from "./operator-run.ts";
import { kubectlDiffOne, published } from "./peers.ts";
import type { Peer } from "./results.ts";
import type { Detection } from "./second/edits.ts";
import { median, type Spread, spreadOf, spreadText } from "./spread.ts";

/** From the earlier of answer and event. */
export function delaysOf(found: readonly Detection[]): readonly number[] {
  return found.flatMap(({ answered, seen, verdict }) =>
    verdict === undefined ? [] : [verdict - Math.min(answered, seen ?? answered)],
  );
}

async function latencyInside(run: Run): Promise<readonly [number, number]> {
  const sum = await run.operator.metric("plumbline_verdict_latency_seconds_sum");
  return [(sum ?? 0) * 1000, (await run.operator.metric("plumbline_verdict_latency_seconds_count")) ?? 0];
}

async function measure(bench: Bench, when: string): Promise<Spread> {
  const { world, rounds, warm, say } = bench;
  const run = await bench.operator();
  const stage = await beginStage(world, run);
  const [sumBefore, timesBefore] = await latencyInside(run);
  const found = await world.editor.run("detect", { ats: bench.take(rounds + warm), warm });
  const [sum, times] = await latencyInside(run);
  const { loopMax } = await stage.end();
  const spread = spreadOf(delaysOf(found));
  const since = (moment: (one: Detection) => number | undefined): string =>
    spreadText(
      spreadOf(found.flatMap((one) => (one.verdict === undefined ? [] : [one.verdict - (moment(one) ?? Number.NaN)]))),
    );
  say(`edit → verdict, ${when}: ${spreadText(spread)}`);
  say(`  since it was sent:          ${since(({ sent }) => sent)}`);
  say(`  since it was answered:      ${since(({ answered }) => answered)}`);
  say(`  since it was seen outside:  ${since(({ seen }) => seen)}`);
  const records = found.flatMap(({ recorded, verdict }) =>
    recorded === undefined || verdict === undefined ? [] : [recorded - verdict],
  );
  say(`  verdict → record seen:      ${spreadText(spreadOf(records))}`);
  say(
    `  watch line → verdict inside: mean ${((sum - sumBefore) / (times - timesBefore)).toFixed(2)} ms (${times - timesBefore} times)`,
  );
  const missed = found.filter(({ verdict }) => verdict === undefined).length;
  if (missed > 0) say(`  ${missed} of ${found.length} never had a verdict`);
  if (loopMax !== undefined)
    bench.row({ figure: "P1", what: `event loop late at most, edits, ${when}`, value: loopMax, unit: "ms", goal: 20 });
  return spread;
}

export const p1: Script = {
  title: "live edit → verdict",
  inPages: false,
  async run(bench) {
    const { world, configSync } = bench;
    await bench.operator();
    const quiet = await measure(bench, "idle");
    const asked: number[] = [];
    for (const at of bench.take(7)) asked.push((await kubectlDiffOne(world, at)).seconds * 1000);
    const kubectl: Peer = { name: "kubectl diff of the object", value: median(asked), from: "here" };
    await world.churner.run("churn", { rate: 100, ats: everyObject(world) });
    const busy = await measure(bench, "at 100 ev/s");
    const churned = await world.churner.run("calm", null);
    bench.say(`  the churn meanwhile: ${churned.rate.toFixed(0)} ev/s, ${churned.failed} failed`);
    const row = (what: string, value: number, spread: Spread, goal?: number, peer?: Peer): void =>
      bench.row({
        figure: "P1",
        what,
        value,
        unit: "ms",
        detail: spreadText(spread),
        ...(goal === undefined ? {} : { goal }),
        ...(peer === undefined ? {} : { peer }),
      });
    row("edit → verdict, p50, idle", quiet.p50, quiet, 3, kubectl);
    row("edit → verdict, p50, idle, against a watcher", quiet.p50, quiet, 3, published.argoDetect);
    if (configSync.detect !== undefined)
      row("edit → verdict, p50, idle, against a reconciler", quiet.p50, quiet, 3, configSync.detect);
    row("edit → verdict, p99, idle", quiet.p99, quiet, 15, published.argoDetectP99);
    row("edit → verdict, p50, at 100 ev/s", busy.p50, busy);
    row("edit → verdict, p99, at 100 ev/s", busy.p99, busy, 50, published.argoDetectP99);
  },
};

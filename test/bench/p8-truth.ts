/**
 * P8: 100 edits at known moments under 400 events a second, while the connection is cut, the server restarted and the
 * operator's place in its history forgotten (a 410). At the end every edit must be told and nothing else, and a fresh
 * operator must say the same.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, everyObject, type Script } from "./bench-context.ts";
import { startCutProxy } from "./cut-proxy.ts";
import { compactEtcd } from "./etcd.ts";
import { labelOf } from "./manifests.ts";
import { type Run, startRun, stopRun, untilJudged } from "./operator-run.ts";
import { published } from "./peers.ts";
import { compareStanding, freshStanding, sameStanding, settled, type Standing } from "./standing.ts";

const RATE = 400;
const EDITED = 90;
const DELETED = 10;
const PAUSE = 3_000;

export const p8: Script = {
  title: "truth under load",
  inPages: false,
  async run(bench) {
    const { world } = bench;
    await bench.endOperator();
    const proxy = await startCutProxy(world.plane.url);
    const run = await startRun(world, { ...bench.run, url: proxy.url });
    try {
      await untilJudged(world, run);
      await trouble(bench, run, proxy);
    } finally {
      proxy.stop();
      await stopRun(run);
    }
  },
};

async function trouble(bench: Bench, run: Run, proxy: Awaited<ReturnType<typeof startCutProxy>>): Promise<void> {
  const { world, say } = bench;
  const edited = bench.take(EDITED);
  const deleted = bench.take(DELETED);
  const part = (from: number): readonly number[] => edited.slice(from, from + 15);
  const began = performance.now();
  const moment = (what: string): void => say(`  ${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`);

  await world.churner.run("churn", { rate: RATE, ats: everyObject(world) });
  await wait(PAUSE);
  moment("15 edits");
  await world.editor.run("inflict", { ats: part(0), deed: "edit" });
  moment("every connection cut in the middle of 15 edits");
  const atCut = world.editor.run("inflict", { ats: part(15), deed: "edit" });
  proxy.cut();
  await atCut;
  await wait(PAUSE);
  moment("held off; 15 edits, 10 deletions, history compacted, server restarted: a 410 for where the operator was");
  proxy.hold();
  await world.editor.run("inflict", { ats: part(30), deed: "edit" });
  await world.editor.run("inflict", { ats: deleted, deed: "delete" });
  await compactEtcd(world.plane);
  await world.plane.restart("kube-apiserver");
  proxy.release();
  moment("let in again; 15 edits at once");
  await world.editor.run("inflict", { ats: part(45), deed: "edit" });
  await wait(PAUSE);
  moment("server restarted in the middle of 15 edits");
  const atRestart = world.editor.run("inflict", { ats: part(60), deed: "edit" });
  await world.plane.restart("kube-apiserver");
  await atRestart;
  moment("the last 15 edits");
  await world.editor.run("inflict", { ats: part(75), deed: "edit" });
  await wait(PAUSE);
  const churned = await world.churner.run("calm", null);
  moment(`calm: ${churned.rate.toFixed(0)} ev/s were made, ${churned.failed} failed`);

  const labels = (ats: readonly number[]): readonly string[] => ats.map((at) => labelOf(at, world.shape)).toSorted();
  const expected = { drifted: labels(edited), missing: labels(deleted) };
  const found = await settled(world, run, expected);
  moment("settled");
  const relists = await run.operator.metric("plumbline_watch_relists_total");
  await stopRun(run);
  report(bench, found, await freshStanding(world, bench.run, expected), expected);
  say(`  relists: ${relists ?? "?"}`);
  await world.editor.run("inflict", { ats: edited, deed: "revert" });
  await world.editor.run("inflict", { ats: deleted, deed: "recreate" });
}

function report(bench: Bench, found: Standing, fresh: Standing, expected: Parameters<typeof compareStanding>[1]): void {
  const { missed, wrong } = compareStanding(found, expected);
  const isSame = sameStanding(found, fresh);
  bench.say(
    `missed ${missed.length}: ${missed.slice(0, 10).join(", ")}; wrong ${wrong.length}: ${wrong.slice(0, 10).join(", ")}`,
  );
  bench.say(
    `a fresh start says ${isSame ? "the same" : `otherwise: ${JSON.stringify(fresh.counts)}, before ${JSON.stringify(found.counts)}`}`,
  );
  const detail = `of ${EDITED + DELETED} edits at ${RATE} ev/s; a cut, a 410, two restarts of the server`;
  bench.row({
    figure: "P8",
    what: "edits missed",
    value: missed.length,
    unit: "edits",
    goal: 0,
    peer: published.configSyncMissed,
    detail,
  });
  bench.row({ figure: "P8", what: "verdicts that are wrong", value: wrong.length, unit: "verdicts", goal: 0, detail });
  bench.row({ figure: "P8", what: "said otherwise by a fresh start", value: isSame ? 0 : 1, unit: "", goal: 0 });
}

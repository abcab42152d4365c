/** P6: the most memory the operator ever had resident, from its start over churn and edits, and what an object costs. */
import { setTimeout as wait } from "node:timers/promises";
import { everyObject, type Script } from "./bench-context.ts";
import { startRun, stopRun, untilJudged } from "./operator-run.ts";
import { kubectlDiffMany, published } from "./peers.ts";
import { familyMemoryOf, memoryOf } from "./process-figures.ts";
import type { Peer } from "./results.ts";

const SAMPLE = 500;
const EDITS = 50;
const goals: Readonly<Record<number, number>> = { 10_000: 160, 50_000: 350 };

export const p6: Script = {
  title: "peak memory",
  inPages: true,
  async run(bench) {
    const { world, lists, window, configSync } = bench;
    await bench.endOperator();
    const run = await startRun(world, bench.run);
    const { pid } = run.operator;
    const look = (when: string): void => {
      const { resident, peak } = memoryOf(pid);
      bench.say(`${lists}, ${when}: ${resident.toFixed(0)} MB resident, peak ${peak.toFixed(0)} MB`);
    };
    let family = 0;
    const sampling = setInterval(() => {
      try {
        family = Math.max(family, familyMemoryOf(pid));
      } catch {
        // The process, or a child between two looks, is gone.
      }
    }, 50);
    await untilJudged(world, run);
    clearInterval(sampling);
    look("every verdict");
    const first = memoryOf(pid).peak;
    await wait((window / 2) * 1000);
    look(`${window / 2} s later`);
    const { resident } = memoryOf(pid);
    await world.churner.run("churn", { rate: 100, ats: everyObject(world) });
    await world.editor.run("detect", { ats: bench.take(EDITS), warm: 0 });
    await wait((window / 2) * 1000);
    await world.churner.run("calm", null);
    look("churn and edits");
    const { peak } = memoryOf(pid);
    await stopRun(run);
    const goal = goals[world.objects];
    const more = goal === undefined ? {} : { goal };
    const row = (what: string, value: number, peer?: Peer): void =>
      bench.row({
        figure: "P6",
        what: `${what}, ${lists}`,
        value,
        unit: "MB",
        ...more,
        ...(peer === undefined ? {} : { peer }),
      });
    row("peak RSS until every verdict", first);
    row("the same with its children, what they share counted once", family);
    const before = world.objects > 7_500 ? published.configSyncMemory : published.argoMemory;
    // Memory goes by the number of objects.
    const isAlike = configSync.objects === world.objects;
    row("peak RSS after churn and edits", peak, (isAlike ? configSync.memory : undefined) ?? before);
    bench.row({ figure: "P6", what: `RSS at rest, ${lists}`, value: resident, unit: "MB" });
    if (lists === "paged lists") return;
    const asked = await kubectlDiffMany(world, SAMPLE);
    bench.row({
      figure: "P6",
      what: "peak RSS, against kubectl diff",
      value: peak,
      unit: "MB",
      peer: { name: `kubectl diff of ${asked.objects}`, value: asked.peak, from: "here" },
    });
  },
};

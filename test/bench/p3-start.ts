/**
 * P3: from the start of the process to a verdict on every object, with nothing kept from before: repository cloned,
 * everything rendered, everything listed.
 */
import { getIn, isArray, parseJson } from "../../src/model/json.ts";
import type { Bench, Script } from "./bench-context.ts";
import { fileText, kinds, perFile } from "./manifests.ts";
import { cpuSecondsOf, memoryOf } from "./process-figures.ts";
import { startRun, stopRun, untilJudged } from "./operator-run.ts";
import { kubectlDiffMany } from "./peers.ts";
import type { Peer } from "./results.ts";
import { quantile } from "./spread.ts";

/** The first one only tells when to begin to ask. */
const STARTS = 4;
const SAMPLE = 500;
const goals: Readonly<Record<number, number>> = { 10_000: 2.5, 50_000: 10 };

/** Bytes of an object as the server lists it, and in Git. */
async function sizes(bench: Bench): Promise<void> {
  const { world } = bench;
  const bytes: number[] = [];
  for (const kind of kinds) {
    const { text } = await world.plane.request("GET", `${kind.api}/${kind.resource}?limit=100`);
    const items = getIn(parseJson(text), "items");
    if (isArray(items) && items.length > 0) bytes.push(text.length / items.length);
  }
  const live = bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
  const text = Array.from({ length: 20 }, (_, file) => fileText(file, world.objects, world.shape)).join("");
  bench.row({ figure: "P3", what: "size of a live object, as listed", value: live, unit: "bytes" });
  const inGit = text.length / Math.min(world.objects, 20 * perFile);
  bench.row({ figure: "P3", what: "size of a manifest in Git", value: inGit, unit: "bytes" });
}

export const p3: Script = {
  title: "process start → every verdict",
  inPages: true,
  async run(bench) {
    const { world, lists, configSync } = bench;
    await bench.endOperator();
    const took: number[] = [];
    const cpu: number[] = [];
    const serverCpu: number[] = [];
    let loop: number | undefined;
    let fastest: number | undefined;
    for (let start = 0; start < STARTS; start += 1) {
      const server = world.plane.pidOf("kube-apiserver") ?? 0;
      const before = cpuSecondsOf(server);
      const run = await startRun(world, bench.run);
      const { seconds, loopMax } = await untilJudged(world, run, fastest);
      fastest = Math.min(fastest ?? seconds, seconds);
      const { pid } = run.operator;
      cpu.push(cpuSecondsOf(pid));
      serverCpu.push(cpuSecondsOf(server) - before);
      bench.say(
        `start ${start + 1}, ${lists}: ${seconds.toFixed(2)} s, ${cpuSecondsOf(pid).toFixed(2)} s of CPU, peak ${memoryOf(pid).peak.toFixed(0)} MB, event loop late at most ${loopMax?.toFixed(0) ?? "?"} ms`,
      );
      if (start > 0) took.push(seconds);
      if (loopMax !== undefined) loop = Math.max(loop ?? 0, loopMax);
      await stopRun(run);
    }
    const middle = quantile(took, 0.5);
    const detail = `${took.length} starts: ${took.map((one) => one.toFixed(2)).join(", ")} s`;
    const goal = goals[world.objects];
    bench.row({
      figure: "P3",
      what: `start → every verdict, ${lists}`,
      value: middle,
      unit: "s",
      detail,
      ...(goal === undefined ? {} : { goal }),
    });
    if (loop !== undefined)
      bench.row({ figure: "P3", what: `event loop late at most, start, ${lists}`, value: loop, unit: "ms", goal: 20 });
    bench.row({ figure: "P3", what: `CPU of a start, ${lists}`, value: quantile(cpu, 0.5), unit: "s" });
    const ofServer = quantile(serverCpu, 0.5);
    bench.row({ figure: "P3", what: `CPU of the API server for a start, ${lists}`, value: ofServer, unit: "s" });
    if (lists === "paged lists") return;
    await sizes(bench);
    const peer = await kubectlDiffMany(world, SAMPLE);
    const rate = (what: string, to: Peer): void =>
      bench.row({
        figure: "P3",
        what,
        value: world.objects / middle,
        unit: "objects/s",
        isRate: true,
        ...(goal === undefined ? {} : { goal: 4_000 }),
        peer: to,
      });
    const name = `kubectl diff of ${peer.objects}`;
    rate("objects judged a second", { name, value: peer.objects / peer.seconds, from: "here" });
    if (configSync.start !== undefined) rate("objects judged a second, against a reconciler", configSync.start);
  },
};

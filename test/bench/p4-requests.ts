/**
 * P4: what the operator asks of the API server, by the server's own audit log: at its start, while nothing happens and
 * while drift stands. The Lease, which is held by writing to it, is told apart. The processor time of the same minute is
 * the idle CPU.
 */
import { setTimeout as wait } from "node:timers/promises";
import { isLease, markAudit, requestsSince, requestsText } from "./audit-count.ts";
import type { Bench, Script } from "./bench-context.ts";
import { kinds } from "./manifests.ts";
import { beginStage, startRun, stopRun, untilJudged } from "./operator-run.ts";
import { kubectlDiffMany } from "./peers.ts";
import type { Peer } from "./results.ts";
import { operatorAccount } from "../e2e/operator.ts";

const DRIFTS = 20;
const SAMPLE = 200;
/** A process that has just started still compiles and collects. */
const SETTLE = 30_000;

async function atStart(bench: Bench): Promise<void> {
  const { world } = bench;
  await bench.endOperator();
  const mark = markAudit(world.auditLog);
  const run = await startRun(world, bench.run);
  await untilJudged(world, run);
  await wait(SETTLE);
  const requests = requestsSince(world.auditLog, mark, operatorAccount);
  bench.say(`requests at start: ${requests.length}: ${requestsText(requests)}`);
  const perKind = kinds.map(({ resource }) => requests.filter((request) => request.resource === resource).length);
  bench.row({
    figure: "P4",
    what: "requests at start, of the kind with most",
    value: Math.max(...perKind),
    unit: "requests",
    goal: 3,
    detail: `${requests.length} in all`,
  });
  await stopRun(run);
}

async function quietly(bench: Bench, when: string, peer: Peer): Promise<void> {
  const { world, window } = bench;
  const run = await bench.operator();
  await wait(SETTLE);
  const stage = await beginStage(world, run);
  await wait(window * 1000);
  const { requests, cpuSeconds, seconds, resident, loopMax } = await stage.end();
  const asked = requests.filter((request) => !isLease(request));
  bench.say(`${when}, ${seconds.toFixed(0)} s: ${requestsText(requests)}; RSS ${resident.toFixed(0)} MB`);
  bench.row({
    figure: "P4",
    what: `requests, ${when}`,
    value: asked.length,
    unit: "requests",
    goal: 0,
    peer,
    detail: `${window} s`,
  });
  const toLease = requests.length - asked.length;
  bench.row({
    figure: "P4",
    what: `requests to the Lease a second, ${when}`,
    value: toLease / seconds,
    unit: "requests/s",
  });
  bench.row({ figure: "P4", what: `CPU, ${when}`, value: (cpuSeconds / seconds) * 100, unit: "% of a core", goal: 1 });
  if (loopMax !== undefined)
    bench.row({ figure: "P4", what: `event loop late at most, ${when}`, value: loopMax, unit: "ms", goal: 20 });
}

export const p4: Script = {
  title: "requests of a steady audit of everything",
  inPages: false,
  async run(bench) {
    const { world } = bench;
    const run = await kubectlDiffMany(world, SAMPLE);
    const perObject = run.requests.length / run.objects;
    bench.say(`kubectl diff: ${run.requests.length} requests for ${run.objects} objects`);
    const peer: Peer = { name: "kubectl diff of all", value: Math.round(perObject * world.objects), from: "here" };
    await atStart(bench);
    await quietly(bench, "nothing happens", peer);
    const ats = bench.take(DRIFTS);
    await world.editor.run("inflict", { ats, deed: "edit" });
    await quietly(bench, `${DRIFTS} drifts stand`, peer);
    await world.editor.run("inflict", { ats, deed: "revert" });
  },
};

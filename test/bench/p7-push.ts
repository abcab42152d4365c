/**
 * P7: one file changes in Git; from the moment the Baseline is told to look (`requested-at`) to the verdict on the
 * object that is now declared otherwise; and from the commit, where the Baseline looks by itself each second.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { getString, getIn, isArray, parseJson } from "../../src/model/json.ts";
import { eventually } from "../e2e/operator.ts";
import type { Bench, Script } from "./bench-context.ts";
import { fileOf, filePath, fileText, kindOf, nameOf, namespaceOf } from "./manifests.ts";
import { beginStage } from "./operator-run.ts";
import { kubectlDiffMany, published } from "./peers.ts";
import { spreadOf, spreadText } from "./spread.ts";
import { wallNow } from "./wall-clock.ts";
import { baselinePath } from "./world.ts";

const ROUNDS = 6;
const POLLED = 5;
const SAMPLE = 500;

async function patchBaseline(bench: Bench, team: number, patch: unknown): Promise<void> {
  const contentType = "application/merge-patch+json";
  const { status, text } = await bench.world.plane.request("PATCH", baselinePath(team), { body: patch, contentType });
  if (status !== 200) throw new Error(text);
}

/** `firstObserved` of the object's record, in milliseconds since the epoch; undefined while there is none. */
async function observed(bench: Bench, at: number): Promise<number | undefined> {
  const { text } = await bench.world.plane.request("GET", "/apis/plumbline.dev/v1alpha1/drifts");
  const items = getIn(parseJson(text), "items");
  const record = (isArray(items) ? items : []).find(
    (one) =>
      getString(one, "object", "name") === nameOf(at) &&
      getString(one, "object", "namespace") === namespaceOf(at, bench.world.shape) &&
      getString(one, "object", "kind") === kindOf(at).kind,
  );
  return record === undefined ? undefined : Date.parse(getString(record, "firstObserved") ?? "");
}

/** The ConfigMap's level, declared otherwise, or as before. @returns when the commit was there */
async function commit(bench: Bench, at: number, isChanged: boolean): Promise<number> {
  const { world } = bench;
  const file = filePath(fileOf(at), world.shape);
  const text = fileText(fileOf(at), world.objects, world.shape)
    .split("---\n")
    .map((document) =>
      isChanged && document.includes(`name: ${nameOf(at)}\n`)
        ? document.replace("level: info", "level: warn")
        : document,
    )
    .join("---\n");
  writeFileSync(path.join(world.repository, file), text);
  await world.git("add", file);
  await world.git("commit", "-qm", `${file} ${isChanged}`);
  return wallNow();
}

async function roundOf(bench: Bench, at: number, team: number, isTold: boolean): Promise<number> {
  const tell = async (): Promise<void> => {
    if (!isTold) return;
    const annotations = { "plumbline.dev/requested-at": `${wallNow()}` };
    await patchBaseline(bench, team, { metadata: { annotations } });
  };
  const committed = await commit(bench, at, true);
  const from = isTold ? wallNow() : committed;
  await tell();
  const verdict = await eventually("a verdict on the push", () => observed(bench, at), { within: 60_000, every: 50 });
  await commit(bench, at, false);
  await tell();
  await eventually("no drift", async () => ((await observed(bench, at)) === undefined ? true : undefined), {
    within: 60_000,
    every: 50,
  });
  await wait(200);
  return verdict + 1 - from;
}

export const p7: Script = {
  title: "push → verdict",
  inPages: false,
  async run(bench) {
    const { world } = bench;
    const run = await bench.operator();
    const maps = bench.take(200).filter((at) => kindOf(at).kind === "ConfigMap");
    const teamOf = (at: number): number => (fileOf(at) % world.shape.namespaces) % world.shape.baselines;
    const stage = await beginStage(world, run);
    const told: number[] = [];
    for (const at of maps.slice(0, ROUNDS)) told.push(await roundOf(bench, at, teamOf(at), true));
    const { loopMax } = await stage.end();
    const spread = spreadOf(told.slice(1));
    bench.say(`push → verdict, told: ${spreadText(spread)}, the first ${told[0]?.toFixed(0)} ms`);

    const polled: number[] = [];
    const at = maps[ROUNDS] ?? 2;
    await patchBaseline(bench, teamOf(at), { spec: { source: { git: { interval: "1s" } } } });
    await wait(3_000);
    for (let round = 0; round < POLLED; round += 1) {
      // Not in step with the polling.
      await wait(Math.random() * 1_000);
      polled.push(await roundOf(bench, at, teamOf(at), false));
    }
    await patchBaseline(bench, teamOf(at), { spec: { source: { git: { interval: "1h" } } } });
    const slow = spreadOf(polled);
    bench.say(`push → verdict, polled each second: ${spreadText(slow)}`);

    const asked = await kubectlDiffMany(world, SAMPLE);
    const rate = asked.objects / asked.seconds;
    bench.row({
      figure: "P7",
      what: "push → verdict, told, p50",
      value: spread.p50,
      unit: "ms",
      goal: 1_000,
      peer: {
        name: `kubectl diff of all, from its rate over ${asked.objects}`,
        value: (world.objects / rate) * 1000,
        from: "here",
      },
      detail: spreadText(spread),
    });
    bench.row({
      figure: "P7",
      what: "push → verdict, told, max",
      value: spread.max,
      unit: "ms",
      goal: 1_000,
      peer: published.configSyncPush,
    });
    bench.row({
      figure: "P7",
      what: "push → verdict, polled each second, max",
      value: slow.max,
      unit: "ms",
      goal: 2_000,
      detail: spreadText(slow),
    });
    if (loopMax !== undefined)
      bench.row({ figure: "P7", what: "event loop late at most, pushes", value: loopMax, unit: "ms", goal: 20 });
  },
};

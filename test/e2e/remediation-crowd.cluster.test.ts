/**
 * A thousand objects that drift at once: somebody made a mistake, or an attack is on, or Git is wrong. Nothing is
 * written before a person says so; then no faster than the limits let it, and in the end all of it is put back.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import { eventually, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, merge, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "crowd";
const many = 1_000;
const names = Array.from({ length: many }, (_, at) => `c${at}`);
const objects = names.map((name) => configMap(name));

let scene: Scene;
let operator: Operator;
let since = "";

const declare = (remediation: JsonObject): Promise<void> =>
  scene.declare("crowd", "crowd", {
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: { scope: "OptOut", ...remediation },
  });
const counted = (verdict: string): Promise<number | undefined> =>
  operator.metric("plumbline_baseline_objects", { verdict });
const waiting = (reason: string): Promise<number | undefined> =>
  operator.metric("plumbline_remediations_waiting", { reason });
const heals = (): readonly number[] =>
  writesOf(scene.plane, since)
    .filter(({ own, code }) => !own && code < 300)
    .map(({ at }) => Date.parse(at));

/** Twenty at a time. */
async function each(work: (name: string) => Promise<unknown>): Promise<void> {
  const left = [...names];
  const next = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await work(name);
  };
  await Promise.all(Array.from({ length: 20 }, next));
}

beforeAll(async () => {
  scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  scene.repository("crowd").commit({ "all.yaml": yaml(...objects) });
  await each((name) => scene.deploy([inNamespace(namespace, configMap(name))]));
  operator = await scene.start();
  await operator.ready(60_000);
  await declare({});
  await eventually("all in sync", async () => (await counted("in-sync")) === many || undefined, { within: 60_000 });
});
afterAll(() => scene?.stop());

test("it waits for a person, then keeps to its limits, and in the end all of it is as declared", async () => {
  since = new Date().toISOString();
  await each((name) => scene.edit(namespace, name, { colour: "red" }));
  await eventually("all drifted", async () => ((await counted("drifted")) ?? 0) > many / 2 || undefined, {
    within: 60_000,
  });
  await eventually(
    "what still drifts waits for approval",
    async () => (await waiting("approval")) === (await counted("drifted")) || undefined,
    { within: 60_000 },
  );
  // The first few could not know of the others; from a fifth of all on it is a mass. Until then the limit holds.
  const before = heals().length;
  expect(before).toBeLessThanOrEqual(30);
  await wait(3_000);
  expect(heals()).toHaveLength(before);
  // Records are written in turns, so that the first ones still say what held them before.
  await eventually(
    "a record says why",
    async () =>
      (await scene.drifts("crowd")).some(({ body }) =>
        /\d+ of 1000 objects are not as declared/.test(getString(body, "remediation", "message") ?? ""),
      ) || undefined,
    { within: 60_000, every: 500 },
  );

  const some = { maxPerMinute: 120, maxObjectsPerRevision: 10_000 };
  since = new Date().toISOString();
  await declare({ approval: "Never", limits: some });
  await eventually("it is at its limit", async () => ((await waiting("limit")) ?? 0) > 0 || undefined, {
    within: 30_000,
  });
  await wait(5_000);
  expect(heals().length).toBeGreaterThan(0);
  expect(heals().length).toBeLessThanOrEqual(120);

  await declare({ approval: "Never", limits: { maxPerMinute: 600, maxObjectsPerRevision: 10_000 } });
  await eventually("all put back", async () => (await counted("in-sync")) === many || undefined, { within: 180_000 });
  const at = heals();
  expect(at.length).toBeGreaterThanOrEqual(many - before);
  // Each once; and never more than the limit within a minute, less what a busy machine takes to deliver them.
  expect(at.length).toBeLessThanOrEqual(many);
  for (const from of at) expect(at.filter((one) => one >= from && one < from + 50_000).length).toBeLessThanOrEqual(600);
  const stray = [];
  for (const name of names) {
    const body = await scene.send("GET", configMapPath(namespace, name));
    if (getIn(body, "data", "colour") !== "green") stray.push(name);
  }
  expect(stray).toEqual([]);
}, 300_000);

test("a limit for each revision holds until the next one", async () => {
  await declare({ approval: "Never", limits: { maxPerMinute: 600, maxObjectsPerRevision: 5, maxPercent: 100 } });
  const files = yaml(...objects, configMap("one-more"));
  await scene.deploy([inNamespace(namespace, configMap("one-more"))]);
  scene.repository("crowd").commit({ "all.yaml": files });
  await scene.poke("crowd");
  await eventually("one more", async () => (await counted("in-sync")) === many + 1 || undefined, { within: 60_000 });
  since = new Date().toISOString();
  const few = names.slice(0, 12);
  for (const name of few)
    await scene.send("PATCH", configMapPath(namespace, name), { data: { colour: "blue" } }, merge);
  await eventually("it is at its limit", async () => (await waiting("limit")) === 7 || undefined, { within: 30_000 });
  await wait(2_000);
  expect(heals()).toHaveLength(5);
  scene.repository("crowd").commit({ "all.yaml": files, "more.txt": "a new revision" });
  await scene.poke("crowd");
  await eventually("five more", () => heals().length === 10 || undefined, { within: 60_000 });
});

/**
 * Whatever is killed in the middle of edits comes back to the same truth: what was edited by hand and nothing else is
 * drifted, each told once, what is opted in is put back once, and no other object of anybody is ever written.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { namespace, setEditedShop, type EditedShop } from "./edited-shop.ts";
import { eventually, type Operator } from "./operator.ts";

let shop: EditedShop;
let operator: Operator;

beforeAll(async () => {
  shop = await setEditedShop();
  operator = await shop.scene.start();
});
afterAll(() => shop?.scene.stop());
beforeEach(() => shop.nextTest());

test("kill -9 of the operator, with edits before, at, and after it", async () => {
  await shop.edit("c0", "red");
  await shop.edit("c3", "red");
  await shop.untilRecorded("c0");
  await shop.untilRecorded("c3");
  await shop.untilTold("Drifted c0", "Drifted c3");
  const firstObserved = new Map((await shop.scene.drifts()).map(({ object, body }) => [object, body["firstObserved"]]));
  await shop.edit("c1", "red");
  await operator.stop("SIGKILL");
  await shop.edit("c0", "green");
  await shop.edit("c2", "red");
  await shop.edit("h0", "red");
  await shop.edit("out", "red");
  operator = await shop.scene.start();
  await shop.converges(["c1", "c2", "c3", "out"]);
  await shop.untilGreen("h0");
  expect(await shop.colourOf("out")).toBe("red");
  await shop.untilTold("DriftResolved c0", "Drifted c2", "Drifted h0", "Remediated h0", "DriftResolved h0");
  await shop.untilTold("Drifted out", "RemediationWaiting out");
  const { "Drifted c1": ofC1 = 0, ...found } = await shop.news();
  // It fell together with the kill: told by the first, or by the second, or by both.
  expect(ofC1).toBeLessThanOrEqual(2);
  expect(found).toEqual({
    "Drifted c0": 1,
    "DriftResolved c0": 1,
    "Drifted c2": 1,
    "Drifted c3": 1,
    "Drifted h0": 1,
    "Remediated h0": 1,
    "DriftResolved h0": 1,
    "Drifted out": 1,
    "RemediationWaiting out": 1,
  });
  const marked = (await shop.scene.events()).filter(({ regarding }) => regarding === `ConfigMap ${namespace}/marked`);
  expect(marked.map(({ reason, count }) => [reason, count])).toEqual([["InvalidAnnotation", 1]]);
  expect(shop.heals()).toEqual(["patch h0"]);
  const c3 = (await shop.scene.drifts()).find(({ object }) => object.endsWith("/c3"));
  expect(c3?.body["firstObserved"]).toBe(firstObserved.get(c3?.object ?? ""));
  // c0 and c3 were counted by the process that is gone.
  expect(await operator.metric("plumbline_drifts_total")).toBeLessThanOrEqual(4);
});

test("kill -9 of the operator again and again, while edits go on", async () => {
  const edited = ["c0", "c1", "c2", "c3", "c4"];
  for (const [at, name] of edited.entries()) {
    await shop.edit(name, "red");
    await shop.edit("h1", `red ${at}`);
    await wait(at * 150);
    await operator.stop("SIGKILL");
    await shop.edit(name, `redder ${at}`);
    operator = await shop.scene.start();
    await wait(at * 400);
  }
  await shop.converges(edited);
  expect(await shop.colourOf("h1")).toBe("green");
  for (const [at, name] of edited.entries()) expect(await shop.colourOf(name)).toBe(`redder ${at}`);
  expect(new Set(shop.heals())).toEqual(new Set(["patch h1"]));
  // Each edit was put back at most once.
  expect(shop.heals().length).toBeLessThanOrEqual(edited.length);
  const wrong = Object.keys(await shop.news()).filter((key) => !/^Drifted c[0-4]$|^\w+ h1$/.test(key));
  expect(wrong).toEqual([]);
});

describe.each(["kube-apiserver", "etcd"] as const)("kill -9 of %s", (component) => {
  // The longest is longer than the lease is granted for: it is lost to nobody, and gained again.
  test.each([0, 4_000, 12_000])("in the middle of edits, away for %i ms more", async (away) => {
    const counted = async (): Promise<number> => (await operator.metric("plumbline_drifts_total")) ?? 0;
    const before = await counted();
    await shop.edit("c0", "red");
    await shop.untilRecorded("c0");
    await shop.edit("c1", "red");
    await shop.edit("h0", "red");
    await shop.scene.plane.kill(component);
    await wait(away);
    await shop.scene.plane.restart(component);
    await eventually("edits are taken again", async () => {
      await shop.edit("c2", "red");
      return true;
    });
    await shop.edit("c0", "green");
    await shop.edit("h1", "red");
    await shop.edit("out", "red");
    await shop.converges(["c1", "c2", "out"]);
    expect(await shop.colourOf("h0")).toBe("green");
    expect(await shop.colourOf("h1")).toBe("green");
    expect(await shop.colourOf("out")).toBe("red");
    expect(operator.process.exitCode).toBeNull();
    await shop.untilTold("Drifted c2", "DriftResolved c0", "Remediated h1", "Drifted out");
    await eventually("as many drifts are told as were counted", async () => {
      const begun = Object.keys(await shop.news()).filter((key) => key.startsWith("Drifted "));
      expect(begun).toHaveLength((await counted()) - before);
      return true;
    });
    const found = await shop.news();
    for (const [key, count] of Object.entries(found)) expect([key, count]).toEqual([key, 1]);
    const known =
      /^(?:Drifted c[012]|DriftResolved c0|Drifted out|RemediationWaiting out|(?:Drifted|Remediated|DriftResolved) h[01])$/;
    expect(Object.keys(found).filter((key) => !known.test(key))).toEqual([]);
    const others = (await shop.scene.events()).filter(({ reason }) => /Permission|Failed|Fight/.test(reason));
    expect(others).toEqual([]);
    // An answer may be lost with the server; what it says was done, was done once.
    expect(shop.heals().filter((one) => one === "patch h1")).toHaveLength(1);
    expect(shop.heals().filter((one) => one === "patch h0").length).toBeLessThanOrEqual(1);
    expect(new Set(shop.heals())).toEqual(new Set(["patch h1", ...shop.heals().filter((one) => one === "patch h0")]));
  });
});

test("the operator is started while there is no API server, and waits for it", async () => {
  await operator.stop("SIGKILL");
  await shop.edit("c4", "red");
  const lost = shop.scene.start();
  operator = await lost;
  await shop.scene.plane.kill("kube-apiserver");
  await wait(3_000);
  await shop.scene.plane.restart("kube-apiserver");
  await shop.edit("c5", "red");
  await shop.converges(["c4", "c5"]);
  expect(operator.process.exitCode).toBeNull();
  expect(shop.heals()).toEqual([]);
  expect(operator.log()).not.toContain("approvals will not survive");
});

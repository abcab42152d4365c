/** What admission sets is no drift, what people set is, and nobody is asked where there is nothing to tell. */
import { afterEach, describe, expect, test } from "vitest";
import { webhook } from "../support/scenario/admission.ts";
import {
  CalibratedWorld,
  type Given,
  labelled,
  mutatorKind,
  web,
  webName,
} from "../support/scenario/calibrated-world.ts";
import { configMap, minute, secret } from "../support/scenario/samples.ts";

let scene: CalibratedWorld;
afterEach(() => scene.stop());

async function open(given?: Given): Promise<void> {
  scene = await CalibratedWorld.open(given);
}

describe("what admission sets", () => {
  test("is no drift, is listed with its reason, and cost one question", async () => {
    await open();
    await scene.deployed(web);
    scene.expect("in-sync");
    expect(scene.world.judgement(web)?.suppressed).toMatchObject([
      { rule: "learned-default", pointer: "/metadata/labels/cost", reason: expect.stringContaining("costs") },
    ]);
    expect(scene.admission.asked).toEqual([`create ${webName}`]);
    expect(scene.world.calibrated).toEqual(["learned"]);
  });

  test("was never told as drift on the way there", async () => {
    await open();
    await scene.deployed(web);
    expect(scene.world.published().filter((line) => line.includes("drifted"))).toEqual([]);
  });

  test("is told from a hand edit beside it, which asks nobody again", async () => {
    await open();
    await scene.deployed(web);
    await scene.write(labelled({ cost: "12", mine: "x" }));
    expect(scene.changes()).toEqual(["added /metadata/labels/mine"]);
    await scene.write(labelled({ cost: "12" }));
    scene.expect("in-sync");
    expect(scene.admission.asked).toHaveLength(1);
  });

  test("may be missing: the object may be older than the webhook", async () => {
    await open();
    await scene.deployed(web);
    await scene.write(web);
    scene.expect("in-sync");
  });

  test("counts where somebody changed it; one more question told that it is the same at each write", async () => {
    await open();
    await scene.deployed(web);
    await scene.write(labelled({ cost: "0" }));
    expect(scene.changes()).toEqual(["added /metadata/labels/cost"]);
    expect(scene.world.judgement(web)?.verdict).toMatchObject({ changes: [{ defaulted: "12", live: "0" }] });
    await scene.write(labelled({ cost: "1" }));
    expect(scene.changes()).toEqual(["added /metadata/labels/cost"]);
    expect(scene.admission.asked).toHaveLength(2);
  });

  test("may be new at each write", async () => {
    await open();
    let stamp = 0;
    scene.admission.labels = () => ({ stamp: String((stamp += 1)) });
    await scene.deployed(web);
    scene.expect("in-sync");
    await scene.write(labelled({ stamp: "99" }));
    scene.expect("in-sync");
    expect(scene.admission.asked).toHaveLength(2);
  });

  test("of a new revision is asked for once more, and the deployer's way there is pending, not drift", async () => {
    await open();
    await scene.deployed(web);
    scene.world.published();
    const green = configMap("web", { color: "green" });
    await scene.world.commit([green]);
    scene.expect("pending changed");
    await scene.write(scene.admission.admit(green));
    scene.expect("in-sync");
    expect(scene.admission.asked).toHaveLength(2);
    expect(scene.world.published()).toEqual(["web: in-sync > pending changed", "web: pending changed > in-sync"]);
  });

  test("is learned again after a restart, for both revisions where Git has moved", async () => {
    await open();
    await scene.deployed(web);
    await scene.world.commit([configMap("web", { color: "green" })]);
    scene.expect("pending changed");
    await scene.world.restart();
    await scene.settle();
    scene.expect("pending changed");
    expect(scene.world.published().filter((line) => line.includes("drifted"))).toEqual([]);
  });
});

describe("nobody is asked", () => {
  test("about what is in sync", async () => {
    await open();
    await scene.world.commit([web]);
    await scene.world.deploy();
    scene.expect("in-sync");
    await scene.tick(60 * minute);
    expect(scene.admission.asked).toEqual([]);
  });

  test("where nothing acts on the kind: a hand edit is told at once", async () => {
    await open({ webhooks: [] });
    await scene.world.commit([web]);
    await scene.world.deploy();
    await scene.world.edit(labelled({ mine: "x" }));
    scene.expect("drifted");
    expect(scene.admission.asked).toEqual([]);
    expect(scene.world.latencies.at(-1)).toBe(0);
  });

  test("where the webhook is for other kinds", async () => {
    await open();
    const token = secret("token", { key: "b25l" });
    await scene.deployed(token);
    scene.world.expect({ "Secret shop/token": "drifted" });
    expect(scene.admission.asked).toEqual([]);
  });

  test("about a Secret that may not be read", async () => {
    await open({ webhooks: [webhook(["*"], { rules: [{ apiGroups: ["*"], resources: ["*"], operations: ["*"] }] })] });
    scene.world.live.force("v1/Secret", "forbidden");
    await scene.deployed(secret("token", { key: "b25l" }));
    scene.world.expect({ "Secret shop/token": "unknown secrets-not-granted" });
    expect(scene.admission.asked).toEqual([]);
  });

  test("again, while time passes and nothing changes", async () => {
    await open();
    await scene.deployed(web);
    await scene.write(labelled({ cost: "12", mine: "x" }));
    for (let hour = 0; hour < 24; hour += 1) await scene.tick(60 * minute);
    scene.world.engine.recheckBaseline(scene.world.key);
    await scene.settle();
    expect(scene.admission.asked).toHaveLength(1);
  });

  test("where calibration is off: what admission sets is told as a difference", async () => {
    await open({ asks: false });
    await scene.deployed(web);
    scene.expect("drifted");
    expect(scene.admission.asked).toEqual([]);
    expect(scene.world.live.watchedKinds()).not.toContain(mutatorKind);
  });
});

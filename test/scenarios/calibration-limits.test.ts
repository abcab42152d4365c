/** While the API server is asked what admission does, where it cannot tell, and when what it does changes. */
import { beginning } from "../../src/engine/recorder.ts";
import { afterEach, describe, expect, test } from "vitest";
import { webhook } from "../support/scenario/admission.ts";
import { CalibratedWorld, type Given, labelled, refusal, web, webName } from "../support/scenario/calibrated-world.ts";
import { baseline, configMap, inNamespace, minute } from "../support/scenario/samples.ts";

let scene: CalibratedWorld;
afterEach(() => scene.stop());

async function open(given?: Given): Promise<void> {
  scene = await CalibratedWorld.open(given);
}

describe("while the answer is on its way", () => {
  test("what was said stands for two seconds, then the object is unknown, never drifted and never forgotten", async () => {
    await open();
    await scene.world.commit([web]);
    await scene.world.deploy();
    scene.expect("in-sync");
    scene.world.published();
    scene.admission.hold();
    await scene.write(labelled({ mine: "x" }));
    scene.expect("in-sync");
    await scene.tick(2_000);
    scene.expect("unknown not-synced");
    scene.admission.release();
    await scene.settle();
    expect(scene.changes()).toEqual(["added /metadata/labels/mine"]);
    expect(scene.world.published()).toEqual(["web: in-sync > unknown not-synced", "web: unknown not-synced > drifted"]);
  });

  test("the time from the edit to the verdict is counted from the edit", async () => {
    await open();
    await scene.world.commit([web]);
    await scene.world.deploy();
    scene.admission.hold();
    await scene.write(labelled({ mine: "x" }));
    await scene.tick(1_000);
    scene.admission.release();
    await scene.settle();
    scene.expect("drifted");
    expect(scene.world.latencies.at(-1)).toBe(1);
  });

  test("an object nobody said anything of is unknown, and nothing is announced", async () => {
    await open();
    scene.admission.hold();
    scene.world.live.write(inNamespace(scene.admission.admit(web)));
    await scene.world.commit([web]);
    await scene.tick(beginning);
    scene.expect("unknown not-synced");
    expect(scene.world.state().judged).toBe(false);
    expect(scene.world.published()).toEqual([]);
    scene.admission.release();
    await scene.settle();
    scene.expect("in-sync");
  });

  test("of many, no more are asked a second than may be, and an edit goes before all but the two in hand", async () => {
    await open({ perSecond: 2 });
    const many = Array.from({ length: 8 }, (_, index) => configMap(`m${index}`, { n: "1" }));
    for (const object of [...many.map((one) => scene.admission.admit(one)), web])
      scene.world.live.write(inNamespace(object));
    await scene.world.commit([...many, web]);
    await scene.settle();
    expect(scene.admission.asked.length).toBeLessThanOrEqual(4);
    const before = scene.admission.asked.length;
    await scene.write(labelled({ mine: "x" }));
    await scene.tick(1_000);
    await scene.tick(1_000);
    expect(scene.admission.asked.slice(before, before + 3)).toContain(`create ${webName}`);
    for (let second = 0; second < 10; second += 1) await scene.tick(1_000);
    expect(scene.world.verdicts()).toMatchObject({ "ConfigMap shop/m7": "in-sync", [webName]: "drifted" });
    expect(new Set(scene.admission.asked).size).toBe(scene.admission.asked.length);
  });
});

describe("where it cannot be told", () => {
  test("a refusal leaves the drift reported, with the reason, and is not repeated", async () => {
    await open();
    scene.admission.instead = () => refusal("refused");
    await scene.deployed(web);
    expect(scene.changes()).toEqual(["added /metadata/labels/cost"]);
    expect(scene.world.judgement(web)?.verdict).toMatchObject({
      changes: [{ note: expect.stringContaining("because") }],
    });
    expect(scene.world.judgement(web)?.warnings).toMatchObject([
      { code: "not-calibrated", object: webName, message: expect.stringContaining("costs") },
    ]);
    await scene.write(labelled({ cost: "13" }));
    expect(scene.admission.asked).toEqual([`create ${webName}`, `update ${webName}`]);
    expect(scene.world.calibrated).toEqual(["refused"]);
  });

  test("what cannot be made twice is asked for in its place", async () => {
    await open();
    scene.admission.instead = ({ form }) => (form === "create" ? refusal("refused") : undefined);
    await scene.deployed(web);
    scene.expect("in-sync");
  });

  test("a webhook for updates only is asked for an update", async () => {
    await open({ webhooks: [webhook(["UPDATE"])] });
    await scene.deployed(web);
    scene.expect("in-sync");
    expect(scene.admission.asked).toEqual([`update ${webName}`]);
  });

  test("a webhook for creations only is not asked for an update", async () => {
    await open({ webhooks: [webhook(["CREATE"])] });
    scene.admission.instead = () => refusal("refused");
    await scene.deployed(web);
    expect(scene.admission.asked).toEqual([`create ${webName}`]);
  });

  test("a missing right is found once per kind and namespace", async () => {
    await open();
    scene.admission.instead = () => refusal("no-right");
    const other = configMap("other", { color: "blue" });
    await scene.deployed(web);
    await scene.deployed(web, other);
    scene.world.expect({ [webName]: "drifted", "ConfigMap shop/other": "drifted" });
    expect(scene.admission.asked).toHaveLength(1);
  });

  test("nobody answering is tried three times, a minute apart", async () => {
    await open();
    scene.admission.instead = () => refusal("unanswered");
    await scene.deployed(web);
    scene.expect("drifted");
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await scene.tick(minute);
    }
    expect(scene.admission.asked).toHaveLength(3);
    scene.expect("drifted");
  });

  test("an answer that comes at the second try resolves the drift", async () => {
    await open();
    scene.admission.instead = () => (scene.admission.asked.length > 1 ? undefined : refusal("unanswered"));
    await scene.deployed(web);
    scene.expect("drifted");
    await scene.tick(minute);
    scene.expect("in-sync");
  });

  test("a second question that is refused takes back nothing of what was learned", async () => {
    await open();
    await scene.deployed(web);
    scene.admission.instead = () => refusal("refused");
    await scene.write(labelled({ cost: "13" }));
    expect(scene.changes()).toEqual(["added /metadata/labels/cost"]);
    await scene.write(labelled({ cost: "12" }));
    scene.expect("in-sync");
    await scene.write(labelled({ cost: "14" }));
    expect(scene.admission.asked).toHaveLength(2);
  });

  test("asking that breaks is a failure like any other", async () => {
    await open();
    scene.admission.instead = () => {
      throw new Error("broken");
    };
    await scene.deployed(web);
    scene.expect("drifted");
    expect(scene.admission.asked).toHaveLength(1);
  });
});

describe("when what acts changes", () => {
  test("a webhook that comes is asked about what differs", async () => {
    await open({ webhooks: [] });
    await scene.deployed(web);
    scene.expect("drifted");
    await scene.write(webhook());
    scene.expect("in-sync");
  });

  test("another webhook is asked about what differs from the old one's answer", async () => {
    await open();
    await scene.deployed(web);
    scene.admission.labels = () => ({ cost: "12", team: "shop" });
    await scene.write(scene.admission.admit(web));
    scene.expect("drifted");
    await scene.write(webhook(["*"]));
    scene.expect("in-sync");
  });

  test("a new certificate of the same webhook asks nobody", async () => {
    await open();
    await scene.deployed(web);
    await scene.write(labelled({ cost: "12", mine: "x" }));
    await scene.write(webhook(["CREATE", "UPDATE"], { clientConfig: { caBundle: "YQ==" } }));
    const asked = scene.admission.asked.length;
    await scene.write(webhook(["CREATE", "UPDATE"], { clientConfig: { caBundle: "Yg==" } }));
    expect(scene.admission.asked).toHaveLength(asked);
  });
});

test("a tenant's question is asked as the tenant", async () => {
  const tenant = baseline("shop", { namespace: "shop", serviceAccountName: "deployer" });
  await open({ baselines: [tenant] });
  await scene.deployed(web);
  scene.expect("in-sync");
  expect(scene.admission.questions[0]?.impersonate).toEqual({ namespace: "shop", serviceAccount: "deployer" });
});

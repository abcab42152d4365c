/**
 * Others who write the same: somebody who moves a path back each time, an autoscaler, a second Baseline. What was written
 * is what the API server's audit log has; what is said is in Events, records and metrics. The fight is one story, in order,
 * and comes last: its clock moves, and watches that think they heard nothing for ten minutes take a while to come back.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatJson, getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { writesOf } from "./audit.ts";
import { enabled, grantAccount } from "./heal-scene.ts";
import { defaultNamespace, eventually, moveClock, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, merge, setScene, yaml, type DriftRecord, type Scene } from "./scene.ts";

const place = "shop";
const green = { colour: "green", shape: "round" };
const names = ["fought", "calm", "forged", "disputed", "granted"];
const objects = names.map((name) => configMap(name, green, enabled));
const deployments = `/apis/apps/v1/namespaces/${place}/deployments`;
const image = (name: string): JsonObject => ({ name: "web", image: name });
const web: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", annotations: enabled },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [image("example/web:1")] } },
  },
};
const scaler: JsonObject = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web", namespace: place },
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas: 3, maxReplicas: 9 },
};

const needs = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"] as const;

describeWith(needs, "fights and claimants", () => {
  let scene: Scene;
  let operator: Operator;
  const began = new Date().toISOString();

  const start = async (): Promise<void> => {
    const clock = fileURLToPath(new URL("moved-clock.ts", import.meta.url));
    // Its lease would be long over whenever the clock moves.
    operator = await scene.start({ nodeFlags: ["--import", clock], args: ["--leader-elect=false"] });
    await operator.ready();
  };
  const tenMinutes = (): Promise<void> => moveClock(operator);

  beforeAll(async () => {
    scene = await setScene({
      audit: true,
      controllerManager: true,
      controllerManagerArgs: ["--horizontal-pod-autoscaler-sync-period=1s"],
      values: { "tenancy.impersonate": true },
    });
    await scene.namespace(place);
    await grantAccount(scene, "deployer", place, ["get", "patch"]);
    await grantAccount(scene, "viewer", place, ["get"]);
    scene.repository("apps").commit({
      "shop/all.yaml": yaml(...objects.slice(0, 3), web),
      "both/disputed.yaml": yaml(...objects.slice(3, 4)),
      "one/granted.yaml": yaml(...objects.slice(4)),
    });
    await scene.deploy(objects.map((object) => inNamespace(place, object)));
    await scene.send(
      "PATCH",
      `${deployments}/web?fieldManager=deployer`,
      inNamespace(place, web),
      "application/apply-patch+yaml",
    );
    await start();
    await scene.declare("shop", "apps", { path: "shop", targetNamespace: place, mode: "Remediate" });
    await eventually("all in sync", async () =>
      getIn(await scene.status("shop"), "objects", "inSync") === 4 ? true : undefined,
    );
  });
  afterAll(() => scene?.stop());

  const dataOf = async (name: string): Promise<Json | undefined> =>
    getIn(await scene.send("GET", configMapPath(place, name)), "data");
  const isGreen = (name: string): Promise<true> =>
    eventually(
      `${name} is green`,
      async () => (getString(await dataOf(name), "colour") === "green" ? true : undefined),
      // Where its clock moved meanwhile, what waits is looked at again within a minute.
      { within: 90_000 },
    );
  let edits = 0;
  const move = (name: string, manager = "rival"): Promise<void> =>
    scene.edit(place, name, { colour: `red ${(edits += 1)}` }, manager);
  /** Accepted writes to what is not Plumbline's own. */
  const heals = (name: string): number =>
    writesOf(scene.plane, began).filter((write) => !write.own && write.name === name && write.code < 300).length;
  /** The log has a write a moment after everybody sees it. */
  const areHeals = (name: string, wanted: number): Promise<true> =>
    eventually(`${wanted} writes to ${name}`, () => (heals(name) === wanted ? true : undefined));
  const metric = (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> =>
    operator.metric(name, { baseline: "shop", ...labels });
  const breakers = (state: string, wanted: number): Promise<true> =>
    eventually(`${wanted} ${state}`, async () =>
      (await metric("plumbline_remediation_breakers", { state })) === wanted ? true : undefined,
    );
  const record = async (name: string, baseline = "shop"): Promise<DriftRecord | undefined> =>
    (await scene.drifts(baseline)).find(({ object }) => object === `ConfigMap ${place}/${name}`);
  const waits = (name: string, wanted: JsonObject, baseline = "shop"): Promise<true> =>
    eventually(
      `the record of ${name} says so`,
      async () => {
        expect(getIn((await record(name, baseline))?.body, "remediation")).toMatchObject(wanted);
        return true as const;
      },
      { within: 30_000, every: 100 },
    );
  const told = async (reason: string, name: string): Promise<readonly string[]> =>
    (await scene.events())
      .filter((event) => event.reason === reason && event.regarding === `ConfigMap ${place}/${name}`)
      .map(({ note }) => note);
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3_000));
  const contested = { managers: ["rival"], paths: [".data.colour"] };

  test("replicas stay with the autoscaler, also where something else of the object is put back", async () => {
    await scene.send("POST", `/apis/autoscaling/v2/namespaces/${place}/horizontalpodautoscalers`, scaler);
    const replicas = async (): Promise<Json | undefined> =>
      getIn(await scene.send("GET", `${deployments}/web`), "spec", "replicas");
    await eventually("scaled to 3", async () => ((await replicas()) === 3 ? true : undefined), { within: 30_000 });
    await settled();
    expect([await replicas(), heals("web")]).toEqual([3, 0]);
    const other = { spec: { template: { spec: { containers: [image("example/web:2")] } } } };
    await scene.send(
      "PATCH",
      `${deployments}/web?fieldManager=kubectl-edit`,
      other,
      "application/strategic-merge-patch+json",
    );
    await eventually("the image is put back", async () => {
      const found = await scene.send("GET", `${deployments}/web`);
      const [container] = getIn(found, "spec", "template", "spec", "containers") as readonly Json[];
      return getString(container, "image") === "example/web:1" ? true : undefined;
    });
    await scene.send(
      "PATCH",
      `/apis/autoscaling/v2/namespaces/${place}/horizontalpodautoscalers/web`,
      { spec: { minReplicas: 4 } },
      merge,
    );
    await eventually("scaled to 4", async () => ((await replicas()) === 4 ? true : undefined), { within: 30_000 });
    await settled();
    expect([await replicas(), heals("web")]).toEqual([4, 1]);
  });

  const declare = (name: string, folder: string, serviceAccountName: string): Promise<void> =>
    scene.declare(name, "apps", { path: folder, targetNamespace: place, mode: "Remediate", serviceAccountName });
  const inSync = (name: string): Promise<true> =>
    eventually(`${name} is in sync`, async () =>
      getIn(await scene.status(name), "objects", "inSync") === 1 ? true : undefined,
    );

  test("two Baselines declare an object, the account of one may not patch it: the other puts it back", async () => {
    await declare("writes", "one", "deployer");
    await declare("looks", "one", "viewer");
    await inSync("writes");
    await inSync("looks");
    await move("granted", "kubectl-edit");
    await isGreen("granted");
    await areHeals("granted", 1);
    expect(await told("FightDetected", "granted")).toEqual([]);
  });

  test("both may: none writes, and both say so", async () => {
    await grantAccount(scene, "second", place, ["get", "patch"]);
    await declare("first", "both", "deployer");
    await declare("second", "both", "second");
    await inSync("first");
    await inSync("second");
    await move("disputed", "kubectl-edit");
    for (const [name, other] of [["first", "second"] as const, ["second", "first"] as const]) {
      const message = expect.stringContaining(`${defaultNamespace}/${other}`) as unknown as string;
      await waits("disputed", { state: "waiting", waitingFor: "fight", message }, name);
    }
    await settled();
    expect(heals("disputed")).toBe(0);
    await eventually("both are named", async () => {
      const notes = await told("FightDetected", "disputed");
      expect(notes.some((note) => note.includes(`${defaultNamespace}/first`))).toBe(true);
      expect(notes.some((note) => note.includes(`${defaultNamespace}/second`))).toBe(true);
      return true;
    });
    for (const name of ["first", "second"])
      expect(await operator.metric("plumbline_remediations_waiting", { baseline: name, reason: "fight" })).toBe(1);
  });

  test("somebody moves a path back each time: three writes and no more, and both sides and the path are named", async () => {
    for (let round = 0; round < 3; round += 1) {
      await move("fought");
      await isGreen("fought");
    }
    await move("fought");
    await waits("fought", { state: "waiting", waitingFor: "fight", contested });
    await settled();
    expect(heals("fought")).toBe(3);
    const [note] = await eventually("it is told", async () => {
      const notes = await told("FightDetected", "fought");
      return notes.length > 0 ? notes : undefined;
    });
    expect(note).toContain(`plumbline and rival contest .data.colour of ConfigMap ${place}/fought`);
    expect(await metric("plumbline_remediation_fights_total", { manager: "rival" })).toBe(1);
    expect(await metric("plumbline_remediation_breakers", { state: "open" })).toBe(1);
    expect(await metric("plumbline_remediations_waiting", { reason: "fight" })).toBe(1);
  });

  test("meanwhile: five edits of another object by five people, each put back at once", async ({ annotate }) => {
    const took: number[] = [];
    for (const person of ["ada", "ben", "cleo", "dan", "eve"]) {
      await move("calm", person);
      const edited = performance.now();
      await isGreen("calm");
      took.push(Math.round(performance.now() - edited));
    }
    await annotate(`edited → put back, one after another: ${took.join(", ")} ms (looked at every 20 ms)`);
    await areHeals("calm", 5);
    expect(await told("FightDetected", "calm")).toEqual([]);
    await move("fought", "ada");
    await settled();
    expect(heals("fought")).toBe(3);
  });

  test("a restart does not begin the fight anew", async () => {
    await operator.stop();
    await start();
    await breakers("open", 1);
    await move("fought");
    await settled();
    expect(heals("fought")).toBe(3);
    expect(await told("FightDetected", "fought")).toHaveLength(1);
  });

  test("after ten minutes one trial; moved back, and twice as long nothing", async () => {
    await tenMinutes();
    await move("fought");
    await isGreen("fought");
    await breakers("half-open", 1);
    await move("fought");
    await breakers("open", 1);
    await tenMinutes();
    await move("fought");
    await settled();
    expect(heals("fought")).toBe(4);
  });

  test("the next trial, and then peace: it closes, and an edit is put back at once", async () => {
    await tenMinutes();
    await move("fought");
    await isGreen("fought");
    await breakers("half-open", 1);
    await tenMinutes();
    await breakers("half-open", 0);
    await breakers("open", 0);
    for (let round = 0; round < 2; round += 1) {
      await move("fought");
      await isGreen("fought");
    }
    await areHeals("fought", 7);
    await eventually("no record", async () => ((await record("fought")) === undefined ? true : undefined), {
      within: 30_000,
    });
  });

  test("somebody does the same under our own name: three writes and no more, and it is said that it was not us", async () => {
    const managers = ["plumbline (not this process)"];
    const forge = async (round: number): Promise<void> => {
      const data = formatJson({ data: { colour: `red ${round}` } });
      const patch = ["patch", "configmap/forged", "--field-manager=plumbline", "--type=merge", "-p", data];
      expect((await scene.plane.kubectl(["-n", place, ...patch])).code).toBe(0);
    };
    for (let round = 0; round < 3; round += 1) {
      await forge(round);
      await isGreen("forged");
    }
    await forge(3);
    await waits("forged", { state: "waiting", waitingFor: "fight", contested: { ...contested, managers } });
    await settled();
    expect(heals("forged")).toBe(3);
    expect(await told("FightDetected", "forged")).toEqual([
      expect.stringContaining("plumbline and plumbline (not this process) contest .data.colour"),
    ]);
    expect(await metric("plumbline_remediation_fights_total", { manager: managers[0] ?? "" })).toBe(1);
  });
});

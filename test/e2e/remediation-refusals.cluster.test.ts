/**
 * What is not written, with everything else permitted: what is switched off above the object, what is outside of a window
 * or over a limit, what Plumbline is made of, what the server cannot take, what Git cannot say. And a Baseline that goes
 * takes nothing with it. Counted in the API server's audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import {
  colourOf,
  enabled,
  healed,
  recordOf,
  remediationOf,
  untilColour,
  untilCounted,
  untilHealed,
  untilSaid,
  untilWaits,
} from "./heal-scene.ts";
import { writesOf } from "./audit.ts";
import { defaultNamespace, eventually, moveClock, type Operator } from "./operator.ts";
import {
  baselinePath,
  configMap,
  configMapPath,
  inNamespace,
  merge,
  setScene,
  untilCondition,
  yaml,
  type Scene,
} from "./scene.ts";

const namespace = "shop";
const plain = (name: string, marks: JsonObject = {}): JsonObject => configMap(name, { colour: "green" }, marks);
/** Objects of a Baseline each, and how it differs from one that puts everything back. */
const baselines: Readonly<Record<string, readonly JsonObject[]>> = {
  off: [plain("off"), plain("off-git", enabled)],
  suspended: [plain("suspended", enabled)],
  live: [plain("live")],
  denied: [plain("denied")],
  limited: ["l0", "l1", "l2"].map((name) => plain(name)),
  broken: ["b0", "b1", "b2"].map((name) => plain(name)),
  leaving: ["g0", "g1"].map((name) => plain(name)),
  slept: [plain("slept")],
};
const kilobytes = (count: number, letter: string): string => letter.repeat(count * 1024);
const ignoring = { ...enabled, "plumbline.dev/ignore": ".data.scratch" };
const heavy = configMap("heavy", { a: kilobytes(700, "a") }, ignoring);
const beyond: JsonObject = {
  apiVersion: "example.com/v1",
  kind: "Big",
  metadata: { name: "beyond", annotations: { ...enabled, "plumbline.dev/ignore": ".spec.scratch" } },
  spec: { a: kilobytes(900, "a") },
};
const bigs = `/apis/example.com/v1/namespaces/${namespace}/bigs/beyond`;
const definition: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "bigs.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "bigs", singular: "big", kind: "Big" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", additionalProperties: { type: "string" } } },
          },
        },
      },
    ],
  },
};
/** What the chart made, as somebody may declare it: its own role, less what it needs most. */
const role: JsonObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "plumbline", annotations: enabled, labels: { declared: "by-somebody" } },
  rules: [],
};
const ownDefinition = "drifts.plumbline.dev";

let scene: Scene;
let operator: Operator;
let since: string;

const red = (name: string, more: JsonObject = {}): Promise<JsonObject> =>
  scene.send(
    "PATCH",
    `${configMapPath(namespace, name)}?fieldManager=kubectl-edit`,
    { data: { colour: "red" }, ...more },
    merge,
  );
const annotate = (path: string, annotations: JsonObject): Promise<JsonObject> =>
  scene.send("PATCH", `${path}?fieldManager=kubectl-annotate`, { metadata: { annotations } }, merge);
const recorded = (name: string) =>
  eventually(`the record of ${name}`, () => recordOf(scene, `ConfigMap ${namespace}/${name}`));
const declare = (name: string, remediation: JsonObject = {}, more: JsonObject = {}): Promise<void> =>
  scene.declare(name, "apps", {
    path: name,
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: { scope: "OptOut", limits: { maxPercent: 100 }, ...remediation },
    ...more,
  });
/** It opens each minute, for a day. */
const always = { schedule: "* * * * *", duration: "24h", kind: "Deny" };

beforeAll(async () => {
  scene = await setScene({
    audit: true,
    values: { "rbac.allowDelete": true, "rbac.guarded": true, "remediation.liveOptIn": false },
  });
  await scene.namespace(namespace);
  await scene.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  await scene.plane.kubectl(["wait", "crd/bigs.example.com", "--for=condition=Established", "--timeout=30s"]);
  const rbac = ["create", "clusterrole", "bigs", "--verb=get,list,watch,patch", "--resource=bigs.example.com"];
  await scene.plane.kubectl(rbac);
  const bind = ["create", "clusterrolebinding", "bigs", "--clusterrole=bigs"];
  await scene.plane.kubectl([...bind, `--serviceaccount=${defaultNamespace}:plumbline`]);
  const { metadata: _, ...ours } = await scene.send(
    "GET",
    `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${ownDefinition}`,
  );
  const marked = { name: ownDefinition, annotations: enabled, labels: { declared: "by-somebody" } };
  const own = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: marked,
    spec: ours["spec"] ?? {},
  };
  const files = Object.entries(baselines).map(([name, objects]) => [`${name}/all.yaml`, yaml(...objects)]);
  scene.repository("apps").commit({
    ...Object.fromEntries(files),
    "heavy/all.yaml": yaml(heavy, beyond),
    "own/all.yaml": yaml(role, own),
  });
  for (const object of [...Object.values(baselines).flat(), heavy])
    await scene.deploy([inNamespace(namespace, object)]);
  const apply = "application/apply-patch+yaml";
  await scene.send("PATCH", `${bigs}?fieldManager=deployer`, inNamespace(namespace, beyond), apply);
  const clock = fileURLToPath(new URL("moved-clock.ts", import.meta.url));
  operator = await scene.start({ nodeFlags: ["--import", clock], args: ["--leader-elect=false"] });
  await operator.ready(60_000);
  await declare("off");
  await annotate(baselinePath("off"), { "plumbline.dev/remediate": "disabled" });
  await declare("suspended");
  await declare("live", { scope: "OptIn" });
  await declare("denied", { windows: [always] });
  await declare("limited", { limits: { maxPercent: 100, maxPerMinute: 2 } });
  await declare("broken", { prune: true, causes: ["live-edit", "deletion", "dropped-from-git"], approval: "Never" });
  await declare("leaving", { prune: true, causes: ["live-edit", "deletion", "dropped-from-git"], approval: "Never" });
  await declare("slept");
  await declare("heavy", { scope: "OptIn", limits: { maxPercent: 100, retries: 1 } });
  for (const [name, objects] of Object.entries(baselines)) await untilCounted(scene, name, "inSync", objects.length);
  await untilCounted(scene, "heavy", "inSync", 2);
  await declare("suspended", {}, { suspend: true });
  await untilCondition(scene, "suspended", "Ready", { status: "True", reason: "Suspended" });
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

test("`disabled` on the Baseline: only what opted in itself is put back", async () => {
  await red("off");
  await red("off-git");
  await untilColour(scene, namespace, "off-git", "green");
  const said = await untilWaits(scene, `ConfigMap ${namespace}/off`, "opt-out");
  expect(said["message"]).toContain("on the Baseline");
  await wait(1_000);
  expect(healed(scene, since)).toEqual(["patch off-git"]);
});

test("suspended: nothing is written, and afterwards it is", async () => {
  await red("suspended");
  await wait(3_000);
  expect(healed(scene, since)).toEqual([]);
  await declare("suspended");
  await untilColour(scene, namespace, "suspended", "green");
  await untilHealed(scene, since, "patch suspended");
});

test("where the platform does not let a live annotation opt in, it does not", async () => {
  await red("live", { metadata: { annotations: enabled } });
  await recorded("live");
  await wait(3_000);
  expect(healed(scene, since)).toEqual([]);
  expect((await remediationOf(scene, `ConfigMap ${namespace}/live`))?.["state"]).toBeUndefined();
});

test("within a Deny window: it waits", async () => {
  await red("denied");
  const said = await untilWaits(scene, `ConfigMap ${namespace}/denied`, "window");
  expect(said["message"]).toMatch(/Deny/);
  expect(healed(scene, since)).toEqual([]);
});

test("what Plumbline is made of is not put back, however it is declared", async () => {
  await declare("own", { scope: "OptIn", causes: ["live-edit", "rollout"] });
  for (const object of ["ClusterRole plumbline", `CustomResourceDefinition ${ownDefinition}`]) {
    const said = await untilSaid(scene, object, ({ state }) => state === "not-allowed");
    expect(said["message"]).toContain("belongs to Plumbline itself");
  }
  expect(healed(scene, since)).toEqual([]);
});

test("what would be too large: refused by the server, told, tried as often as allowed, and left as it is", async () => {
  const scratch = { data: { a: "small", scratch: kilobytes(700, "b") } };
  await scene.send("PATCH", `${configMapPath(namespace, "heavy")}?fieldManager=kubectl-edit`, scratch, merge);
  const more = { spec: { a: "small", scratch: kilobytes(900, "b") } };
  await scene.send("PATCH", `${bigs}?fieldManager=kubectl-edit`, more, merge);
  const failed = async (object: string, words: RegExp): Promise<void> => {
    const said = await untilSaid(scene, object, ({ state }) => state === "failed");
    expect(said["message"]).toMatch(words);
  };
  await failed(`ConfigMap ${namespace}/heavy`, /Too long|1048576/);
  await failed(`Big ${namespace}/beyond`, /too large/);
  expect(healed(scene, since)).toEqual([]);
  expect(getIn(await scene.send("GET", configMapPath(namespace, "heavy")), "data", "a")).toBe("small");
  const refused = writesOf(scene.plane, since).filter(({ own, name }) => !own && name === "heavy");
  expect(refused.map(({ code }) => code)).toEqual([422, 422]);
  expect(operator.process.exitCode).toBeNull();
});

test("what Git cannot say: of a file that does not parse whole nothing is dropped, what reads is put back, what does not is left alone", async () => {
  const text = yaml(...(baselines["broken"] ?? []).slice(0, 1));
  const files = Object.entries(baselines).map(([name, objects]) => [`${name}/all.yaml`, yaml(...objects)]);
  const commit = (broken: string): string =>
    scene.repository("apps").commit({
      ...Object.fromEntries(files),
      "heavy/all.yaml": yaml(heavy, beyond),
      "own/all.yaml": yaml(role),
      "broken/all.yaml": broken,
    });
  commit(`${text}---\n{ not: [yaml\n`);
  await scene.poke("broken");
  await untilCondition(scene, "broken", "Rendered", { status: "False" });
  await red("b0");
  await red("b2");
  await untilColour(scene, namespace, "b0", "green");
  await wait(5_000);
  for (const [name, colour] of Object.entries({ b0: "green", b1: "green", b2: "red" }))
    expect(await colourOf(scene, namespace, name), name).toBe(colour);
  expect(healed(scene, since)).toEqual(["patch b0"]);
  commit(yaml(...(baselines["broken"] ?? [])));
  await scene.poke("broken");
  await untilColour(scene, namespace, "b2", "green");
  await untilHealed(scene, since, "patch b0", "patch b2");
});

test("a Baseline that is deleted takes nothing with it, also where it prunes", async () => {
  await scene.send("DELETE", baselinePath("leaving"));
  const known = (): Promise<number | undefined> => operator.metric("plumbline_baseline_info", { baseline: "leaving" });
  await eventually("Plumbline knows", async () => (await known()) === undefined || undefined);
  await red("g1");
  await wait(4_000);
  expect([await colourOf(scene, namespace, "g0"), await colourOf(scene, namespace, "g1")]).toEqual(["green", "red"]);
  expect(healed(scene, since)).toEqual([]);
});

test("kept by a commit that nobody deployed, and then dropped from Git: it stays, and what nobody kept goes", async () => {
  const [kept, gone, left] = [plain("kept"), plain("gone"), plain("left")];
  const repository = scene.repository("parting");
  const commit = async (...objects: readonly JsonObject[]): Promise<void> => {
    const revision = repository.commit({ "all.yaml": yaml(...objects) });
    await scene.poke("parting");
    await eventually("Plumbline knows the commit", async () => {
      return getString(await scene.status("parting"), "source", "revision")?.endsWith(revision) || undefined;
    });
  };
  repository.commit({ "all.yaml": yaml(kept, gone, left) });
  await scene.deploy([kept, gone, left].map((object) => inNamespace(namespace, object)));
  const causes = ["live-edit", "deletion", "dropped-from-git"];
  const remediation = { scope: "OptOut", prune: true, causes, approval: "Never", limits: { maxPercent: 100 } };
  await scene.declare("parting", "parting", { targetNamespace: namespace, mode: "Remediate", remediation });
  await untilCounted(scene, "parting", "inSync", 3);
  await commit(plain("kept", { "plumbline.dev/prune": "disabled" }), gone, left);
  await commit(left);
  await untilColour(scene, namespace, "gone", undefined);
  const said = await untilWaits(scene, `ConfigMap ${namespace}/kept`, "opt-out");
  expect(said["message"]).toContain("in Git says not to delete it");
  await wait(1_000);
  await untilHealed(scene, since, "delete gone");
  expect(await colourOf(scene, namespace, "kept")).toBe("green");
});

/** Its clocks only; watches that seem to have been silent for so long are believed again when anything is heard. */
async function tenMinutes(): Promise<void> {
  await moveClock(operator);
  await scene.edit(namespace, "off", { colour: `red ${Date.now()}` });
}

test("over the limit of a minute: what waits says until when, and goes then", async () => {
  const names = ["l0", "l1", "l2"];
  for (const name of names) await red(name);
  const waiting = await eventually(
    "one waits",
    async () => {
      for (const name of names) {
        const said = await remediationOf(scene, `ConfigMap ${namespace}/${name}`);
        if (said?.["waitingFor"] === "limit") return { name, said };
      }
      return undefined;
    },
    { within: 90_000 },
  );
  const until = Date.parse(String(waiting.said["waitsUntil"]));
  expect(until).toBeGreaterThan(Date.parse(since));
  expect(until).toBeLessThanOrEqual(Date.now() + 60_000);
  await wait(2_000);
  expect(healed(scene, since)).toHaveLength(2);
  await tenMinutes();
  await untilColour(scene, namespace, waiting.name, "green", 90_000);
  await untilHealed(scene, since, ...names.map((name) => `patch ${name}`));
});

test("the clock jumps over the end of a pause while it waits: put back once, and nothing else moves", async () => {
  // By its clock it is later already.
  const until = new Date(Date.now() + 25 * 60_000).toISOString();
  await red("slept", { metadata: { annotations: { "plumbline.dev/pause-until": until } } });
  await untilWaits(scene, `ConfigMap ${namespace}/slept`, "pause");
  await tenMinutes();
  await wait(3_000);
  expect(healed(scene, since)).toEqual([]);
  await tenMinutes();
  await untilColour(scene, namespace, "slept", "green", 90_000);
  await wait(3_000);
  expect(healed(scene, since).filter((write) => write.endsWith("slept"))).toEqual(["patch slept"]);
});

/**
 * Who may have an object put back, on a real API server: every kind of word for and against, in Git, on live objects, on
 * namespaces and on Baselines. What was written is what the server's audit log has, and nothing else was.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import { eventually, type Operator } from "./operator.ts";
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

const on = { "plumbline.dev/remediate": "enabled" };
const off = { "plumbline.dev/remediate": "disabled" };
const keptByFlux = { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" };

interface Row {
  readonly name: string;
  readonly namespace?: string;
  readonly git?: JsonObject;
  /** Set by the very edit. */
  readonly live?: JsonObject;
  /** What its Drift record says of it; undefined: it is put back. */
  readonly says?: readonly [string | undefined, RegExp] | "nothing";
}

/** `shop` says nothing, `opted` opts in, `opted-out` out, `leaving` is being deleted. */
const rows: readonly Row[] = [
  { name: "git-on", git: on },
  { name: "nobody", says: "nothing" },
  { name: "git-off", git: off, says: ["opt-out", /in Git/] },
  { name: "live-on", live: on },
  { name: "live-on-git-off", git: off, live: on, says: ["opt-out", /in Git/] },
  { name: "live-off", git: on, live: off, says: ["opt-out", /on the live object/] },
  {
    name: "live-maybe",
    git: on,
    live: { "plumbline.dev/remediate": "maybe" },
    says: ["opt-out", /on the live object/],
  },
  { name: "pause-unread", git: on, live: { "plumbline.dev/pause-until": "soon" }, says: ["pause", /can be read/] },
  { name: "flux-keeps", git: { ...on, ...keptByFlux }, says: ["opt-out", /Flux/] },
  { name: "flux-keeps-live", git: on, live: keptByFlux },
  { name: "namespace-on", namespace: "opted" },
  { name: "namespace-on-live-off", namespace: "opted", live: off, says: ["opt-out", /on the live object/] },
  { name: "namespace-off", namespace: "opted-out", says: "nothing" },
  { name: "namespace-off-git-on", namespace: "opted-out", git: on },
  { name: "system", namespace: "kube-system", git: on, says: [undefined, /belongs to the platform/] },
  { name: "operators", namespace: "plumbline-system", git: on, says: [undefined, /belongs to Plumbline itself/] },
  { name: "leaving", namespace: "leaving", git: on, says: "nothing" },
];
const placeOf = ({ namespace = "shop" }: Row): string => namespace;
const objectOf = (row: Row): JsonObject => inNamespace(placeOf(row), configMap(row.name, { colour: "green" }, row.git));

let scene: Scene;
let operator: Operator;

const colourOf = async (namespace: string, name: string): Promise<string | undefined> => {
  const { status, text } = await scene.plane.request("GET", configMapPath(namespace, name));
  return status === 404 ? undefined : getString(JSON.parse(text) as Json, "data", "colour");
};
const untilColour = (namespace: string, name: string, colour: string | undefined, within = 60_000) =>
  eventually(
    `${namespace}/${name} is ${colour ?? "gone"}`,
    async () => (await colourOf(namespace, name)) === colour || undefined,
    { within },
  );
/** What the Drift record of an object says of its remediation. */
const remediationOf = async (namespace: string, name: string): Promise<JsonObject | undefined> => {
  const drift = (await scene.drifts()).find(({ object }) => object === `ConfigMap ${namespace}/${name}`);
  return drift === undefined ? undefined : ((getIn(drift.body, "remediation") as JsonObject | undefined) ?? {});
};
/** What waits for a person or a time is looked at again within a minute. */
const untilWaiting = (namespace: string, name: string, reason: string): Promise<JsonObject> =>
  eventually(
    `${namespace}/${name} waits (${reason})`,
    async () => {
      const found = await remediationOf(namespace, name);
      return found?.["waitingFor"] === reason ? found : undefined;
    },
    { within: 90_000 },
  );
/** Whole seconds, as people write them. */
const inSeconds = (count: number): string => new Date(Date.now() + count * 1_000).toISOString().replace(/\.\d+Z$/, "Z");
const change = (pathname: string, annotations: JsonObject, data?: JsonObject): Promise<JsonObject> =>
  scene.send(
    "PATCH",
    `${pathname}?fieldManager=kubectl-edit`,
    { metadata: { annotations }, ...(data === undefined ? {} : { data }) },
    merge,
  );
const red = (namespace: string, name: string, annotations: JsonObject = {}): Promise<JsonObject> =>
  change(configMapPath(namespace, name), annotations, { colour: "red" });
async function approve(namespace: string, name: string): Promise<void> {
  const drift = (await scene.drifts()).find(({ object }) => object === `ConfigMap ${namespace}/${name}`);
  const record = getString(drift?.body, "metadata", "name") ?? "";
  await change(`/apis/plumbline.dev/v1alpha1/namespaces/plumbline-system/drifts/${record}`, {
    "plumbline.dev/approve": getString(drift?.body, "contentHash") ?? "",
  });
}
/** `patch git-on`, of everything that is not Plumbline's own. */
const written = (since: string): readonly string[] =>
  writesOf(scene.plane, since)
    .filter(({ own }) => !own)
    .map(({ verb, name }) => `${verb} ${name}`)
    .toSorted();
/** When it wrote first. The log has a write a moment after everybody sees it. */
const firstWrite = async (since: string): Promise<number> => {
  const write = await eventually("it is in the audit log", () => writesOf(scene.plane, since).find(({ own }) => !own));
  return Date.parse(write.at);
};

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.allowDelete": true } });
  for (const name of ["shop", "opted", "opted-out", "leaving"]) await scene.namespace(name);
  await change("/api/v1/namespaces/opted", on);
  await change("/api/v1/namespaces/opted-out", off);
  const late = inNamespace("shop", configMap("late"));
  const grave = inNamespace("shop", configMap("grave", { colour: "green" }, { "plumbline.dev/severity": "critical" }));
  scene.repository("shop").commit({
    "words/all.yaml": yaml(...rows.map(objectOf)),
    "night/all.yaml": yaml(late, grave),
  });
  await scene.deploy([...rows.map(objectOf), late, grave]);
  operator = await scene.start();
  await operator.ready(60_000);
  // Nobody empties it here: it stays as it is, on its way out.
  await scene.send("DELETE", "/api/v1/namespaces/leaving");
  const limits = { maxPercent: 100 };
  await scene.declare("words", "shop", { path: "words", mode: "Remediate", remediation: { limits } });
  const windows = [{ schedule: "0 0 29 2 *", duration: "1h", kind: "Allow" }];
  const remediation = { scope: "OptOut", windows, limits };
  await scene.declare("night", "shop", { path: "night", mode: "Remediate", remediation });
  for (const name of ["words", "night"]) await untilCondition(scene, name, "Compliant", { status: "True" });
});
afterAll(() => scene?.stop());

test("a word for it and none against it, by whom it counts: put back; all others stay as they are, and say why", async () => {
  const since = new Date().toISOString();
  for (const row of rows) await red(placeOf(row), row.name, row.live);
  const healed = rows.filter(({ says }) => says === undefined);
  for (const row of healed) await untilColour(placeOf(row), row.name, "green");
  for (const row of rows) {
    if (row.says === undefined) continue;
    const found = await eventually(`the record of ${row.name}`, async () => {
      const remediation = await remediationOf(placeOf(row), row.name);
      return remediation !== undefined && (row.says === "nothing" || "state" in remediation) ? remediation : undefined;
    });
    if (row.says === "nothing") expect(found["state"], row.name).toBeUndefined();
    else {
      const [waitingFor, message] = row.says;
      expect(found, row.name).toMatchObject({
        state: waitingFor === undefined ? "not-allowed" : "waiting",
        ...(waitingFor === undefined ? {} : { waitingFor }),
        message: expect.stringMatching(message),
      });
    }
  }
  await wait(2_000);
  for (const row of rows)
    expect(await colourOf(placeOf(row), row.name), row.name).toBe(row.says === undefined ? "green" : "red");
  expect(written(since)).toEqual(healed.map(({ name }) => `patch ${name}`).toSorted());
  await eventually("what cannot be read is told", async () => {
    const told = (await scene.events()).filter(
      ({ reason, regarding }) => reason === "InvalidAnnotation" && regarding.startsWith("ConfigMap"),
    );
    expect(told.map(({ regarding, count }) => `${regarding} ${count}`).toSorted()).toEqual([
      "ConfigMap shop/live-maybe 1",
      "ConfigMap shop/pause-unread 1",
    ]);
    return true;
  });
  // Live switches are no drift, and no heal removes them; another tool's is, and was.
  const annotations = (name: string): Promise<Json | undefined> =>
    scene.send("GET", configMapPath("shop", name)).then((object) => getIn(object, "metadata", "annotations"));
  expect(await annotations("live-on")).toEqual(on);
  expect(await annotations("flux-keeps-live")).toEqual(on);
});

test("a pause says until when, and ends by itself", async () => {
  const since = new Date().toISOString();
  const until = inSeconds(3_600);
  await red("shop", "git-on", { "plumbline.dev/pause-until": until, "plumbline.dev/pause-reason": "an audit" });
  const said = await untilWaiting("shop", "git-on", "pause");
  expect(said["message"]).toBe(`paused until ${until}, on the live object: an audit`);
  // Cut short only now: it must not end before it was told.
  const end = inSeconds(4);
  await change(configMapPath("shop", "git-on"), { "plumbline.dev/pause-until": end });
  await untilColour("shop", "git-on", "green", 90_000);
  expect(await firstWrite(since)).toBeGreaterThanOrEqual(Date.parse(end));
});

test("what somebody deletes comes back where Git or the namespace asks for it, and not for a live annotation", async () => {
  const since = new Date().toISOString();
  const gone = [
    ["shop", "git-on"],
    ["shop", "live-on"],
    ["opted", "namespace-on"],
  ] as const;
  for (const [namespace, name] of gone) await scene.send("DELETE", configMapPath(namespace, name));
  await untilColour("shop", "git-on", "green");
  await untilColour("opted", "namespace-on", "green");
  await eventually("live-on is missing", async () => {
    const drift = (await scene.drifts()).find(({ object }) => object === "ConfigMap shop/live-on");
    return drift?.verdict === "missing" || undefined;
  });
  await wait(2_000);
  expect(await colourOf("shop", "live-on")).toBeUndefined();
  expect(written(since)).toEqual(["create git-on", "create namespace-on"]);
});

test("outside its windows it waits, and says when the next opens; opened by hand, it goes on", {
  timeout: 300_000,
}, async () => {
  const since = new Date().toISOString();
  await red("shop", "late");
  const said = await untilWaiting("shop", "late", "window");
  expect(said["waitsUntil"]).toMatch(/^20\d\d-02-29T00:00:00/);
  expect(said["message"]).toContain("outside every Allow window");
  // A person is asked before the window opens, not in it.
  await red("shop", "grave");
  await untilWaiting("shop", "grave", "approval");
  await approve("shop", "grave");
  await untilWaiting("shop", "grave", "window");
  expect(written(since)).toEqual([]);
  await change(baselinePath("night"), {
    "plumbline.dev/windows-open-until": new Date(Date.now() + 60_000).toISOString(),
  });
  await untilColour("shop", "late", "green", 90_000);
  await untilColour("shop", "grave", "green", 90_000);
  await eventually("both are in the audit log", () => {
    expect(written(since)).toEqual(["patch grave", "patch late"]);
    return true;
  });
});

test("a Baseline pauses as a whole, and goes on by itself", async () => {
  const since = new Date().toISOString();
  const until = inSeconds(3_600);
  await change(baselinePath("words"), { "plumbline.dev/pause-until": until });
  const known = async (): Promise<Json | undefined> => getIn(await scene.status("words"), "remediation", "pausedUntil");
  await eventually("Plumbline knows", async () => (await known()) !== undefined || undefined);
  await red("shop", "flux-keeps-live");
  expect((await untilWaiting("shop", "flux-keeps-live", "pause"))["message"]).toBe(
    `paused until ${until}, on the Baseline`,
  );
  const end = inSeconds(4);
  await change(baselinePath("words"), { "plumbline.dev/pause-until": end });
  await untilColour("shop", "flux-keeps-live", "green", 90_000);
  expect(await firstWrite(since)).toBeGreaterThanOrEqual(Date.parse(end));
});

test("dropped from Git: deleted where Git asked for it, a person approved, and nobody said to keep it", {
  timeout: 300_000,
}, async () => {
  const names = Array.from({ length: 12 }, (_, at) => `p${at}`);
  const keep: Readonly<Record<string, JsonObject>> = {
    p1: { "plumbline.dev/prune": "disabled" },
    p2: { "helm.sh/resource-policy": "keep" },
  };
  const objects = names.map((name) =>
    inNamespace("shop", configMap(name, { colour: "green" }, { ...on, ...keep[name] })),
  );
  const repository = scene.repository("dropped");
  repository.commit({ "all.yaml": yaml(...objects) });
  await scene.deploy(objects);
  await scene.declare("dropped", "dropped", {
    mode: "Remediate",
    remediation: { prune: true, causes: ["live-edit", "deletion", "dropped-from-git"] },
  });
  await untilCondition(scene, "dropped", "Compliant", { status: "True" });
  const since = new Date().toISOString();
  repository.commit({ "all.yaml": yaml(...objects.filter((_, at) => at === 0 || at > 4)) });
  await scene.poke("dropped");
  for (const name of ["p1", "p2"]) await untilWaiting("shop", name, "opt-out");
  const asked = await untilWaiting("shop", "p4", "approval");
  // Somebody keeps it live, while it waits.
  await change(configMapPath("shop", "p3"), { "plumbline.dev/prune": "disabled" });
  await untilWaiting("shop", "p3", "opt-out");
  expect(asked["message"]).toContain("it would be deleted");
  await wait(2_000);
  expect(written(since).filter((write) => write.startsWith("delete"))).toEqual([]);
  await approve("shop", "p4");
  await untilColour("shop", "p4", undefined, 90_000);
  await wait(2_000);
  expect(written(since).filter((write) => write.startsWith("delete"))).toEqual(["delete p4"]);
  for (const name of ["p0", "p1", "p2", "p3", "p5"]) expect(await colourOf("shop", name), name).toBe("green");
});

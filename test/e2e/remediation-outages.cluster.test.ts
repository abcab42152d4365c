/**
 * What is lost on the way: the answer to a write that was done, the server in the middle of a write, the process between
 * a write and its record, the lease while a write is under way. Each time the object ends as Git has it, the write was
 * done once, and nothing more is written. What was written is what the API server's audit log has.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { startFaultProxy, type Asked, type FaultProxy } from "../cluster/fault-proxy.ts";
import { writesOf } from "./audit.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { untilWaits } from "./heal-scene.ts";
import { eventually, untilLeads, type Operator } from "./operator.ts";
import { startRelayed } from "./relayed-operator.ts";
import { configMap, configMapPath, inNamespace, merge, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const enabled = { "plumbline.dev/remediate": "enabled" };
/** One for each test: what was put back before is nobody's concern then. */
const names = ["swallowed", "gone", "pruned", "refused", "served", "killed", "recorded", "slow"];
const args = [
  "--leader-elect-lease-duration=6s",
  "--leader-elect-renew-deadline=4s",
  "--leader-elect-retry-period=500ms",
];

let scene: Scene;
let proxy: FaultProxy;
let operator: Operator;
let since = "";
let starts = 0;

const objects = (left: readonly string[]): readonly JsonObject[] =>
  left.map((name) => configMap(name, { colour: "green" }, enabled));

const standBy = async (): Promise<Operator> => {
  const started = await startRelayed(scene.plane, proxy.url, {
    podName: `plumbline-${starts++}`,
    freshPorts: true,
    args,
  });
  await started.ready(60_000);
  return started;
};
const start = async (): Promise<Operator> => {
  const started = await standBy();
  await untilLeads(started);
  return started;
};

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.allowDelete": true } });
  proxy = await startFaultProxy(scene.plane);
  await scene.namespace(namespace);
  scene.repository("shop").commit({ "all.yaml": yaml(...objects(names)) });
  await scene.deploy(objects(names).map((object) => inNamespace(namespace, object)));
  operator = await start();
  await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate" });
  await inSync(names.length);
});
afterAll(async () => {
  await operator?.stop("SIGKILL");
  await proxy?.stop();
  await scene?.stop();
});
beforeEach(() => {
  since = new Date().toISOString();
});

const inSync = (wanted: number): Promise<unknown> =>
  eventually(
    `${wanted} in sync`,
    async () =>
      (await operator.metric("plumbline_baseline_objects", { verdict: "in-sync" }).catch(() => undefined)) === wanted ||
      undefined,
    { within: 60_000 },
  );

const live = async (name: string): Promise<Json | undefined> => {
  const { status, text } = await scene.plane.request("GET", configMapPath(namespace, name));
  return status === 200 ? (JSON.parse(text) as Json) : undefined;
};
const colourOf = async (name: string): Promise<Json | undefined> => getIn(await live(name), "data", "colour");
const untilGreen = (name: string): Promise<unknown> =>
  eventually(`${name} is green`, async () => (await colourOf(name)) === "green" || undefined, { within: 60_000 });

/** What the server did for the operator with one object: `patch 200`, in order. */
const done = (name: string, from = since): readonly string[] =>
  writesOf(scene.plane, from)
    .filter((write) => !write.own && write.name === name)
    .map(({ verb, code }) => `${verb} ${code}`);
const succeeded = (name: string): readonly string[] => done(name).filter((one) => /[a-z]+ 20\d/.test(one));

/** Nothing more is written to it, for long enough that what was done wrong would show. */
const staysQuiet = async (name: string): Promise<void> => {
  // What was asked for before may get its line only now.
  const from = new Date().toISOString();
  await wait(3_000);
  expect(done(name, from)).toEqual([]);
};

const about = (method: string, name: string): ((asked: Asked) => boolean) => {
  const path = method === "POST" ? `/namespaces/${namespace}/configmaps` : `/configmaps/${name}`;
  return (asked) =>
    asked.method === method && !asked.url.includes("dryRun") && asked.url.split("?")[0]?.endsWith(path) === true;
};
const swallow = (method: string, name: string): void =>
  proxy.fault({ when: about(method, name), times: 1, status: 0, swallow: true });

test("the answer to a patch that was done is lost: it was done once", async () => {
  swallow("PATCH", "swallowed");
  await scene.edit(namespace, "swallowed", { colour: "red" });
  await untilGreen("swallowed");
  await inSync(names.length);
  await staysQuiet("swallowed");
  expect(succeeded("swallowed")).toEqual(["patch 200"]);
  const told = async (): Promise<readonly string[]> =>
    (await scene.events())
      .filter(({ regarding }) => regarding === `ConfigMap ${namespace}/swallowed`)
      .map(({ reason, count }) => `${reason} ${count}`);
  await eventually("both are told", async () => (await told()).length >= 2 || undefined);
  expect((await told()).toSorted()).toEqual(["DriftResolved 1", "Drifted 1"]);
  const by = (who: string) => operator.metric("plumbline_time_to_reconcile_seconds_count", { by: who });
  expect(await by("plumbline")).toBe(1);
});

test("the answer to a create that was done is lost: there is one object, made once", async () => {
  swallow("POST", "gone");
  await scene.send("DELETE", configMapPath(namespace, "gone"));
  await untilGreen("gone");
  await inSync(names.length);
  await staysQuiet("gone");
  // The name of a created object is not in the path: it is in the answer only.
  const created = writesOf(scene.plane, since).filter(
    ({ own, verb, code, resource }) => !own && verb === "create" && code === 201 && resource === "configmaps",
  );
  expect(created).toHaveLength(1);
});

test("a server that goes in the middle of a write, and comes back: it is put back once", async () => {
  let going: Promise<void> | undefined;
  proxy.fault({
    when: (asked) => {
      if (!about("PATCH", "served")(asked)) return false;
      going ??= scene.plane.kill("kube-apiserver");
      return true;
    },
    times: 1,
    status: 0,
  });
  await scene.edit(namespace, "served", { colour: "red" });
  await eventually("the write was on its way", () => going !== undefined || undefined);
  await going;
  await wait(2_000);
  await scene.plane.restart("kube-apiserver");
  await untilGreen("served");
  await inSync(names.length);
  await staysQuiet("served");
  // A server that is killed may have done it without a line in its log.
  expect(succeeded("served").length).toBeLessThanOrEqual(1);
  expect(operator.process.exitCode).toBeNull();
});

test("a server that refuses for want of time is asked again, later and not at once", async () => {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "TooManyRequests", code: 429 };
  proxy.fault({ when: about("PATCH", "refused"), times: 3, status: 429, headers: { "retry-after": "1" }, body });
  await scene.edit(namespace, "refused", { colour: "red" });
  await untilGreen("refused");
  await inSync(names.length);
  await staysQuiet("refused");
  expect(succeeded("refused")).toEqual(["patch 200"]);
});

test("killed between the write and its record: the next process finds it done, and leaves no record behind", async () => {
  await operator.stop("SIGKILL");
  await scene.edit(namespace, "killed", { colour: "red" });
  const before = starts;
  swallow("PATCH", "killed");
  operator = await startRelayed(scene.plane, proxy.url, { podName: `plumbline-${starts++}`, freshPorts: true, args });
  await eventually("the write was done", () => succeeded("killed").length === 1 || undefined, { within: 60_000 });
  operator.process.kill("SIGKILL");
  expect(starts).toBe(before + 1);
  expect(await colourOf("killed")).toBe("green");
  operator = await start();
  await inSync(names.length);
  await staysQuiet("killed");
  expect(succeeded("killed")).toEqual(["patch 200"]);
  await eventually(
    "no record is left",
    async () => (await scene.drifts()).every(({ object }) => object !== `ConfigMap ${namespace}/killed`) || undefined,
    { within: 60_000 },
  );
});

test("killed between the write and its record, of a drift that is on record: what the next process finds done is ours", async () => {
  const path = configMapPath(namespace, "recorded");
  const pause = (until: string | null): Promise<unknown> =>
    scene.send("PATCH", path, { metadata: { annotations: { "plumbline.dev/pause-until": until } } }, merge);
  await pause(new Date(Date.now() + 3_600_000).toISOString());
  await scene.edit(namespace, "recorded", { colour: "red" });
  await untilWaits(scene, `ConfigMap ${namespace}/recorded`, "pause");
  const isWrite = about("PATCH", "recorded");
  const past = operator;
  // It sees neither the answer nor what the watch brings of it.
  const when = (asked: Asked): boolean => isWrite(asked) && past.process.kill("SIGSTOP");
  proxy.fault({ when, times: 1, status: 0, swallow: true });
  await pause(null);
  await eventually("the write was done", () => succeeded("recorded").length === 1 || undefined, { within: 60_000 });
  past.process.kill("SIGKILL");
  operator = await start();
  await inSync(names.length);
  const by = (who: string) => operator.metric("plumbline_time_to_reconcile_seconds_count", { by: who });
  await eventually("it is counted as ours", async () => ((await by("plumbline")) === 1 ? true : undefined));
  expect(await by("other")).toBeUndefined();
  const ends = evidenceLines(operator.log()).map((line) => parseJson(line));
  expect(ends).toEqual([expect.objectContaining({ kind: "resolved", result: "plumbline" })]);
  await staysQuiet("recorded");
  expect(succeeded("recorded")).toEqual(["patch 200"]);
});

test("a write that was under way for longer than the lease comes too late to do anything", async () => {
  const past = operator;
  operator = await standBy();
  // Long enough for another to lead and to have done it.
  const late = 25_000;
  const asked = proxy.asked.length;
  proxy.fault({ when: about("PATCH", "slow"), times: 1, status: 0, late });
  await scene.edit(namespace, "slow", { colour: "red" });
  await eventually("the write is under way", () => proxy.asked.slice(asked).some(about("PATCH", "slow")) || undefined);
  past.process.kill("SIGSTOP");
  await untilLeads(operator);
  await untilGreen("slow");
  await eventually("the late one is refused", () => done("slow").includes("patch 409") || undefined, {
    within: 60_000,
  });
  past.process.kill("SIGCONT");
  await inSync(names.length);
  await staysQuiet("slow");
  expect(succeeded("slow")).toEqual(["patch 200"]);
  expect(done("slow")).toContain("patch 409");
  await past.stop("SIGKILL");
});

test("the answer to a delete that was done is lost: it is deleted once, and what was made anew stays", async () => {
  const left = names.filter((name) => name !== "pruned");
  await scene.declare("shop", "shop", {
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: {
      scope: "OptOut",
      approval: "Never",
      prune: true,
      causes: ["live-edit", "deletion", "dropped-from-git"],
    },
  });
  swallow("DELETE", "pruned");
  scene.repository("shop").commit({ "all.yaml": yaml(...objects(left)) });
  await scene.poke("shop");
  await eventually("it is gone", async () => (await live("pruned")) === undefined || undefined, { within: 60_000 });
  await scene.deploy([inNamespace(namespace, configMap("pruned", { colour: "blue" }))]);
  await inSync(left.length);
  await wait(5_000);
  expect(succeeded("pruned")).toEqual(["delete 200"]);
  expect(await colourOf("pruned")).toBe("blue");
});

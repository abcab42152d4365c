/**
 * What waits until something else is so: a delete until all documents can be read and everybody who may declare the object
 * was read, an object until its namespace is there. Counted in the API server's audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import {
  approve,
  colourOf,
  healed,
  recordOf,
  untilColour,
  untilCounted,
  untilHealed,
  untilWaits,
} from "./heal-scene.ts";
import type { Operator } from "./operator.ts";
import { baselinePath, configMap, inNamespace, merge, setScene, untilCondition, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const plain = (name: string): JsonObject => configMap(name, { colour: "green" });
const pruning = {
  scope: "OptOut",
  prune: true,
  causes: ["live-edit", "deletion", "dropped-from-git"],
  approval: "Never",
  limits: { maxPercent: 100 },
};
const later: JsonObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "later" } };

const files: Record<string, string> = {
  "read/all.yaml": yaml(plain("stays"), plain("goes")),
  "from/all.yaml": yaml(plain("left"), plain("moved")),
  "to/all.yaml": yaml(plain("there")),
  "fresh/all.yaml": yaml(plain("old")),
};

let scene: Scene;
let operator: Operator;
let since: string;

const commit = (changed: Readonly<Record<string, string>>): string =>
  scene.repository("apps").commit(Object.assign(files, changed));

const declare = (name: string, path: string, remediation: JsonObject): Promise<void> =>
  scene.declare(name, "apps", { path, targetNamespace: namespace, mode: "Remediate", remediation });
const pause = (baseline: string, until: string | null): Promise<JsonObject> =>
  scene.send(
    "PATCH",
    baselinePath(baseline),
    { metadata: { annotations: { "plumbline.dev/pause-until": until } } },
    merge,
  );

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.allowDelete": true } });
  await scene.namespace(namespace);
  commit({});
  for (const name of ["stays", "goes", "left", "moved", "there", "old"])
    await scene.deploy([inNamespace(namespace, plain(name))]);
  operator = await scene.start();
  await operator.ready(60_000);
  await declare("read", "read", pruning);
  await declare("from", "from", pruning);
  await declare("to", "to", pruning);
  await declare("fresh", "fresh", { ...pruning, causes: ["deletion", "rollout"], approval: "HighRisk" });
  for (const [name, count] of Object.entries({ read: 2, from: 2, to: 1, fresh: 1 }))
    await untilCounted(scene, name, "inSync", count);
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

test("dropped, and then a document that cannot be read: it is not deleted before that can", async () => {
  await pause("read", new Date(Date.now() + 3_600_000).toISOString());
  commit({ "read/all.yaml": yaml(plain("stays")) });
  await scene.poke("read");
  await untilWaits(scene, `ConfigMap ${namespace}/goes`, "pause");
  commit({ "read/all.yaml": `${yaml(plain("stays"))}---\n{ not: [yaml\n` });
  await scene.poke("read");
  await untilCondition(scene, "read", "Rendered", { status: "False" });
  await pause("read", null);
  const said = await untilWaits(scene, `ConfigMap ${namespace}/goes`, "rollout");
  expect(said["message"]).toContain("cannot be used");
  await wait(3_000);
  expect(healed(scene, since)).toEqual([]);
  commit({ "read/all.yaml": yaml(plain("stays")) });
  await scene.poke("read");
  await untilColour(scene, namespace, "goes", undefined);
  await untilHealed(scene, since, "delete goes");
});

test("moved from one Baseline to another, the first of which is read first: it stays, and is the other's", async () => {
  commit({
    "from/all.yaml": yaml(plain("left")),
    "to/all.yaml": yaml(plain("there"), plain("moved")),
  });
  // Of the other one the interval is an hour.
  await scene.poke("from");
  await untilCounted(scene, "to", "inSync", 2);
  await untilCounted(scene, "from", "unmanaged", 0);
  await wait(3_000);
  expect(healed(scene, since)).toEqual([]);
  expect(await colourOf(scene, namespace, "moved")).toBe("green");
  await scene.edit(namespace, "moved", { colour: "red" });
  await untilColour(scene, namespace, "moved", "green");
  expect(await recordOf(scene, `ConfigMap ${namespace}/moved`, "from")).toBeUndefined();
  commit({ "to/all.yaml": yaml(plain("there")) });
  await scene.poke("to");
  await untilColour(scene, namespace, "moved", undefined);
  await untilHealed(scene, since, "delete moved", "patch moved");
});

test("its namespace waits for a person: so does what is in it, and is made with it", async () => {
  const within = configMap("within", { colour: "green" });
  commit({
    "fresh/all.yaml": yaml(plain("old"), later, { ...within, metadata: { name: "within", namespace: "later" } }),
  });
  await scene.poke("fresh");
  await untilWaits(scene, "Namespace later", "approval");
  const said = await untilWaits(scene, "ConfigMap later/within", "rollout");
  expect(said["message"]).toBe("there is no namespace later yet");
  await wait(2_000);
  expect(healed(scene, since)).toEqual([]);
  await approve(scene, "Namespace later");
  await untilColour(scene, "later", "within", "green");
  await untilHealed(scene, since, "create later", "create within");
});

test("in dispute, and after a restart the other's Git is away: nobody writes before it was read", async () => {
  const object = `ConfigMap ${namespace}/shared`;
  scene.repository("one").commit({ "all.yaml": yaml(plain("shared"), plain("ones")) });
  scene.repository("two").commit({ "all.yaml": yaml(plain("shared"), plain("twos")) });
  for (const name of ["shared", "ones", "twos"]) await scene.deploy([inNamespace(namespace, plain(name))]);
  const spec = { targetNamespace: namespace, mode: "Remediate", remediation: pruning };
  await scene.declare("one", "one", spec);
  await scene.declare("two", "two", spec);
  for (const name of ["one", "two"]) await untilCounted(scene, name, "inSync", 2);
  await scene.edit(namespace, "shared", { colour: "red" });
  await untilWaits(scene, object, "fight", "one");
  await operator.stop("SIGTERM");
  await scene.declare("two", "nowhere", spec);
  operator = await scene.start();
  await operator.ready(60_000);
  // What is not in dispute is put back meanwhile: the start is over.
  await scene.edit(namespace, "ones", { colour: "red" });
  await untilColour(scene, namespace, "ones", "green", 90_000);
  await wait(5_000);
  expect(await colourOf(scene, namespace, "shared")).toBe("red");
  scene.repository("two").commit({ "all.yaml": yaml(plain("twos")) });
  await scene.declare("two", "two", spec);
  await untilColour(scene, namespace, "shared", "green", 90_000);
  await untilHealed(scene, since, "patch ones", "patch shared");
});

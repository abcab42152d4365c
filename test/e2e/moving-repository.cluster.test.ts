/**
 * A repository that vanishes, empties, loses its branch or its history in the middle: what was known is kept and judged
 * on, the source is said to be stale, nothing is called unmanaged for want of an answer, and all recovers by itself.
 */
import { renameSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, isObject, type JsonObject } from "../../src/model/json.ts";
import type { Files, Repository } from "../git-server/repository.ts";
import { eventually, type Operator } from "./operator.ts";
import { configMap, findsAnEdit, inNamespace, setScene, untilCondition, yaml, type Scene } from "./scene.ts";

let scene: Scene;
let operator: Operator;
let repository: Repository;
const turns: Files = { "a.yaml": yaml(configMap("a")), "b.yaml": yaml(configMap("b")) };
const objects = async (): Promise<unknown> => getIn(await scene.status("middle"), "objects");
const counted = (wanted: JsonObject): Promise<unknown> =>
  eventually(`counts are ${JSON.stringify(wanted)}`, async () => {
    const found = await objects();
    if (!isObject(found as JsonObject)) return undefined;
    expect(found).toMatchObject(wanted);
    return true;
  });

/** The source fails so; a and b are still judged, and nothing is said to be unmanaged. */
const holds = async (type: string, reason: string): Promise<void> => {
  await scene.poke("middle");
  await untilCondition(scene, "middle", type, { status: "False", reason });
  expect(await objects()).toMatchObject({ total: 2, inSync: 2, unmanaged: 0, unknown: 0, missing: 0 });
  await findsAnEdit(scene, operator, "turn", "a");
  expect((await scene.drifts("middle")).filter(({ verdict }) => verdict === "unmanaged")).toEqual([]);
};

afterAll(() => scene?.stop());
beforeAll(async () => {
  scene = await setScene();
  await scene.namespace("turn");
  repository = scene.repository("middle");
  repository.commit(turns);
  operator = await scene.start();
  await scene.deploy(["a", "b"].map((name) => inNamespace("turn", configMap(name))));
  await scene.declare("middle", "middle", { targetNamespace: "turn" });
  await untilCondition(scene, "middle", "Compliant", { status: "True" });
});

test("vanishes, and comes back", async () => {
  renameSync(repository.dir, `${repository.dir}.gone`);
  await holds("SourceReady", "SourceUnreachable");
  renameSync(`${repository.dir}.gone`, repository.dir);
  await scene.poke("middle");
  await untilCondition(scene, "middle", "Compliant", { status: "True" });
});

test("has no commits any more", async () => {
  renameSync(repository.dir, `${repository.dir}.gone`);
  scene.repository("middle");
  await holds("SourceReady", "SourceEmpty");
  renameSync(repository.dir, `${repository.dir}.empty`);
  renameSync(`${repository.dir}.gone`, repository.dir);
  await scene.poke("middle");
  await untilCondition(scene, "middle", "Compliant", { status: "True" });
});

test("loses all its manifests, its path, its branch", async () => {
  repository.commit({ "README.md": "moved\n" });
  await holds("Ready", "SourceEmpty");
  repository.commit({ "elsewhere/a.yaml": yaml(configMap("a")), "a.yaml": "a:\n\tb\n" }, { branch: "other" });
  repository.git(["update-ref", "-d", "refs/heads/main"]);
  await holds("SourceReady", "SourceRefNotFound");
  repository.commit(turns);
  await scene.poke("middle");
  await untilCondition(scene, "middle", "Compliant", { status: "True" });
});

test("is force-pushed with another history: followed, and what is gone from it is told", async () => {
  repository.commit({ "a.yaml": yaml(configMap("a")) }, { orphan: true });
  await scene.poke("middle");
  await counted({ inSync: 1, unmanaged: 1 });
  repository.commit(turns, { orphan: true });
  await scene.poke("middle");
  await counted({ total: 2, inSync: 2, unmanaged: 0 });
});

test("gets one bad file: what it declared is unknown, not gone", async () => {
  repository.commit({ "a.yaml": yaml(configMap("a")), "b.yaml": "b:\n\tbad\n" });
  await scene.poke("middle");
  await counted({ inSync: 1, unknown: 1, unmanaged: 0, missing: 0 });
  repository.commit(turns);
  await scene.poke("middle");
  await untilCondition(scene, "middle", "Compliant", { status: "True" });
});

/** What Git said last of what it does not declare any more: it counts, whether a deployer had brought it about or not. */
import { afterEach, describe, expect, test } from "vitest";
import type { Baseline } from "../../src/model/baseline.ts";
import { getStrings } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { baseline, configMap, idIn, minute } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world.stop());

const web = configMap("web", { color: "blue" });
const red = configMap("web", { color: "red" });
const other = configMap("other", {});
const name = "ConfigMap shop/web";
const marks = { "plumbline.dev/severity": "critical", "plumbline.dev/prune": "disabled" };
const marked: KubeObject = { ...web, metadata: { ...web.metadata, annotations: marks } };

async function settled(): Promise<void> {
  world = new World({ baselines: [baseline()] });
  await world.commit([web, other]);
  await world.deploy();
}
/** What a heal would go by. */
const lastWord = () => {
  const { input } = world.engine.pairOf(world.key, idIn(web)) ?? {};
  return input?.lastDeclared && getStrings(input.lastDeclared.object, "metadata", "annotations");
};

test("deployed: as it was", async () => {
  await settled();
  await world.commit([other]);
  expect(world.judgement(web)?.verdict).toMatchObject({ cause: "dropped-from-git", severity: "medium" });
  expect(lastWord()).toEqual({});
});

test("changed once more, by a commit that nobody deployed: that commit", async () => {
  await settled();
  await world.commit([marked, other]);
  await world.commit([other]);
  expect(world.judgement(web)?.verdict).toMatchObject({ cause: "dropped-from-git", severity: "critical" });
  expect(lastWord()).toEqual(marks);
});

test("more commits, and a bad document among them: still that one", async () => {
  await settled();
  await world.commit([marked, other]);
  await world.commit([other], [{ code: "yaml-syntax", message: "tabs", file: "x.yaml", line: 3 }]);
  await world.commit([other]);
  await world.commit([other, configMap("third", {})]);
  expect(lastWord()).toEqual(marks);
});

test("declared again as it was deployed: it has settled, and has no last word", async () => {
  await settled();
  await world.commit([marked, other]);
  await world.commit([other]);
  await world.commit([web, other]);
  world.expect({ [name]: "in-sync", "ConfigMap shop/other": "in-sync" });
  await world.edit(red);
  expect(world.judgement(web)?.verdict).toMatchObject({ kind: "drifted", cause: "live-edit" });
  expect(lastWord()).toBeUndefined();
});

test("never as declared, dropped and declared again: it has not settled by that, and the deployer goes first", async () => {
  world = new World({ baselines: [baseline()] });
  for (const object of [red, other]) await world.edit(object);
  for (const declared of [[web, other], [other], [web, other]]) {
    await world.commit(declared);
    await world.tick(60 * minute);
  }
  expect(world.state().pending).toMatchObject([{ id: { name: "web" }, unmatched: true }]);
});

test("much dropped at once, and a restart: the revision before is on record, and its word is the last", async () => {
  const crowd = Array.from({ length: 9 }, (_, at) => configMap(`c${at}`, {}));
  world = new World({ baselines: [baseline()] });
  await world.commit([web, ...crowd]);
  await world.deploy();
  await world.commit([marked, ...crowd]);
  await world.commit(crowd.slice(4));
  expect(world.state().source.guard).toMatchObject({ reason: "Shrunk" });
  await world.restart();
  expect(world.state().source.guard).toMatchObject({ reason: "Shrunk" });
  expect(lastWord()).toEqual(marks);
});

test("dropped before a restart: reported, and nobody knows what Git said last", async () => {
  await settled();
  await world.commit([marked, other]);
  world.repositories.commit(world.key, [other]);
  await world.restart();
  expect(world.verdicts()).toMatchObject({ [name]: "unmanaged dropped-from-git" });
  expect(lastWord()).toBeUndefined();
});

describe("moved to another Baseline", () => {
  const theirs = baseline("theirs");
  const tenant = baseline("tenant", { namespace: "tenants", targetNamespace: "shop" });

  async function open(...others: readonly Baseline[]): Promise<void> {
    world = new World({ baselines: [baseline(), ...others] });
    await world.commit([web, other]);
    await world.deploy();
  }

  test("by the commit that drops it here: no word of it here, and that one's there", async () => {
    await open(theirs);
    await world.commit([other]);
    expect(world.verdicts()).toMatchObject({ [name]: "unmanaged dropped-from-git" });
    await world.commit([web], [], theirs.key);
    expect(world.judgement(web)).toBeUndefined();
    expect(world.judgement(web, theirs.key)?.verdict.kind).toBe("in-sync");
    await world.edit(red);
    expect(world.judgement(web)).toBeUndefined();
    expect(world.judgement(web, theirs.key)?.verdict.kind).toBe("drifted");
  });

  test("declared there before: nothing is said at all", async () => {
    await open(theirs);
    await world.commit([web], [], theirs.key);
    world.published();
    await world.commit([other]);
    expect(world.judgement(web)).toBeUndefined();
    world.expectPublished(["web: in-sync > none"]);
  });

  test("a tenant who has no say there takes nothing over", async () => {
    await open(tenant);
    await world.commit([web], [], tenant.key);
    await world.commit([other]);
    expect(world.verdicts()).toMatchObject({ [name]: "unmanaged dropped-from-git" });
  });

  test("dropped here and then there: the last to have it says so", async () => {
    await open(theirs);
    await world.commit([web, configMap("third", {})], [], theirs.key);
    for (const key of [world.key, theirs.key]) await world.commit([configMap("third", {})], [], key);
    expect(world.judgement(web, theirs.key)?.verdict.kind).toBe("unmanaged");
  });
});

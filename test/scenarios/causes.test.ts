/** Where drift comes from when nobody edited anything in place: objects made anew, and renders that cannot be relied on. */
import { afterEach, describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Cause } from "../../src/model/verdict.ts";
import { baseline, configMap, minute } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world.stop());

const web = configMap("web", { color: "blue" });
const red = configMap("web", { color: "red" });
const name = "ConfigMap shop/web";

async function settled(): Promise<void> {
  world = new World({ baselines: [baseline()] });
  await world.commit([web]);
  await world.deploy();
}

function causesOf(object: KubeObject): readonly Cause[] {
  const verdict = world.judgement(object)?.verdict;
  if (verdict?.kind !== "drifted") throw new Error(`expected drifted, found ${verdict?.kind ?? "nothing"}`);
  return [verdict.cause, ...verdict.changes.map(({ cause }) => cause)];
}

describe("deleted and made again", () => {
  test("with the same content: in sync, and told as history", async () => {
    await settled();
    await world.remove(web);
    await world.edit(web);
    world.expect({ [name]: "in-sync" });
    expect(world.recreated).toEqual([name]);
  });

  test("with other content: drifted by recreation, however often it is looked at, until it is in sync again", async () => {
    await settled();
    await world.remove(web);
    await world.edit(red);
    expect(causesOf(web)).toEqual(["recreation", "recreation"]);
    await world.tick(minute);
    world.engine.recheckBaseline(world.key);
    await world.settle();
    expect(causesOf(web)).toEqual(["recreation", "recreation"]);
    await world.edit(web);
    world.expect({ [name]: "in-sync" });
    await world.edit(red);
    expect(causesOf(web)).toEqual(["live-edit", "live-edit"]);
  });

  test("the very same object edited: by hand", async () => {
    await settled();
    await world.edit(red);
    expect(causesOf(web)).toEqual(["live-edit", "live-edit"]);
  });
});

describe("one commit that renders in several ways", () => {
  const random = (password: string): KubeObject => configMap("web", { color: "blue", password });

  async function rendered(...renders: KubeObject[][]): Promise<void> {
    world = new World({ baselines: [baseline("shop", { gracePeriod: 0 })] });
    const [first = []] = renders;
    world.repositories.commit(world.key, first, [], [...renders]);
    world.sources.poll(world.key);
    await world.settle();
    for (const object of first) await world.edit(object);
    world.expect({ [name]: "in-sync" });
    world.sources.renderAnew(world.key);
    await world.settle();
  }

  test("is named as the cause, and only of what wavers", async () => {
    await rendered([random("a")], [random("b")], [random("c")]);
    expect(causesOf(web)).toEqual(["non-deterministic-render", "non-deterministic-render"]);
    await world.edit(configMap("web", { color: "red", password: "a" }));
    expect(causesOf(web)).toEqual(["live-edit", "live-edit", "non-deterministic-render"]);
  });

  test("the settings changed, and the render with them: not named", async () => {
    await rendered([random("a")], [random("b")], [random("b")]);
    expect(causesOf(web)).toEqual(["rollout", "rollout"]);
  });

  test("a new commit starts anew", async () => {
    await rendered([random("a")], [random("b")], [random("c")]);
    await world.commit([random("d")]);
    expect(causesOf(web)).toEqual(["rollout", "rollout"]);
  });

  test("the second look fails: nothing is claimed", async () => {
    world = new World({ baselines: [baseline("shop", { gracePeriod: 0 })] });
    world.repositories.commit(world.key, [random("a")], [], [[random("a")], [random("b")]]);
    world.sources.poll(world.key);
    await world.settle();
    await world.edit(random("a"));
    world.sources.renderAtFails = "rejects";
    world.sources.renderAnew(world.key);
    await world.settle();
    expect(causesOf(web)).toEqual(["rollout", "rollout"]);
  });
});

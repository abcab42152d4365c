/** A restart knows what a status and the Drift records say, and nothing else; nobody should notice it. */
import { afterEach, describe, expect, test } from "vitest";
import { baseline, configMap, minute } from "../support/scenario/samples.ts";
import { idOf } from "../../src/model/resource.ts";
import { pendingCap } from "../../src/model/state.ts";
import { World } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world.stop());

const web = configMap("web", { color: "blue" });
const green = configMap("web", { color: "green" });
const red = configMap("web", { color: "red" });
const name = "ConfigMap shop/web";

async function settled(...objects: Parameters<World["commit"]>[0]): Promise<World> {
  world = new World({ baselines: [baseline()] });
  await world.commit(objects);
  await world.deploy();
  world.published();
  return world;
}

describe("pending", () => {
  test("is remembered, and the grace period is neither extended nor cut short", async () => {
    await settled(web);
    await world.commit([green]);
    await world.tick(6 * minute);
    world.published();
    const { fetchedAt } = world.state().source;
    await world.restart();
    expect(world.state().source.fetchedAt, "fetched once").toBe(fetchedAt);
    world.expect({ [name]: "pending changed" });
    await world.tick(4 * minute - 1);
    world.expect({ [name]: "pending changed" });
    await world.tick(1);
    world.expect({ [name]: "drifted" });
  });

  test("of a new object is remembered as well, on a Baseline that never settled", async () => {
    world = new World({ baselines: [baseline()] });
    await world.commit([web]);
    await world.tick(9 * minute);
    await world.restart();
    world.expect({ [name]: "pending new" });
    await world.tick(minute);
    world.expect({ [name]: "missing" });
  });

  test("begins when we learn of it, where Git moved while nobody looked", async () => {
    await settled(web);
    await world.tick(60 * minute);
    world.repositories.commit(world.key, [green]);
    await world.restart();
    world.expect({ [name]: "pending changed" });
    await world.tick(10 * minute);
    world.expect({ [name]: "drifted" });
  });

  test("of more objects than a status remembers does not last longer than for the last one it does", async () => {
    const many = Array.from({ length: 60 }, (_, index) => configMap(`c${index}`, { size: "1" }));
    await settled(...many);
    await world.commit(many.map((object) => ({ ...object, data: { size: "2" } })));
    await world.tick(3 * minute);
    const [first, ...others] = many;
    await world.commit([
      { ...first!, data: { size: "3" } },
      ...others.map((object) => ({ ...object, data: { size: "2" } })),
    ]);
    const { pending } = world.state();
    expect(pending).toHaveLength(pendingCap);
    expect(pending.map(({ since }) => since)).toEqual(pending.map(({ since }) => since).sort());
    expect(pending.map(({ id }) => id.name)).not.toContain("c0");
    await world.tick(3 * minute);
    await world.restart();
    expect(world.state().counts.pending).toBe(60);
    await world.tick(4 * minute);
    // Of the ten that were not remembered one has waited for less; none waits for longer than it may.
    expect(world.state().counts).toMatchObject({ pending: 0, drifted: 60 });
  });

  test.each(["rejects", "fails"] as const)(
    "is not known where rendering the settled revision %s; nothing else is lost",
    async (how) => {
      await settled(web, configMap("other", {}));
      await world.commit([green, configMap("other", {})]);
      world.renderAtFails = how;
      await world.restart();
      world.expect({ [name]: "drifted", "ConfigMap shop/other": "in-sync" });
    },
  );
});

describe("what was never brought", () => {
  const matched = (object: typeof web): boolean => {
    const input = world.engine.inputOf(world.key, { ...idOf(object), namespace: "shop" });
    return input?.desired !== undefined && input.previous?.hash === input.desired.hash;
  };

  test("is not taken for what live once was, however long after its grace period", async () => {
    await settled(web);
    await world.commit([green]);
    await world.tick(60 * minute);
    expect(world.judgement(web)?.verdict).toMatchObject({ kind: "drifted", cause: "rollout" });
    await world.restart();
    expect(world.judgement(web)?.verdict).toMatchObject({ kind: "drifted", cause: "rollout" });
    expect(matched(web)).toBe(false);
    await world.deploy();
    expect(matched(web)).toBe(true);
    await world.edit(red);
    await world.restart();
    expect(world.judgement(web)?.verdict).toMatchObject({ kind: "drifted", cause: "live-edit" });
    expect(matched(web)).toBe(true);
  });

  test("nor where it never was so since we first looked; what else there is settles", async () => {
    world = new World({ baselines: [baseline()] });
    await world.edit(red);
    await world.edit(configMap("other", {}));
    await world.commit([web, configMap("other", {})]);
    expect([matched(web), matched(configMap("other", {}))]).toEqual([false, true]);
    await world.restart();
    world.expect({ [name]: "drifted", "ConfigMap shop/other": "in-sync" });
    expect([matched(web), matched(configMap("other", {}))]).toEqual([false, true]);
    await world.tick(60 * minute);
    await world.restart();
    expect([matched(web), matched(configMap("other", {}))]).toEqual([false, true]);
    await world.edit(web);
    await world.edit(red);
    await world.restart();
    expect([matched(web), matched(configMap("other", {}))]).toEqual([true, true]);
  });

  test("of more objects than a status remembers none is taken for what live once was", async () => {
    const many = Array.from({ length: pendingCap + 10 }, (_, index) => configMap(`c${index}`, { size: "1" }));
    world = new World({ baselines: [baseline()] });
    await world.tick(minute);
    for (const one of many) await world.edit({ ...one, data: { size: "2" } });
    await world.commit(many);
    expect(world.state().counts).toMatchObject({ drifted: many.length });
    await world.restart();
    expect(many.filter(matched)).toEqual([]);
  });
});

describe("announcements", () => {
  test("what drifted before is neither announced nor counted twice, and keeps its age", async () => {
    await settled(web, configMap("other", {}));
    await world.edit(red);
    const { firstObserved, lastChanged } = world.judgement(web)!;
    world.published();
    await world.tick(60 * minute);
    await world.restart();
    world.expect({ [name]: "drifted", "ConfigMap shop/other": "in-sync" });
    expect(world.published().filter((line) => line.startsWith("web"))).toEqual([
      "web: drifted > drifted (again)",
      "web: drifted > drifted (lines)",
    ]);
    expect(world.judgement(web)).toMatchObject({ firstObserved, lastChanged });
  });

  test("what was repaired meanwhile is announced as resolved", async () => {
    await settled(web);
    await world.edit(red);
    await world.settle();
    world.save();
    await world.stop();
    world.published();
    await world.edit(web);
    await world.restart();
    world.expectPublished(["web: drifted > in-sync"]);
  });

  test("what drifted further meanwhile is announced, and keeps its age", async () => {
    await settled(web);
    await world.edit(red);
    const { firstObserved } = world.judgement(web)!;
    await world.tick(minute);
    world.published();
    await world.stop();
    await world.edit(configMap("web", { color: "red", size: "9" }));
    await world.restart();
    world.expectPublished(["web: drifted > drifted", "web: drifted > drifted (lines)"]);
    expect(world.judgement(web)).toMatchObject({ firstObserved, lastChanged: firstObserved + minute });
  });

  test("what is missing stays missing, confirmed again and told to nobody", async () => {
    await settled(web);
    await world.remove(web);
    world.published();
    await world.restart();
    world.expect({ [name]: "missing" });
    world.expectPublished(["web: missing > missing (again)"]);
  });

  test("while the source is away after a restart, what was reported stays reported", async () => {
    await settled(web);
    await world.edit(red);
    world.published();
    world.repositories.of(world.key).failure = { code: "source-unreachable", message: "no route" };
    await world.restart();
    expect(world.verdicts()).toEqual({ [name]: "drifted" });
    expect(world.engine.isReady()).toBe(true);
    expect(world.state().source).toMatchObject({ state: "failed", revision: { ref: "main" } });
    world.expectPublished([]);
    // And once more, before it ever came back.
    await world.restart();
    world.repositories.of(world.key).failure = undefined;
    world.sources.poll(world.key);
    await world.settle();
    world.expect({ [name]: "drifted" });
    world.expectPublished(["web: drifted > drifted (again)", "web: drifted > drifted (lines)"]);
  });
});

describe("the inventory", () => {
  test("dropped from Git before the restart: reported until it is gone", async () => {
    await settled(web, configMap("other", {}));
    await world.commit([configMap("other", {})]);
    world.published();
    await world.restart();
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
    expect(world.published().filter((line) => line.startsWith("web"))).toEqual([
      "web: unmanaged dropped-from-git > unmanaged dropped-from-git (again)",
    ]);
    await world.remove(web);
    world.expect({ "ConfigMap shop/other": "in-sync" });
  });

  test("dropped from Git while nobody looked: reported, for the settled revision declared it", async () => {
    await settled(web, configMap("other", {}));
    world.repositories.commit(world.key, [configMap("other", {})]);
    await world.restart();
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
  });

  test("deleted while nobody looked: missing at once, for the settled revision had it", async () => {
    await settled(web);
    await world.stop();
    world.live.remove({ group: "", kind: "ConfigMap", namespace: "shop", name: "web" });
    await world.restart();
    world.expect({ [name]: "missing" });
  });

  test("a repository emptied while nobody looked drops nothing", async () => {
    await settled(web);
    await world.edit(red);
    world.repositories.commit(world.key, []);
    await world.restart();
    expect(world.verdicts()).toEqual({ [name]: "drifted" });
    expect(world.state().source).toMatchObject({ state: "failed", problem: { code: "source-empty" } });
  });
});

/** `spec.unmanaged` in the whole engine: when what was found is told, how it ends, and what a restart makes of it. */
import { afterEach, describe, expect, test } from "vitest";
import { coverageRatio } from "../../src/model/state.ts";
import { baseline, configMap, minute } from "../support/scenario/samples.ts";
import { hand, handName, searched, SearchedWorld, web, withMetadata } from "../support/scenario/searched-world.ts";

let world: SearchedWorld;
afterEach(() => world.stop());

describe("how it ends", () => {
  test("it goes: forgotten at once, without a question", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    const { confirmed } = world.live;
    await world.remove(hand);
    await world.rest();
    world.expect({ "ConfigMap shop/web": "in-sync" });
    world.expectCounted();
    expect(world.left()).toEqual(["gone"]);
    expect(world.live.confirmed).toBe(confirmed);
  });

  test("it is being deleted", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.write(withMetadata(hand, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] }));
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.left()).toEqual(["gone"]);
  });

  test("it is adopted into Git: in sync; dropped again: dropped from Git", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.declare(web, hand);
    world.expect({ "ConfigMap shop/web": "in-sync", [handName]: "in-sync" });
    expect(world.left()).toEqual([]);
    await world.declare(web);
    expect(world.verdictOf(handName)).toBe("unmanaged dropped-from-git");
    world.expectCounted();
  });

  test("it is adopted otherwise than it is: drifted", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.declare(web, configMap("hand", { made: "in Git" }));
    expect(world.verdictOf(handName)).toBe("drifted");
  });

  test("another Baseline adopts it: claimed", async () => {
    const other = baseline("other", { gracePeriod: 0 });
    world = await SearchedWorld.open({ baselines: [searched(), other] });
    await world.commit([configMap("o", {})], [], other.key);
    await world.write(hand);
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    await world.commit([configMap("o", {}), hand], [], other.key);
    await world.rest();
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.verdictOf(handName, other.key)).toBe("in-sync");
    expect(world.left()).toEqual(["claimed"]);
  });

  test("the scope is switched off: it is left, and less is watched; on again: found", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.apply(baseline("shop", { gracePeriod: 0, generation: 2 }));
    await world.rest();
    world.expect({ "ConfigMap shop/web": "in-sync" });
    expect(world.left()).toEqual(["unsearched"]);
    expect(world.live.watchedKinds()).toEqual(["v1/ConfigMap", "v1/Namespace"]);
    expect(world.state()).not.toHaveProperty("coverage");
    await world.apply(searched({ generation: 3 }));
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("the Baseline is deleted", async () => {
    const other = baseline("other");
    world = await SearchedWorld.open({ baselines: [searched(), other] });
    await world.write(hand);
    await world.forget();
    await world.rest();
    expect(world.live.watchedKinds()).toEqual(["v1/Namespace"]);
  });

  test("a suspended Baseline keeps what it said", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.apply(searched({ suspend: true, generation: 2 }));
    await world.remove(hand);
    await world.write(configMap("more", {}));
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    expect(world.verdictOf("ConfigMap shop/more")).toBeUndefined();
    await world.apply(searched({ generation: 3 }));
    await world.rest();
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.verdictOf("ConfigMap shop/more")).toBe("unmanaged live-edit");
  });
});

describe("what a deployer brings before Git was asked", () => {
  test("waits until Git was asked after it, and is in sync then", async () => {
    world = await SearchedWorld.open({ baselines: [searched({ gracePeriod: 10 * minute })] });
    await world.write(hand);
    expect(world.verdictOf(handName)).toBeUndefined();
    await world.tick(20_000);
    await world.declare(web, hand);
    world.expect({ "ConfigMap shop/web": "in-sync", [handName]: "in-sync" });
    expect(world.left()).toEqual([]);
  });

  test("is nobody's once Git was asked and does not have it", async () => {
    world = await SearchedWorld.open({ baselines: [searched({ gracePeriod: 10 * minute })] });
    await world.write(hand);
    await world.tick(20_000);
    expect(world.verdictOf(handName), "nobody asked").toBeUndefined();
    world.sources.poll(world.key);
    await world.tick(1_000);
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("is nobody's after the grace period, where Git cannot be asked", async () => {
    world = await SearchedWorld.open({ baselines: [searched({ gracePeriod: 10 * minute })] });
    world.repositories.of(world.key).failure = { code: "source-unreachable", message: "no route" };
    await world.write(hand);
    await world.tick(5 * minute);
    world.sources.poll(world.key);
    await world.tick(4 * minute);
    expect(world.verdictOf(handName)).toBeUndefined();
    await world.tick(2 * minute);
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("documents that cannot be read may declare it: nothing new is reported, what was found stays", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.commit([web], [{ code: "yaml-syntax", message: "broken" }]);
    await world.write(configMap("more", {}));
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    expect(world.verdictOf("ConfigMap shop/more")).toBeUndefined();
    await world.declare(web, configMap("web2", {}));
    expect(world.verdictOf("ConfigMap shop/more")).toBe("unmanaged live-edit");
  });
});

describe("what is not seen", () => {
  test("a kind that may not be listed is no error: it is said once which are not searched", async () => {
    world = new SearchedWorld();
    world.live.force("v1/Secret", "forbidden");
    world.live.force("apps/v1/Deployment", "forbidden");
    await world.start();
    await world.write(hand);
    world.expect({ "ConfigMap shop/web": "in-sync", [handName]: "unmanaged live-edit" });
    expect(world.state().unsearched).toEqual([
      {
        code: "forbidden",
        message:
          "not searched for unmanaged objects, because the right to list and watch them is missing: Deployment.apps, Secret",
      },
    ]);
    world.live.force("v1/Secret", undefined);
    world.live.force("apps/v1/Deployment", undefined);
    await world.rest();
    expect(world.state().unsearched).toEqual([]);
  });

  test("a watch that is lost leaves what was found, as not known; back, it was never news", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    world.published();
    world.live.force("v1/ConfigMap", "forbidden");
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unknown forbidden");
    world.live.force("v1/ConfigMap", undefined);
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    expect(world.published().filter((line) => line.startsWith("hand"))).toEqual([
      "hand: unmanaged live-edit > unknown forbidden",
      "hand: unmanaged live-edit > unmanaged live-edit (again)",
    ]);
  });

  test("a kind that is never listed is waited for half a minute, and no longer", async () => {
    world = new SearchedWorld();
    world.live.force("v1/Secret", "syncing");
    await world.start();
    await world.write(hand);
    expect(world.verdictOf(handName)).toBeUndefined();
    await world.tick(31_000);
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("coverage: declared of what is there, once all was looked through", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    expect(coverageRatio(world.state())).toBe(0.5);
    expect(world.state().counts).toMatchObject({ "in-sync": 1, unmanaged: 1 });
  });
});

describe("a restart", () => {
  test("replays what was told, and what went meanwhile is left", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.write(configMap("went", {}));
    world.live.told = undefined;
    world.published();
    const gone = configMap("went", {}, "shop");
    const restarting = world.restart();
    world.live.remove({ group: "", kind: "ConfigMap", namespace: "shop", name: String(gone.metadata["name"]) });
    await restarting;
    await world.rest();
    world.expect({ "ConfigMap shop/web": "in-sync", [handName]: "unmanaged live-edit" });
    expect(world.published().filter((line) => !line.startsWith("web"))).toEqual(
      expect.arrayContaining([
        "hand: unmanaged live-edit > unmanaged live-edit (again)",
        "went: unmanaged live-edit > none",
      ]),
    );
  });

  test("with the scope switched off meanwhile: the records go", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    await world.apply(searched({ suspend: true }));
    const before = world.left().length;
    await world.apply(baseline("shop", { gracePeriod: 0, generation: 2 }));
    await world.restart();
    await world.rest();
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.left().slice(before)).toEqual(["unsearched"]);
  });

  test("nothing is nobody's while it is not known what a Baseline declares that did before", async () => {
    const other = baseline("other", { gracePeriod: 0 });
    world = await SearchedWorld.open({ baselines: [searched(), other] });
    await world.commit([hand], [], other.key);
    await world.write(hand);
    world.repositories.of(other.key).failure = { code: "source-unreachable", message: "no route" };
    await world.restart();
    await world.tick(2 * minute);
    await world.rest();
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.state().unsearched?.map(({ message }) => message)).toEqual([
      "no new unmanaged objects are reported until it is known what these Baselines declare: platform/other",
    ]);
    world.repositories.of(other.key).failure = undefined;
    world.sources.poll(other.key);
    await world.rest();
    await world.write(configMap("more", {}));
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.verdictOf("ConfigMap shop/more")).toBe("unmanaged live-edit");
  });
});

test("events on what nobody searches cost nothing, and a commit walks over nothing", async () => {
  world = await SearchedWorld.open();
  for (let at = 0; at < 200; at += 1) world.live.write(configMap(`far-${at}`, {}, "far"));
  await world.rest();
  const { named, glimpsed } = world.search;
  await world.edit(configMap("far-7", { a: "b" }, "far"));
  expect(world.search.glimpsed).toBe(glimpsed);
  await world.declare(web, configMap("two", {}));
  expect(world.search.named).toBe(named);
});

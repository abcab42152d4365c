/** Things that go wrong around an object, and what is then said of it: never that it is in sync, never that it is gone. */
import { beginning } from "../../src/engine/recorder.ts";
import { afterEach, describe, expect, test } from "vitest";
import { baseline, configMap, minute, widget } from "../support/scenario/samples.ts";
import { World, type WorldOptions } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world.stop());

const web = configMap("web", { color: "blue" });
const green = configMap("web", { color: "green" });
const red = configMap("web", { color: "red" });
const name = "ConfigMap shop/web";
const shop = baseline();
const tools = baseline("tools", { targetNamespace: "shop" });

async function settled(options: Partial<WorldOptions> = {}): Promise<World> {
  world = new World({ baselines: [shop], ...options });
  await world.commit([web]);
  await world.deploy();
  world.published();
  return world;
}

describe("the source", () => {
  test("its failure keeps every verdict, says so, and live edits are still found", async () => {
    await settled();
    world.repositories.of(shop.key).failure = { code: "source-unreachable", message: "no route" };
    await world.commit([]);
    world.expect({ [name]: "in-sync" });
    world.expectPublished([]);
    expect(world.state().source).toMatchObject({ state: "failed", stage: "source", revision: { ref: "main" } });
    await world.edit(red);
    world.expect({ [name]: "drifted" });
    world.repositories.of(shop.key).failure = undefined;
    world.repositories.commit(shop.key, [red]);
    world.sources.poll(shop.key);
    await world.settle();
    world.expect({ [name]: "in-sync" });
    expect(world.state().source).not.toHaveProperty("problem");
  });

  test("an emptied repository drops nothing", async () => {
    await settled();
    await world.commit([]);
    world.expect({ [name]: "in-sync" });
    expect(world.state().source).toMatchObject({ state: "failed", problem: { code: "source-empty" } });
  });

  test("ready once its first attempt ended, though it failed", async () => {
    world = new World({ baselines: [shop] });
    expect(world.engine.isReady()).toBe(false);
    await world.settle();
    expect(world.state().source.state).toBe("failed");
    expect(world.engine.isReady()).toBe(true);
    expect(world.state().judged).toBe(false);
  });

  test("suspended: no fetching, the last verdicts stay; resumed: the truth of now", async () => {
    await settled();
    await world.apply({ ...shop, generation: 2, suspend: true });
    await world.edit(red);
    await world.commit([green]);
    world.expect({ [name]: "in-sync" });
    world.expectPublished([]);
    await world.apply({ ...shop, generation: 3 });
    world.expect({ [name]: "drifted" });
  });

  test("our own writes to a Baseline's status look at nothing again", async () => {
    await settled();
    const { stateChanges } = world;
    const looks = world.outcomes.length;
    await world.apply({ ...shop });
    expect(world.stateChanges).toBe(stateChanges);
    expect(world.outcomes).toHaveLength(looks);
  });

  test("requested-at checks at once", async () => {
    await settled();
    world.repositories.commit(shop.key, [red]);
    await world.apply({ ...shop, requestedAt: "now" });
    world.expect({ [name]: "pending changed" });
  });
});

describe("sight", () => {
  test("refused, then granted", async () => {
    world = new World({ baselines: [shop] });
    world.live.force("v1/ConfigMap", "forbidden");
    await world.commit([web]);
    await world.deploy();
    world.expect({ [name]: "unknown forbidden" });
    expect(world.state().judged, "refused is an answer").toBe(true);
    world.live.force("v1/ConfigMap", undefined);
    await world.settle();
    world.expect({ [name]: "in-sync" });
    world.expectPublished(["web: none > unknown forbidden", "web: unknown forbidden > in-sync"]);
  });

  test("not synced is unknown, after a while with its reason, never in sync, and told to nobody before anything was said", async () => {
    world = new World({ baselines: [shop] });
    world.live.force("v1/ConfigMap", "syncing");
    await world.commit([web]);
    await world.deploy();
    expect([world.verdicts(), world.state().counts.unknown, world.state().judged]).toEqual([{}, 1, false]);
    await world.tick(beginning);
    world.expect({ [name]: "unknown not-synced" });
    world.expectPublished([]);
    expect(world.state().source.settledRevision).toBeUndefined();
    world.live.force("v1/ConfigMap", undefined);
    await world.settle();
    world.expect({ [name]: "in-sync" });
    world.expectPublished(["web: none > in-sync"]);
  });

  test("lost while it drifted: unknown; back again, it is neither new nor younger", async () => {
    await settled();
    await world.edit(red);
    const { firstObserved } = world.judgement(web)!;
    await world.tick(minute);
    world.published();
    world.live.force("v1/ConfigMap", "forbidden");
    await world.settle();
    world.live.force("v1/ConfigMap", undefined);
    await world.tick(minute);
    world.expectPublished(["web: drifted > unknown forbidden", "web: drifted > drifted (again)"]);
    expect(world.judgement(web)?.firstObserved).toBe(firstObserved);
  });

  test("lost while it drifted, repaired unseen: its resolution is told", async () => {
    await settled();
    await world.edit(red);
    world.published();
    world.live.force("v1/ConfigMap", "forbidden");
    await world.edit(web);
    world.live.force("v1/ConfigMap", undefined);
    await world.settle();
    world.expectPublished(["web: drifted > unknown forbidden", "web: drifted > in-sync"]);
  });

  test("a kind that is not served is unknown; served, its objects get their namespace and a verdict", async () => {
    world = new World({ baselines: [shop] });
    await world.commit([web, widget("gear", 3)]);
    await world.deploy();
    world.expect({ [name]: "in-sync", "Widget gear": "unknown kind-not-served" });
    world.live.serve("example.com/v1/Widget", "Namespaced");
    world.engine.discoveryChanged();
    await world.edit(widget("gear", 3));
    world.expect({ [name]: "in-sync", "Widget shop/gear": "in-sync" });
    expect(world.live.confirmed, "a misplaced id was never dropped from Git").toBe(0);
    // Not served for a while: it stays where it was.
    world.live.serve("example.com/v1/Widget", undefined);
    world.engine.discoveryChanged();
    await world.settle();
    world.expect({ [name]: "in-sync", "Widget shop/gear": "unknown kind-not-served" });
  });

  test("a schema that is on its way: unknown until it is there", async () => {
    world = new World({ baselines: [shop] });
    world.schema = "loading";
    await world.commit([web]);
    await world.deploy();
    await world.tick(beginning);
    world.expect({ [name]: "unknown not-synced" });
    world.schema = undefined;
    world.engine.schemaChanged({ group: "", version: "v1", kind: "ConfigMap" });
    await world.settle();
    world.expect({ [name]: "in-sync" });
  });

  test("what is watched follows what is declared", async () => {
    await settled();
    expect(world.live.watchedKinds()).toEqual(["v1/ConfigMap", "v1/Namespace"]);
    await world.commit([web, widget("gear", 1)]);
    expect(world.live.watchedKinds()).toContain("example.com/v1/Widget");
    await world.commit([web]);
    expect(world.live.watchedKinds()).toEqual(["v1/ConfigMap", "v1/Namespace"]);
  });
});

describe("Baselines among themselves", () => {
  test("two that declare one object judge it each for itself", async () => {
    await settled({ baselines: [shop, tools] });
    await world.commit([green], [], tools.key);
    world.expect({ [name]: "in-sync" }, shop.key);
    world.expect({ [name]: "drifted" }, tools.key);
    expect(world.engine.declaring({ group: "", kind: "ConfigMap", namespace: "shop", name: "web" })).toEqual([
      shop.key,
      tools.key,
    ]);
    await world.edit(green);
    world.expect({ [name]: "drifted" }, shop.key);
    world.expect({ [name]: "in-sync" }, tools.key);
  });

  test("one that goes takes its objects along, and leaves the other's alone", async () => {
    await settled({ baselines: [shop, tools] });
    await world.commit([web], [], tools.key);
    world.published();
    await world.forget(shop.key);
    world.expectPublished(["web: in-sync > none"]);
    expect(world.engine.state(shop.key)).toBeUndefined();
    world.expect({ [name]: "in-sync" }, tools.key);
    await world.edit(red);
    world.expect({ [name]: "drifted" }, tools.key);
  });

  test("one that goes while the cluster is asked hears the answer no more", async () => {
    await settled();
    let answer = (): void => {};
    world.live.confirm = () => new Promise((resolve) => (answer = () => resolve({ state: "absent" })));
    await world.remove(web);
    await world.forget();
    world.published();
    answer();
    await world.settle();
    world.expectPublished([]);
    expect([...world.engine.judgements(shop.key)]).toEqual([]);
    await world.apply(shop);
  });

  test("one of a tenant judges its own namespace only", async () => {
    const tenant = baseline("team", { namespace: "team", targetNamespace: "team" });
    world = new World({ baselines: [tenant] });
    await world.commit([configMap("mine", {}), configMap("theirs", {}, "shop")]);
    world.live.write(configMap("mine", {}, "team"));
    world.live.write(configMap("theirs", { stolen: "glance" }, "shop"));
    await world.settle();
    world.expect({ "ConfigMap team/mine": "in-sync", "ConfigMap shop/theirs": "unknown outside-tenancy" });
  });

  test("one of a tenant that names a ServiceAccount sees further", async () => {
    const tenant = baseline("team", { namespace: "team", serviceAccountName: "deployer" });
    world = new World({ baselines: [tenant] });
    await world.commit([configMap("theirs", {}, "shop")]);
    await world.deploy();
    world.expect({ "ConfigMap shop/theirs": "in-sync" });
  });
});

test("an object that cannot be judged is unknown, tried again, and hurts nobody", async () => {
  await settled();
  const view = world.live.view.bind(world.live);
  world.live.view = (id, version) => {
    if (id.name === "poison") throw new Error("s3cret value in a message");
    return view(id, version);
  };
  await world.commit([web, configMap("poison", {})]);
  world.expect({ [name]: "in-sync", "ConfigMap shop/poison": "unknown internal-error" });
  expect(JSON.stringify([...world.engine.judgements(shop.key)])).not.toContain("s3cret");
  world.expectPublished(["poison: none > unknown internal-error"]);
  const tried = world.outcomes.filter((outcome) => outcome === "error").length;
  await world.edit(red);
  world.expect({ [name]: "drifted", "ConfigMap shop/poison": "unknown internal-error" });
  world.live.view = view;
  await world.tick(10 * minute);
  expect(tried).toBeGreaterThan(0);
  expect(world.verdicts()["ConfigMap shop/poison"]).not.toMatch(/^unknown/);
});

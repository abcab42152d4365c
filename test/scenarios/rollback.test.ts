/** A revision put back for a time, by its commit; and which revision is known to be good. */
import { afterEach, describe, expect, test } from "vitest";
import type { Baseline, RollbackSettings } from "../../src/model/baseline.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { baseline, configMap, deployment, idIn, minute } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world?.stop());

const shop = baseline("shop", { mode: "Remediate" });
const hour = 60 * minute;
const web = (color: string): KubeObject => configMap("web", { color });
const name = "ConfigMap shop/web";
const commit = (nth: number): string => nth.toString(16).padStart(40, "0");
const revision = (nth: number): string => `main@sha1:${commit(nth)}`;
const inForce = (): string | undefined => world.state().source.revision?.commit;

const to = (nth: number, more: Partial<RollbackSettings> = {}): Baseline => ({
  ...shop,
  rollback: {
    commit: commit(nth),
    until: world.clock.now() + hour,
    reason: "the shop is down",
    automatic: false,
    ...more,
  },
});

/** Blue, then green, both brought by their deployer. */
async function deployedTwice(made: Baseline = shop): Promise<void> {
  world = new World({ baselines: [made] });
  await world.commit([web("blue")]);
  await world.deploy();
  await world.commit([web("green")]);
  await world.deploy();
}

describe("a rollback", () => {
  test("puts the revision in force: what differs is drift at once, and may be healed though nobody deployed it", async () => {
    await deployedTwice();
    world.published();
    const asked = to(1);
    await world.apply(asked);
    world.expect({ [name]: "drifted" });
    expect(world.state().source).toMatchObject({
      revision: { ref: "main", commit: commit(1) },
      rollback: { ...asked.rollback, phase: "in-force", instead: { commit: commit(2) } },
    });
    const input = world.engine.inputOf(shop.key, idIn(web("")));
    expect(input?.desired?.object["data"]).toEqual({ color: "blue" });
    expect(input?.baseline.remediation.causes).toContain("rollout");
    expect(world.state().baseline.remediation.causes, "as the spec has it").not.toContain("rollout");
    await world.edit(web("blue"));
    world.expect({ [name]: "in-sync" });
  });

  test("of a deleted object, and of one that came since", async () => {
    world = new World({ baselines: [shop] });
    await world.commit([web("blue")]);
    await world.deploy();
    await world.commit([configMap("new", {})]);
    await world.deploy();
    await world.remove(web(""));
    await world.apply(to(1));
    world.expect({ [name]: "missing", "ConfigMap shop/new": "unmanaged dropped-from-git" });
  });

  test.each([
    ["a person", false, true],
    ["nobody", true, false],
  ])("asked for by %s: whether what came since may be taken away", async (_, automatic, prune) => {
    await deployedTwice({ ...shop, remediation: { ...shop.remediation, prune: true } });
    const { rollback } = to(1, { automatic });
    if (rollback === undefined) throw new Error("no rollback");
    await world.apply({ ...world.state().baseline, rollback });
    expect(world.state().source.rollback?.phase).toBe("in-force");
    expect(world.engine.inputOf(shop.key, idIn(web("")))?.baseline.remediation.prune).toBe(prune);
  });

  test("ends by itself, and the ref counts again: the deployer has its grace period from then on", async () => {
    await deployedTwice();
    await world.apply(to(1));
    await world.edit(web("blue"));
    await world.tick(hour - 1);
    expect(inForce()).toBe(commit(1));
    await world.tick(1);
    expect(inForce()).toBe(commit(2));
    expect(world.state().source).not.toHaveProperty("rollback");
    world.expect({ [name]: "pending changed" });
    await world.tick(10 * minute);
    world.expect({ [name]: "drifted" });
    expect(world.engine.inputOf(shop.key, idIn(web("")))?.baseline).toEqual(world.state().baseline);
  });

  test("ends when its annotation goes", async () => {
    await deployedTwice();
    await world.apply(to(1));
    await world.apply(shop);
    expect(inForce()).toBe(commit(2));
    world.expect({ [name]: "in-sync" });
  });

  test("can be prolonged, shortened, or moved to another revision", async () => {
    await deployedTwice();
    await world.commit([web("red")]);
    await world.deploy();
    await world.apply(to(1));
    await world.tick(30 * minute);
    await world.apply(to(1, { reason: "still down" }));
    expect(world.state().source.rollback).toMatchObject({ reason: "still down", phase: "in-force" });
    await world.tick(45 * minute);
    expect(inForce()).toBe(commit(1));
    await world.apply(to(2));
    expect(inForce()).toBe(commit(2));
    await world.apply(to(2, { until: world.clock.now() + minute }));
    await world.tick(minute);
    expect(inForce()).toBe(commit(3));
  });

  test("Git moves on meanwhile: followed, named, and judged only afterwards", async () => {
    await deployedTwice();
    await world.apply(to(1));
    await world.edit(web("blue"));
    await world.commit([web("red")]);
    expect(inForce()).toBe(commit(1));
    expect(world.state().source.rollback?.instead?.commit).toBe(commit(3));
    world.expect({ [name]: "in-sync" });
    await world.tick(hour);
    expect(inForce()).toBe(commit(3));
    world.expect({ [name]: "pending changed" });
  });

  test("a restart in the middle changes nothing, and judges by nothing else in between", async () => {
    await deployedTwice();
    await world.apply(to(1));
    await world.edit(web("blue"));
    world.published();
    await world.restart();
    expect(inForce()).toBe(commit(1));
    world.expect({ [name]: "in-sync" });
    expect(world.published().filter((line) => line.includes("drifted") || line.includes("pending"))).toEqual([]);
    expect(world.state().source.rollback).toMatchObject({ phase: "in-force", instead: { commit: commit(2) } });
    await world.tick(hour);
    expect(inForce()).toBe(commit(2));
    world.expect({ [name]: "pending changed" });
  });

  test("that ran out while nobody looked is over", async () => {
    await deployedTwice();
    await world.apply(to(1));
    await world.edit(web("blue"));
    await world.settle();
    world.save();
    await world.stop();
    await world.tick(2 * hour);
    await world.restart();
    expect(inForce()).toBe(commit(2));
    expect(world.state().source).not.toHaveProperty("rollback");
  });

  test("to a commit that is not there: it says so, and the ref stays in force", async () => {
    await deployedTwice();
    await world.apply(to(9));
    expect(inForce()).toBe(commit(2));
    world.expect({ [name]: "in-sync" });
    expect(world.state().source.rollback).toMatchObject({
      commit: commit(9),
      phase: "failed",
      problem: { code: "source-ref-not-found" },
    });
    await world.commit([web("red")]);
    expect(inForce(), "Git is followed").toBe(commit(3));
  });

  test("to a commit that declares nothing is refused", async () => {
    await deployedTwice();
    world.repositories.commit(world.key, []);
    world.repositories.commit(world.key, [web("green")]);
    world.sources.poll(world.key);
    await world.settle();
    await world.apply(to(3));
    expect(world.state().source.rollback).toMatchObject({ phase: "failed", problem: { code: "source-empty" } });
    world.expect({ [name]: "in-sync" });
  });

  test.each([false, true])(
    "that failed is tried again whenever the source was looked at; that fails: %s",
    async (fails) => {
      await deployedTwice();
      if (fails) world.repositories.of(world.key).failure = { code: "source-unreachable", message: "no route" };
      world.sources.renderAtFails = "rejects";
      await world.apply(to(1));
      expect(world.state().source.rollback).toMatchObject({ phase: "failed", problem: { message: "disk on fire" } });
      world.sources.renderAtFails = undefined;
      world.sources.poll(world.key);
      await world.settle();
      expect(inForce()).toBe(commit(1));
    },
  );

  test("works where the ref itself cannot be rendered", async () => {
    await deployedTwice();
    world.repositories.of(world.key).failure = { code: "source-path-not-found", message: "the path is gone" };
    world.sources.poll(world.key);
    await world.apply(to(1));
    expect(inForce()).toBe(commit(1));
    expect(world.state().source.state).toBe("failed");
    world.expect({ [name]: "drifted" });
    await world.restart();
    expect(inForce()).toBe(commit(1));
    world.expect({ [name]: "drifted" });
  });

  test("of a suspended Baseline waits until that is over", async () => {
    await deployedTwice();
    await world.apply({ ...to(1), generation: 2, suspend: true });
    expect(inForce()).toBe(commit(2));
    await world.apply({ ...to(1), generation: 3 });
    expect(inForce()).toBe(commit(1));
  });

  test("needs no guard, whatever it drops; the ref is held against what it was before", async () => {
    const many = (count: number): readonly KubeObject[] =>
      Array.from({ length: count }, (_, at) => configMap(`c${at}`, {}));
    world = new World({ baselines: [shop] });
    for (const count of [2, 12]) {
      await world.commit(many(count));
      await world.deploy();
    }
    await world.apply(to(1));
    expect(world.state().source).not.toHaveProperty("guard");
    await world.commit(many(3));
    expect(world.state().source).not.toHaveProperty("guard");
    await world.apply(shop);
    expect(world.state().source.guard).toMatchObject({
      reason: "Shrunk",
      before: revision(2),
      message: expect.stringContaining("9 of 12"),
    });
  });
});

describe("the good revision", () => {
  const good = (): string | undefined => world.state().source.goodRevision;
  const release = async (nth: number): Promise<void> => {
    await world.commit([deployment("web", nth)]);
    await world.deploy();
  };
  const fares = async (state: "healthy" | "degraded" | "progressing"): Promise<void> => {
    world.live.fare(idIn(deployment("web", 1)), state);
    await world.settle();
  };
  const released = async (): Promise<void> => {
    world = new World({ baselines: [shop] });
    await release(1);
  };

  test("is the last one at which all was in sync and healthy", async () => {
    world = new World({ baselines: [shop] });
    await world.commit([deployment("web", 1)]);
    expect(good(), "nobody deployed it").toBeUndefined();
    await world.deploy();
    expect(good()).toBe(revision(1));
    await world.commit([deployment("web", 2)]);
    expect(good(), "pending").toBe(revision(1));
    await world.deploy();
    expect(good()).toBe(revision(2));
  });

  test.each(["degraded", "progressing"] as const)("is none where something is %s", async (state) => {
    await released();
    await fares(state);
    await world.commit([deployment("web", 2)]);
    world.live.write({ ...deployment("web", 2), metadata: { name: "web", namespace: "shop" } });
    await fares(state);
    expect(good()).toBe(revision(1));
    await fares("healthy");
    expect(good()).toBe(revision(2));
  });

  test("an edit does not make it another", async () => {
    await released();
    await world.edit(deployment("web", 7));
    expect(good()).toBe(revision(1));
  });

  test.each(["degraded", "progressing"] as const)("%s within the grace period it was not good", async (state) => {
    await released();
    await world.tick(hour);
    await release(2);
    expect(good()).toBe(revision(2));
    await world.tick(9 * minute);
    await fares(state);
    expect(good()).toBe(revision(1));
    await fares("healthy");
    expect(good()).toBe(revision(2));
    await world.tick(11 * minute);
    await fares(state);
    expect(good(), "after it, something else is the matter").toBe(revision(2));
  });

  test("survives a restart", async () => {
    await released();
    await world.commit([deployment("web", 2)]);
    await world.restart();
    expect(good()).toBe(revision(1));
  });

  test("is never one that is guarded", async () => {
    await released();
    world.repositories.commit(world.key, [deployment("web", 1)], [], [], true);
    world.sources.poll(world.key);
    await world.settle();
    world.expect({ "Deployment shop/web": "in-sync" });
    expect(good()).toBe(revision(1));
    await world.apply({ ...shop, approvedCommit: commit(2) });
    expect(good()).toBe(revision(2));
  });

  test("what is not declared any more is nobody's health", async () => {
    await released();
    await world.commit([deployment("other", 1)]);
    await world.deploy();
    expect(good()).toBe(revision(2));
    await fares("degraded");
    await world.commit([deployment("other", 2)]);
    await world.deploy();
    expect(good()).toBe(revision(3));
  });
});

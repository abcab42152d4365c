/**
 * Revisions that nothing is written for until somebody approves: much of what was declared is gone at once, or history
 * was rewritten. Judged and reported all the same, and remembered across a restart.
 */
import { afterEach, describe, expect, test } from "vitest";
import { isShrunk } from "../../src/engine/trust.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { SourceGuard } from "../../src/model/state.ts";
import { baseline, configMap, idIn } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world?.stop());

const shop = baseline("shop", { mode: "Remediate" });
const many = (count: number, value = "1"): readonly KubeObject[] =>
  Array.from({ length: count }, (_, at) => configMap(`c${at}`, { value }));
const guard = (): SourceGuard | undefined => world.state().source.guard;
/** The n-th commit. */
const commit = (nth: number): string => nth.toString(16).padStart(40, "0");
const revision = (nth: number): string => `main@sha1:${commit(nth)}`;

async function settled(objects: readonly KubeObject[], made: Baseline = shop): Promise<void> {
  world = new World({ baselines: [made] });
  await world.commit(objects);
  await world.deploy();
}

async function forcePush(objects: readonly KubeObject[]): Promise<void> {
  world.repositories.commit(world.key, objects, [], [], true);
  world.sources.poll(world.key);
  await world.settle();
}

describe("how many may go at once", () => {
  test.each([
    [0, 0, false],
    [4, 4, false],
    [4, 10, false],
    [5, 5, true],
    [5, 24, true],
    [5, 25, false],
    [6, 25, true],
    [200, 1000, false],
    [201, 1000, true],
    [1000, 1000, true],
  ])("%i of %i: guarded is %s", (gone, of, expected) => {
    expect(isShrunk(gone, of)).toBe(expected);
  });
});

describe("a shrunk source", () => {
  test("is guarded, and what is gone from it is reported like anything else", async () => {
    await settled(many(10));
    expect(guard()).toBeUndefined();
    await world.commit(many(4));
    expect(guard()).toEqual({
      reason: "Shrunk",
      commit: commit(2),
      before: revision(1),
      message: "6 of 10 objects are gone at once at commit 000000000000",
    });
    expect(world.state().counts).toMatchObject({ "in-sync": 4, unmanaged: 6 });
    await world.edit(configMap("c0", { value: "edited" }));
    expect(world.state().counts).toMatchObject({ "in-sync": 3, drifted: 1, unmanaged: 6 });
  });

  test("that lost a few objects, or few of many, is not", async () => {
    await settled(many(10));
    await world.commit(many(6));
    expect(guard()).toBeUndefined();
    await world.commit(many(40));
    await world.commit(many(32));
    expect(guard()).toBeUndefined();
  });

  test("is held against the last revision without a guard, however many commits follow", async () => {
    await settled(many(10));
    await world.commit(many(4));
    await world.commit(many(3));
    expect(guard()).toMatchObject({
      commit: commit(3),
      before: revision(1),
      message: expect.stringContaining("7 of 10"),
    });
    await world.commit(many(4));
    expect(guard(), "one is back, and six are still gone").toMatchObject({ commit: commit(4), before: revision(1) });
    await world.commit(many(6));
    expect(guard(), "four are gone: no more than may").toBeUndefined();
    await world.commit(many(2));
    expect(guard(), "four of those six").toBeUndefined();
  });

  test("in small steps is nobody's accident", async () => {
    await settled(many(12));
    for (const count of [8, 4]) await world.commit(many(count));
    expect(guard()).toBeUndefined();
  });

  test.each([
    ["the whole commit", commit(2), undefined],
    ["another commit", commit(1), "Shrunk"],
    ["the start of the commit", commit(2).slice(0, 12), "Shrunk"],
  ])("approved by %s", async (_name, approvedCommit, reason) => {
    await settled(many(10));
    await world.commit(many(4));
    await world.apply({ ...shop, approvedCommit });
    expect(guard()?.reason).toBe(reason);
  });

  test("approved: what follows is held against it", async () => {
    await settled(many(20));
    await world.commit(many(10));
    await world.apply({ ...shop, approvedCommit: commit(2) });
    await world.commit(many(7));
    expect(guard()).toBeUndefined();
    await world.commit(many(1));
    expect(guard()).toMatchObject({ before: revision(3), message: expect.stringContaining("6 of 7") });
  });

  test("approved before it comes is never guarded", async () => {
    await settled(many(10));
    await world.apply({ ...shop, approvedCommit: commit(2) });
    await world.commit(many(1));
    expect(guard()).toBeUndefined();
  });

  test("survives a restart, and so does what it is held against", async () => {
    await settled(many(10));
    await world.commit(many(4));
    const before = guard();
    await world.restart();
    expect(guard()).toEqual(before);
    await world.commit(many(5));
    expect(guard()).toMatchObject({
      commit: commit(3),
      before: revision(1),
      message: expect.stringContaining("5 of 10"),
    });
    await world.restart();
    await world.commit(many(9));
    expect(guard()).toBeUndefined();
  });

  test("is not the revision that a restart starts from: what it lost is still known to have been declared", async () => {
    await settled(many(10));
    await world.commit(many(4));
    expect(world.state().source.settledRevision).toBe(revision(1));
    await world.restart();
    expect(world.engine.inputOf(world.key, idIn(configMap("c9", {})))?.previous?.hash).toBeDefined();
    await world.apply({ ...shop, approvedCommit: commit(2) });
    expect(world.state().source.settledRevision).toBe(revision(2));
  });

  test("while nobody looked is guarded when somebody does", async () => {
    await settled(many(10));
    await world.restart();
    await world.settle();
    world.repositories.commit(world.key, many(2));
    await world.restart();
    expect(guard()).toMatchObject({ reason: "Shrunk", commit: commit(2), before: revision(1) });
  });

  test("whose earlier revision cannot be rendered any more stays guarded until it is approved", async () => {
    await settled(many(10));
    await world.commit(many(4));
    world.renderAtFails = "fails";
    await world.restart();
    await world.commit(many(10));
    expect(guard()).toMatchObject({ reason: "Shrunk", commit: commit(3) });
    await world.apply({ ...shop, approvedCommit: commit(3) });
    expect(guard()).toBeUndefined();
  });

  test("with bad documents is no answer: what they declare is not known to be gone", async () => {
    await settled(many(10));
    const bad = { code: "yaml-syntax", message: "bad", file: "all.yaml", line: 3 } as const;
    await world.commit(many(2), [bad]);
    expect(guard()).toBeUndefined();
    await world.commit(many(2));
    expect(guard()).toMatchObject({ reason: "Shrunk", message: expect.stringContaining("8 of 10") });
  });

  test("by a setting of the Baseline is guarded as well: a path may be mistyped", async () => {
    await settled(many(10));
    world.repositories.of(world.key).commits[0]!.renders.push(many(1));
    await world.apply({ ...shop, generation: 2, path: "elsewhere" });
    world.sources.renderAnew(world.key);
    await world.settle();
    expect(guard()).toMatchObject({ reason: "Shrunk", commit: commit(1) });
  });

  test("that declares nothing at all, or cannot be rendered, changes nothing and needs no guard", async () => {
    await settled(many(10));
    await world.commit([]);
    expect(guard()).toBeUndefined();
    expect(world.state().counts).toMatchObject({ "in-sync": 10, unmanaged: 0 });
    expect(world.state().source).toMatchObject({ state: "failed", problem: { code: "source-empty" } });
  });
});

describe("a rewritten history", () => {
  test("is guarded, followed and judged", async () => {
    await settled(many(3));
    await forcePush(many(3, "2"));
    expect(guard()).toEqual({
      reason: "Rewritten",
      commit: commit(2),
      before: revision(1),
      message: expect.stringContaining("does not descend from"),
    });
    expect(world.state().counts).toMatchObject({ pending: 3 });
    expect(world.state().source.revision?.commit).toBe(commit(2));
  });

  test("that goes on is still rewritten; approved, it is what counts", async () => {
    await settled(many(3));
    await forcePush(many(3, "2"));
    await world.commit(many(3, "3"));
    expect(guard()).toMatchObject({ reason: "Rewritten", commit: commit(3), before: revision(1) });
    await world.apply({ ...shop, approvedCommit: commit(2) });
    expect(guard()?.commit, "it is another one by now").toBe(commit(3));
    await world.apply({ ...shop, approvedCommit: commit(3) });
    expect(guard()).toBeUndefined();
    await world.commit(many(3, "4"));
    expect(guard()).toBeUndefined();
    expect(world.sources.asked.at(-1)).toBe("3 < 4");
  });

  test("survives a restart", async () => {
    await settled(many(3));
    await forcePush(many(3, "2"));
    const before = guard();
    await world.restart();
    expect(guard()).toEqual(before);
    await world.commit(many(3, "3"));
    expect(guard()).toMatchObject({ reason: "Rewritten", commit: commit(3), before: revision(1) });
  });

  test("while nobody looked is guarded when somebody does", async () => {
    await settled(many(3));
    world.repositories.commit(world.key, many(3, "2"), [], [], true);
    await world.restart();
    expect(guard()).toMatchObject({ reason: "Rewritten", commit: commit(2), before: revision(1) });
  });

  test("that Git cannot be asked about is guarded until it can", async () => {
    await settled(many(3));
    world.sources.descendsFails = true;
    await world.commit(many(3, "2"));
    expect(guard()).toMatchObject({ reason: "Rewritten", message: expect.stringContaining("no route") });
    world.sources.descendsFails = false;
    world.sources.poll(world.key);
    await world.settle();
    expect(guard()).toBeUndefined();
  });

  test("is not even thought of until Git has answered, and nothing may be written meanwhile", async () => {
    await settled(many(3));
    const { sources } = world;
    let answer = (_descends: boolean): void => {};
    sources.descends = () => new Promise((resolve) => (answer = resolve));
    await world.commit(many(3, "2"));
    expect(guard()).toMatchObject({ reason: "Rewritten", commit: commit(2), asking: true });
    expect(world.state().counts.pending).toBe(3);
    answer(true);
    await world.settle();
    expect(guard()).toBeUndefined();
  });

  test.each([
    ["Alert", "branch", 0],
    ["Observe", "branch", 0],
    ["Remediate", "branch", 1],
    ["Remediate", "name", 1],
    ["Remediate", "tag", 0],
    ["Remediate", "semver", 0],
    ["Remediate", "commit", 0],
  ] as const)("mode %s, a %s that moves: Git is asked %i times", async (mode, kind, times) => {
    const ref =
      kind === "semver"
        ? { kind, range: "1.x" }
        : kind === "commit"
          ? { kind, commit: commit(1) }
          : { kind, name: "main" };
    await settled(many(3), { ...shop, mode, git: { ...shop.git, ref } });
    await world.commit(many(3, "2"));
    expect(world.sources.asked).toHaveLength(times);
    expect(guard()).toBeUndefined();
  });

  test("of another repository is none: whoever changes the URL chose it", async () => {
    await settled(many(3));
    await world.apply({ ...shop, generation: 2, git: { ...shop.git, url: "https://git.example/other.git" } });
    await forcePush(many(3, "2"));
    expect(guard()).toBeUndefined();
  });

  test.each([false, true])(
    "is not what counts: only against what did is it shrunk (a restart in between: %s)",
    async (restarts) => {
      await settled(many(10));
      await forcePush(many(20));
      if (restarts) await world.restart();
      await world.commit(many(10));
      expect(guard()?.reason).toBe("Rewritten");
      await world.commit(many(5));
      expect(guard()).toMatchObject({ reason: "Shrunk", message: expect.stringContaining("5 of 10") });
    },
  );

  test("which shrinks it, too, is shrunk first; approval counts for both", async () => {
    await settled(many(10));
    await forcePush(many(2));
    expect(guard()?.reason).toBe("Shrunk");
    await world.apply({ ...shop, approvedCommit: commit(2) });
    expect(guard()).toBeUndefined();
  });

  test("one that comes back to what it was needs no approval", async () => {
    await settled(many(3));
    await forcePush(many(3, "2"));
    world.repositories.of(world.key).commits.pop();
    world.sources.poll(world.key);
    await world.settle();
    expect(world.state().source.revision?.commit).toBe(commit(1));
    expect(guard()).toBeUndefined();
  });
});

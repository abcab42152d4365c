/**
 * Snapshots too large to be taken in at once: what happens between the first and the last slice of a swap, and that
 * nothing is judged half-way or lost.
 */
import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/controller.ts";
import { declare } from "../../src/model/desired.ts";
import type { DesiredObject, Snapshot } from "../../src/model/snapshot.ts";
import { isStanding, type Transition } from "../../src/model/verdict.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { FakeLive } from "../support/scenario/fake-live.ts";
import { baseline, configMap, idIn, inNamespace } from "../support/scenario/samples.ts";
import { stillPorts } from "../support/scenario/still-ports.ts";
import { brief } from "../support/scenario/world.ts";

const many = 1_200;
const shop = baseline("shop");
const other = baseline("other", { targetNamespace: "other" });

class Scene {
  readonly clock = new ManualClock();
  readonly live = new FakeLive(this.clock);
  readonly transitions: Transition[] = [];
  readonly removed: string[] = [];
  readonly abort = new AbortController();
  readonly engine = createEngine({
    ...stillPorts(this.live, this.clock),
    publish: (transition) => this.transitions.push(transition),
    removed: (key) => this.removed.push(key),
  });
  readonly running = this.engine.run(this.abort.signal);
  #commits = 0;

  constructor() {
    this.live.told = {
      changed: (id, version, receivedAt) => this.engine.liveChanged(id, version, receivedAt),
      states: () => this.engine.watchesChanged(),
    };
    this.engine.baselineApplied(shop, {});
    this.engine.baselineApplied(other, {});
    this.engine.baselinesSynced();
  }

  snapshot(objects: readonly DesiredObject[]): Snapshot {
    this.#commits += 1;
    const commit = this.#commits.toString(16).padStart(40, "0");
    return { revision: { ref: "main", commit }, objects, problems: [], fetchedAt: this.clock.now() };
  }

  /** Hands over a snapshot; it is not taken in when this returns. */
  hand(objects: readonly DesiredObject[], to = shop): void {
    this.engine.sourceOutcome(to.key, { kind: "rendered", snapshot: this.snapshot(objects) });
  }

  async quiet(): Promise<void> {
    for (let round = 0; round < 200; round += 1) await settle();
    await this.clock.advance(0);
    expect(this.engine.queueDepth()).toBe(0);
  }

  verdict(name: string, of = shop): string | undefined {
    const judgement = this.engine.judgement(of.key, idIn(configMap(name, {}), of.targetNamespace));
    return judgement && brief(judgement.verdict);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
    this.live.told = undefined;
  }
}

const objectAt = (at: number, size = "1") => configMap(`m${at}`, { size });
const declareAt = (at: number, size = "1"): DesiredObject =>
  declare(objectAt(at, size), { file: `${at}.yaml`, line: 1, index: 0 });
const all = (size = "1"): readonly DesiredObject[] => Array.from({ length: many }, (_, at) => declareAt(at, size));

async function deployed(): Promise<{ readonly scene: Scene; readonly objects: readonly DesiredObject[] }> {
  const scene = new Scene();
  for (let at = 0; at < many; at += 1) scene.live.write(inNamespace(objectAt(at)));
  scene.live.write(inNamespace(configMap("steady", { size: "1" }), "other"));
  const objects = all();
  scene.hand(objects);
  scene.hand([declare(configMap("steady", { size: "1" }), { file: "s.yaml", line: 1, index: 0 })], other);
  await scene.quiet();
  return { scene, objects };
}

test("a first snapshot is taken in whole: not judged before, all of it afterwards, another Baseline meanwhile", async () => {
  const scene = new Scene();
  for (let at = 0; at < many; at += 1) scene.live.write(inNamespace(objectAt(at)));
  scene.live.write(inNamespace(configMap("steady", { size: "1" }), "other"));
  scene.hand(all());
  scene.hand([declare(configMap("steady", { size: "1" }), { file: "s.yaml", line: 1, index: 0 })], other);
  expect(scene.engine.state(shop.key)).toMatchObject({ judged: false });
  await settle();
  await settle();
  expect(scene.verdict("steady", other)).toBe("in-sync");
  expect(scene.engine.state(shop.key)).toMatchObject({ judged: false });
  expect(scene.engine.state(shop.key)?.counts["in-sync"]).toBeLessThan(many);
  await scene.quiet();
  expect(scene.engine.state(shop.key)).toMatchObject({ judged: true, counts: { "in-sync": many } });
  await scene.stop();
});

test.each([0, 2, 4, 6])(
  "an edit %i rounds into a swap is judged once that is done; another Baseline's at once",
  async (rounds) => {
    const { scene, objects } = await deployed();
    // Everything but one says something else now; the first, the last and that one are edited on the way.
    const next = objects.map((one, at) => (at === 3 ? one : declareAt(at, "2")));
    scene.hand(next);
    for (let round = 0; round < rounds; round += 1) await settle();
    expect(scene.engine.state(shop.key)?.judged).toBe(false);
    scene.live.write(inNamespace(configMap("m0", { size: "2" })));
    scene.live.write(inNamespace(configMap(`m${many - 1}`, { size: "2" })));
    scene.live.write(inNamespace(configMap("m3", { size: "9" })));
    scene.live.write(inNamespace(configMap("steady", { size: "9" }), "other"));
    await settle();
    expect(scene.verdict("steady", other)).toBe("drifted");
    expect(scene.verdict("m3")).toBe("in-sync");
    await scene.quiet();
    expect(["m0", `m${many - 1}`, "m3", "m1"].map((name) => scene.verdict(name))).toEqual([
      "in-sync",
      "in-sync",
      "drifted",
      "pending changed",
    ]);
    // Never against what goes, or half of what comes: nothing that was in sync before and after drifted in between.
    const between = scene.transitions.filter(
      ({ baseline: key, after }) => key === shop.key && after !== undefined && isStanding(after.verdict),
    );
    expect(between.map(({ id }) => id.name)).toEqual(["m3"]);
    await scene.stop();
  },
);

test("of snapshots that arrive during a swap the last one counts, and none of its objects is lost", async () => {
  const { scene, objects } = await deployed();
  scene.hand(all("2"));
  scene.hand(objects.with(5, declareAt(5, "7")));
  const last = objects.with(9, declareAt(9, "8")).toSpliced(20, 1);
  scene.hand(last);
  scene.engine.sourceOutcome(shop.key, {
    kind: "failed",
    stage: "source",
    problem: { code: "source-unreachable", message: "no route" },
    at: scene.clock.now(),
  });
  await scene.quiet();
  expect(scene.verdict("m5")).toBe("in-sync");
  expect(scene.verdict("m9")).toBe("pending changed");
  expect(scene.verdict("m20")).toBe("unmanaged dropped-from-git");
  const state = scene.engine.state(shop.key);
  expect(state).toMatchObject({ judged: true, counts: { "in-sync": many - 2, pending: 1, unmanaged: 1 } });
  expect(state?.source).toMatchObject({ state: "failed", revision: { commit: "5".padStart(40, "0") } });
  await scene.stop();
});

test("one object of a commit is all that is judged", async () => {
  const { scene, objects } = await deployed();
  const before = scene.transitions.length;
  scene.hand(objects.with(7, declareAt(7, "2")));
  // It fits into one span: nothing has to come round.
  expect(scene.engine.queueDepth()).toBe(1);
  await scene.quiet();
  expect(scene.transitions.slice(before).map(({ id }) => id.name)).toEqual(["m7"]);
  await scene.stop();
});

test("a Baseline that goes during a swap is gone, with all it had said; one of its name may come at once", async () => {
  const { scene } = await deployed();
  scene.hand(all("2"));
  scene.engine.baselineRemoved(shop.key);
  const again = { ...shop, uid: "another" };
  scene.engine.baselineApplied(again, {});
  scene.hand([declareAt(1)], again);
  await scene.quiet();
  expect(scene.removed).toEqual([shop.key]);
  const left = scene.transitions.filter(({ baseline: key, after }) => key === shop.key && after === undefined);
  expect(left).toHaveLength(many);
  expect([...scene.engine.judgements(shop.key)].length).toBeLessThanOrEqual(1);
  expect(scene.engine.state(shop.key)?.baseline.uid).toBe("another");
  scene.hand([declareAt(1)], again);
  await scene.quiet();
  expect(scene.engine.state(shop.key)).toMatchObject({ judged: true, counts: { "in-sync": 1 } });
  await scene.stop();
});

test("new settings during a swap: the snapshot that is in force is placed by them", async () => {
  const { scene } = await deployed();
  scene.hand(all("2"));
  scene.engine.baselineApplied({ ...shop, generation: 2, targetNamespace: "elsewhere" }, {});
  await scene.quiet();
  const state = scene.engine.state(shop.key);
  expect(state?.counts.pending).toBe(many);
  expect(scene.engine.judgement(shop.key, idIn(objectAt(0), "elsewhere"))?.verdict.kind).toBe("pending");
  expect(state?.counts.unmanaged).toBe(many);
  await scene.stop();
});

test.each([0, many - 1])(
  "a snapshot that cannot be taken in (object %i) is told, and the next one is taken in",
  async (at) => {
    const { scene, objects } = await deployed();
    const broken = {
      ...declareAt(at, "2"),
      get id(): never {
        throw new Error("broken");
      },
    } as unknown as DesiredObject;
    scene.hand(objects.map((_, other) => (other === at ? broken : declareAt(other, "2"))));
    await settle();
    scene.live.write(inNamespace(configMap("m9", { size: "9" })));
    // One that fits into a span breaks at once: whoever handed it over is not told by an exception.
    scene.hand([broken], other);
    await scene.quiet();
    for (const { key } of [shop, other])
      expect(scene.engine.state(key)?.source).toMatchObject({ state: "failed", problem: { code: "internal-error" } });
    expect(scene.verdict("m9")).toBe("drifted");
    scene.hand(objects.with(7, declareAt(7, "2")));
    scene.hand([declare(configMap("steady", { size: "2" }), { file: "s.yaml", line: 1, index: 0 })], other);
    await scene.quiet();
    expect(scene.engine.state(shop.key)).toMatchObject({
      judged: true,
      source: { state: "ready" },
      counts: { pending: 1 },
    });
    expect(scene.verdict("steady", other)).toBe("pending changed");
    await scene.stop();
  },
);

test("stopping during a swap ends at once, and nothing is said afterwards", async () => {
  const { scene } = await deployed();
  scene.hand(all("2"));
  await scene.stop();
  const before = scene.transitions.length;
  for (let round = 0; round < 20; round += 1) await settle();
  expect(scene.transitions).toHaveLength(before);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { getIn } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { WritingSink } from "../../src/sinks/ports.ts";
import { createStatus, statusInterval } from "../../src/sinks/status.ts";
import { createRate } from "../../src/runtime/rate.ts";
import { createPace } from "../../src/sinks/write-budget.ts";
import { createFanOut } from "../../src/sinks/fan-out.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "./memory-api.ts";
import { baselineOf, inSync, judgementOf, ready, stateOf, transitionOf } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

let world: World;
let sink: WritingSink;
const { key, uid } = baselineOf();
const object = {
  apiVersion: "plumbline.dev/v1alpha1",
  kind: "Baseline",
  metadata: { name: "web", namespace: "shop", uid },
};

beforeEach(() => {
  world = createWorld();
  world.api.put(object as KubeObject);
  world.engine.put(stateOf({ counts: { "in-sync": 100 } }));
  sink = world.start(createStatus(world));
});

afterEach(() => world.stop());

const written = (): number => world.api.writes("Baseline").length;
const status = () => getIn(world.api.all("Baseline")[0], "status");
const tell = async (inSync: number, drifted: number): Promise<void> => {
  world.engine.put(stateOf({ counts: { "in-sync": inSync, drifted } }));
  sink.stateChanged(key);
  await world.clock.advance(200);
};

test("one apply on /status, naming the uid, and none where nothing changed", async () => {
  sink.leading();
  await world.clock.advance(200);
  sink.stateChanged(key);
  await world.clock.advance(60_000);
  expect(world.api.writes("Baseline")).toMatchObject([
    { ref: { subresource: "status" }, patch: { type: "apply", body: { metadata: { uid } } }, options: { force: true } },
  ]);
  expect(getIn(status(), "objects", "inSync")).toBe(100);
});

test("a restart writes nothing where the status is true already, and keeps its times", async () => {
  await tell(100, 0);
  await world.clock.advance(3_600_000);
  sink = world.start(createStatus(world));
  sink.leading();
  await world.clock.advance(60_000);
  expect(written()).toBe(1);
});

test("at most once in five seconds, and what came last is what stands", async () => {
  await tell(1_000, 0);
  for (let drifted = 1; drifted <= 5; drifted++) await tell(1_000, drifted);
  expect(written()).toBe(1);
  await world.clock.advance(statusInterval);
  expect([written(), getIn(status(), "objects", "drifted")]).toEqual([2, 5]);
});

test("as the process ends, what waits for its turn is written, and what is as it stands is not", async () => {
  const other = baselineOf({ name: "api", uid: "b-2" });
  world.api.put({ ...object, metadata: { ...object.metadata, name: "api", uid: other.uid } } as KubeObject);
  world.engine.put(stateOf({ baseline: other, counts: { "in-sync": 7 } }));
  sink.stateChanged(other.key);
  await tell(1_000, 0);
  await tell(1_000, 3);
  expect(written()).toBe(2);
  await world.stop();
  expect([written(), getIn(status(), "objects", "drifted")]).toEqual([3, 3]);
});

test("as the process ends, nobody waits for a server that does not answer", async () => {
  await tell(1_000, 0);
  await tell(1_000, 3);
  world.api.refusals.push(refusal(0, "Unreachable"));
  await world.stop();
  // Tried once.
  expect([written(), getIn(status(), "objects", "drifted")]).toEqual([2, 0]);
});

test("a condition that turns is written at once", async () => {
  await tell(100, 0);
  await tell(100, 50);
  expect([written(), getIn(status(), "objects", "drifted")]).toEqual([2, 50]);
});

test("its own queue retries alone, and a transition is enough to wake it", async () => {
  world.api.refusals.push(refusal(503, "ServiceUnavailable"), refusal(0, "Unreachable"));
  sink.transition(transitionOf(undefined, judgementOf(inSync)));
  await world.clock.advance(5_000);
  expect(getIn(status(), "objects", "inSync")).toBe(100);
});

test("a Baseline deleted and made again is not given its predecessor's status", async () => {
  await tell(100, 0);
  world.api.objects.clear();
  world.api.put({ ...object, metadata: { ...object.metadata, uid: "another" } } as KubeObject);
  await tell(100, 50);
  expect(status()).toBeUndefined();
});

test("who does not hold the lease writes nothing", async () => {
  world.leader = false;
  await tell(100, 0);
  expect(world.api.calls).toEqual([]);
});

test("a source that fails keeps what was known", async () => {
  const problem = { code: "source-unreachable", message: "no route" } as const;
  world.engine.put(
    stateOf({ source: { ...ready, state: "failed", stage: "source", problem }, counts: { "in-sync": 100 } }),
  );
  sink.stateChanged(key);
  await world.clock.advance(200);
  expect(getIn(status(), "source", "settledRevision")).toBe(ready.settledRevision);
  expect(getIn(status(), "compliance", "ratio")).toBe("1.000");
});

test("the settled revision waits for the records of what Git dropped: nothing else would remember that it was declared", async () => {
  const before = `main@sha1:${"1".repeat(40)}`;
  let recorded = true;
  sink = world.start(createStatus({ ...world, isDroppedRecorded: () => recorded }));
  const settle = async (settledRevision: string): Promise<void> => {
    world.engine.put(stateOf({ source: { ...ready, settledRevision }, counts: { unmanaged: 1 } }));
    sink.stateChanged(key);
    await world.clock.advance(2 * statusInterval);
  };
  const settled = () => getIn(status(), "source", "settledRevision");
  await settle(before);
  recorded = false;
  await settle(ready.settledRevision ?? "");
  expect([settled(), getIn(status(), "source", "revision")]).toEqual([before, ready.settledRevision]);
  // Nobody says that the record is there now: it is looked at again.
  recorded = true;
  await world.clock.advance(2 * statusInterval);
  expect(settled()).toBe(ready.settledRevision);
});

test("a pace holds one key and no other", async () => {
  const clock = new ManualClock();
  const pace = createPace(clock, 1_000);
  pace.spent("a");
  await clock.advance(400);
  expect([pace.wait("a"), pace.wait("b")]).toEqual([600, 0]);
  pace.forget("a");
  expect(pace.wait("a")).toBe(0);
});

test("a rate grants its burst, then so many a second", async () => {
  const clock = new ManualClock();
  const rate = createRate(clock, 2, 3);
  expect([rate.take(), rate.take(), rate.take(), rate.take()]).toEqual([0, 0, 0, 500]);
  await clock.advance(500);
  expect([rate.take(), rate.take()]).toEqual([0, 500]);
});

test("one sink that throws keeps nothing from the others", () => {
  const heard: string[] = [];
  const sinkOf = (name: string, fails: boolean) => ({
    name,
    transition: () => {
      if (fails) throw new Error("boom");
      heard.push(name);
    },
    stateChanged: () => {},
    removed: () => {},
    leading: () => {},
  });
  createFanOut([sinkOf("a", true), sinkOf("b", false)], silentLog).publish(
    transitionOf(undefined, judgementOf(inSync)),
  );
  expect(heard).toEqual(["b"]);
});

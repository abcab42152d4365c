import { afterEach, beforeEach, expect, test } from "vitest";
import { getIn, getString } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import { cleanNote, eventName, eventNamespace, microTime, summaryNote } from "../../src/sinks/event-body.ts";
import { createEvents, eventWindow, type EventsSink } from "../../src/sinks/events.ts";
import { refusal } from "./memory-api.ts";
import {
  baselineOf,
  driftedVerdict,
  inSync,
  judgementOf,
  missingVerdict,
  ready,
  start,
  stateOf,
  webId,
} from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

let world: World;
let sink: EventsSink;

beforeEach(() => {
  world = createWorld();
  world.engine.put(stateOf());
  sink = world.start(createEvents({ ...world, instance: "plumbline-0" }));
});

afterEach(() => world.stop());

const events = (kind: "object" | "baseline"): readonly KubeObject[] =>
  world.api
    .all("Event")
    .filter((event) => (getString(event, "regarding", "kind") === "Baseline") === (kind === "baseline"));
const reasons = (kind: "object" | "baseline"): readonly (string | undefined)[] =>
  events(kind).map((event) => getString(event, "reason"));

const drift = (name = "web", at = world.clock.now(), baseline = baselineOf().key): void =>
  sink.transition(world.engine.judge(judgementOf(driftedVerdict(), { id: { ...webId, name }, baseline }), at));
let versions = 100;
/** Each time the object has another version, as on a server. */
const resolve = (name = "web"): void => {
  const seen = { id: { ...webId, name }, resourceVersion: `${versions++}` };
  sink.transition(world.engine.judge(judgementOf(inSync, seen), world.clock.now()));
};

test("drift is told on the object and on its Baseline, in the shape the API asks for", async () => {
  drift();
  await world.clock.advance(3_000);
  expect(reasons("object")).toEqual(["Drifted"]);
  const [event] = events("object");
  expect(event).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    metadata: { namespace: "shop" },
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "plumbline.dev/operator",
    reportingInstance: "plumbline-0",
    action: "Compare",
    type: "Warning",
    regarding: { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web", uid: "web-uid" },
    related: { apiVersion: "plumbline.dev/v1alpha1", kind: "Baseline", name: "web", uid: "b-uid" },
  });
  expect(reasons("baseline")).toEqual(["Drifted"]);
  expect(getString(events("baseline")[0], "related", "name")).toBe("web");
});

test("many at once are one Event on the Baseline", async () => {
  for (const name of ["a", "b", "c"]) drift(name);
  await world.clock.advance(3_000);
  expect(reasons("object")).toHaveLength(3);
  expect(events("baseline").map((event) => getString(event, "note"))).toEqual([
    "3 objects drifted from Git: Deployment shop/a, Deployment shop/b, Deployment shop/c",
  ]);
});

test("a missing object is Missing, and a resolution is told", async () => {
  sink.transition(world.engine.judge(judgementOf(missingVerdict()), start));
  await world.clock.advance(3_000);
  resolve();
  await world.clock.advance(3_000);
  expect(reasons("object")).toEqual(["Missing", "DriftResolved"]);
});

test("what repeats within ten minutes becomes a series; every resolution is told", async () => {
  for (let round = 0; round < 3; round++) {
    drift();
    await world.clock.advance(5_000);
    resolve();
    await world.clock.advance(5_000);
  }
  await world.clock.advance(120_000);
  expect(reasons("object").filter((reason) => reason === "Drifted")).toHaveLength(1);
  expect(reasons("object").filter((reason) => reason === "DriftResolved")).toHaveLength(3);
  const [first] = events("object");
  expect(getIn(first, "series")).toEqual({ count: 3, lastObservedTime: microTime(start + 20_000) });
});

test("another deed is no repetition: what was deleted and made anew is told after what was put back", async () => {
  const { baseline, id } = judgementOf(missingVerdict());
  for (const [action, note] of [
    ["Create", "was put back: missing"],
    ["Recreate", "was deleted and made anew"],
    ["Recreate", "was deleted and made anew"],
  ] as const) {
    sink.announce({ reason: "Remediated", baseline, id, at: world.clock.now(), note, action });
    await world.clock.advance(5_000);
  }
  await world.clock.advance(120_000);
  expect(
    events("object").map((event) => [
      getIn(event, "action"),
      getIn(event, "note"),
      getIn(event, "series", "count") ?? 1,
    ]),
  ).toEqual([
    ["Create", "was put back: missing", 1],
    ["Recreate", "was deleted and made anew", 2],
  ]);
});

test("after ten minutes it is a new Event", async () => {
  drift();
  await world.clock.advance(eventWindow + 1_000);
  resolve();
  await world.clock.advance(1_000);
  drift();
  await world.clock.advance(1_000);
  expect(reasons("object")).toEqual(["Drifted", "DriftResolved", "Drifted"]);
});

test("mode Observe tells nothing", async () => {
  world.engine.put(stateOf({ baseline: baselineOf({ mode: "Observe" }) }));
  drift();
  await world.clock.advance(5_000);
  expect(world.api.calls).toEqual([]);
});

test("what a restart replays is not told, nor what a standby sees", async () => {
  const again = world.engine.judge(judgementOf(driftedVerdict()), start);
  sink.transition({ ...again, replayed: true });
  world.leader = false;
  drift("other");
  await world.clock.advance(5_000);
  world.leader = true;
  await world.clock.advance(5_000);
  expect(world.api.calls).toEqual([]);
});

test("a failing source is told once, and again when it fails otherwise", async () => {
  const failed = (message: string) =>
    stateOf({
      source: { ...ready, state: "failed", stage: "source", problem: { code: "source-unreachable", message } },
    });
  for (const state of [failed("no route"), failed("no route"), failed("refused"), stateOf()]) {
    world.engine.put(state);
    sink.stateChanged(baselineOf().key);
    await world.clock.advance(70_000);
  }
  expect(reasons("baseline")).toEqual(["SourceFailed", "SourceFailed"]);
  expect(events("baseline").map((event) => getString(event, "note"))).toEqual(["no route", "refused"]);
});

test("a source that failed before is told once, whoever leads; what fails after it worked is news", async () => {
  const { key } = baselineOf();
  const fail = (): void => {
    const problem = { code: "source-unreachable", message: "no route" } as const;
    world.engine.put(stateOf({ source: { ...ready, state: "failed", stage: "source", problem } }));
  };
  fail();
  world.leader = false;
  sink.stateChanged(key);
  await world.clock.advance(5_000);
  expect(reasons("baseline"), "not the leader").toEqual([]);
  world.leader = true;
  sink.leading();
  await world.clock.advance(5_000);
  expect(reasons("baseline")).toEqual(["SourceFailed"]);
  // The next process finds it failing as it was.
  const next = world.start(createEvents({ ...world, instance: "plumbline-1" }));
  next.stateChanged(key);
  await world.clock.advance(5_000);
  expect(reasons("baseline"), "it stood before").toEqual(["SourceFailed"]);
  world.engine.put(stateOf());
  next.stateChanged(key);
  fail();
  next.stateChanged(key);
  await world.clock.advance(70_000);
  expect(reasons("baseline"), "it had worked").toEqual(["SourceFailed", "SourceFailed"]);
});

test.each([
  ["at once", 700, ["Drifted"]],
  ["after a minute, when it is no news any more", 61_000, []],
] as const)("the lease is lost before what was seen could be told, and gained again %s", async (_, after, told) => {
  world.api.refusals.push(() =>
    world.leader && world.clock.now() < start + 500 ? refusal(0, "Unreachable") : undefined,
  );
  drift();
  await world.clock.advance(100);
  world.leader = false;
  await world.clock.advance(after);
  expect(reasons("object"), "not the leader").toEqual([]);
  world.leader = true;
  sink.leading();
  await world.clock.advance(5_000);
  expect([reasons("object"), reasons("baseline")]).toEqual([told, told]);
  await world.clock.advance(eventWindow);
  expect(events("object").map((event) => getIn(event, "series") ?? null)).toEqual(told.map(() => null));
});

test("a series that another process's time cut short is written when this one leads again", async () => {
  drift();
  await world.clock.advance(5_000);
  resolve();
  await world.clock.advance(5_000);
  drift();
  await world.clock.advance(1_000);
  world.leader = false;
  await world.clock.advance(120_000);
  world.leader = true;
  sink.leading();
  await world.clock.advance(120_000);
  const drifted = events("object").filter((event) => getString(event, "reason") === "Drifted");
  expect(drifted.map((event) => getIn(event, "series", "count"))).toEqual([2]);
});

test("kinds that may not be read are told on the Baseline, once for all their objects", async () => {
  const problem = { code: "forbidden", message: "cannot list secrets" } as const;
  for (const name of ["a", "b"]) {
    const judgement = judgementOf({ kind: "unknown", problem }, { id: { ...webId, kind: "Secret", group: "", name } });
    sink.transition(world.engine.judge(judgement, start));
  }
  await world.clock.advance(5_000);
  expect(reasons("object")).toEqual([]);
  expect(events("baseline").map((event) => getString(event, "note"))).toEqual(["cannot list secrets"]);
  const judgement = judgementOf(
    { kind: "unknown", problem },
    { id: { ...webId, kind: "Secret", group: "", name: "c" } },
  );
  sink.transition(world.engine.judge(judgement, start));
  await world.clock.advance(130_000);
  expect(events("baseline").map((event) => getIn(event, "series") ?? null)).toEqual([null]);
});

test("an Event whose answer was lost is not written twice", async () => {
  world.api.refusals.push((call) => {
    if (call.verb !== "create" || call.body === undefined || world.api.find(call.ref) !== undefined) return undefined;
    world.api.put(call.body as KubeObject);
    return refusal(0, "Unreachable");
  });
  drift();
  await world.clock.advance(10_000);
  expect(reasons("object")).toEqual(["Drifted"]);
});

test("two Baselines that declare one object tell the same at the same moment: each is heard", async () => {
  const other = baselineOf({ key: baselineKey("shop", "other"), name: "other" });
  world.engine.put(stateOf({ baseline: other }));
  for (const { key, name } of [baselineOf(), other]) {
    drift("web", start, key);
    const note = `contested by ${name}`;
    sink.announce({ reason: "FightDetected", baseline: key, id: webId, at: start, note });
  }
  await world.clock.advance(3_000);
  expect(events("object").map((event) => [getIn(event, "reason"), getIn(event, "related", "name")])).toEqual([
    ["Drifted", "web"],
    ["FightDetected", "web"],
    ["Drifted", "other"],
    ["FightDetected", "other"],
  ]);
});

test("a namespace that is going is not tried for ever", async () => {
  world.api.refusals.push(() => refusal(503, "ServiceUnavailable"));
  drift();
  await world.clock.advance(300_000);
  const tries = world.api.calls.filter(({ ref }) => ref.namespace === "shop").length;
  expect(tries).toBeLessThanOrEqual(14);
  await world.clock.advance(eventWindow);
  expect(world.api.calls.filter(({ ref }) => ref.namespace === "shop")).toHaveLength(tries);
});

const clusterRole = {
  kind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" },
  namespace: "",
  name: "system:Aggregate_x",
};

test("a cluster-scoped object's Event lives in default, under a name the API takes", () => {
  expect(eventNamespace(clusterRole)).toBe("default");
  const teller = baselineOf().key;
  expect(eventName(clusterRole, "Drifted", teller, start)).toMatch(/^system-aggregate-x\.[0-9a-f]{16}$/);
  const odd = { ...clusterRole, name: ":::" };
  expect(eventName(odd, "Drifted", teller, start)).toMatch(/^[0-9a-f]{16}$/);
});

test("a note has one line of at most 1024 characters and nothing a terminal acts on", () => {
  const note = cleanNote(`a\u001b[31mb\nc${"x".repeat(2_000)}`);
  expect(note.startsWith("a\\u001b[31mb c")).toBe(true);
  expect(note.length).toBe(1024);
});

test("a summary names ten and counts the rest", () => {
  const told = Array.from({ length: 12 }, (_, index) => ({
    id: { ...clusterRole, name: `r${index}` },
    note: `note ${index}`,
  }));
  expect(summaryNote("Drifted", told)).toMatch(
    /^12 objects drifted from Git: ClusterRole r0, .*ClusterRole r9 and 2 more$/,
  );
});

test("a storm: what would be told more than a minute late is left to the Baseline's own Event, which counts it", async () => {
  for (let at = 0; at < 2_000; at += 1) drift(`n${at}`);
  await world.clock.advance(120_000);
  expect(reasons("object").length).toBeGreaterThan(500);
  expect(reasons("object").length).toBeLessThan(700);
  expect(reasons("baseline")).toEqual(["Drifted"]);
  expect(getString(events("baseline")[0], "note")).toContain("2000");
  // It is over: what drifts now is told again at once.
  drift("later");
  await world.clock.advance(1_000);
  expect(events("object").map((event) => getString(event, "regarding", "name"))).toContain("later");
});

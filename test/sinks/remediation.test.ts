import { declare as declareObject } from "../../src/model/desired.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { annotations } from "../../src/model/annotations.ts";
import type { Baseline, RemediationSettings } from "../../src/model/baseline.ts";
import { getIn, type Json, type JsonObject } from "../../src/model/json.ts";
import type { LiveView } from "../../src/model/live.ts";
import type { Problem } from "../../src/model/problem.ts";
import { idKey, type KubeObject, type ResourceId } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import type { HealLedger } from "../../src/sinks/heal-ledger.ts";
import { createHealLog } from "../../src/sinks/heal-log.ts";
import { hashOfPlan } from "../../src/verdict/heal-plan.ts";
import { missingPermission, resultOf } from "../../src/sinks/heal-result.ts";
import type { Announcement, RemediationResult, WritingSink } from "../../src/sinks/ports.ts";
import { startHealing, type Healing } from "./heal-world.ts";
import { refusal } from "./memory-api.ts";
import {
  baselineOf,
  changeOf,
  driftedVerdict,
  FakeEngine,
  inSync,
  judgementOf,
  ready,
  stateOf,
} from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

const id: ResourceId = { group: "example.com", kind: "Widget", namespace: "shop", name: "web" };
const kind = { group: id.group, version: "v1", kind: id.kind };

const schemas = createSchemaIndex();
schemas.addCrd({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: id.group,
    scope: "Namespaced",
    names: { plural: "widgets", kind: id.kind },
    versions: [
      {
        name: "v1",
        served: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { size: { type: "integer" }, colour: { type: "string" } } },
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
      },
    ],
  },
});
const notServed: Problem = { code: "kind-not-served", message: "no" };

let world: World;
let sink: WritingSink;
let ledger: HealLedger;
let baseline: Baseline;
let told: readonly Announcement[];
let results: readonly RemediationResult[];
let healing: Healing;
let desired: DesiredObject;
let previous: DesiredObject | undefined;

function declare(spec: JsonObject, optIn: JsonObject = { [annotations.remediate]: "enabled" }): DesiredObject {
  const object = {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { name: id.name, namespace: id.namespace, annotations: optIn },
    spec,
  };
  return declareObject(object, { file: "a.yaml", line: 1, index: 0 });
}

const settings = (over: Partial<RemediationSettings>): void => {
  baseline = { ...baseline, generation: baseline.generation + 1, remediation: { ...baseline.remediation, ...over } };
  world.engine.put(stateOf({ baseline }));
};

const live = (): KubeObject | undefined => world.api.find({ kind, namespace: id.namespace, name: id.name });

function inputNow(): DecideInput {
  const object = live();
  const view: LiveView =
    object === undefined
      ? { state: "absent" }
      : {
          state: "present",
          live: {
            object,
            uid: String(object.metadata["uid"]),
            resourceVersion: String(object.metadata["resourceVersion"]),
            managedFields: "",
            health: { state: "healthy" },
            receivedAt: world.clock.now(),
          },
        };
  return {
    baseline,
    id,
    version: "v1",
    desired,
    previous,
    live: view,
    schema: schemas.schemaFor(kind) ?? notServed,
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: world.clock.now(),
  };
}

/** What the watch and the engine do: read both sides, judge, tell. */
async function watch(): Promise<void> {
  const input = inputNow();
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, input);
  const { verdict } = decide(input);
  if (verdict.kind === "in-sync") previous = desired;
  const uid = input.live.state === "present" ? { uid: input.live.live.uid } : {};
  const { uid: _uid, ...judgement } = judgementOf(verdict, { id, desiredHash: desired.hash });
  sink.transition(world.engine.judge({ ...judgement, ...uid, firstObserved: world.clock.now() }, world.clock.now()));
  await world.clock.advance(0);
}

const edit = (spec: JsonObject): void => {
  const object = live() ?? desired.object;
  world.api.put({ ...object, spec });
};

const writes = (): number => world.api.writes("Widget").length;
const reasons = (): readonly string[] => told.map(({ reason }) => reason);

beforeEach(() => {
  world = createWorld();
  baseline = baselineOf({ mode: "Remediate" });
  world.engine.put(stateOf({ baseline }));
  desired = declare({ size: 3, colour: "red" });
  previous = desired;
  world.api.put(desired.object);
  healing = startHealing(world);
  ({ sink, ledger, told, results } = healing);
});

afterEach(() => world.stop());

test("one JSON Patch with exactly the drifted path, at the version judged, and then peace", async () => {
  edit({ size: 5, colour: "red" });
  const version = live()?.metadata["resourceVersion"] ?? "";
  await watch();
  expect(world.api.writes("Widget").map(({ patch }) => patch)).toEqual([
    {
      type: "json",
      operations: [
        { op: "replace", path: "/metadata/resourceVersion", value: version },
        { op: "replace", path: "/spec/size", value: 3 },
      ],
    },
  ]);
  expect(ledger.actedSince(baseline.key, id, world.clock.now())).toBe(true);
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(1);
  expect(results).toEqual(["applied"]);
  expect(reasons()).toEqual(["Remediated"]);
  expect(ledger.stateOf(baseline.key, id)).toBeUndefined();
});

test("what is missing is created", async () => {
  world.api.objects.clear();
  await watch();
  expect(getIn(live(), "spec")).toEqual({ size: 3, colour: "red" });
  expect(results).toEqual(["applied"]);
});

test("it writes as the Baseline's ServiceAccount, where it names one", async () => {
  baseline = { ...baseline, serviceAccountName: "deployer" };
  world.engine.put(stateOf({ baseline }));
  edit({ size: 5 });
  await watch();
  expect(world.api.writes("Widget")[0]?.options).toEqual({
    impersonate: { namespace: "shop", serviceAccount: "deployer" },
  });
});

const refrains: readonly (readonly [string, () => void])[] = [
  ["mode Alert", () => (baseline = { ...baseline, mode: "Alert" })],
  ["a suspended Baseline", () => (baseline = { ...baseline, suspend: true })],
  ["no opt-in", () => world.api.put((desired = previous = declare({ size: 3 }, {})).object)],
  ["an opt-out", () => (desired = previous = declare({ size: 3 }, { [annotations.remediate]: "disabled" }))],
  [
    "a cause that is not listed",
    () => (baseline = { ...baseline, remediation: { ...baseline.remediation, causes: ["deletion"] } }),
  ],
];

test.each(refrains)("nothing is written with %s", async (_, arrange) => {
  arrange();
  world.engine.put(stateOf({ baseline }));
  edit({ size: 5 });
  await watch();
  await world.clock.advance(120_000);
  expect(writes()).toBe(0);
});

test("nothing is written without the lease, and everything is looked at when it is gained", async () => {
  world.leader = false;
  edit({ size: 5 });
  await watch();
  await world.clock.advance(60_000);
  expect(writes()).toBe(0);
  world.leader = true;
  sink.leading();
  await world.clock.advance(0);
  expect(writes()).toBe(1);
});

test("nothing is written while the source fails, or before the object is judged at the revision in force", async () => {
  const { problem: _problem, ...source } = { ...ready, problem: undefined };
  world.engine.put(stateOf({ baseline, source: { ...source, state: "failed", stage: "source" } }));
  edit({ size: 5 });
  await watch();
  await world.clock.advance(60_000);
  const commit = "f".repeat(40);
  world.engine.put(stateOf({ baseline, source: { ...ready, revision: { ref: "main", commit } } }));
  sink.stateChanged(baseline.key);
  await world.clock.advance(60_000);
  expect(writes()).toBe(0);
  world.engine.put(stateOf({ baseline }));
  await world.clock.advance(60_000);
  expect(writes()).toBe(1);
});

test("a rollout that has not arrived is the deployer's: it waits and says so", async () => {
  previous = declare({ size: 2 });
  edit({ size: 5 });
  settings({ causes: ["live-edit"] });
  await watch();
  await world.clock.advance(5_000);
  expect(writes()).toBe(0);
});

test("a pause holds it until it is over", async () => {
  const until = new Date(world.clock.now() + 30_000).toISOString();
  edit({ size: 5 });
  const object = live();
  if (object === undefined) throw new Error("no object");
  const pause = { [annotations.remediate]: "enabled", [annotations.pauseUntil]: until };
  world.api.put({ ...object, metadata: { ...object.metadata, annotations: pause } });
  await watch();
  expect(ledger.stateOf(baseline.key, id)).toMatchObject({ state: "waiting", waitingFor: "pause" });
  expect(ledger.waiting(baseline.key)).toMatchObject({ pause: 1, fight: 0 });
  await world.clock.advance(29_000);
  expect(writes()).toBe(0);
  // The engine looks again by itself; here its input only has to know the time.
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, { ...inputNow(), now: world.clock.now() + 2_000 });
  await world.clock.advance(2_000);
  expect(writes()).toBe(1);
});

test("approval is waited for, and acted upon", async () => {
  settings({ approval: "Always" });
  edit({ size: 5 });
  await watch();
  await world.clock.advance(1_000);
  expect([writes(), ledger.stateOf(baseline.key, id)?.waitingFor]).toEqual([0, "approval"]);
  expect(reasons()).toEqual(["RemediationWaiting"]);
  healing.approved = true;
  await watch();
  expect(writes()).toBe(1);
});

test("a race is dropped and judged again; the loser's edit is never overwritten blindly", async () => {
  edit({ size: 5 });
  const input = inputNow();
  world.api.put({ ...(live() ?? desired.object), spec: { size: 7, colour: "blue" } });
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, input);
  const { verdict } = decide(input);
  sink.transition(world.engine.judge(judgementOf(verdict, { id, desiredHash: desired.hash }), world.clock.now()));
  await world.clock.advance(3_000);
  expect(results).toEqual(["conflict"]);
  expect(getIn(live(), "spec", "size")).toBe(7);
  await watch();
  expect(results).toEqual(["conflict", "applied"]);
  expect(getIn(live(), "spec")).toEqual({ size: 3, colour: "red" });
});

test("a missing permission is named, told once, and tried again a minute later", async () => {
  const message =
    'widgets.example.com "web" is forbidden: User "system:serviceaccount:p:p" cannot patch resource "widgets" in API group "example.com" in the namespace "shop"';
  world.api.refusals.push(() => refusal(403, "Forbidden", message));
  edit({ size: 5 });
  await watch();
  await world.clock.advance(30_000);
  expect([results, ledger.stateOf(baseline.key, id)?.waitingFor]).toEqual([["denied", "denied"], "permission"]);
  expect(ledger.stateOf(baseline.key, id)?.message).toContain("patch widgets.example.com in shop");
  await world.clock.advance(120_000);
  expect(reasons()).toEqual(["PermissionMissing"]);
  world.api.refusals.length = 0;
  await world.clock.advance(120_000);
  expect(results.at(-1)).toBe("applied");
  expect(results.filter((result) => result === "denied").length).toBeLessThanOrEqual(4);
});

test("one refusal of a server that has just come back is not told", async () => {
  const message = 'x is forbidden: User "u" cannot patch resource "widgets" in API group "example.com"';
  world.api.refusals.push(({ verb }) =>
    verb === "patch" && results.length === 0 ? refusal(403, "Forbidden", message) : undefined,
  );
  edit({ size: 5 });
  await watch();
  await world.clock.advance(30_000);
  expect([results, reasons()]).toEqual([["denied", "applied"], ["Remediated"]]);
});

test("what the server refuses is tried a few times, then given up and told once", async () => {
  settings({ retries: 2 });
  world.api.refusals.push(() => refusal(422, "Invalid", "spec.size: Invalid value: 3: must be odd"));
  edit({ size: 5 });
  await watch();
  await world.clock.advance(600_000);
  expect(results).toEqual(["denied", "denied", "denied"]);
  expect(reasons()).toEqual(["RemediationFailed"]);
  expect(ledger.stateOf(baseline.key, id)).toMatchObject({ state: "failed", attempts: 3, lastResult: "denied" });
  expect(ledger.stateOf(baseline.key, id)?.message).toContain("must be odd");
  // Another drift of the same object starts over.
  world.api.refusals.length = 0;
  edit({ size: 3, colour: "blue" });
  await watch();
  expect(results.at(-1)).toBe("applied");
});

test("while no answer comes nothing is given up, however long; afterwards it is put back", async () => {
  settings({ retries: 1 });
  world.api.refusals.push(({ verb }) => (verb === "patch" ? refusal(0, "Unreachable") : undefined));
  edit({ size: 5 });
  await watch();
  await world.clock.advance(600_000);
  expect(new Set(results)).toEqual(new Set(["failed"]));
  // Further and further apart.
  expect(results.length).toBeLessThan(30);
  expect(reasons()).toEqual([]);
  world.api.refusals.length = 0;
  await world.clock.advance(60_000);
  expect([results.at(-1), reasons()]).toEqual(["applied", ["Remediated"]]);
});

test("an error of the server's own is told like any other, and tried now and then all the same", async () => {
  settings({ retries: 1 });
  world.api.refusals.push(({ verb }) =>
    verb === "patch" ? refusal(500, "InternalError", "webhook h: no route") : undefined,
  );
  edit({ size: 5 });
  await watch();
  await world.clock.advance(120_000);
  expect(reasons()).toEqual(["RemediationFailed"]);
  expect(ledger.stateOf(baseline.key, id)).toMatchObject({ state: "failed", lastResult: "failed" });
  expect(ledger.stateOf(baseline.key, id)?.message).toContain("webhook h: no route");
  world.api.refusals.length = 0;
  await world.clock.advance(120_000);
  expect([results.at(-1), reasons().at(-1)]).toEqual(["applied", "Remediated"]);
});

test("a write that changes nothing is a noop, not a success", async () => {
  const input = { ...inputNow(), desired: declare({ size: 9, colour: "red" }) };
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, { ...input, previous: input.desired });
  world.api.refusals.push((call) => {
    const object = live();
    // As a webhook does that puts it back within the write.
    if (call.verb === "patch" && object !== undefined) world.api.put(object);
    return undefined;
  });
  const plan = { kind: "patch", operations: [], uid: "u", resourceVersion: "7" } as const;
  const body = { apiVersion: "v1", kind: "X", metadata: { resourceVersion: "7" } };
  expect(resultOf({ ok: true, status: 200, body, warnings: [] }, plan, false).result).toBe("noop");
});

test("an answer that never came leaves it to the watch, and the deed is ours", async () => {
  edit({ size: 5 });
  world.api.refusals.push(({ verb }) => {
    if (verb !== "patch") return undefined;
    world.api.put(desired.object);
    return refusal(0, "Unreachable");
  });
  await watch();
  expect(ledger.actedSince(baseline.key, id, world.clock.now())).toBe(true);
  await watch();
  await world.clock.advance(60_000);
  expect(results).toEqual(["failed"]);
  const ends = healing.evidence.filter(({ kind }) => kind === "resolved").map(({ result }) => result);
  expect(ends).toEqual(["plumbline"]);
});

test("so many writes a minute, and the rest waits its turn", async () => {
  settings({ maxPerMinute: 1 });
  edit({ size: 5 });
  await watch();
  await watch();
  edit({ size: 6, colour: "red" });
  await watch();
  expect([writes(), ledger.stateOf(baseline.key, id)?.waitingFor]).toEqual([1, "limit"]);
  await world.clock.advance(61_000);
  expect(writes()).toBe(2);
});

test("the fourth time the same hand moves it within ten minutes, Plumbline stands down and says so once", async () => {
  for (let round = 0; round < 4; round++) {
    edit({ size: 5, colour: "red" });
    await watch();
    await watch();
    await world.clock.advance(1_000);
  }
  expect(writes()).toBe(3);
  expect(ledger.stateOf(baseline.key, id)).toMatchObject({ state: "waiting", waitingFor: "fight" });
  expect(reasons().filter((reason) => reason === "FightDetected")).toHaveLength(1);
  expect(told.find(({ reason }) => reason === "FightDetected")?.note).toContain(".spec.size");
  await world.clock.advance(540_000);
  expect(writes()).toBe(3);
});

test("two Baselines that declare one object: none writes", async () => {
  world.engine.declaring = () => [baseline.key, baselineOf({ name: "other" }).key];
  edit({ size: 5 });
  await watch();
  await world.clock.advance(5_000);
  expect(writes()).toBe(0);
});

test("an answer that never came is not called one", () => {
  const plan = { kind: "patch", operations: [], uid: "u", resourceVersion: "7" } as const;
  const lost = refusal(0, "Unreachable", "other side closed");
  expect(resultOf(lost, plan, false).message).toBe("no answer from the API server: other side closed");
  expect(resultOf(lost, plan, true).message).toBe("no answer from the API server");
});

test("the server's words about a Secret are not repeated", () => {
  const plan = { kind: "patch", operations: [], uid: "u", resourceVersion: "7" } as const;
  const answer = refusal(422, "Invalid", 'data.key: Invalid value: "hunter2"');
  expect(resultOf(answer, plan, true).message).toBe("the API server answered 422 Invalid");
  expect(resultOf(answer, plan, false).message).toContain("hunter2");
});

test.each([
  [
    'pods "a" is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "shop"',
    "create pods in shop",
  ],
  [
    'clusterroles "a" is forbidden: User "x" cannot patch resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    "patch clusterroles.rbac.authorization.k8s.io",
  ],
  [
    'serviceaccounts "a" is forbidden: User "x" cannot impersonate-on:serviceaccount:patch resource "configmaps" in API group "" in the namespace "shop"',
    "impersonate-on:serviceaccount:patch configmaps in shop",
  ],
  ['admission webhook "deny.example.com" denied the request: no', undefined],
])("%s", (message, missing) => {
  expect(missingPermission(message)).toBe(missing);
});

test("an approval's hash stays while the object only ages, and changes with what would be written", () => {
  edit({ size: 5, colour: "red" });
  const key = Buffer.alloc(32, 1);
  const first = hashOfPlan(inputNow(), key);
  world.api.put({ ...(live() ?? desired.object), status: { seen: true } as Json } as KubeObject);
  expect(hashOfPlan(inputNow(), key)).toBe(first);
  edit({ size: 6, colour: "blue" });
  expect(hashOfPlan(inputNow(), key)).not.toBe(first);
});

test("a limit of objects per revision holds what is new, not what was already put back", () => {
  const log = createHealLog(world.clock);
  const limited = { ...baseline, remediation: { ...baseline.remediation, maxObjectsPerRevision: 1 } };
  log.sent(limited, "a", "c1");
  expect(log.held(limited, "a", "c1")).toBeUndefined();
  expect(log.held(limited, "b", "c1")?.reason).toBe("limit");
  expect(log.held(limited, "b", "c2")).toBeUndefined();
});

test("what is in sync or unknown is left alone", async () => {
  const engine = new FakeEngine();
  engine.put(stateOf({ baseline }));
  sink.transition(engine.judge(judgementOf(inSync, { id }), 0));
  sink.transition(
    engine.judge(judgementOf({ kind: "unknown", problem: { code: "forbidden", message: "no" } }, { id }), 1),
  );
  sink.transition(engine.judge(judgementOf(driftedVerdict([changeOf()]), { id }), 2));
  await world.clock.advance(60_000);
  expect(writes()).toBe(0);
});

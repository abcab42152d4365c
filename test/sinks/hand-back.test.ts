import { afterEach, beforeEach, expect, test } from "vitest";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { annotations } from "../../src/model/annotations.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import { declare } from "../../src/model/desired.ts";
import type { EvidenceRecord } from "../../src/model/evidence.ts";
import { getIn, type Json, type JsonObject } from "../../src/model/json.ts";
import { idKey, type KubeObject, type ResourceId } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import type { Transition } from "../../src/model/verdict.ts";
import { createRate } from "../../src/runtime/rate.ts";
import { createHandBack, type HandBack } from "../../src/sinks/hand-back.ts";
import { createHealRights } from "../../src/sinks/heal-rights.ts";
import type { Announcement } from "../../src/sinks/ports.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { noOwnObjects } from "../../src/verdict/remedy.ts";
import { refusal } from "./memory-api.ts";
import { baselineOf, judgementOf, ready, stateOf } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

const id: ResourceId = { group: "example.com", kind: "Widget", namespace: "shop", name: "web" };
const kind = { group: id.group, version: "v1", kind: id.kind };
const enabled = { [annotations.remediate]: "enabled" };
const disabled = { [annotations.remediate]: "disabled" };

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
            },
          },
        },
      },
    ],
  },
});

const entry = (manager: string, operation: string, ...names: readonly string[]): JsonObject => ({
  manager,
  operation,
  apiVersion: "example.com/v1",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:spec": Object.fromEntries(names.map((name) => [`f:${name}`, {}])) },
});
const ours = entry("plumbline", "Update", "size");
const sole = [ours, entry("flux", "Apply", "colour")];
const shared = [entry("flux", "Apply", "size", "colour"), ours];

let world: World;
let sink: HandBack;
let baseline: Baseline;
let desired: DesiredObject;
let told: Announcement[];
let evidence: EvidenceRecord[];

const live = (): KubeObject | undefined => world.api.find({ kind, namespace: id.namespace, name: id.name });
const managedFields = (): readonly Json[] => (getIn(live(), "metadata", "managedFields") ?? []) as readonly Json[];
const writes = (): number => world.api.writes().length;

function inputNow(): DecideInput {
  const object = live();
  const present = (one: KubeObject): DecideInput["live"] => ({
    state: "present",
    live: {
      object: one,
      uid: String(one.metadata["uid"]),
      resourceVersion: String(one.metadata["resourceVersion"]),
      managedFields: JSON.stringify(one.metadata["managedFields"] ?? []),
      health: { state: "healthy" },
      receivedAt: world.clock.now(),
    },
  });
  return {
    baseline,
    id,
    version: "v1",
    desired,
    previous: desired,
    live: object === undefined ? { state: "absent" } : present(object),
    schema: schemas.schemaFor(kind) ?? { code: "kind-not-served", message: "no" },
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: world.clock.now(),
  };
}

/** What stands in the cluster and in Git now is known to the engine, and nobody was told. */
function known(): Transition {
  const input = inputNow();
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, input);
  return world.engine.judge(judgementOf(decide(input).verdict, { id }), world.clock.now());
}

/** As watch and engine tell it. */
async function watch(): Promise<void> {
  sink.transition(known());
  sink.changed(id, "v1");
  await world.clock.advance(0);
}

function put(
  fields: readonly JsonObject[],
  spec: JsonObject = { size: 3, colour: "red" },
  marks: JsonObject = enabled,
): void {
  const metadata = { name: id.name, namespace: id.namespace, annotations: marks, managedFields: fields };
  world.api.put({ apiVersion: "example.com/v1", kind: "Widget", metadata, spec });
}

const settings = (changes: Partial<Baseline>): void => {
  baseline = { ...baseline, ...changes, generation: baseline.generation + 1 };
  world.engine.put(stateOf({ baseline }));
  sink.stateChanged(baseline.key);
};

function declareNow(marks: JsonObject): void {
  const metadata = { name: id.name, namespace: id.namespace, annotations: marks };
  const object = { apiVersion: "example.com/v1", kind: "Widget", metadata, spec: { size: 3, colour: "red" } };
  desired = declare(object, { file: "a.yaml", line: 1, index: 0 });
}

/** Objects that are not ours, and how many of them were passed by in the last search. */
let others: number;
let passed: number;

beforeEach(() => {
  world = createWorld();
  told = [];
  [others, passed] = [0, 0];
  evidence = [];
  baseline = baselineOf({ mode: "Remediate" });
  world.engine.put(stateOf({ baseline }));
  declareNow(enabled);
  const isManagedBy = (manager: string): boolean => managedFields().some((one) => getIn(one, "manager") === manager);
  sink = world.start(
    createHandBack({
      ...world,
      rate: createRate(world.clock, 5),
      live: {
        isManagedBy,
        *managedBy(manager) {
          for (passed = 0; passed < others; passed += 1) yield undefined;
          if (isManagedBy(manager)) yield id;
        },
      },
      claimants: (self, one) => ({
        claimants: world.engine.declaring(one).filter((key) => key !== self),
        asking: false,
      }),
      rights: createHealRights(world.clock),
      evidence: { record: (record) => evidence.push(record) },
      announce: (announcement) => told.push(announcement),
      liveOptIn: true,
      own: noOwnObjects,
      platformNamespaces: ["shop"],
    }),
  );
});

afterEach(() => world.stop());

test("the deployer owns it too: one patch of the managed fields at the version seen, and then peace", async () => {
  put(sole);
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(0);
  put(shared);
  const version = live()?.metadata["resourceVersion"] ?? "";
  await watch();
  expect(writes()).toBe(0);
  await world.clock.advance(1_000);
  expect(world.api.writes().map(({ patch, options }) => ({ patch, options }))).toEqual([
    {
      patch: {
        type: "json",
        operations: [
          { op: "replace", path: "/metadata/resourceVersion", value: version },
          { op: "test", path: "/metadata/managedFields/1/manager", value: "plumbline" },
          { op: "remove", path: "/metadata/managedFields/1" },
        ],
      },
      options: {},
    },
  ]);
  expect(managedFields()).toEqual([shared[0]]);
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(1);
  expect(told).toEqual([]);
  expect(evidence).toEqual([
    {
      kind: "handed-back",
      at: world.clock.now() - 600_000,
      baseline: baseline.key,
      id,
      uid: live()?.metadata["uid"],
      revision: "main@sha1:4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d",
      result: "applied",
      reason: "others own 1 field of what was put back",
      plan: { kind: "patch", operations: ["remove /metadata/managedFields/1"] },
      before: version,
      after: live()?.metadata["resourceVersion"],
    },
  ]);
});

test("as the Baseline's ServiceAccount, where it names one", async () => {
  settings({ serviceAccountName: "deployer" });
  put(shared);
  await watch();
  await world.clock.advance(1_000);
  expect(world.api.writes()[0]?.options).toEqual({ impersonate: { namespace: "shop", serviceAccount: "deployer" } });
  expect(evidence[0]?.as).toBe("shop/deployer");
});

const refrains: readonly (readonly [string, () => void, (() => void) | undefined])[] = [
  ["mode Alert", () => settings({ mode: "Alert" }), () => settings({ mode: "Remediate" })],
  ["a suspended Baseline", () => settings({ suspend: true }), () => settings({ suspend: false })],
  [
    "a paused Baseline",
    () => settings({ pauseUntil: Number.POSITIVE_INFINITY }),
    () => {
      const { pauseUntil: _, ...rest } = baseline;
      baseline = rest;
      settings({});
    },
  ],
  [
    "an opt-out in Git since",
    () => declareNow(disabled),
    () => {
      declareNow(enabled);
      settings({});
    },
  ],
  ["an opt-out on the live object since", () => put(shared, undefined, disabled), undefined],
  ["no opt-in any more", () => (declareNow({}), put(shared, undefined, {})), undefined],
  [
    "a source that failed",
    () => world.engine.put(stateOf({ baseline, source: { ...ready, state: "failed" } })),
    () => settings({}),
  ],
  [
    "a revision that waits for approval",
    () => {
      const guard = { reason: "Rewritten", commit: "4f2a", message: "m" } as const;
      world.engine.put(stateOf({ baseline, source: { ...ready, guard } }));
    },
    () => settings({}),
  ],
  [
    "another Baseline that declares it",
    () =>
      void world.engine.judge(judgementOf({ kind: "in-sync" }, { id, baseline: baselineOf({ name: "other" }).key }), 0),
    undefined,
  ],
];

test.each(refrains)("nothing is written with %s, and all of it once that is over", async (_, arrange, undo) => {
  put(shared);
  arrange();
  await watch();
  sink.leading();
  await world.clock.advance(7_200_000);
  expect(writes()).toBe(0);
  if (undo === undefined) return;
  undo();
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, inputNow());
  await world.clock.advance(1_000);
  expect(writes()).toBe(1);
});

test("a pause on the object is waited out", async () => {
  const until = { [annotations.pauseUntil]: new Date(world.clock.now() + 60_000).toISOString() };
  put(shared, undefined, { ...enabled, ...until });
  await watch();
  await world.clock.advance(59_000);
  expect(writes()).toBe(0);
  const input = inputNow();
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, { ...input, now: world.clock.now() + 2_000 });
  await world.clock.advance(2_000);
  expect(writes()).toBe(1);
});

test("while it drifts a heal goes first; once it is as declared, ownership is given back", async () => {
  put(shared, { size: 3, colour: "blue" });
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(0);
  put(shared);
  await watch();
  await world.clock.advance(1_000);
  expect(writes()).toBe(1);
});

test("healed before a restart: found when the lease is gained, although Git comes only later", async () => {
  put(shared);
  sink.leading();
  await world.clock.advance(60_000);
  expect(writes()).toBe(0);
  known();
  sink.stateChanged(baseline.key);
  await world.clock.advance(1_000);
  expect(writes()).toBe(1);
});

test("among fifty thousand others: found, and the loop comes round meanwhile", async () => {
  others = 50_000;
  put(shared);
  known();
  sink.leading();
  expect(passed).toBeLessThan(1_000);
  await expect.poll(() => passed, { interval: 1, timeout: 10_000 }).toBe(others);
  await world.clock.advance(1_000);
  expect(writes()).toBe(1);
});

test("found when its kind comes into sight", async () => {
  put(shared);
  known();
  sink.sighted(kind);
  await world.clock.advance(1_000);
  expect(writes()).toBe(1);
});

test("without the lease nothing is looked at", async () => {
  world.leader = false;
  put(shared);
  await watch();
  sink.sighted(kind);
  await world.clock.advance(600_000);
  world.leader = true;
  await world.clock.advance(600_000);
  expect(writes()).toBe(0);
});

test("somebody wrote in between: read again, and given back at the new version", async () => {
  put(shared);
  await watch();
  const moved = [...shared, entry("hpa", "Update", "other")];
  put(moved);
  await world.clock.advance(1_000);
  expect(evidence.map(({ result }) => result)).toEqual(["conflict"]);
  expect(managedFields()).toEqual(moved);
  world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, inputNow());
  await world.clock.advance(5_000);
  expect(evidence.map(({ result }) => result)).toEqual(["conflict", "applied"]);
  expect(managedFields()).toEqual([moved[0], moved[2]]);
});

test("no right to: told once, and left until something of it changes", async () => {
  const message =
    'widgets.example.com "web" is forbidden: User "x" cannot patch resource "widgets" in API group "example.com" in the namespace "shop"';
  world.api.refusals.push(() => refusal(403, "Forbidden", message));
  put(shared);
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(1);
  await watch();
  await world.clock.advance(600_000);
  expect(writes()).toBe(2);
  expect(told.map(({ reason, note }) => `${reason}: ${note}`)).toEqual([
    "PermissionMissing: ownership of what was put back on Widget shop/web cannot be given back: may not patch widgets.example.com in shop",
  ]);
});

test("a change while the refusal is still believed is not lost: granted meanwhile, it is given back", async () => {
  const message =
    'widgets.example.com "web" is forbidden: User "x" cannot patch resource "widgets" in API group "example.com" in the namespace "shop"';
  world.api.refusals.push(refusal(403, "Forbidden", message));
  put(shared);
  await watch();
  await world.clock.advance(10_000);
  expect(writes()).toBe(1);
  await watch();
  await world.clock.advance(600_000);
  expect(evidence.map(({ result }) => result)).toEqual(["denied", "applied"]);
});

test("refused by a policy: tried a few times, for entries may only have moved, then left until it changes", async () => {
  world.api.refusals.push(() => refusal(422, "Invalid", "no"));
  put(shared);
  await watch();
  await world.clock.advance(7_200_000);
  expect(writes()).toBe(4);
  expect(told).toEqual([]);
});

test("no answer: tried again", async () => {
  world.api.refusals.push(refusal(0, "Unreachable"), refusal(503, "ServiceUnavailable"));
  put(shared);
  await watch();
  await world.clock.advance(10_000);
  expect(evidence.map(({ result }) => result)).toEqual(["failed", "failed", "applied"]);
});

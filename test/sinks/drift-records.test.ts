import { afterEach, beforeEach, expect, test } from "vitest";
import { getIn, getString, isArray } from "../../src/model/json.ts";
import { annotations } from "../../src/model/annotations.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import type { Judgement } from "../../src/model/verdict.ts";
import { driftBody, driftName, managersOf } from "../../src/sinks/drift-body.ts";
import { chosenOf } from "../../src/sinks/drift-choice.ts";
import {
  createDriftRecords,
  gatherTime,
  recordInterval,
  type DriftRecordsSink,
} from "../../src/sinks/drift-records.ts";
import { readRemembered } from "../../src/sinks/drift-seeds.ts";
import { stands } from "../../src/sinks/episodes.ts";
import { createHealLedger } from "../../src/sinks/heal-ledger.ts";
import {
  baselineOf,
  changeOf,
  driftedVerdict,
  inSync,
  judgementOf,
  missingVerdict,
  start,
  stateOf,
  webId,
} from "./sink-fixtures.ts";
import { refusal } from "./memory-api.ts";
import { createWorld, type World } from "./sink-world.ts";

let world: World;
let sink: DriftRecordsSink;
let hash: string;
let heard: ResourceId[];
const { key } = baselineOf();
const ledger = createHealLedger();

function create(maxPerBaseline = 500): DriftRecordsSink {
  const planned = () => ({ contentHash: hash, shown: undefined });
  const approvalChanged = (_: string, id: ResourceId): void => void heard.push(id);
  return world.start(createDriftRecords({ ...world, remediation: ledger, planned, approvalChanged, maxPerBaseline }));
}

beforeEach(() => {
  hash = "h1";
  heard = [];
  world = createWorld();
  world.engine.put(stateOf());
  sink = create();
});

afterEach(() => world.stop());

const judge = (judgement: Judgement): void => sink.transition(world.engine.judge(judgement, world.clock.now()));
const named = (name: string, over: Partial<Judgement> = {}): Judgement =>
  judgementOf(driftedVerdict(), { id: { ...webId, name }, ...over });
const records = (): readonly KubeObject[] => world.api.all("Drift");
const names = (): readonly (string | undefined)[] =>
  records()
    .map((record) => getString(record, "object", "name"))
    .sort();
const bodyOf = (judgement: Judgement, over: Partial<Parameters<typeof driftBody>[0]> = {}) => {
  if (!stands(judgement)) throw new Error("it must stand");
  return driftBody({ baseline: baselineOf(), judgement, contentHash: "h1", remediation: undefined, ...over });
};

test("a record is named after its Baseline and the object's id", () => {
  expect(driftName(baselineOf(), webId)).toMatch(/^web-[0-9a-f]{16}$/);
  expect(driftName(baselineOf({ name: `${"a".repeat(39)}.b` }), webId)).toMatch(/^a{39}-[0-9a-f]{16}$/);
  expect(driftName(baselineOf({ uid: "other" }), webId)).not.toBe(driftName(baselineOf(), webId));
  expect(driftName(baselineOf(), { ...webId, namespace: "shop2" })).not.toBe(driftName(baselineOf(), webId));
});

test("what a record says", () => {
  const verdict = driftedVerdict([
    changeOf({ severity: "low", pointer: "/metadata/labels/a" }),
    changeOf({
      severity: "critical",
      owner: { manager: "mallory", operation: "Update", subresource: "", confidence: "exact" },
    }),
  ]);
  expect(bodyOf(judgementOf(verdict))).toMatchObject({
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Drift",
    metadata: {
      namespace: "shop",
      labels: {
        "plumbline.dev/baseline": "web",
        "plumbline.dev/verdict": "drifted",
        "plumbline.dev/severity": "critical",
        "plumbline.dev/class": "workload",
      },
      ownerReferences: [{ apiVersion: "plumbline.dev/v1alpha1", kind: "Baseline", name: "web", uid: "b-uid" }],
    },
    baseline: "web",
    object: { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web", label: "shop/web" },
    verdict: "drifted",
    severity: "critical",
    who: "mallory, kubectl-edit",
    changesTotal: 2,
    changes: [{ severity: "critical" }, { severity: "low" }],
    contentHash: "h1",
    firstObserved: "2026-01-01T00:00:00.000Z",
    source: { file: "clusters/prod/web.yaml", line: 12 },
  });
});

test("at most fifty changes, and their total; long values are cut", () => {
  const changes = Array.from({ length: 60 }, (_, index) =>
    changeOf({ pointer: `/data/${index}`, live: "x".repeat(9_000) }),
  );
  const body = bodyOf(judgementOf(driftedVerdict(changes)));
  const listed = body["changes"];
  expect(isArray(listed) ? listed.length : 0).toBe(50);
  expect(body["changesTotal"]).toBe(60);
  expect(JSON.stringify(body).length).toBeLessThan(80_000);
});

test("managers are named once, worst change first, unknown ones not at all", () => {
  const by = (manager: string, severity: "low" | "high") =>
    changeOf({ severity, owner: { manager, operation: "", subresource: "", confidence: "unknown" } });
  expect(managersOf(driftedVerdict([by("a", "low"), by("b", "high"), by("", "high"), by("a", "high")]))).toEqual([
    "b",
    "a",
  ]);
});

test("a record appears with the drift and goes with it", async () => {
  judge(named("web"));
  await world.clock.advance(100);
  expect(names()).toEqual(["web"]);
  judge(judgementOf(inSync));
  await world.clock.advance(100);
  expect(names()).toEqual([]);
});

test("pending has no record; what became unknown keeps its own", async () => {
  judge(judgementOf({ kind: "pending", reason: "new", until: 0 }, { id: { ...webId, name: "new" } }));
  judge(named("web"));
  await world.clock.advance(100);
  judge(judgementOf({ kind: "unknown", problem: { code: "cluster-unreachable", message: "gone" } }));
  await world.clock.advance(5_000);
  expect(names()).toEqual(["web"]);
});

test("one record is written at most once in ten seconds, with the newest content", async () => {
  for (let replicas = 0; replicas < 20; replicas++) {
    judge(judgementOf(driftedVerdict([changeOf({ live: replicas })])));
    await world.clock.advance(1_000);
  }
  await world.clock.advance(recordInterval);
  expect(world.api.writes("Drift").length).toBeLessThanOrEqual(4);
  expect(getIn(records()[0], "changes")).toMatchObject([{ live: 19 }]);
});

test("what is about to be done is recorded at once, and kept whatever else is worse", async () => {
  await world.stop();
  world = createWorld();
  world.engine.put(stateOf());
  const owing = createHealLedger();
  const planned = () => ({ contentHash: hash, shown: undefined });
  sink = world.start(createDriftRecords({ ...world, remediation: owing, planned, maxPerBaseline: 1 }));
  judge(named("a"));
  await world.clock.advance(1_000);
  owing.remake(key, { ...webId, name: "a" }, { hash: "9c41" });
  expect(await sink.recordNow(key, { ...webId, name: "a" })).toBe(true);
  expect(records().map((record) => getString(record, "remediation", "owed"))).toEqual(["9c41"]);
  judge(judgementOf(missingVerdict("critical"), { id: { ...webId, name: "b" } }));
  world.engine.put(stateOf({ counts: { drifted: 1, missing: 1 } }));
  sink.stateChanged(key);
  await world.clock.advance(60_000);
  expect(names()).toEqual(["a", "b"]);
  expect(await sink.recordNow(key, { ...webId, name: "c" })).toBe(false);
  world.api.refusals.push(refusal(500, "InternalError"));
  owing.remake(key, { ...webId, name: "b" }, { hash: "77aa" });
  expect(await sink.recordNow(key, { ...webId, name: "b" })).toBe(false);
});

test("all records together are written at most twenty times a second", async () => {
  for (let index = 0; index < 100; index++) judge(named(`o${index}`));
  await world.clock.advance(gatherTime);
  expect(world.api.writes()).toHaveLength(20);
  await world.clock.advance(1_000);
  expect(world.api.writes().length).toBeLessThanOrEqual(40);
  await world.clock.advance(10_000);
  expect(names()).toHaveLength(100);
});

test("nothing is written where nothing changed, also after a restart", async () => {
  judge(named("web"));
  await world.clock.advance(20_000);
  const [record] = records();
  const writes = world.api.writes().length;
  sink = create();
  if (record !== undefined) sink.recordApplied(record);
  sink.leading();
  await world.clock.advance(20_000);
  expect(world.api.writes()).toHaveLength(writes);
});

test("at start, records of objects that are in sync now are removed, once all is judged", async () => {
  world.engine.put(stateOf({ judged: false }));
  sink.recordApplied(world.api.put(bodyOf(named("stale")) as KubeObject));
  await world.clock.advance(5_000);
  expect(names()).toEqual(["stale"]);
  world.engine.put(stateOf());
  sink.stateChanged(key);
  await world.clock.advance(5_000);
  expect(names()).toEqual([]);
});

test("a record that somebody deleted comes back; our own deletion does not bring it back", async () => {
  judge(named("web"));
  await world.clock.advance(recordInterval);
  const [record] = records();
  if (record === undefined) throw new Error("no record");
  world.api.objects.clear();
  sink.recordDeleted(record);
  await world.clock.advance(recordInterval);
  expect(names()).toEqual(["web"]);
});

test("a record that somebody wrote otherwise is put right, once, and not for what is not ours", async () => {
  judge(named("web"));
  await world.clock.advance(recordInterval);
  const [record] = records();
  if (record === undefined) throw new Error("no record");
  const writes = world.api.writes().length;
  sink.recordApplied({ ...record, metadata: { ...record.metadata, annotations: { team: "a" } } });
  await world.clock.advance(recordInterval);
  expect(world.api.writes()).toHaveLength(writes);
  sink.recordApplied(world.api.put({ ...record, changes: [] }));
  await world.clock.advance(5 * recordInterval);
  expect(getIn(records()[0], "changes")).toEqual(getIn(record, "changes"));
  expect(world.api.writes()).toHaveLength(writes + 1);
});

test("above the limit the worst are kept, those dropped from Git always, and records move as things get worse", async () => {
  sink = create(2);
  const dropped = { kind: "unmanaged", cause: "dropped-from-git", severity: "low", class: "config" } as const;
  const low = (name: string) => named(name, { verdict: driftedVerdict([changeOf({ severity: "low" })]) });
  for (const name of ["a", "b", "c"]) judge(low(name));
  judge(judgementOf(dropped, { id: { ...webId, name: "gone" } }));
  await world.clock.advance(15_000);
  expect(names()).toEqual(["a", "gone"]);
  judge(named("c", { verdict: driftedVerdict([changeOf({ severity: "critical" })]) }));
  await world.clock.advance(15_000);
  expect(names()).toEqual(["c", "gone"]);
});

test("more dropped from Git than records: all of them, and nothing else", () => {
  const dropped = { kind: "unmanaged", cause: "dropped-from-git", severity: "low", class: "config" } as const;
  const many = ["a", "b", "c"].map((name) => judgementOf(dropped, { id: { ...webId, name } }));
  expect(chosenOf([...many, named("x")], 2).size).toBe(3);
});

test("whoever waits for an approval hears of it, and of its end, once", async () => {
  judge(named("web"));
  await world.clock.advance(100);
  const [record] = records();
  if (record === undefined) throw new Error("no record");
  const marked = (approve: string): KubeObject => ({
    ...record,
    metadata: { ...record.metadata, annotations: { [annotations.approve]: approve } },
  });
  for (const object of [record, marked("h1"), marked("h1"), record]) sink.recordApplied(object);
  expect(heard).toEqual([webId, webId]);
});

test("an approval counts only for the very hash", async () => {
  judge(named("web"));
  await world.clock.advance(100);
  const [record] = records();
  if (record === undefined) throw new Error("no record");
  sink.recordApplied({ ...record, metadata: { ...record.metadata, annotations: { [annotations.approve]: "h1" } } });
  const answers = ["h1", "h2", ""].map((now) => {
    hash = now;
    return sink.isApproved(key, webId);
  });
  expect(answers).toEqual([true, false, false]);
  expect(sink.isApproved(key, { ...webId, name: "other" })).toBe(false);
});

test("a standby writes nothing; who gains the lease catches up", async () => {
  world.leader = false;
  judge(named("web"));
  await world.clock.advance(5_000);
  expect(names()).toEqual([]);
  world.leader = true;
  sink.leading();
  await world.clock.advance(5_000);
  expect(names()).toEqual(["web"]);
});

test("a record that another process wrote is not written over before its lines have had time to come", async () => {
  const line = { file: "web.yaml", line: 7, index: 0 };
  const whole = named("web", { verdict: driftedVerdict([changeOf({ source: line })]) });
  const body = bodyOf(whole) as KubeObject;
  sink.recordApplied({ ...world.api.put(body), apiVersion: body.apiVersion });
  const before = getString(records()[0]?.metadata, "resourceVersion");
  judge(named("web"));
  sink.touch(key, { ...webId, name: "web" });
  await world.clock.advance(1_000);
  judge(whole);
  await world.clock.advance(30_000);
  expect(getString(records()[0]?.metadata, "resourceVersion"), "nothing to say").toBe(before);
});

test("the first writing waits for the lines, whoever asks for it", async () => {
  judge(named("web"));
  sink.touch(key, { ...webId, name: "web" });
  await world.clock.advance(gatherTime - 1);
  expect(names()).toEqual([]);
  await world.clock.advance(1);
  expect(names()).toEqual(["web"]);
});

test("whether all that Git dropped is recorded: not before each has its record, whatever else has none", async () => {
  const dropped = { kind: "unmanaged", cause: "dropped-from-git", severity: "low", class: "config" } as const;
  sink = create(1);
  expect(sink.isDroppedRecorded(key)).toBe(true);
  judge(named("a"));
  judge(named("b", { verdict: missingVerdict("low") }));
  expect(sink.isDroppedRecorded(key), "neither was dropped").toBe(true);
  judge(named("c", { verdict: dropped }));
  judge(named("d", { verdict: dropped }));
  expect(sink.isDroppedRecorded(key)).toBe(false);
  await world.clock.advance(5_000);
  expect([names().filter((name) => name === "c" || name === "d"), sink.isDroppedRecorded(key)]).toEqual([
    ["c", "d"],
    true,
  ]);
  sink.recordDeleted(records().find((record) => getString(record, "object", "name") === "c") as KubeObject);
  expect(sink.isDroppedRecorded(key), "somebody deleted it").toBe(false);
});

const uidOf = (namespace: string, name: string): string | undefined =>
  namespace === "shop" && name === "web" ? "b-uid" : undefined;
const seedsOf = (judgement: Judgement): readonly Judgement[] => {
  const body = bodyOf(judgement) as KubeObject;
  const remembered = readRemembered([{ ...body, metadata: { ...body.metadata, uid: "r1" } }], uidOf);
  return remembered.map((one) => one.judgement);
};

test.each([
  ["drifted", driftedVerdict([changeOf(), changeOf({ op: "added", pointer: "/spec/x" })])],
  ["missing", missingVerdict()],
  ["unmanaged", { kind: "unmanaged", cause: "dropped-from-git", severity: "low", class: "config" } as const],
  [
    "never declared",
    {
      kind: "unmanaged",
      cause: "live-edit",
      severity: "low",
      class: "config",
      made: {
        manager: "kubectl-create",
        operation: "Update",
        subresource: "",
        time: "2026-01-01T00:00:00Z",
        confidence: "exact",
      },
    } as const,
  ],
  [
    "terminating",
    {
      kind: "terminating",
      since: "2026-01-01T00:00:00Z",
      finalizers: ["a/b"],
      severity: "high",
      class: "workload",
    } as const,
  ],
])("a %s verdict survives being written and read", (_, verdict) => {
  const [seed] = seedsOf(judgementOf(verdict, { firstObserved: start - 7_000 }));
  const kept =
    verdict.kind === "drifted"
      ? { ...verdict, changes: verdict.changes.map((change) => ({ ...change, path: [] })) }
      : verdict;
  expect(seed).toMatchObject({ baseline: key, id: webId, version: "v1", firstObserved: start - 7_000, verdict: kept });
});

test("a record of a Baseline that was deleted and made again is no memory", () => {
  const body = bodyOf(named("web")) as KubeObject;
  const record = { ...body, metadata: { ...body.metadata, uid: "r1" } };
  expect(readRemembered([record], () => "another")).toEqual([]);
  expect(
    readRemembered(
      [
        { ...record, verdict: "nonsense" },
        { ...record, firstObserved: "never" },
      ],
      uidOf,
    ),
  ).toEqual([]);
});

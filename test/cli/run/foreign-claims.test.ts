/** What other shards declare: found by id wherever the object may live, and never by what is not declared any more. */
import { beforeEach, expect, test } from "vitest";
import { createForeignClaims, type ForeignClaims } from "../../../src/cli/run/foreign-claims.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import { declare } from "../../../src/model/desired.ts";
import type { KubeObject, ResourceId } from "../../../src/model/resource.ts";
import { baselineKey } from "../../../src/model/snapshot.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";
import { plainBaseline } from "../../support/baseline-fixture.ts";

let asked: string[];
let completed: number;
let changed: number;
let claims: ForeignClaims;
const baselineOf = (name: string, over: Partial<Baseline> = {}): Baseline => ({
  ...plainBaseline({
    key: baselineKey("platform", name),
    namespace: "platform",
    name,
    uid: `uid-${name}`,
    generation: 1,
  }),
  ...over,
});
const scopes: Readonly<Record<string, "Namespaced" | "Cluster">> = { ConfigMap: "Namespaced", ClusterRole: "Cluster" };

beforeEach(() => {
  asked = [];
  completed = 0;
  changed = 0;
  claims = createForeignClaims({
    sources: {
      ensure: ({ name }) => void asked.push(`ensure ${name}`),
      remove: (key) => void asked.push(`remove ${key}`),
      checkNow: (key) => void asked.push(`check ${key}`),
    },
    scopeOf: ({ kind }) => scopes[kind],
    completed: () => (completed += 1),
    changed: () => (changed += 1),
    clock: new ManualClock(),
    log: silentLog,
  });
});

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const idOf = (kind: string, namespace: string, name: string): ResourceId => ({ group: "", kind, namespace, name });
const rendered = (name: string, ...objects: readonly KubeObject[]): void =>
  claims.sourceOutcome(baselineKey("platform", name), {
    kind: "rendered",
    snapshot: {
      revision: { ref: "main", commit: "0".repeat(40) },
      objects: objects.map((one, index) => declare(one, { file: "all.yaml", line: 1, index })),
      problems: [],
      fetchedAt: 0,
    },
  });
const failed = (name: string): void =>
  claims.sourceOutcome(baselineKey("platform", name), {
    kind: "failed",
    stage: "source",
    problem: { code: "source-unreachable", message: "no" },
    at: 0,
  });

test.each([
  ["in the namespace it names", object("ConfigMap", "a", "shop"), idOf("ConfigMap", "shop", "a"), true],
  ["in the Baseline's target where it names none", object("ConfigMap", "a"), idOf("ConfigMap", "target", "a"), true],
  ["not elsewhere", object("ConfigMap", "a"), idOf("ConfigMap", "", "a"), false],
  ["cluster-scoped, whatever it names", object("ClusterRole", "a", "shop"), idOf("ClusterRole", "", "a"), true],
  ["of a kind nobody knows: in its namespace", object("Thing", "a"), idOf("Thing", "target", "a"), true],
  ["of a kind nobody knows: in none", object("Thing", "a"), idOf("Thing", "", "a"), true],
  ["of another kind", object("ConfigMap", "a", "shop"), idOf("Secret", "shop", "a"), false],
])("%s", (_, declared, id, expected) => {
  claims.applied(baselineOf("one", { targetNamespace: "target" }));
  rendered("one", declared, object("ConfigMap", "other"), object("ConfigMap", "third"));
  expect(claims.declaring(id)).toEqual(expected ? [baselineKey("platform", "one")] : []);
});

test("all who declare it are named; who no longer does, or is gone, is not", () => {
  for (const name of ["one", "two", "three"]) {
    claims.applied(baselineOf(name));
    rendered(name, object("ConfigMap", "a", "shop"));
  }
  const declaring = (): readonly string[] => claims.declaring(idOf("ConfigMap", "shop", "a"));
  expect(declaring()).toEqual(["platform/one", "platform/two", "platform/three"]);
  rendered("one", object("ConfigMap", "b", "shop"));
  claims.removed(baselineKey("platform", "two"));
  expect(declaring()).toEqual(["platform/three"]);
  expect(asked).toContain("remove platform/two");
});

test("as whom it would write is known of each that exists", () => {
  const key = baselineKey("platform", "one");
  claims.applied(baselineOf("one", { serviceAccountName: "deployer" }));
  expect(claims.baselineOf(key)).toMatchObject({ namespace: "platform", serviceAccountName: "deployer" });
  claims.applied(baselineOf("one", { serviceAccountName: "other" }));
  expect(claims.baselineOf(key)?.serviceAccountName).toBe("other");
  claims.removed(key);
  expect(claims.baselineOf(key)).toBeUndefined();
});

test("a source that fails, or comes out empty, keeps what it declared last", () => {
  claims.applied(baselineOf("one"));
  rendered("one", object("ConfigMap", "a", "shop"));
  failed("one");
  rendered("one");
  expect(claims.declaring(idOf("ConfigMap", "shop", "a"))).toHaveLength(1);
});

test("complete when all exist and every source was tried, well or not; told once", () => {
  claims.applied(baselineOf("one"));
  claims.applied(baselineOf("two"));
  claims.applied(baselineOf("three", { suspend: true }));
  rendered("one", object("ConfigMap", "a", "shop"));
  failed("two");
  expect(claims.isComplete()).toBe(false);
  claims.synced();
  expect([claims.isComplete(), completed]).toEqual([true, 1]);
  claims.applied(baselineOf("four"));
  rendered("four", object("ConfigMap", "a", "shop"));
  expect([claims.isComplete(), completed]).toEqual([true, 1]);
});

test("who declares an object is not known before that; what they declare later is news", () => {
  claims.applied(baselineOf("one", { serviceAccountName: "deployer" }));
  const declarers = () => claims.declarers(idOf("ConfigMap", "shop", "a"));
  claims.synced();
  expect(declarers()).toBe("asking");
  rendered("one", object("ConfigMap", "b", "shop"));
  expect(declarers()).toEqual([]);
  const before = changed;
  rendered("one", object("ConfigMap", "a", "shop"));
  expect(declarers()).toMatchObject([{ name: "one", serviceAccountName: "deployer" }]);
  claims.removed(baselineKey("platform", "one"));
  expect([declarers(), changed - before]).toEqual([[], 2]);
});

test("a source that was not tried yet holds completeness back, unless its Baseline goes", () => {
  claims.applied(baselineOf("one"));
  claims.synced();
  expect(claims.isComplete()).toBe(false);
  claims.removed(baselineKey("platform", "one"));
  expect(claims.isComplete()).toBe(true);
});

test("another target namespace is read anew; another wish to be checked is passed on", () => {
  claims.applied(baselineOf("one"));
  claims.applied(baselineOf("one", { targetNamespace: "other" }));
  expect(asked).toEqual(["ensure one", "remove platform/one", "ensure one"]);
  asked.length = 0;
  claims.applied(baselineOf("one", { targetNamespace: "other", requestedAt: "now" }));
  expect(asked).toEqual(["ensure one", "check platform/one"]);
});

test("a render of thousands is read a part at a time, and a newer one takes its place", async () => {
  const many = Array.from({ length: 3_000 }, (_, at) => object("ConfigMap", `old-${at}`, "shop"));
  const declaring = (name: string): number => claims.declaring(idOf("ConfigMap", "shop", name)).length;
  claims.applied(baselineOf("one"));
  claims.synced();
  rendered("one", ...many);
  expect([claims.isComplete(), declaring("old-0")]).toEqual([false, 0]);
  while (!claims.isComplete()) await settle();
  expect([declaring("old-0"), declaring("old-2999")]).toEqual([1, 1]);
  rendered("one", ...many);
  rendered("one", object("ConfigMap", "new", "shop"));
  for (let turn = 0; turn < 50; turn += 1) await settle();
  expect([declaring("new"), declaring("old-0")]).toEqual([1, 0]);
});

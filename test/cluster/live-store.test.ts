/** What the live store keeps, and when it speaks. */
import { type Arbitrary, assert, bigInt, constant, jsonValue, oneof, property } from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { createLiveStore, type LiveStore } from "../../src/cluster/live-store.ts";
import { createStoragePool, trim, type StoragePool } from "../../src/cluster/stored-object.ts";
import { formatJson, parseJson, type Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Health } from "../../src/model/live.ts";

let store: LiveStore;
let pool: StoragePool;
let turns: (() => void)[];
let told: string[];
let version: number;

beforeEach(() => {
  told = [];
  version = 0;
  pool = createStoragePool();
  turns = [];
  store = createLiveStore({
    pool,
    healthOf: (object): Health => ({
      state: (object["status"] as { ready?: boolean })?.ready === false ? "degraded" : "healthy",
    }),
    onChange: (namespace, name) => told.push(`${namespace}/${name}`),
    later: (call) => turns.push(call),
  });
});

const owner = (manager: string, more: object = {}) => ({
  manager,
  operation: "Update",
  apiVersion: "apps/v1",
  time: "2026-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:spec": {} },
  ...more,
});

interface Edit {
  readonly spec?: Json;
  readonly status?: Json;
  readonly metadata?: Record<string, Json>;
  readonly owners?: Json;
}

function object(name: string, change: Edit = {}): KubeObject {
  version += 1;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace: "shop",
      uid: `uid-${name}`,
      resourceVersion: String(version),
      generation: version,
      managedFields: change.owners ?? [owner("kubectl")],
      ...change.metadata,
    },
    spec: change.spec ?? { replicas: 1 },
    status: change.status ?? { ready: true },
  } as KubeObject;
}

function list(...objects: readonly KubeObject[]): void {
  store.begin();
  for (const one of objects) store.stage(one, 1);
  store.commit(1);
}

function runTurns(): void {
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn();
}

const exact: Edit = { spec: { replicas: 9007199254740993n } };
const rounded: Edit = { spec: { replicas: 9007199254740992n } };

describe("events", () => {
  test.each<readonly [string, Edit, boolean]>([
    ["only its version", {}, false],
    ["its status, as healthy as before", { status: { ready: true, seen: 5 } }, false],
    [
      "a status entry of managedFields",
      { owners: [owner("kubectl"), owner("kubelet", { subresource: "status" })] },
      false,
    ],
    ["the time of an entry", { owners: [owner("kubectl", { time: "2026-02-02T00:00:00Z" })] }, false],
    ["its spec", { spec: { replicas: 2 } }, true],
    ["a field gone from its spec", { spec: {} }, true],
    ["its health", { status: { ready: false } }, true],
    ["its uid", { metadata: { uid: "another" } }, true],
    ["a label", { metadata: { labels: { a: "b" } } }, true],
    ["an annotation of ours", { metadata: { annotations: { "plumbline.dev/remediate": "enabled" } } }, true],
    ["its deletion", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, true],
    ["its owners", { metadata: { ownerReferences: [{ uid: "x" }] } }, true],
    ["who owns a field", { owners: [owner("someone")] }, true],
    ["which fields are owned", { owners: [owner("kubectl", { fieldsV1: { "f:data": {} } })] }, true],
    ["wiped ownership", { owners: [] }, true],
    ["an integer to one that a double takes for the same", exact, true],
  ])("an event that changes %s is told: %#", (_, change, expected) => {
    list(object("web", change === exact ? rounded : {}));
    store.apply(object("web", change), 2);
    expect(told).toEqual(expected ? ["shop/web"] : []);
    expect(store.get("shop", "web")?.resourceVersion).toBe(String(version));
  });

  test("an object is kept without status and managedFields, whose text can still be had", () => {
    list(object("web"));
    const kept = store.get("shop", "web");
    expect(Object.keys(kept?.object ?? {})).toEqual(["apiVersion", "kind", "metadata", "spec"]);
    expect(kept?.object.metadata).not.toHaveProperty("managedFields");
    expect(JSON.parse(kept?.managedFields ?? "")).toEqual([owner("kubectl")]);
    expect(kept?.health).toEqual({ state: "healthy" });
  });

  test("a deletion is told once", () => {
    list(object("web"));
    store.remove(object("web"), 2);
    store.remove(object("web"), 2);
    expect(told).toEqual(["shop/web"]);
  });
});

describe("listings", () => {
  test("the first one tells nothing; before it is whole there is nothing", () => {
    store.begin();
    store.stage(object("web"), 1);
    expect(store.size()).toBe(0);
    store.commit(1);
    expect(store.size()).toBe(1);
    expect(told).toEqual([]);
  });

  test("a later one tells what was changed, made and deleted in between, and no more", () => {
    const kept = object("kept");
    list(kept, object("heartbeat"), object("edited"), object("deleted"));
    list(kept, object("heartbeat"), object("edited", { spec: {} }), object("made"));
    expect(told.toSorted()).toEqual(["shop/deleted", "shop/edited", "shop/made"]);
    expect(store.get("shop", "deleted")).toBeUndefined();
  });

  test("one that is given up leaves everything as it was", () => {
    list(object("web"));
    store.begin();
    store.stage(object("other"), 1);
    store.begin();
    expect([...store.values()].map(({ uid }) => uid)).toEqual(["uid-web"]);
  });

  test("what is deleted while the listing streams is not in it", () => {
    store.begin();
    store.stage(object("web"), 1);
    store.unstage(object("web"));
    store.commit(1);
    expect(store.size()).toBe(0);
  });

  test("what was held, and is deleted while a later listing streams, is told to be gone", () => {
    const other = object("other");
    list(object("web"), other);
    store.begin();
    for (const one of [object("web"), other]) store.stage(one, 1);
    store.unstage(object("web"));
    store.commit(1);
    expect(told).toEqual(["shop/web"]);
    expect(store.size()).toBe(1);
  });
});

describe("many", () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `many-${index}`);

  test("a listing of the same versions keeps the very objects that were held, and judges none of their texts", () => {
    const many = names.map((name) => object(name));
    list(...many);
    const held = [...store.values()];
    const texts = pool.owners.size();
    list(...many.map((one) => structuredClone(one)));
    expect([...store.values()].every((one, index) => one === held[index])).toBe(true);
    expect([pool.owners.size(), pool.types.size(), pool.healths.size()]).toEqual([texts, 1, 1]);
    expect(told).toEqual([]);
  });

  test("what a listing changes is there at once, and told over several turns", () => {
    list(...names.map((name) => object(name)));
    list(...names.slice(1).map((name) => object(name, { spec: {} })));
    expect(store.size()).toBe(names.length - 1);
    expect(store.get("shop", "many-1199")?.object["spec"]).toEqual({});
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(names.length);
    runTurns();
    expect(told.toSorted()).toEqual(names.map((name) => `shop/${name}`).toSorted());
    store.begin();
    for (const name of names) store.stage(object(name, { owners: [owner("another")] }), 1);
    store.begin();
    runTurns();
    expect(pool.owners.size()).toBe(2);
    store.clear();
    expect(store.size()).toBe(0);
    runTurns();
    expect([pool.owners.size(), pool.types.size(), pool.healths.size()]).toEqual([0, 0, 0]);
  });
});

test("what equal objects have in common is held once", () => {
  list(object("a", { status: { ready: false } }), object("b", { status: { ready: false } }));
  const [one, other] = [...store.values()];
  expect(one?.health).toBe(other?.health);
  expect(one?.owners).toBe(other?.owners);
  expect(one?.object).toEqual({ ...other?.object, metadata: one?.object.metadata });
});

test("objects of which only the metadata is watched are called what they are", () => {
  store = createLiveStore({
    pool,
    healthOf: (): Health => ({ state: "healthy" }),
    onChange: () => {},
    later: () => {},
    as: { apiVersion: "v1", kind: "Namespace" },
  });
  const metadata = { name: "shop", uid: "u", resourceVersion: "7", labels: { team: "a" } };
  store.apply({ apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata }, 1);
  expect(store.get("", "shop")?.object).toEqual({ apiVersion: "v1", kind: "Namespace", metadata });
});

test("whatever JSON an object holds, it is had again as it was, but for status and managed fields", () => {
  const json = jsonValue({ maxDepth: 2 }).filter((value) => value !== null) as Arbitrary<Json>;
  assert(
    property(
      json,
      json,
      oneof(constant(undefined), json),
      bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      (spec, odd, uid, big) => {
        const metadata = { ...(uid === undefined ? {} : { uid }), annotations: odd, generation: 3 };
        const whole = parseJson(formatJson({ apiVersion: "v1", kind: "A", metadata, spec, big })) as KubeObject;
        const kept = trim({ ...whole, status: odd, metadata: { ...whole.metadata, managedFields: [] } }, 1, () => ({
          state: "healthy",
        }));
        expect(kept.object).toEqual(whole);
      },
    ),
  );
});

test("texts of owners are shared, and let go with the last object that uses them", () => {
  list(object("a"), object("b"), object("c", { owners: [owner("other")] }));
  expect(pool.owners.size()).toBe(3);
  const kept = object("a");
  list(kept, object("b"));
  expect(pool.owners.size()).toBe(2);
  store.begin();
  store.stage(kept, 1);
  store.stage(object("d", { owners: [owner("third")] }), 1);
  store.begin();
  expect(pool.owners.size()).toBe(2);
  store.remove(object("b"), 2);
  expect(pool.owners.size()).toBe(2);
  store.begin();
  store.stage(object("e", { owners: [owner("fourth")] }), 1);
  store.stage(object("e", { owners: [owner("fifth")] }), 1);
  store.commit(1);
  expect(pool.owners.size()).toBe(2);
  store.clear();
  expect(pool.owners.size()).toBe(0);
});

test("whose fields some are: found by the manager's whole name, whatever it came to own and whenever", () => {
  const managed = () => [...store.managedBy("plumbline")].filter((one) => one !== undefined);
  store.apply(object("ours", { owners: [owner("kubectl"), owner("plumbline")] }), 0);
  store.apply(object("other", { owners: [owner("plumbline-of-others"), owner('x","manager":"plumbline')] }), 0);
  store.apply(object("nobody", { owners: [] }), 0);
  expect(managed()).toEqual([["shop", "ours"]]);
  store.apply(object("other", { owners: [owner("plumbline", { operation: "Apply" })] }), 0);
  store.apply(object("ours"), 0);
  expect(managed()).toEqual([["shop", "other"]]);
});

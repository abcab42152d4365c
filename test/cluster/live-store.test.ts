/** What the live store keeps, and when it speaks. */
import { beforeEach, describe, expect, test } from "vitest";
import { createLiveStore, type LiveStore } from "../../src/cluster/live-store.ts";
import { createTextPool, type TextPool } from "../../src/cluster/ownership-text.ts";
import type { Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Health } from "../../src/model/live.ts";

let store: LiveStore;
let pool: TextPool;
let told: string[];
let version: number;

beforeEach(() => {
  told = [];
  version = 0;
  pool = createTextPool();
  store = createLiveStore({
    pool,
    healthOf: (object): Health => ({
      state: (object["status"] as { ready?: boolean })?.ready === false ? "degraded" : "healthy",
    }),
    onChange: (namespace, name) => told.push(`${namespace}/${name}`),
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
});

test("texts of owners are shared, and let go with the last object that uses them", () => {
  list(object("a"), object("b"), object("c", { owners: [owner("other")] }));
  expect(pool.size()).toBe(3);
  const kept = object("a");
  list(kept, object("b"));
  expect(pool.size()).toBe(2);
  store.begin();
  store.stage(kept, 1);
  store.stage(object("d", { owners: [owner("third")] }), 1);
  store.begin();
  expect(pool.size()).toBe(2);
  store.remove(object("b"), 2);
  expect(pool.size()).toBe(2);
  store.begin();
  store.stage(object("e", { owners: [owner("fourth")] }), 1);
  store.stage(object("e", { owners: [owner("fifth")] }), 1);
  store.commit(1);
  expect(pool.size()).toBe(2);
  store.clear();
  expect(pool.size()).toBe(0);
});

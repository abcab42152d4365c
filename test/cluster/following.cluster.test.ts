/** What the live watches know, against what the real API server holds: edits, deletions, outages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { startBlackHole } from "./black-hole.ts";
import { clusterRole, configMap, configMapId, connect, until, type Connection } from "./connection.ts";

let plane: ControlPlane;
let connection: Connection | undefined;

beforeAll(async () => {
  plane = await startControlPlane();
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: Array.from({ length: 1_000 }, (_, index) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `many-${index}`, namespace: "default" },
      data: { index: String(index) },
    })),
  };
  await Promise.all(list.items.slice(0, 20).map((item) => post(item)));
  for (let at = 20; at < 1_000; at += 20) await Promise.all(list.items.slice(at, at + 20).map((item) => post(item)));
});
afterEach(async () => {
  await connection?.close();
  connection = undefined;
});
afterAll(() => plane?.stop());

async function post(body: unknown): Promise<void> {
  const answer = await plane.request("POST", "/api/v1/namespaces/default/configmaps?fieldManager=maker", { body });
  if (answer.status !== 201) throw new Error(answer.text);
}

async function edit(name: string, data: Record<string, string>): Promise<void> {
  const answer = await plane.request("PATCH", `/api/v1/namespaces/default/configmaps/${name}?fieldManager=editor`, {
    body: { data },
    contentType: "application/merge-patch+json",
  });
  if (answer.status !== 200) throw new Error(answer.text);
}

async function live(kinds = [configMap]): Promise<Connection> {
  connection = await connect(plane.kubeconfigPath);
  const { watches } = connection;
  watches.ensure(kinds);
  await until("live", () => watches.states().every(({ state }) => state === "live"));
  return connection;
}

function dataOf(of: Connection, name: string, key: string): string | undefined {
  const view = of.watches.view(configMapId(name), "v1");
  return view.state === "present" ? getString(view.live.object, "data", key) : undefined;
}

describe("a listing", () => {
  test("holds every object, trimmed, with its owners as JSON text", async () => {
    const { watches, changes, requests } = await live();
    const mine = watches
      .list(configMap)
      .filter(({ object }) => getString(object.metadata, "name")?.startsWith("many-"));
    expect(mine).toHaveLength(1_000);
    const view = watches.view(configMapId("many-7"), "v1");
    if (view.state !== "present") throw new Error(view.state);
    expect(view.live.object).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { index: "7" } });
    expect(view.live.object.metadata).not.toHaveProperty("managedFields");
    const owners = JSON.parse(view.live.managedFields) as { manager: string; fieldsV1: unknown }[];
    expect(owners.map(({ manager }) => manager)).toEqual(["maker"]);
    expect(owners[0]?.fieldsV1).toMatchObject({ "f:data": { "f:index": {} } });
    expect(changes).toEqual([]);
    expect(requests.map(({ verb }) => verb)).toEqual(["get", "get", "watch"]);
  });

  test("says absent of what is not there, and unseen of what is not watched", async () => {
    const { watches } = await live();
    expect(watches.view(configMapId("nobody"), "v1")).toEqual({ state: "absent" });
    expect(watches.view({ group: "apps", kind: "Deployment", namespace: "default", name: "web" }, "v1")).toMatchObject({
      state: "unseen",
      problem: { code: "not-synced" },
    });
  });
});

describe("events", () => {
  test("an edit, a deletion and a creation are told once each, and a heartbeat is not", async () => {
    const of = await live();
    await edit("many-1", { index: "edited" });
    await until("the edit", () => dataOf(of, "many-1", "index") === "edited");
    await plane.request("DELETE", "/api/v1/namespaces/default/configmaps/many-2");
    await until("the deletion", () => of.watches.view(configMapId("many-2"), "v1").state === "absent");
    await post({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "many-2", namespace: "default" } });
    await until("the creation", () => of.watches.view(configMapId("many-2"), "v1").state === "present");
    expect(of.changes.map(({ id }) => id.name)).toEqual(["many-1", "many-2", "many-2"]);
  });

  test("integers beyond 2^53 arrive exact", async () => {
    await plane.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: exactCrd });
    const of = await live();
    const exact = { group: "test.plumbline.dev", version: "v1", kind: "Exact" };
    of.watches.ensure([configMap, exact]);
    const path = "/apis/test.plumbline.dev/v1/namespaces/default/exacts";
    const body =
      '{"apiVersion":"test.plumbline.dev/v1","kind":"Exact","metadata":{"name":"big"},"spec":{"n":9007199254740993}}';
    await until("accepted", async () => (await plane.request("POST", path, { body })).status === 201);
    const id = { group: exact.group, kind: "Exact", namespace: "default", name: "big" };
    await until("seen", () => of.watches.view(id, "v1").state === "present");
    const view = of.watches.view(id, "v1");
    expect(view.state === "present" && view.live.object["spec"]).toEqual({ n: 9007199254740993n });
  });

  test("a name with a colon and capitals is read and confirmed under that name", async () => {
    const body = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "My:Role" },
      rules: [],
    };
    await plane.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", { body });
    const of = await live([clusterRole as never]);
    const id = { group: clusterRole.group, kind: "ClusterRole", namespace: "", name: "My:Role" };
    expect(of.watches.view(id, "v1").state).toBe("present");
    expect((await of.watches.confirm(id, "v1")).state).toBe("present");
    expect(await of.watches.confirm({ ...id, name: "my:role" }, "v1")).toEqual({ state: "absent" });
  });
});

describe("outages", () => {
  test("what changed and went while the API server was killed is found", async () => {
    const of = await live();
    const second = await connect(plane.kubeconfigPath);
    await plane.kill("kube-apiserver");
    await until("the break", () => of.requests.some(({ code }) => code === "<error>"));
    await plane.restart("kube-apiserver");
    await edit("many-11", { index: "after the kill" });
    await plane.request("DELETE", "/api/v1/namespaces/default/configmaps/many-12");
    await until("both", () => {
      return (
        dataOf(of, "many-11", "index") === "after the kill" &&
        of.watches.view(configMapId("many-12"), "v1").state === "absent"
      );
    });
    await second.close();
    expect(new Set(of.changes.map(({ id }) => id.name))).toEqual(new Set(["many-11", "many-12"]));
    expect(of.watches.states()).toMatchObject([{ state: "live" }]);
  });

  test("a connection that swallows everything without closing is given up for a new one", async () => {
    const hole = await startBlackHole(plane);
    connection = await connect(hole.kubeconfigPath, { watchSilence: 2_000 });
    const of = connection;
    of.watches.ensure([configMap]);
    await until("live", () => of.watches.states()[0]?.state === "live");
    hole.swallow();
    await edit("many-31", { index: "unheard" });
    await until("heard after all", () => dataOf(of, "many-31", "index") === "unheard");
    expect((await of.watches.confirm(configMapId("many-31"), "v1")).state).toBe("present");
    await of.close();
    connection = undefined;
    await hole.stop();
  });

  test("an etcd that is killed and comes back loses nothing", async () => {
    const of = await live();
    await plane.kill("etcd");
    await plane.restart("etcd");
    await until("writable", async () => {
      try {
        await edit("many-21", { index: "after etcd" });
        return true;
      } catch {
        return false;
      }
    });
    await until("seen", () => dataOf(of, "many-21", "index") === "after etcd");
    expect(of.changes.filter(({ id }) => id.name !== "many-21")).toEqual([]);
  });
});

const exactCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "exacts.test.plumbline.dev" },
  spec: {
    group: "test.plumbline.dev",
    names: { kind: "Exact", plural: "exacts", singular: "exact", listKind: "ExactList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { n: { type: "integer", format: "int64" } } },
            },
          },
        },
      },
    ],
  },
};

/** Each fault of the connection, and the truth afterwards: every edit and deletion of the gap is found, none is invented. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { configMap, configMapId, connect, until, type Connection, type ConnectOptions } from "./connection.ts";
import { isList, isWatch, startFaultProxy, status, type FaultProxy } from "./fault-proxy.ts";

let plane: ControlPlane;
let proxy: FaultProxy;
let connection: Connection | undefined;

beforeAll(async () => {
  plane = await startControlPlane();
});
beforeEach(async () => {
  proxy = await startFaultProxy(plane);
  for (const name of ["kept", "edited", "removed"]) {
    await plane.request("DELETE", `/api/v1/namespaces/default/configmaps/${name}`);
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { say: "before" } };
    await plane.request("POST", "/api/v1/namespaces/default/configmaps", { body });
  }
});
afterEach(async () => {
  await connection?.close();
  await proxy.stop();
});
afterAll(() => plane?.stop());

async function start(options: ConnectOptions = {}): Promise<Connection> {
  connection = await connect(proxy.kubeconfigPath, options);
  connection.watches.ensure([configMap]);
  return connection;
}

async function live(options: ConnectOptions = {}): Promise<Connection> {
  const { watches } = await start(options);
  await until("live", () => watches.states()[0]?.state === "live");
  return connection as Connection;
}

async function changeBehindItsBack(): Promise<void> {
  await plane.request("PATCH", "/api/v1/namespaces/default/configmaps/edited", {
    body: { data: { say: "after" } },
    contentType: "application/merge-patch+json",
  });
  await plane.request("DELETE", "/api/v1/namespaces/default/configmaps/removed");
}

function say(of: Connection, name: string): string | undefined {
  const view = of.watches.view(configMapId(name), "v1");
  return view.state === "present" ? getString(view.live.object, "data", "say") : view.state;
}

async function expectTruth(of: Connection): Promise<void> {
  await until("the truth", () => say(of, "edited") === "after" && say(of, "removed") === "absent");
  expect(say(of, "kept")).toBe("before");
  expect(of.changes.map(({ id }) => id.name).toSorted()).toEqual(["edited", "removed"]);
}

test("cut: the watch goes on from where it was, without a listing", async () => {
  const of = await live();
  proxy.cut();
  await changeBehindItsBack();
  await expectTruth(of);
  expect(of.watches.states()[0]).toMatchObject({ relists: 0, garbage: 0 });
});

test("410 on the watch: a full listing finds edit and deletion", async () => {
  const of = await live();
  proxy.fault({ when: isWatchFromVersion, times: 1, status: 410, body: status(410, "Expired") });
  proxy.cut();
  await changeBehindItsBack();
  await expectTruth(of);
  expect(of.watches.states()[0]).toMatchObject({ relists: 1 });
});

test("410 as an ERROR event: the same", async () => {
  const of = await live();
  proxy.silence();
  await changeBehindItsBack();
  proxy.inject(`${JSON.stringify({ type: "ERROR", object: status(410, "Expired", "too old resource version") })}\n`);
  await expectTruth(of);
  expect(of.watches.states()[0]).toMatchObject({ relists: 1 });
});

// An event in every other respect.
const halfACharacter = Buffer.concat([
  Buffer.from(
    '{"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"default",',
  ),
  Buffer.from('"resourceVersion":"1"},"data":{"a":"'),
  Buffer.from([0xc3]),
  Buffer.from('"}}}\n'),
]);

test.each([
  ["a garbage line", "{not json\n"],
  ["half a character", halfACharacter],
  ["an event without an object", '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n'],
])("%s is counted and makes a full listing", async (_, bytes) => {
  const of = await live();
  proxy.silence();
  await changeBehindItsBack();
  proxy.inject(bytes);
  await expectTruth(of);
  expect(of.watches.states()[0]).toMatchObject({ relists: 1, garbage: 1 });
});

test("silence: the watch is given up and taken up again", async () => {
  const of = await live({ watchSilence: 1_000 });
  proxy.silence();
  await changeBehindItsBack();
  await expectTruth(of);
});

test("429 with Retry-After: one more request, and the truth", async () => {
  const of = await live();
  const before = proxy.asked.filter(isWatch).length;
  const headers = { "retry-after": "1" };
  proxy.fault({ when: isWatch, times: 1, status: 429, headers, body: status(429, "TooManyRequests") });
  proxy.cut();
  await changeBehindItsBack();
  await expectTruth(of);
  expect(proxy.asked.filter(isWatch)).toHaveLength(before + 2);
  expect(of.watches.states()[0]).toMatchObject({ relists: 0 });
});

test("500 on the watch: it tries again from where it was", async () => {
  const of = await live();
  proxy.fault({ when: isWatch, times: 2, status: 500, body: status(500, "InternalError") });
  proxy.cut();
  await changeBehindItsBack();
  await expectTruth(of);
  expect(of.watches.states()[0]).toMatchObject({ relists: 0 });
});

test("a server without WatchList is listed in pages", async () => {
  proxy.fault({
    when: (one) => one.url.includes("sendInitialEvents"),
    times: Number.POSITIVE_INFINITY,
    status: 422,
    body: status(
      422,
      "Invalid",
      "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
    ),
  });
  const of = await live();
  expect(proxy.asked.filter(isList).length).toBeGreaterThan(0);
  await changeBehindItsBack();
  await expectTruth(of);
});

test("a listing cut off in the middle shows nothing until it is whole", async () => {
  const body = { kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] };
  proxy.fault({
    when: (one) => one.url.includes("sendInitialEvents"),
    times: 9,
    status: 422,
    body: status(422, "Invalid"),
  });
  proxy.fault({ when: isList, times: 2, status: 200, body, cut: true });
  const of = await start();
  expect(of.watches.view(configMapId("kept"), "v1")).toMatchObject({
    state: "unseen",
    problem: { code: "not-synced" },
  });
  await until("live", () => of.watches.states()[0]?.state === "live");
  expect(say(of, "kept")).toBe("before");
});

test("a token of pages that went stale starts the listing again", async () => {
  const page = {
    kind: "ConfigMapList",
    apiVersion: "v1",
    metadata: { resourceVersion: "1", continue: "old" },
    items: [],
  };
  proxy.fault({
    when: (one) => one.url.includes("sendInitialEvents"),
    times: 9,
    status: 422,
    body: status(422, "Invalid"),
  });
  proxy.fault({ when: (one) => isList(one) && !one.url.includes("continue"), times: 1, status: 200, body: page });
  proxy.fault({ when: (one) => one.url.includes("continue"), times: 1, status: 410, body: status(410, "Expired") });
  const of = await live();
  expect(say(of, "kept")).toBe("before");
});

function isWatchFromVersion(one: { readonly url: string; readonly method: string }): boolean {
  return isWatch(one) && one.url.includes("resourceVersion=");
}

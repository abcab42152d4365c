/** However the bytes of a watch come, the same events in the same order: drips, shreds, lines of megabytes. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createReflector, type Reflector } from "../../src/cluster/reflector.ts";
import { getString } from "../../src/model/json.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { configMap, connect, type Connection, until } from "./connection.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

let plane: ControlPlane;
let proxy: FaultProxy;
let connection: Connection;
let reflector: Reflector;
/** `name say`, in the order in which they were handed over. */
let told: string[];

const path = "/api/v1/namespaces/default/configmaps";

beforeAll(async () => {
  plane = await startControlPlane();
});
beforeEach(async () => {
  proxy = await startFaultProxy(plane);
  connection = await connect(proxy.kubeconfigPath);
  told = [];
});
afterEach(async () => {
  reflector.stop();
  await connection.close();
  await proxy.stop();
});
afterAll(() => plane?.stop());

async function follow(): Promise<void> {
  const tell = (object: Parameters<typeof getString>[0], prefix = ""): void =>
    void told.push(`${prefix}${getString(object, "metadata", "name") ?? ""} ${getString(object, "data", "say") ?? ""}`);
  reflector = createReflector({
    transport: connection.transport,
    clock: systemClock,
    log: silentLog,
    kind: configMap,
    path: "/api/v1/configmaps",
    sink: {
      begin: () => {},
      stage: () => {},
      unstage: () => {},
      commit: () => {},
      apply: (object) => tell(object),
      remove: (object) => tell(object, "gone "),
    },
    onStep: () => {},
  });
  reflector.start();
  await until("synced", () => reflector.state().synced);
}

async function put(name: string, say: string): Promise<void> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { say } };
  const made = await plane.request("POST", path, { body });
  if (made.status === 201) return;
  await plane.request("PATCH", `${path}/${name}`, {
    body: { data: { say } },
    contentType: "application/merge-patch+json",
  });
}

test.each([
  ["a byte at a time", () => 1],
  ["in pieces of any size", () => 1 + Math.floor(Math.random() * 700)],
])("%s: every edit, in the server's order, none twice", async (_, size) => {
  const name = `drip-${size() === 1 ? "one" : "some"}-${told.length}`;
  proxy.shred(size);
  await follow();
  const said = Array.from({ length: 40 }, (_unused, index) => `${index} \u00e4\u20ac\ud834\udd1e\u2028`);
  for (const say of said) await put(name, say);
  await plane.request("DELETE", `${path}/${name}`);
  await until("the last", () => told.some((one) => one.startsWith(`gone ${name}`)));
  expect(told.filter((one) => one.includes(name))).toEqual([
    ...said.map((say) => `${name} ${say}`),
    `gone ${name} ${said.at(-1)}`,
  ]);
  expect(reflector.garbage()).toBe(0);
  expect(reflector.relists()).toBe(0);
});

test("a line of ten megabytes is an event, and so is what follows it", async () => {
  await follow();
  await put("before", "1");
  await until("the one before", () => told.includes("before 1"));
  const resourceVersion = /"resourceVersion":"(\d+)"/.exec((await plane.request("GET", `${path}/before`)).text)?.[1];
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "huge", namespace: "default", resourceVersion },
    data: { say: "huge", rest: "x".repeat(10 << 20) },
  };
  proxy.inject(`${JSON.stringify({ type: "ADDED", object })}\n`);
  await put("after", "2");
  await until("the one after", () => told.includes("after 2"));
  expect(told.filter((one) => /^(before|huge|after)/.test(one))).toEqual(["before 1", "huge huge", "after 2"]);
  expect(reflector.garbage()).toBe(0);
});

test("a listing in pages, cut up anyhow and interrupted: each object once, and nothing of a half page", async () => {
  for (let index = 0; index < 30; index += 1) await put(`page-${index}`, "x");
  const staged: string[] = [];
  let committed: readonly string[] = [];
  proxy.fault({
    when: ({ url }) => url.includes("sendInitialEvents"),
    times: 9,
    status: 422,
    body: { kind: "Status", code: 422 },
  });
  // The second page breaks once in the middle of its body, after some of its items.
  proxy.fault({
    when: ({ url }) => url.includes("continue="),
    times: 1,
    status: 200,
    cut: true,
    body: {
      kind: "ConfigMapList",
      metadata: { resourceVersion: "1" },
      items: [{ metadata: { name: "page-9", resourceVersion: "1" } }, { metadata: { name: "never" } }],
    },
  });
  const { transport } = connection;
  reflector = createReflector({
    transport: {
      ...transport,
      request: (request) =>
        transport.request(request.verb === "list" ? { ...request, query: { ...request.query, limit: "10" } } : request),
    },
    clock: systemClock,
    log: silentLog,
    kind: configMap,
    path,
    sink: {
      begin: () => void staged.splice(0),
      stage: (object) => void staged.push(getString(object.metadata, "name") ?? ""),
      unstage: () => {},
      commit: () => {
        committed = [...new Set(staged)];
      },
      apply: () => {},
      remove: () => {},
    },
    onStep: () => {},
  });
  reflector.start();
  await until("synced", () => reflector.state().synced);
  const there = JSON.parse((await plane.request("GET", path)).text) as { items: { metadata: { name: string } }[] };
  expect(committed.toSorted()).toEqual(there.items.map(({ metadata }) => metadata.name).toSorted());
  const pages = proxy.asked.filter(({ url }) => url.includes("limit="));
  // The page that broke was asked for again; the one before it was not.
  expect(pages.filter(({ url }) => !url.includes("continue="))).toHaveLength(1);
});

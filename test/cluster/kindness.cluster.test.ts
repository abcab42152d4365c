/** What the API server is asked for when it has too much to do: less, in the right order, and never the lease later. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Election, startElection } from "../../src/cluster/lease.ts";
import { createTransport, type ApiTransport } from "../../src/cluster/transport.ts";
import { createCredentials } from "../../src/cluster/credentials.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { configMap, connect, until } from "./connection.ts";
import { isWatch, startFaultProxy, status, type FaultProxy } from "./fault-proxy.ts";

let plane: ControlPlane;
let proxy: FaultProxy;
let transport: ApiTransport;

beforeAll(async () => {
  plane = await startControlPlane();
});
beforeEach(async () => {
  proxy = await startFaultProxy(plane);
  const credentials = createCredentials({ source: { kind: "file", path: proxy.kubeconfigPath }, clock: systemClock });
  transport = createTransport({ credentials, clock: systemClock, version: "0.0.0" });
});
afterEach(async () => {
  await transport.close();
  await proxy.stop();
});
afterAll(() => plane?.stop());

const get = { method: "GET", path: "/api/v1/namespaces/default", verb: "get", repeat: false } as const;

/** Asks, many at once, until so many may be under way. */
async function askUntilLimit(limit: number): Promise<void> {
  await until(`a limit of ${limit}`, async () => {
    await Promise.all(Array.from({ length: 60 }, () => transport.request(get)));
    return transport.load().limit >= limit;
  });
}

test("429s bring the limit down to one, and answers bring it back", async () => {
  const before = transport.load().limit;
  let most = 0;
  proxy.fault({
    when: () => true,
    times: 12,
    status: 429,
    headers: { "retry-after": "60" },
    body: status(429, "TooManyRequests"),
  });
  for (let index = 0; index < 12; index += 1) await transport.request(get);
  expect(transport.load().limit).toBe(1);
  const many = Array.from({ length: 200 }, async () => {
    const answer = await transport.request(get);
    most = Math.max(most, transport.load().inFlight);
    return answer.status;
  });
  expect(transport.load()).toMatchObject({ inFlight: 1, waiting: 199 });
  expect(new Set(await Promise.all(many))).toEqual(new Set([200]));
  expect(transport.load()).toMatchObject({ inFlight: 0, waiting: 0 });
  expect(most).toBeGreaterThan(1);
  await askUntilLimit(before);
});

test("answers far later than usual bring the limit down, too; usual ones bring it back", async () => {
  await askUntilLimit(8);
  const before = transport.load().limit;
  proxy.fault({ when: () => true, times: 4, status: 0, late: 1_500 });
  for (let index = 0; index < 4; index += 1) expect((await transport.request(get)).status).toBe(200);
  expect(transport.load().limit).toBeLessThanOrEqual(before / 2);
  await askUntilLimit(before);
});

test("a watch that is told 429 makes requests fewer as well", async () => {
  const before = transport.load().limit;
  proxy.fault({ when: isWatch, times: 1, status: 429, body: status(429, "TooManyRequests") });
  await transport.stream({ method: "GET", path: "/api/v1/configmaps", query: { watch: "true" }, verb: "watch" });
  expect(transport.load().limit).toBe(before / 2);
});

test("a repair goes before the reads that wait", async () => {
  const limit = transport.load().limit;
  proxy.fault({ when: ({ method }) => method === "GET", times: limit, status: 0, late: 500 });
  const reads = Array.from({ length: limit * 2 }, () => transport.request(get));
  await until("full", () => transport.load().inFlight === limit);
  const read = transport.request({ ...get, path: "/version" });
  const patch = {
    method: "PATCH",
    path: "/api/v1/namespaces/default",
    headers: { "content-type": "application/merge-patch+json" },
    body: "{}",
    verb: "patch",
  } as const;
  const repair = transport.request(patch);
  await Promise.all([...reads, read, repair]);
  expect((await repair).status).toBe(200);
  // Which of them goes first, not which the server has done first: it needs longer for a repair.
  const went = proxy.asked.filter(({ method, url }) => method === "PATCH" || url === "/version");
  expect(went.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
});

test("a server that answers no request any more still gets its lease renewed in time", async () => {
  const elections: Election[] = [];
  const lease = { clock: systemClock, log: silentLog, namespace: "default", name: "kept" };
  // Slack enough that a busy machine renews in time.
  const timing = { duration: 15_000, renewDeadline: 10_000, retryPeriod: 600 };
  const one = startElection({ ...lease, transport, identity: "one", ...timing });
  elections.push(one);
  await until("leads", () => one.isLeader());
  const told: boolean[] = [];
  one.onChange((leader) => told.push(leader));
  const abort = new AbortController();
  proxy.fault({
    when: ({ url }) => !url.includes("/leases"),
    times: Number.POSITIVE_INFINITY,
    status: 0,
    late: Number.POSITIVE_INFINITY,
  });
  const stalled = Array.from({ length: 200 }, () => transport.request({ ...get, signal: abort.signal }));
  await until("full", () => transport.load().waiting > 100);
  const renewals = (): number =>
    proxy.asked.filter(({ method, url }) => method === "PUT" && url.includes("/leases")).length;
  const before = renewals();
  // More than the whole deadline: who had not renewed meanwhile would have stopped leading.
  await until("renewed again and again", () => renewals() >= before + 18);
  expect(told).toEqual([]);
  expect(one.isLeader()).toBe(true);
  abort.abort();
  await Promise.all(stalled);
  await one.stop();
});

test("sixty watches of a start are all there, and none was refused", async () => {
  const connection = await connect(plane.kubeconfigPath);
  const kinds = connection.discovery.kinds().filter(({ verbs }) => verbs.includes("watch") && verbs.includes("list"));
  connection.watches.ensure(kinds.length === 0 ? [configMap] : kinds);
  await until("all live", () => connection.watches.states().every(({ state }) => state === "live"));
  const watches = connection.requests.filter(({ verb }) => verb === "watch");
  expect(kinds.length).toBeGreaterThan(40);
  expect(watches.map(({ code }) => code)).toEqual(kinds.map(() => "200"));
  await connection.close();
});

test("a server whose history is gone for every kind at once is listed once per kind, and all are followed again", async () => {
  const connection = await connect(proxy.kubeconfigPath);
  const kinds = connection.discovery.kinds().filter(({ verbs }) => verbs.includes("watch") && verbs.includes("list"));
  connection.watches.ensure(kinds);
  const live = (): boolean => connection.watches.states().every(({ state }) => state === "live");
  await until("all live", live);
  proxy.fault({
    when: (one) => isWatch(one) && !one.url.includes("sendInitialEvents"),
    times: kinds.length,
    status: 410,
    body: status(410, "Expired"),
  });
  proxy.cut();
  const listed = (): number => proxy.asked.filter(({ url }) => url.includes("sendInitialEvents")).length;
  // A listing that was begun is counted at once, and may not have been asked for yet.
  await until("each listed again", () => listed() >= 2 * kinds.length && live());
  expect(connection.watches.states().map(({ relists }) => relists)).toEqual(kinds.map(() => 1));
  expect(listed()).toBe(2 * kinds.length);
  await connection.close();
});

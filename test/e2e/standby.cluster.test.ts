/**
 * Two replicas: the one that stands by sees and judges all the while, and takes over where the leader is killed, told to
 * stop, or stopped for longer than its lease. Nothing is told twice, nothing is lost, nothing is put back twice, not
 * even while two believe they lead.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import { tokenId, writesOf } from "./audit.ts";
import { setEditedShop, type EditedShop } from "./edited-shop.ts";
import { earlyInTheMinute } from "./minute.ts";
import { defaultNamespace, eventually, type Operator } from "./operator.ts";

/** Shorter than the default, for the tests' sake; the proportions are the same. */
const args = [
  "--leader-elect-lease-duration=6s",
  "--leader-elect-renew-deadline=4s",
  "--leader-elect-retry-period=800ms",
];
const lease = `/apis/coordination.k8s.io/v1/namespaces/${defaultNamespace}/leases/plumbline`;

let shop: EditedShop;
let leader: Operator;
let standby: Operator;
let pods = 0;

const start = async (more: readonly string[] = []): Promise<Operator> => {
  const operator = await shop.scene.start({
    podName: `plumbline-${pods++}`,
    freshPorts: true,
    args: [...args, ...more],
  });
  await operator.ready(60_000);
  return operator;
};
const status = (one: Operator): Promise<number | undefined> => one.metric("leader_election_master_status");
const leads = (one: Operator): Promise<unknown> =>
  eventually("it leads", async () => (await status(one)) === 1 || undefined, { within: 30_000 });
const holder = async (): Promise<string> =>
  getString(await shop.scene.send("GET", lease), "spec", "holderIdentity") ?? "";
/** Long enough for what was done wrong to show. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3_000));

/** The leader is gone, or will never lead again: the other one takes its place, and gets a standby of its own. */
const succeed = async (): Promise<void> => {
  leader = standby;
  await leads(leader);
  standby = await start();
};

beforeAll(async () => {
  shop = await setEditedShop();
  leader = await start();
  await leads(leader);
  standby = await start();
});
afterAll(() => shop?.scene.stop());
beforeEach(() => shop.nextTest());

/** Drift of before, of the very moment and of the time in which nobody leads; what stands at the end is c1 to c4. */
const throughHandover = async (handover: () => Promise<void> | void): Promise<void> => {
  await earlyInTheMinute();
  await shop.edit("c0", "red");
  await shop.untilTold("Drifted c0");
  await shop.untilRecorded("c0");
  for (const name of ["c1", "c2", "c3"]) await shop.edit(name, "red");
  await handover();
  await shop.edit("c0", "green");
  await shop.edit("c4", "red");
  await shop.edit("h0", "red");
  await leads(standby);
  await shop.untilGreen("h0");
  await shop.converges(["c1", "c2", "c3", "c4"]);
  const once = ["Drifted c0", "Drifted c1", "Drifted c2", "Drifted c3", "Drifted c4", "Drifted h0"];
  const told = [...once, "DriftResolved c0", "DriftResolved h0", "Remediated h0"];
  await shop.untilTold(...told);
  await settle();
  expect(await shop.news()).toEqual(Object.fromEntries(told.map((what) => [what, 1])));
  expect(shop.heals()).toEqual(["patch h0"]);
};

test("who stands by is ready, knows everything, and exports nothing that only the holder may say", async () => {
  expect((await fetch(`${standby.healthUrl}/readyz`)).status).toBe(200);
  expect(await status(standby)).toBe(0);
  await shop.edit("c0", "red");
  await shop.converges(["c0"]);
  const judged = async (one: Operator): Promise<number> =>
    (await one.metric("plumbline_verdict_latency_seconds_count")) ?? 0;
  await eventually("it judged the edit too", async () => (await judged(standby)) > 0 || undefined);
  expect(await standby.metrics()).not.toMatch(/^plumbline_(baseline|resource|drift)/m);
});

test("the leader is killed", async () => {
  await throughHandover(() => void leader.process.kill("SIGKILL"));
  await succeed();
});

test("the leader is told to stop: it gives the lease up, and nobody waits for it to run out", async () => {
  const before = await holder();
  const past = leader;
  await throughHandover(async () => {
    expect(await past.stop("SIGTERM")).toBe(0);
    const after = await shop.scene.send("GET", lease);
    expect(getString(after, "spec", "holderIdentity")).not.toBe(before);
  });
  await succeed();
});

test("the leader is stopped for longer than its lease, and comes back", async () => {
  const past = leader;
  const token = tokenId(shop.scene.plane, `plumbline-${pods - 2}`);
  await throughHandover(() => void past.process.kill("SIGSTOP"));
  const resumed = new Date().toISOString();
  past.process.kill("SIGCONT");
  await shop.edit("h1", "red");
  await shop.untilGreen("h1");
  await shop.untilTold("Drifted h1", "Remediated h1", "DriftResolved h1");
  await settle();
  expect(await status(past)).toBe(0);
  const written = writesOf(shop.scene.plane, resumed).filter(({ by, code }) => by === token && code < 300);
  // What it had handed to a connection as it was stopped goes out as it wakes: of what was edited last, the records.
  expect(written.filter(({ resource }) => resource !== "drifts")).toEqual([]);
  const records = written.map(({ name }) => name);
  expect(records).toEqual([...new Set(records)]);
  expect(records.length).toBeLessThanOrEqual(3);
  expect(Object.values(await shop.news()).every((count) => count === 1)).toBe(true);
  expect(shop.heals()).toEqual(["patch h0", "patch h1"]);
  await past.stop("SIGKILL");
  await succeed();
});

test("two that both believe they lead: an edit is put back by one of them, and told once", async () => {
  const usurper = await start(["--leader-elect=false"]);
  await earlyInTheMinute();
  for (const name of ["h0", "h1", "c0"]) await shop.edit(name, "red");
  for (const name of ["h0", "h1"]) await shop.untilGreen(name);
  await shop.converges(["c0"]);
  await shop.untilTold("Drifted c0", "DriftResolved h0", "DriftResolved h1", "Remediated h0", "Remediated h1");
  await settle();
  expect(shop.heals()).toEqual(["patch h0", "patch h1"]);
  // Who came second was told that the object had moved.
  const refused = shop.writes().filter(({ own, code }) => !own && code >= 300);
  expect(refused.filter(({ code }) => code !== 409)).toEqual([]);
  const news = await shop.news();
  expect(Object.entries(news).filter(([, count]) => count !== 1)).toEqual([]);
  await usurper.stop("SIGKILL");
});

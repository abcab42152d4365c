/** Two leases for one shard: one process per shard, one layout at a time, whatever starts, stops or is cut off when. */
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import type { Election } from "../../src/cluster/lease.ts";
import { leaseNameOf, startShardElection } from "../../src/cluster/shard-lease.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { createLeaseServer, type LeaseServer } from "./lease-server.ts";

let clock: ManualClock;
let server: LeaseServer;
let processes = 0;

interface Process {
  readonly election: Election;
  readonly shard: { readonly index: number; readonly count: number };
  cut(): void;
}

const start = (index: number, count: number): Process => {
  const { transport, cut } = server.connect();
  const shard = { index, count };
  const identity = `pod-${processes++}_x`;
  const election = startShardElection({
    transport,
    clock,
    log: silentLog,
    namespace: "default",
    name: "plumbline",
    identity,
    shard,
  });
  return { election, shard, cut };
};
const leads = (...processes: readonly Process[]): readonly boolean[] =>
  processes.map(({ election }) => election.isLeader());

beforeEach(() => {
  clock = new ManualClock();
  server = createLeaseServer();
});

test("an unsharded process holds the installation's lease, as ever", async () => {
  const one = start(0, 1);
  await settle();
  expect(leads(one)).toEqual([true]);
  expect(server.holder("plumbline")).toMatch(/^pod-/);
  expect(leaseNameOf("plumbline", one.shard)).toBe("plumbline");
});

test("the shards of one layout all lead, and of two for one shard one does", async () => {
  const all = [start(0, 3), start(1, 3), start(2, 3), start(2, 3)];
  await clock.advance(8_000);
  expect(leads(...all)).toEqual([true, true, true, false]);
  expect(server.holder("plumbline")).toBe("3 shards");
  await all[2]?.election.stop();
  await clock.advance(3_000);
  expect(leads(...all)).toEqual([true, true, false, true]);
});

test("sixteen that start at once get in one another's way, and yet all lead, and go on leading", async () => {
  let seed = 1;
  clock = new ManualClock(undefined, () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647);
  server = createLeaseServer(clock, 40);
  const all = Array.from({ length: 16 }, (_, index) => start(index, 16));
  await clock.advance(10_000);
  for (let second = 0; second < 300; second += 1) {
    expect(leads(...all)).toEqual(all.map(() => true));
    await clock.advance(1_000);
  }
});

test.each([
  ["fewer shards", [0, 3], [0, 2]],
  ["no more shards", [1, 3], [0, 1]],
  ["more shards", [0, 2], [1, 3]],
] as const)("%s: the new layout waits for the old one's lease to run out", async (_, before, after) => {
  const past = start(before[0], before[1]);
  await clock.advance(1_000);
  const next = start(after[0], after[1]);
  await clock.advance(60_000);
  expect(leads(past, next)).toEqual([true, false]);
  const stopped = past.election.stop();
  await clock.advance(10_000);
  await stopped;
  expect(leads(next)).toEqual([false]);
  await clock.advance(10_000);
  expect(leads(next)).toEqual([true]);
});

test("from one process to shards: it gives the lease up when it goes, and nobody waits longer than a retry", async () => {
  const past = start(0, 1);
  await clock.advance(1_000);
  const next = [start(0, 2), start(1, 2)];
  await clock.advance(20_000);
  expect(leads(past, ...next)).toEqual([true, false, false]);
  await past.election.stop();
  await clock.advance(3_000);
  expect(leads(...next)).toEqual([true, true]);
});

test("listeners hear of both leases as of one", async () => {
  const one = start(0, 2);
  const told: boolean[] = [];
  one.election.onChange((leader) => told.push(leader));
  await clock.advance(3_000);
  one.cut();
  await clock.advance(30_000);
  expect(told).toEqual([true, false]);
});

const step = fc.oneof(
  fc.record({ do: fc.constant("start" as const), index: fc.nat(3), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("stop" as const), at: fc.nat(9) }),
  fc.record({ do: fc.constant("cut" as const), at: fc.nat(9) }),
  fc.record({ do: fc.constant("wait" as const), milliseconds: fc.integer({ min: 100, max: 20_000 }) }),
);

test("never two layouts at once, and never two processes for one shard", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      clock = new ManualClock();
      server = createLeaseServer();
      const all: Process[] = [];
      const check = (): void => {
        const leading = all.filter(({ election }) => election.isLeader()).map(({ shard }) => shard);
        expect(new Set(leading.map(({ count }) => count)).size).toBeLessThanOrEqual(1);
        expect(new Set(leading.map(({ index }) => index)).size).toBe(leading.length);
      };
      const stopping: Promise<void>[] = [];
      for (const one of steps) {
        if (one.do === "start" && all.length < 10) all.push(start(one.index % one.count, one.count));
        if (one.do === "stop") stopping.push(all[one.at]?.election.stop() ?? Promise.resolve());
        if (one.do === "cut") all[one.at]?.cut();
        const until = one.do === "wait" ? one.milliseconds : 100;
        for (let waited = 0; waited < until; waited += 500) {
          await clock.advance(Math.min(500, until - waited));
          check();
        }
      }
      for (const { election } of all) void election.stop();
    }),
    { numRuns: 60 },
  );
});

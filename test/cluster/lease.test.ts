import { expect, test } from "vitest";
import { startElection } from "../../src/cluster/lease.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../src/cluster/transport.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { createLeaseServer } from "./lease-server.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

/** Grants the lease once; then nothing is ever answered. */
function grantOnce(): Transport {
  let granted = false;
  return {
    request({ method, body }: ApiRequest): Promise<ApiResponse> {
      if (granted) return new Promise(() => {});
      if (method === "GET") return Promise.resolve({ status: 404, text: "", warnings: [] });
      granted = true;
      return Promise.resolve({ status: 201, text: body ?? "", warnings: [] });
    },
    stream: () => new Promise(() => {}),
    close: () => Promise.resolve(),
  };
}

test("a leader that hears nothing is told that its time is over, also where its timer fires early", async () => {
  const manual = new ManualClock();
  let early = 2;
  const clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic(),
    random: () => manual.random(),
    after: (milliseconds: number, call: () => void) => {
      const fires = milliseconds > 5_000 && early > 0 ? milliseconds - early : milliseconds;
      if (milliseconds > 5_000) early = 0;
      return manual.after(fires, call);
    },
  };
  const election = startElection({
    transport: grantOnce(),
    clock,
    log: silentLog,
    namespace: "default",
    name: "plumbline",
    identity: "one",
  });
  const told: boolean[] = [];
  election.onChange((leader) => told.push(leader));
  await settle();
  expect(election.isLeader()).toBe(true);
  await manual.advance(9_999);
  expect(told).toEqual([true]);
  await manual.advance(10);
  expect(election.isLeader()).toBe(false);
  expect(told).toEqual([true, false]);
});

test("the times are those it was given: the holder ends at its deadline, the next one begins after the duration", async () => {
  const clock = new ManualClock();
  const server = createLeaseServer();
  const times = { duration: 5_000, renewDeadline: 3_000, retryPeriod: 500 };
  const candidate = (identity: string) => {
    const { transport, cut } = server.connect();
    const lease = { transport, clock, log: silentLog, namespace: "default", name: "plumbline", identity };
    return { election: startElection({ ...lease, ...times }), cut };
  };
  const one = candidate("one");
  await clock.advance(100);
  const two = candidate("two");
  await clock.advance(10_000);
  one.cut();
  const leads = (): readonly boolean[] => [one.election.isLeader(), two.election.isLeader()];
  expect(leads()).toEqual([true, false]);
  // The last renewal was at most a retry ago.
  await clock.advance(2_400);
  expect(leads()).toEqual([true, false]);
  await clock.advance(700);
  expect(leads()).toEqual([false, false]);
  await clock.advance(1_300);
  expect(leads()).toEqual([false, false]);
  await clock.advance(2_000);
  expect(leads()).toEqual([false, true]);
  expect(server.holder("plumbline")).toBe("two");
});

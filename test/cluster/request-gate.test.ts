/** Who may ask when: order, room, and those who gave up. */
import { describe, expect, test } from "vitest";
import {
  createRequestGate,
  type Priority,
  priorityOf,
  type RequestGate,
  type Slot,
} from "../../src/cluster/request-gate.ts";
import { INITIAL_LIMIT } from "../../src/cluster/concurrency-limit.ts";

/** A gate at one request at a time, and the slot that is taken. */
async function narrow(): Promise<{ readonly gate: RequestGate; readonly slot: Slot }> {
  let now = 0;
  const gate = createRequestGate({ monotonic: () => (now += 1) });
  for (let refusals = 0; refusals < 10; refusals += 1) gate.refused();
  const slot = await gate.enter("get", "plain");
  if (slot === undefined) throw new Error("not let in");
  return { gate, slot };
}

test("one after another, what repairs before what reads, and both before bulk; each kind in order", async () => {
  const { gate, slot } = await narrow();
  const order: string[] = [];
  const ask = async (name: string, priority: Priority): Promise<void> => {
    const mine = await gate.enter("get", priority);
    order.push(name);
    mine?.leave();
  };
  const all = [ask("list", "bulk"), ask("get 1", "plain"), ask("repair", "urgent"), ask("get 2", "plain")];
  expect(gate.load()).toEqual({ limit: 1, inFlight: 1, waiting: 4 });
  slot.leave();
  await Promise.all(all);
  expect(order).toEqual(["repair", "get 1", "get 2", "list"]);
  expect(gate.load()).toEqual({ limit: 1, inFlight: 0, waiting: 0 });
});

test("bulk leaves half of the room", async () => {
  const gate = createRequestGate({ monotonic: () => 0 });
  for (let index = 0; index < INITIAL_LIMIT; index += 1) void gate.enter("list", "bulk");
  expect(gate.load()).toMatchObject({ inFlight: INITIAL_LIMIT / 2, waiting: INITIAL_LIMIT / 2 });
  await expect(gate.enter("patch", "urgent")).resolves.toBeDefined();
});

test("who gives up while waiting takes no room", async () => {
  const { gate, slot } = await narrow();
  const abort = new AbortController();
  const waiting = gate.enter("get", "plain", abort.signal);
  abort.abort();
  expect(await waiting).toBeUndefined();
  expect(await gate.enter("get", "plain", abort.signal)).toBeUndefined();
  slot.leave();
  slot.leave();
  expect(gate.load()).toMatchObject({ inFlight: 0, waiting: 0 });
});

describe("what comes first", () => {
  test.each([
    ["PATCH", "/apis/apps/v1/namespaces/a/deployments/web", "patch", false, "urgent"],
    ["POST", "/api/v1/namespaces/a/configmaps", "create", false, "urgent"],
    ["PATCH", "/apis/apps/v1/namespaces/a/deployments/web", "apply", true, "plain"],
    ["GET", "/api/v1/namespaces/a/configmaps/x", "get", false, "plain"],
    ["GET", "/api/v1/configmaps", "list", false, "bulk"],
    ["GET", "/openapi/v3/apis/apps/v1", "get", false, "bulk"],
    ["POST", "/apis/events.k8s.io/v1/namespaces/a/events", "create", false, "bulk"],
    ["PATCH", "/apis/plumbline.dev/v1/namespaces/a/baselines/b/status", "patch", false, "bulk"],
    ["PATCH", "/api/v1/namespaces/a/configmaps/events", "patch", false, "urgent"],
  ] as const)("%s %s (%s, dry run %s): %s", (method, path, verb, isDryRun, priority) => {
    expect(priorityOf({ method, path, verb }, isDryRun)).toBe(priority);
  });
});

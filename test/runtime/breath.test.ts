import { expect, test } from "vitest";
import { Breath, breathOf, inSlices } from "../../src/runtime/breath.ts";
import { createWorkQueue } from "../../src/runtime/work-queue.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

/** A clock on which each look takes as long as the test says. */
function ticking(step: number) {
  let at = 0;
  return { monotonic: () => (at += step) };
}

function* count(to: number, told: number[]): Generator<void, void> {
  for (let at = 0; at < to; at += 1) {
    told.push(at);
    yield;
  }
}

/** Rounds of the loop until it has ended. */
async function roundsOf(rest: Promise<void> | undefined): Promise<number> {
  const now = { ended: rest === undefined };
  void rest?.then(() => (now.ended = true));
  let rounds = 0;
  for (; !now.ended; rounds += 1) await settle();
  return rounds;
}

test("what fits into one span has ended when the call returns", () => {
  const told: number[] = [];
  expect(inSlices(new Breath(ticking(0)), count(200, told), () => true)).toBeUndefined();
  expect(told).toHaveLength(200);
});

test("what does not is done round by round, all of it", async () => {
  const told: number[] = [];
  const rest = inSlices(new Breath(ticking(0)), count(5_000, told), () => true);
  expect(told.length).toBeLessThan(5_000);
  expect(await roundsOf(rest)).toBeGreaterThanOrEqual(4);
  expect(told).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
});

test("time ends a slice as well", () => {
  const told: number[] = [];
  const rest = inSlices(new Breath(ticking(0.3)), count(500, told), () => true);
  expect(rest).toBeDefined();
  expect(told.length).toBeLessThan(10);
});

test("nobody wants it any more: no further step, and the steps are told to end", async () => {
  const told: number[] = [];
  let wanted = true;
  let tidied = false;
  function* steps(): Generator<void, void> {
    try {
      yield* count(5_000, told);
    } finally {
      tidied = true;
    }
  }
  const rest = inSlices(new Breath(ticking(0)), steps(), () => wanted);
  const before = told.length;
  wanted = false;
  await rest;
  expect(told).toHaveLength(before);
  expect(tidied).toBe(true);
});

test("a step that throws at once throws; later, it rejects", async () => {
  function* steps(at: number): Generator<void, void> {
    yield* count(at, []);
    throw new Error("broken");
  }
  expect(() => inSlices(new Breath(ticking(0)), steps(3), () => true)).toThrow("broken");
  await expect(inSlices(new Breath(ticking(0)), steps(3_000), () => true)).rejects.toThrow("broken");
});

test("all workers of all queues that go by one clock, and slices beside them, share one span per round", async () => {
  const clock = new ManualClock();
  const queue = createWorkQueue<number>({ clock, name: "test" });
  const other = createWorkQueue<number>({ clock, name: "other" });
  const perRound: number[] = [];
  const worked: number[] = [];
  for (let at = 0; at < 4_000; at += 1) for (const one of [queue, other]) one.add(at);
  const ended = [queue, other].map((one) => one.run(4, (key) => void worked.push(key)));
  const sliced: number[] = [];
  void inSlices(breathOf(clock), count(4_000, sliced), () => true);
  await settle();
  while (worked.length < 8_000) {
    const before = worked.length + sliced.length;
    await settle();
    perRound.push(worked.length + sliced.length - before);
  }
  // A span of 1,000 steps, and what each of them has in hand when it ends.
  expect(Math.max(...perRound)).toBeLessThanOrEqual(1_010);
  expect(perRound.length).toBeGreaterThanOrEqual(8);
  for (const one of [queue, other]) await one.shutdown();
  await Promise.all(ended);
});

/** Long work in turns: nobody holds the loop, nobody is forgotten. */
import { expect, test } from "vitest";
import { createLoopTurns } from "../../src/cluster/loop-turns.ts";
import { createOpeningPace } from "../../src/cluster/opening-pace.ts";
import type { Clock } from "../../src/runtime/clock.ts";

test("a turn is over after its time, and the next begins in a later round of the loop", async () => {
  let now = 0;
  const turns = createLoopTurns({ monotonic: () => now });
  expect(turns.isOver()).toBe(false);
  now = 5;
  expect(turns.isOver()).toBe(false);
  now = 6;
  expect(turns.isOver()).toBe(true);
  let isNext = false;
  const waiting = turns.next().then(() => (isNext = true));
  for (let microtask = 0; microtask < 100; microtask += 1) await Promise.resolve();
  expect(isNext).toBe(false);
  await waiting;
  expect(turns.isOver()).toBe(false);
});

test("many who wait get a round of the loop each, in order", async () => {
  const turns = createLoopTurns({ monotonic: () => 0 });
  let round = 0;
  const rounds: number[] = [];
  const count = (): void => {
    round += 1;
    if (rounds.length < 3) setImmediate(count);
  };
  const wait = async (): Promise<void> => {
    await turns.next();
    rounds.push(round);
  };
  setImmediate(count);
  await Promise.all([wait(), wait(), wait()]);
  expect(rounds).toEqual([1, 2, 3]);
});

test("of many openings the first goes at once, the others one after another", async () => {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 1_000,
    after(milliseconds, call) {
      waits.push(milliseconds);
      queueMicrotask(call);
      return { cancel: () => {} };
    },
    random: () => 0.5,
  };
  const pace = createOpeningPace(clock);
  await Promise.all(Array.from({ length: 5 }, () => pace()));
  expect(waits).toEqual([1, 2, 3, 4]);
});

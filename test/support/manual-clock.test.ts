import { expect, test } from "vitest";
import { sleep } from "../../src/runtime/clock.ts";
import { ManualClock } from "./manual-clock.ts";

test("time stands still until it is advanced", async () => {
  const clock = new ManualClock(1_000);
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  await clock.advance(250);
  expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
});

test("timers fire in the order they are due, equal ones in the order they were set", async () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  clock.after(20, () => fired.push(`b@${clock.monotonic()}`));
  clock.after(10, () => fired.push(`a@${clock.monotonic()}`));
  clock.after(20, () => fired.push(`c@${clock.monotonic()}`));
  clock.after(31, () => fired.push("late"));
  await clock.advance(30);
  expect(fired).toEqual(["a@10", "b@20", "c@20"]);
  expect([clock.pending, clock.untilNext]).toEqual([1, 1]);
});

test("a timer set by a timer, or by the promise it resolves, fires within the same advance", async () => {
  const clock = new ManualClock();
  const at: number[] = [];
  const work = (async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(clock, 10);
      at.push(clock.monotonic());
    }
  })();
  await clock.advance(35);
  await work;
  expect(at).toEqual([10, 20, 30]);
});

test("a cancelled timer never fires", async () => {
  const clock = new ManualClock();
  let fired = 0;
  clock.after(5, () => fired++).cancel();
  await clock.advance(10);
  expect(fired).toBe(0);
});

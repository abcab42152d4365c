import { expect, test } from "vitest";
import { createRate } from "../../src/runtime/rate.ts";
import { ManualClock } from "../support/manual-clock.ts";

const clock = (): ManualClock => new ManualClock();

test("a burst at once, then so many a second", async () => {
  const time = clock();
  const rate = createRate(time, 2, 3);
  expect([rate.take(), rate.take(), rate.take(), rate.take(), rate.take()]).toEqual([0, 0, 0, 500, 500]);
  await time.advance(500);
  expect([rate.take(), rate.take()]).toEqual([0, 500]);
});

test("a thousand in line: each comes back once, and is granted", async () => {
  const time = clock();
  const rate = createRate(time, 10, 1);
  const waits = new Map(Array.from({ length: 1_000 }, (_, at) => [`n${at}`, rate.take(`n${at}`)] as const));
  expect([...waits.values()].slice(0, 4)).toEqual([0, 100, 200, 300]);
  expect(waits.get("n999")).toBe(99_900);
  let granted = 1;
  for (const [name, wait] of [...waits].slice(1)) {
    await time.advance(wait - time.monotonic());
    if (rate.take(name) === 0) granted += 1;
  }
  expect(granted).toBe(1_000);
});

test("who asks too early keeps the place, and who has no name waits behind the line", async () => {
  const time = clock();
  const rate = createRate(time, 1, 1);
  expect([rate.take("a"), rate.take("b"), rate.take("b"), rate.take()]).toEqual([0, 1_000, 1_000, 2_000]);
  await time.advance(999);
  expect(rate.take("b")).toBe(1);
  await time.advance(1);
  expect([rate.take("b"), rate.take("c")]).toEqual([0, 1_000]);
});

test("a place that nobody comes back for is given up", async () => {
  const time = clock();
  const rate = createRate(time, 1, 1);
  rate.take("a");
  rate.take("gone");
  await time.advance(62_000);
  expect([rate.take("x"), rate.take("gone")]).toEqual([0, 1_000]);
});

test("who would wait too long takes no place", () => {
  const rate = createRate(clock(), 1, 1);
  expect([rate.take("a"), rate.take("b", 1_000), rate.take("c", 1_000), rate.take("d")]).toEqual([
    0,
    1_000,
    Number.POSITIVE_INFINITY,
    2_000,
  ]);
});

import { expect, test } from "vitest";
import { holdHeap } from "../../src/runtime/heap.ts";
import { ManualClock } from "../support/manual-clock.ts";

const start = ["--optimize-for-size", "--heap-growing-percent=40"];

test("while the start lasts the heap grows by much at a time, then by little", async () => {
  const clock = new ManualClock();
  const flags: string[] = [];
  let over = false;
  holdHeap(
    clock,
    () => over,
    (flag) => flags.push(flag),
  );
  await clock.advance(30_000);
  expect(flags).toEqual(start);
  over = true;
  await clock.advance(30_000);
  expect(flags).toEqual([...start, "--heap-growing-percent=30"]);
});

test("who stops is not looked at any more", async () => {
  const clock = new ManualClock();
  const flags: string[] = [];
  holdHeap(
    clock,
    () => true,
    (flag) => flags.push(flag),
  ).stop();
  await clock.advance(30_000);
  expect(flags).toEqual(start);
});

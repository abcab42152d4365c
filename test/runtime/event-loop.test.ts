import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchEventLoop } from "../../src/runtime/event-loop.ts";

function hold(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test("a loop that was held is late by as long: the next reading starts anew", async () => {
  const loop = watchEventLoop();
  await wait(100);
  hold(300);
  await wait(100);
  const first = loop.read();
  expect(first.late?.max).toBeGreaterThan(0.2);
  expect(first.utilization).toBeGreaterThan(0);
  expect(loop.read().late).toBeUndefined();
  loop.stop();
});

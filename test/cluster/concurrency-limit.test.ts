/** How many requests may be under way: each rule of the step, and what it comes to over many answers. */
import { describe, expect, test } from "vitest";
import {
  type Answered,
  type ConcurrencyLimit,
  INITIAL_LIMIT,
  initialLimit,
  MOST,
  slowFrom,
  stepLimit,
} from "../../src/cluster/concurrency-limit.ts";

const at = (limit: number, more: Partial<ConcurrencyLimit> = {}): ConcurrencyLimit => ({
  limit,
  usual: { get: 10 },
  decreasedAt: 0,
  ...more,
});
/** An answer that took so long, at the 100th second. */
const after = (took: number, more: Partial<Answered> = {}): Answered => ({
  sort: "get",
  outcome: "answered",
  sentAt: 100_000 - took,
  now: 100_000,
  busy: true,
  ...more,
});

describe("one answer", () => {
  test.each([
    ["as usual, all slots in use: a little more", at(8), after(10), 8.125],
    ["as usual, slots to spare: as before", at(8), after(10, { busy: false }), 8],
    ["at the top: no more", at(MOST), after(10), MOST],
    ["429: half", at(8), after(10, { outcome: "refused" }), 4],
    ["429 at one: still one", at(1), after(10, { outcome: "refused" }), 1],
    [
      "429 to what was sent before the last decrease: nothing new",
      at(8, { decreasedAt: 99_995 }),
      after(10, { outcome: "refused" }),
      8,
    ],
    ["slow: a quarter less", at(8), after(1_000), 6],
    ["slow, sent before the last decrease: nothing new", at(8, { decreasedAt: 99_500 }), after(1_000), 8],
    [
      "slow for others, but not for its sort",
      at(8, { usual: { get: 10, list: 900 } }),
      after(1_000, { sort: "list" }),
      8.125,
    ],
    ["of a sort never seen, slow: a quarter less", at(8), after(1_000, { sort: "patch" }), 6],
    ["no answer at once (nobody listens): as before", at(8), after(2, { outcome: "unanswered" }), 8],
    ["no answer for long: half", at(8), after(30_000, { outcome: "unanswered" }), 4],
  ])("%s", (_, state, answered, limit) => {
    expect(stepLimit(state, answered).limit).toBe(limit);
  });
});

/** So many answers one after another, each sent when the one before was there. */
function play(
  state: ConcurrencyLimit,
  count: number,
  took: number,
  from: number,
  outcome: Answered["outcome"] = "answered",
) {
  let next = state;
  for (let index = 0; index < count; index += 1) {
    const sentAt = from + index * took + 1;
    next = stepLimit(next, { sort: "get", outcome, sentAt, now: sentAt + took, busy: true });
  }
  return next;
}

describe("many answers", () => {
  test("a server that goes on refusing gets one at a time, and its limit comes back when it answers", () => {
    const low = play(initialLimit, 10, 5, 0, "refused");
    expect(low.limit).toBe(1);
    const back = play(low, 2_000, 5, 1_000);
    expect(back.limit).toBe(MOST);
  });

  test("from one it grows by about one per round of answers", () => {
    const one = at(1);
    expect(Math.floor(play(one, 1, 5, 0).limit)).toBe(2);
    expect(Math.floor(play(one, 1 + 2 + 3, 5, 0).limit)).toBe(3);
  });

  test("a burst of refusals of what was sent together counts once", () => {
    let state = initialLimit;
    for (let index = 0; index < 16; index += 1)
      state = stepLimit(state, { sort: "get", outcome: "refused", sentAt: 5, now: 10 + index, busy: true });
    expect(state.limit).toBe(INITIAL_LIMIT / 2);
  });

  test("it learns quickly that answers are fast, and slowly that they are slow", () => {
    expect(slowFrom(play(initialLimit, 20, 2, 0), "get")).toBeLessThan(265);
    expect(slowFrom(play(initialLimit, 20, 2_000, 0), "get")).toBeLessThan(2_000);
    expect(slowFrom(play(initialLimit, 400, 2_000, 0), "get")).toBeGreaterThan(2_000);
  });
});

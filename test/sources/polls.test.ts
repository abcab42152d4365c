import { describe, expect, test } from "vitest";
import type { Baseline } from "../../src/model/baseline.ts";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import { createPolls, type Polls } from "../../src/sources/polls.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { makeBaseline } from "./bench-sources.ts";

const unchanged: RenderOutcome = { kind: "unchanged", revision: { ref: "main", commit: "1".repeat(40) }, fetchedAt: 0 };
const failed: RenderOutcome = {
  kind: "failed",
  stage: "source",
  problem: { code: "source-unreachable", message: "down" },
  at: 0,
};

interface Rig {
  readonly clock: ManualClock;
  readonly polls: Polls;
  /** Clock time of each attempt's start, in seconds, and its Baseline. */
  readonly attempts: { readonly at: number; readonly name: string; readonly path: string }[];
  readonly outcomes: string[];
  running(): number;
  /** Ends the oldest attempt that runs. */
  end(outcome?: RenderOutcome): Promise<void>;
}

function rig(concurrency = 2): Rig {
  const clock = new ManualClock();
  const attempts: Rig["attempts"] = [];
  const outcomes: string[] = [];
  const pending: ((outcome: RenderOutcome) => void)[] = [];
  const polls = createPolls({
    clock,
    concurrency,
    attempt(baseline) {
      attempts.push({ at: clock.monotonic() / 1000, name: baseline.name, path: baseline.path });
      return new Promise((resolve) => pending.push(resolve));
    },
    onOutcome: (key, outcome) => outcomes.push(`${key} ${outcome.kind}`),
  });
  return {
    clock,
    polls,
    attempts,
    outcomes,
    running: () => pending.length,
    async end(outcome = unchanged) {
      pending.shift()?.(outcome);
      await settle();
    },
  };
}

const baseline = (parts: Partial<Baseline> & { readonly interval?: number } = {}): Baseline => {
  const { interval = 60_000, ...rest } = parts;
  return makeBaseline({ url: "https://h/x", git: { interval }, ...rest });
};

describe("when a source is looked at", () => {
  test("at once, then every interval with jitter", async () => {
    const { clock, polls, attempts, end, outcomes } = rig();
    polls.ensure(baseline());
    await settle();
    expect(attempts.map(({ at }) => at)).toEqual([0]);
    await end();
    await clock.advance(60_000);
    await end();
    await clock.advance(60_000);
    expect(attempts.map(({ at }) => at)).toEqual([0, 60, 120]);
    expect(outcomes).toEqual(["shop/web unchanged", "shop/web unchanged"]);
  });

  test("after failures sooner, then ever later, never later than the interval", async () => {
    const { clock, polls, attempts, end } = rig();
    polls.ensure(baseline());
    await settle();
    const pauses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      await end(failed);
      pauses.push(clock.untilNext ?? 0);
      await clock.advance(60_000);
    }
    expect(pauses).toEqual([3750, 7500, 15_000, 30_000, 45_000, 45_000, 45_000]);
    expect(attempts).toHaveLength(8);
    await end();
    expect(clock.untilNext).toBe(60_000);
  });

  test("a request during an attempt leads to one more, several to one", async () => {
    const { polls, attempts, end, running } = rig();
    const b = baseline();
    polls.ensure(b);
    await settle();
    for (let i = 0; i < 5; i += 1) polls.checkNow(b.key);
    expect(attempts).toHaveLength(1);
    await end();
    expect(attempts).toHaveLength(2);
    await end();
    expect(running()).toBe(0);
  });

  test("a request while waiting is answered at once", async () => {
    const { polls, attempts, end } = rig();
    const b = baseline();
    polls.ensure(b);
    await settle();
    await end();
    polls.checkNow(b.key);
    await settle();
    expect(attempts).toHaveLength(2);
  });

  test("changed settings: the attempt under way is not told, the next one is", async () => {
    const { polls, attempts, outcomes, end } = rig();
    polls.ensure(baseline({ path: "a" }));
    await settle();
    polls.ensure(baseline({ path: "b" }));
    await end();
    expect(outcomes).toEqual([]);
    await end();
    expect(attempts.map(({ path }) => path)).toEqual(["a", "b"]);
    expect(outcomes).toHaveLength(1);
  });

  test("the same Baseline again changes nothing", async () => {
    const { polls, attempts, end } = rig();
    polls.ensure(baseline());
    await settle();
    await end();
    polls.ensure({ ...baseline(), generation: 9 });
    await settle();
    expect(attempts).toHaveLength(1);
  });

  test("suspended: never; a request meanwhile is answered when it ends", async () => {
    const { clock, polls, attempts } = rig();
    polls.ensure(baseline({ suspend: true }));
    polls.checkNow(baseline().key);
    await clock.advance(600_000);
    expect(attempts).toEqual([]);
    polls.ensure(baseline());
    await settle();
    expect(attempts).toHaveLength(1);
  });

  test("at most so many at once, in turn, and none waits for ever", async () => {
    const { polls, attempts, end } = rig(2);
    for (const name of ["a", "b", "c", "d"]) polls.ensure(baseline({ name, key: `shop/${name}` as Baseline["key"] }));
    await settle();
    expect(attempts.map(({ name }) => name)).toEqual(["a", "b"]);
    await end(failed);
    expect(attempts.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    await end();
    await end();
    await end();
    expect(attempts.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  test("removed: nothing more is told, also of the attempt under way", async () => {
    const { clock, polls, outcomes, attempts, end } = rig();
    const b = baseline();
    polls.ensure(b);
    await settle();
    const removed = polls.remove(b.key);
    await end();
    await removed;
    await clock.advance(600_000);
    expect(outcomes).toEqual([]);
    expect(attempts).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

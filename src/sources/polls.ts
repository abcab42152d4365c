/**
 * When each Baseline's source is looked at: every interval with jitter, sooner with growing pauses after a failure,
 * at once when asked or when its settings change, never while suspended. A request made during an attempt leads to
 * another attempt after it; several requests lead to one.
 */
import type { Baseline } from "../model/baseline.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { backoff, type Clock } from "../runtime/clock.ts";
import { fingerprintOf } from "./source-attempt.ts";

export interface PollDeps {
  readonly clock: Clock;
  readonly concurrency: number;
  /** Never throws. */
  attempt(baseline: Baseline, signal: AbortSignal): Promise<RenderOutcome>;
  onOutcome(key: BaselineKey, outcome: RenderOutcome): void;
}

export interface Polls {
  ensure(baseline: Baseline): void;
  has(key: BaselineKey): boolean;
  /** Resolves once nothing of it runs any more. */
  remove(key: BaselineKey): Promise<void>;
  checkNow(key: BaselineKey): void;
  /** Runs work under the same bound as the attempts. */
  limited<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

interface Poll {
  baseline: Baseline;
  requested: boolean;
  failures: number;
  /** Ends the present wait. */
  wake: () => void;
  readonly controller: AbortController;
  done: Promise<void>;
}

/** The first retry comes after half of this to all of it; no retry is later than the interval. Milliseconds. */
const FIRST_RETRY = 5_000;
/** A tenth either way, so that Baselines made together do not ask together. */
const JITTER = 0.1;

export function createPolls(deps: PollDeps): Polls {
  const { clock } = deps;
  const polls = new Map<BaselineKey, Poll>();
  const limited = createLimit(deps.concurrency);

  const delayOf = (poll: Poll): number => {
    const { interval } = poll.baseline.git;
    if (poll.failures > 0) return backoff(clock, poll.failures - 1, Math.min(FIRST_RETRY, interval), interval);
    return interval * (1 - JITTER + 2 * JITTER * clock.random());
  };

  /** Until woken, or so many milliseconds. */
  const wait = (poll: Poll, milliseconds: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : clock.after(milliseconds, resolve);
      poll.wake = () => {
        timer?.cancel();
        resolve();
      };
    });

  const run = async (poll: Poll): Promise<void> => {
    const { signal } = poll.controller;
    while (!signal.aborted) {
      if (poll.baseline.suspend) {
        await wait(poll, undefined);
        continue;
      }
      const outcome = await limited(async () => {
        // Cleared when the attempt really starts: what is asked while it waits its turn, it answers.
        poll.requested = false;
        const { baseline } = poll;
        if (signal.aborted || baseline.suspend) return undefined;
        const result = await deps.attempt(baseline, signal);
        return fingerprintOf(baseline) === fingerprintOf(poll.baseline) ? result : undefined;
      });
      if (signal.aborted) return;
      if (outcome !== undefined) {
        poll.failures = outcome.kind === "failed" ? poll.failures + 1 : 0;
        deps.onOutcome(poll.baseline.key, outcome);
      }
      if (!poll.requested && !signal.aborted) await wait(poll, delayOf(poll));
    }
  };

  const request = (poll: Poll): void => {
    poll.requested = true;
    poll.wake();
  };

  const remove = async (key: BaselineKey): Promise<void> => {
    const poll = polls.get(key);
    if (poll === undefined) return;
    polls.delete(key);
    poll.controller.abort();
    poll.wake();
    await poll.done;
  };

  return {
    ensure(baseline) {
      const known = polls.get(baseline.key);
      if (known === undefined) {
        const poll: Poll = {
          baseline,
          requested: false,
          failures: 0,
          wake: () => {},
          controller: new AbortController(),
          done: Promise.resolve(),
        };
        polls.set(baseline.key, poll);
        poll.done = run(poll);
        return;
      }
      const before = known.baseline;
      known.baseline = baseline;
      if (fingerprintOf(before) !== fingerprintOf(baseline)) known.failures = 0;
      else if (before.suspend === baseline.suspend && before.git.interval === baseline.git.interval) return;
      request(known);
    },
    has: (key) => polls.has(key),
    remove,
    checkNow(key) {
      const poll = polls.get(key);
      if (poll !== undefined) request(poll);
    },
    limited,
    async stop() {
      await Promise.all([...polls.keys()].map((key) => remove(key)));
    },
  };
}

/** At most so many at once, first come, first served. */
function createLimit(concurrency: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, not given back and taken again.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * The ledger as lines of JSON. A record is a line in a bounded queue at once; a loop of its own hands lines over in
 * batches, one after the other. Where the place cannot take them they wait, and when the queue is full the newest are
 * left out and counted: what is done is never held up by what is told of it. What waits at the stop is written then.
 */
import type { EvidenceDoor } from "../../model/evidence.ts";
import { messageOf } from "../../model/problem.ts";
import { sleep, type Clock } from "../../runtime/clock.ts";
import type { LineOutput } from "../../runtime/line-output.ts";
import type { Log } from "../../runtime/log.ts";
import { evidenceLine } from "./line.ts";

export interface JsonLinesDeps {
  readonly output: LineOutput;
  readonly clock: Clock;
  readonly log: Log;
  /** Lines that may wait. */
  readonly capacity?: number;
}

export interface JsonLines extends EvidenceDoor {
  /** Works until the signal aborts and what waits is written, or it is clear that it cannot be. */
  run(signal: AbortSignal): Promise<void>;
  /** Records taken, and those of them that no line was kept of. */
  taken(): { readonly records: number; readonly dropped: number };
}

const CAPACITY = 10_000;
/** Lines handed over at once. */
const BATCH = 500;
/** Milliseconds between two attempts where the place took nothing. */
const AGAIN = 1_000;
/** Milliseconds that a stop waits for the place. */
const LAST = 2_000;

export function createJsonLines({ output, clock, log, capacity = CAPACITY }: JsonLinesDeps): JsonLines {
  let waiting: string[] = [];
  let records = 0;
  let dropped = 0;
  let failing = false;
  let wake = (): void => {};

  /** True where the lines are out. */
  const handOver = async (lines: readonly string[]): Promise<boolean> => {
    try {
      // What was cut off in the middle of a line stays a line of its own.
      await output.append(`${failing ? "\n" : ""}${lines.join("")}`);
      if (failing) log.info({ dropped }, "evidence is written again");
      failing = false;
      return true;
    } catch (error) {
      const reason = messageOf(error);
      if (!failing) log.error({ error: reason }, "evidence cannot be written; it waits");
      failing = true;
      return false;
    }
  };

  const idle = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (signal.aborted || waiting.length > 0) resolve();
    });

  const writeBatch = async (): Promise<boolean> => {
    const lines = waiting.slice(0, BATCH);
    const written = await handOver(lines);
    if (written) waiting = waiting.slice(lines.length);
    return written;
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0 && (await writeBatch()));
  };

  return {
    record(record) {
      records += 1;
      let line: string;
      try {
        line = evidenceLine(record);
      } catch {
        // It cannot be put into words; the count tells that it is missing.
        dropped += 1;
        return;
      }
      if (waiting.length >= capacity) {
        if (dropped === 0) log.warn({ capacity }, "evidence waits for its place; the newest records are left out");
        dropped += 1;
        return;
      }
      waiting.push(line);
      wake();
    },
    async run(signal) {
      signal.addEventListener("abort", () => wake(), { once: true });
      while (!signal.aborted) {
        await idle(signal);
        while (waiting.length > 0 && !signal.aborted) if (!(await writeBatch())) await sleep(clock, AGAIN, signal);
      }
      const given = new AbortController();
      await Promise.race([flush().then(() => given.abort()), sleep(clock, LAST, given.signal)]);
      dropped += waiting.length;
      if (waiting.length > 0) log.warn({ lines: waiting.length }, "evidence that could not be written is lost");
      waiting = [];
    },
    taken: () => ({ records, dropped }),
  };
}

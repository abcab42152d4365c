import { afterEach, beforeEach, expect, test } from "vitest";
import type { EvidenceRecord } from "../../../src/model/evidence.ts";
import { baselineKey } from "../../../src/model/snapshot.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createEvidence } from "../../../src/sinks/evidence/door.ts";
import { createJsonLines, type JsonLines } from "../../../src/sinks/evidence/json-lines.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";

const recordOf = (result: string): EvidenceRecord => ({
  kind: "attempt",
  at: 0,
  baseline: baselineKey("shop", "web"),
  result,
});

/** A place that lines go to: takes them, refuses them, or never answers. */
class Place {
  text = "";
  mode: "takes" | "refuses" | "hangs" | "tears" = "takes";
  appends = 0;

  append(text: string): Promise<void> {
    this.appends += 1;
    if (this.mode === "hangs") return new Promise(() => {});
    if (this.mode === "refuses") return Promise.reject(new Error("no space left"));
    if (this.mode === "tears") {
      this.text += text.slice(0, 10);
      return Promise.reject(new Error("no space left"));
    }
    this.text += text;
    return Promise.resolve();
  }

  /** What a reader makes of it: lines that are JSON. */
  results(): readonly string[] {
    return this.text.split("\n").flatMap((line) => {
      try {
        return [(JSON.parse(line) as { result: string }).result];
      } catch {
        return [];
      }
    });
  }
}

let clock: ManualClock;
let place: Place;
let lines: JsonLines;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  place = new Place();
  lines = createJsonLines({ output: place, clock, log: silentLog, capacity: 3 });
  stopping = new AbortController();
  running = lines.run(stopping.signal);
});

afterEach(async () => {
  stopping.abort();
  await settle();
  await clock.advance(10_000);
  await running;
});

const record = (...results: readonly string[]): void => {
  for (const result of results) lines.record(recordOf(result));
};

test("records come out in the order they came in", async () => {
  record("a", "b");
  await settle();
  record("c");
  await settle();
  expect(place.results()).toEqual(["a", "b", "c"]);
  expect(lines.taken()).toEqual({ records: 3, dropped: 0 });
});

test("a place that is full holds nothing up; when it takes again, what waited is written", async () => {
  place.mode = "refuses";
  record("a", "b");
  await clock.advance(3_000);
  expect(place.results()).toEqual([]);
  place.mode = "takes";
  await clock.advance(1_000);
  expect(place.results()).toEqual(["a", "b"]);
});

test("a line that was torn spoils no other", async () => {
  place.mode = "tears";
  record("a");
  await settle();
  place.mode = "takes";
  await clock.advance(1_000);
  expect(place.results()).toEqual(["a"]);
});

test("a full queue leaves the newest out, and counts them", async () => {
  place.mode = "refuses";
  record("a", "b", "c", "d", "e");
  await settle();
  place.mode = "takes";
  await clock.advance(1_000);
  expect(place.results()).toEqual(["a", "b", "c"]);
  expect(lines.taken()).toEqual({ records: 5, dropped: 2 });
});

test("a place that refuses is not asked without a pause", async () => {
  place.mode = "refuses";
  record("a");
  await clock.advance(10_000);
  expect(place.appends).toBeLessThanOrEqual(11);
});

test("what waits at the stop is written", async () => {
  record("a");
  stopping.abort();
  await running;
  expect(place.results()).toEqual(["a"]);
});

test("a stop does not wait for ever for a place that never answers", async () => {
  place.mode = "hangs";
  record("a");
  stopping.abort();
  await clock.advance(2_000);
  await running;
  expect(lines.taken()).toEqual({ records: 1, dropped: 1 });
});

test("a ledger that throws costs nobody else a record, and none the count", () => {
  const counted: string[] = [];
  const bad = {
    record(): void {
      throw new Error("broken");
    },
  };
  const door = createEvidence({ ledgers: [bad, lines], counted: (kind) => counted.push(kind), log: silentLog });
  expect(() => door.record(recordOf("a"))).not.toThrow();
  expect([counted, lines.taken().records]).toEqual([["attempt"], 1]);
});

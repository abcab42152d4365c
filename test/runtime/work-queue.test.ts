import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Deadlines } from "../../src/runtime/deadlines.ts";
import { createWorkQueue, liveRun, type WorkQueue } from "../../src/runtime/work-queue.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

interface Hand {
  readonly key: string;
  done(): void;
}

/** Workers whose work ends when the test says so. */
function start(queue: WorkQueue<string>, workers = 1): { readonly taken: Hand[]; readonly ended: Promise<void> } {
  const taken: Hand[] = [];
  const ended = queue.run(workers, (key) => new Promise<void>((done) => taken.push({ key, done })));
  return { taken, ended };
}

function make(options: { retry?: { base: number; cap: number } } = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const queue = createWorkQueue<string>({
    clock,
    name: "test",
    ...options,
    metrics: {
      added: () => told.push("added"),
      waited: (seconds) => told.push(`waited ${seconds}`),
      worked: (seconds) => told.push(`worked ${seconds}`),
      retried: () => told.push("retried"),
    },
  });
  return { clock, queue, told };
}

const keys = (hands: readonly Hand[]): string[] => hands.map(({ key }) => key);

async function workAll(queue: WorkQueue<string>, workers = 1): Promise<string[]> {
  const order: string[] = [];
  const ended = queue.run(workers, (key) => void order.push(key));
  await queue.shutdown();
  await ended;
  return order;
}

describe("as client-go's workqueue", () => {
  test("fair: keys come out in the order they went in", async () => {
    const { queue } = make();
    for (const key of ["c", "a", "b"]) queue.add(key);
    expect(await workAll(queue)).toEqual(["c", "a", "b"]);
  });

  test("stingy: a key added many times before it is worked on is worked on once", async () => {
    const { queue, told } = make();
    for (const key of ["a", "b", "a", "a"]) queue.add(key);
    expect(queue.depth()).toBe(2);
    expect(told.filter((entry) => entry === "added")).toHaveLength(2);
    expect(await workAll(queue)).toEqual(["a", "b"]);
  });

  test("a key in hand is not given to a second worker; added meanwhile, it comes up once more afterwards", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue, 3);
    queue.add("a");
    await settle();
    queue.add("a");
    queue.add("a");
    await settle();
    expect(keys(taken)).toEqual(["a"]);
    expect(queue.depth()).toBe(0);
    taken[0]!.done();
    await settle();
    expect(keys(taken)).toEqual(["a", "a"]);
    taken[1]!.done();
    await queue.shutdown();
    await ended;
    expect(taken).toHaveLength(2);
  });

  test("keys are worked on at once, as many as there are workers", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue, 2);
    for (const key of ["a", "b", "c"]) queue.add(key);
    await settle();
    expect(keys(taken)).toEqual(["a", "b"]);
    taken[1]!.done();
    await settle();
    expect(keys(taken)).toEqual(["a", "b", "c"]);
    for (const hand of taken) hand.done();
    await queue.shutdown();
    await ended;
  });

  test("shutting down drains: what is queued or in hand is finished, nothing new is taken in", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue);
    queue.add("a");
    queue.add("b");
    await settle();
    let drained = false;
    const shut = queue.shutdown().then(() => (drained = true));
    queue.add("late");
    queue.addAfter("late", 0);
    await settle();
    expect(drained).toBe(false);
    taken[0]!.done();
    await settle();
    expect(drained).toBe(false);
    taken[1]!.done();
    await shut;
    await ended;
    expect(keys(taken)).toEqual(["a", "b"]);
  });

  test("shutting down keeps a key that was added while in hand", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue);
    queue.add("a");
    await settle();
    queue.add("a");
    const shut = queue.shutdown();
    taken[0]!.done();
    await settle();
    expect(keys(taken)).toEqual(["a", "a"]);
    taken[1]!.done();
    await shut;
    await ended;
  });

  test("discarding drops what is queued and still waits for what is in hand", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue);
    queue.add("a");
    queue.add("b");
    await settle();
    const shut = queue.shutdown({ discard: true });
    taken[0]!.done();
    await shut;
    await ended;
    expect(keys(taken)).toEqual(["a"]);
  });

  test("the signal shuts down", async () => {
    const { queue } = make();
    const abort = new AbortController();
    const order: string[] = [];
    const ended = queue.run(1, (key) => void order.push(key), abort.signal);
    queue.add("a");
    await settle();
    abort.abort();
    queue.add("b");
    await ended;
    expect(order).toEqual(["a"]);
  });

  test("a handler that rejects ends run with its error", async () => {
    const { queue } = make();
    queue.add("a");
    await expect(queue.run(1, () => Promise.reject(new Error("poison")))).rejects.toThrow("poison");
  });
});

describe("priorities", () => {
  test("live goes before bulk", async () => {
    const { queue } = make();
    queue.add("bulk");
    queue.add("live", "live");
    expect(await workAll(queue)).toEqual(["live", "bulk"]);
  });

  test("a bulk key told again as live moves over, and not back", async () => {
    const { queue } = make();
    queue.add("first");
    queue.add("moved");
    queue.add("moved", "live");
    queue.add("moved");
    expect(await workAll(queue)).toEqual(["moved", "first"]);
  });

  test("a key in hand that is told as live comes up as live", async () => {
    const { queue } = make();
    const { taken, ended } = start(queue);
    queue.add("a");
    await settle();
    queue.add("a");
    queue.add("b");
    queue.add("a", "live");
    taken[0]!.done();
    await settle();
    expect(keys(taken)).toEqual(["a", "a"]);
    taken[1]!.done();
    await settle();
    taken[2]!.done();
    await queue.shutdown();
    await ended;
  });

  test("bulk work is slowed by live work, never starved", async () => {
    const { queue } = make();
    const order: string[] = [];
    let live = 0;
    queue.add("bulk");
    queue.add("live 0", "live");
    // Each live key brings the next: without a limit, the bulk key would never come up.
    const ended = queue.run(1, (key) => {
      order.push(key);
      if (live < 50) queue.add(`live ${++live}`, "live");
    });
    await settle();
    await queue.shutdown();
    await ended;
    expect(live).toBe(50);
    expect(order.indexOf("bulk")).toBeLessThanOrEqual(liveRun);
  });

  test("every key added is worked on, and of any run of live keys none is longer than promised while bulk waits", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(60), fc.boolean()), { maxLength: 120, size: "max" }), async (adds) => {
        const { queue } = make();
        const bulk = new Set<string>();
        for (const [key, live] of adds) {
          queue.add(`${key}`, live ? "live" : "bulk");
          if (live) bulk.delete(`${key}`);
          else if (!adds.some(([other, urgent]) => other === key && urgent)) bulk.add(`${key}`);
        }
        const order = await workAll(queue);
        expect(new Set(order)).toEqual(new Set(adds.map(([key]) => `${key}`)));
        expect(order).toHaveLength(new Set(order).size);
        let run = 0;
        for (const [at, key] of order.entries()) {
          run = bulk.has(key) ? 0 : run + 1;
          if (order.slice(at + 1).some((later) => bulk.has(later))) expect(run).toBeLessThanOrEqual(liveRun);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("three priorities", () => {
  test("live before resync before bulk, and a key told again as more urgent moves over", async () => {
    const { queue } = make();
    queue.add("bulk");
    queue.add("moved");
    queue.add("resync", "resync");
    queue.add("live", "live");
    queue.add("moved", "resync");
    queue.add("live", "bulk");
    expect(await workAll(queue)).toEqual(["live", "resync", "moved", "bulk"]);
  });

  test("a key whose moment has come, and one that is tried again, come up as resync", async () => {
    const { clock, queue } = make();
    queue.add("bulk");
    queue.addAfter("due", 10);
    queue.addRateLimited("again");
    await clock.advance(10);
    expect(await workAll(queue)).toEqual(["again", "due", "bulk"]);
  });

  test("neither resync nor bulk is starved, whatever arrives", async () => {
    const { queue } = make();
    const order: string[] = [];
    let live = 0;
    for (let at = 0; at < 3; at += 1) {
      queue.add(`bulk ${at}`);
      queue.add(`resync ${at}`, "resync");
    }
    queue.add("live 0", "live");
    const ended = queue.run(1, (key) => {
      order.push(key.split(" ")[0] ?? "");
      if (live < 100) queue.add(`live ${++live}`, "live");
    });
    await settle();
    await queue.shutdown();
    await ended;
    for (const [kind, most] of [
      ["bulk", liveRun + 1],
      ["resync", liveRun + 2],
    ] as const) {
      const places = order.flatMap((key, at) => (key === kind ? [at] : []));
      expect(places).toHaveLength(3);
      expect(Math.max(...places.map((place, at) => place - (places[at - 1] ?? -1)))).toBeLessThanOrEqual(most);
    }
  });
});

describe("fair between lines", () => {
  const lined = () =>
    createWorkQueue<string>({ clock: new ManualClock(), name: "test", lineOf: (key) => key.split(" ")[0] ?? "" });

  test("a long line delays a short one key by key", async () => {
    const queue = lined();
    for (let at = 0; at < 50; at += 1) queue.add(`long ${at}`);
    for (let at = 0; at < 3; at += 1) queue.add(`short ${at}`);
    const order = await workAll(queue);
    expect(order.slice(0, 7)).toEqual(["long 0", "short 0", "long 1", "short 1", "long 2", "short 2", "long 3"]);
    expect(order).toHaveLength(53);
  });

  test("a line keeps its order, and gives a key up to another priority", async () => {
    const queue = lined();
    for (const key of ["a 1", "a 2", "b 1", "a 3"]) queue.add(key);
    queue.add("a 2", "live");
    expect(await workAll(queue)).toEqual(["a 2", "a 1", "b 1", "a 3"]);
  });

  test("whatever is added in whatever lines: between two keys of a line, every line that waits has its turn once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.nat(20)), { maxLength: 80 }),
        async (adds) => {
          const queue = lined();
          for (const [line, at] of adds) queue.add(`${line} ${at}`);
          const order = (await workAll(queue)).map((key) => key.split(" ")[0] ?? "");
          expect(order).toHaveLength(new Set(adds.map(([line, at]) => `${line} ${at}`)).size);
          for (const [at, line] of order.entries()) {
            const next = order.indexOf(line, at + 1);
            if (next < 0) continue;
            const between = order.slice(at + 1, next);
            expect(new Set(between).size).toBe(between.length);
            for (const other of new Set(order.slice(next))) if (other !== line) expect(between).toContain(other);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("delays", () => {
  test("a key comes up when its time has come, not before", async () => {
    const { clock, queue } = make();
    const { taken, ended } = start(queue);
    queue.addAfter("a", 1000);
    await clock.advance(999);
    expect(taken).toEqual([]);
    await clock.advance(1);
    expect(keys(taken)).toEqual(["a"]);
    taken[0]!.done();
    await queue.shutdown();
    await ended;
  });

  test("of several delays for one key the earliest counts, once", async () => {
    const { clock, queue } = make();
    const order: string[] = [];
    const ended = queue.run(1, (key) => void order.push(key));
    queue.addAfter("a", 1000);
    queue.addAfter("a", 100);
    queue.addAfter("a", 500);
    await clock.advance(100);
    expect(order).toEqual(["a"]);
    await clock.advance(10_000);
    expect(order).toEqual(["a"]);
    await queue.shutdown();
    await ended;
  });

  test("one timer serves all that wait", () => {
    const { clock, queue } = make();
    for (let index = 0; index < 100; index += 1) queue.addAfter(`${index}`, 1000 - index);
    expect(clock.pending).toBe(1);
  });

  test("a key put back waits twice as long each time, up to the cap, until it is forgotten", async () => {
    const { clock, queue, told } = make({ retry: { base: 10, cap: 50 } });
    const order: number[] = [];
    const ended = queue.run(1, () => void order.push(clock.monotonic()));
    const delays: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const before = clock.monotonic();
      queue.addRateLimited("a");
      await clock.advance(clock.untilNext ?? 0);
      delays.push(order.at(-1)! - before);
    }
    expect(delays).toEqual([10, 20, 40, 50]);
    expect(queue.retries("a")).toBe(4);
    expect(told.filter((entry) => entry === "retried")).toHaveLength(4);
    queue.forget("a");
    expect(queue.retries("a")).toBe(0);
    queue.addRateLimited("a");
    expect(clock.untilNext).toBe(10);
    await queue.shutdown();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test("the heap gives keys back in order, whatever order they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(100))), (adds) => {
        const deadlines = new Deadlines<number>();
        const soonest = new Map<number, number>();
        for (const [key, at] of adds) {
          deadlines.add(key, at);
          soonest.set(key, Math.min(at, soonest.get(key) ?? at));
        }
        expect(deadlines.size).toBe(soonest.size);
        let last = 0;
        for (let key = deadlines.take(1000); key !== undefined; key = deadlines.take(1000)) {
          const at = soonest.get(key) ?? -1;
          expect(at).toBeGreaterThanOrEqual(last);
          last = at;
          soonest.delete(key);
        }
        expect(soonest.size).toBe(0);
      }),
    );
  });

  test("a deadline that has not come is not given", () => {
    const deadlines = new Deadlines<string>();
    deadlines.add("a", 10);
    expect(deadlines.take(9)).toBeUndefined();
    expect(deadlines.soonest).toBe(10);
    expect(deadlines.take(10)).toBe("a");
  });
});

test("what the metrics are made from: waited, worked, busy", async () => {
  const { clock, queue, told } = make();
  queue.add("a");
  queue.add("b");
  await clock.advance(2000);
  const { taken, ended } = start(queue, 2);
  await clock.advance(3000);
  expect(queue.busy()).toEqual({ active: 2, unfinished: 6, longest: 3 });
  taken[0]!.done();
  await clock.advance(1000);
  expect(queue.busy()).toEqual({ active: 1, unfinished: 4, longest: 4 });
  taken[1]!.done();
  await queue.shutdown();
  await ended;
  expect(told).toEqual(["added", "added", "waited 2", "waited 2", "worked 3", "worked 4"]);
  expect(queue.busy()).toEqual({ active: 0, unfinished: 0, longest: 0 });
});

/** What the sinks' loops need in a test: a clock by hand, an API of a map, an engine of maps, and a way to stop. */
import { silentLog } from "../../src/runtime/log.ts";
import type { WritingSink } from "../../src/sinks/ports.ts";
import { createRate, type Rate } from "../../src/runtime/rate.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { MemoryApi } from "./memory-api.ts";
import { FakeEngine } from "./sink-fixtures.ts";

export interface World {
  readonly clock: ManualClock;
  readonly api: MemoryApi;
  readonly engine: FakeEngine;
  readonly rate: Rate;
  readonly log: typeof silentLog;
  leader: boolean;
  readonly isLeader: () => boolean;
  /** Runs it until the test is over. */
  start<Sink extends WritingSink>(sink: Sink): Sink;
  stop(): Promise<void>;
}

export function createWorld(): World {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const runs: Promise<void>[] = [];
  const world: World = {
    clock,
    api: new MemoryApi(),
    engine: new FakeEngine(),
    rate: createRate(clock, 20),
    log: silentLog,
    leader: true,
    isLeader: () => world.leader,
    start(sink) {
      runs.push(sink.run(stopping.signal));
      return sink;
    },
    async stop() {
      stopping.abort();
      await Promise.all(runs);
    },
  };
  return world;
}

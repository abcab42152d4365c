/**
 * What an engine runs on where a test hands over the snapshots itself: a cluster in memory, and sources that never speak.
 * Nobody hears what is published unless the test says so.
 */
import type { EnginePorts } from "../../../src/engine/ports.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import type { FakeLive } from "./fake-live.ts";
import { plainSchema } from "./samples.ts";

export function stillPorts(live: FakeLive, clock: Clock): EnginePorts {
  return {
    live,
    schemas: { schemaFor: () => plainSchema, scopeOf: (kind) => live.scopeOf(kind) },
    sources: {
      ensure: () => {},
      remove: () => {},
      checkNow: () => {},
      descends: () => Promise.resolve(true),
      renderAt: () => Promise.reject(new Error("there is no other commit")),
      locate: () => Promise.resolve(new Map()),
    },
    tenancy: { platformNamespaces: ["platform"] },
    clock,
    log: silentLog,
    workers: 2,
    publish: () => {},
    stateChanged: () => {},
    removed: () => {},
  };
}

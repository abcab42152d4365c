/** How old what a watch tells may be: where one broke and another goes on from its version, something may be missing yet. */
import { expect, test } from "vitest";
import { createReflector } from "../../src/cluster/reflector.ts";
import type { Transport } from "../../src/cluster/transport.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { configMap } from "./connection.ts";

const line = (resourceVersion: string, annotations = {}): Buffer =>
  Buffer.from(JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion, annotations } } }));
const listed = line("5", { "k8s.io/initial-events-end": "true" });

interface Stream {
  readonly asked: Readonly<Record<string, string>>;
  send(...lines: readonly Buffer[]): void;
  end(): void;
}

/** Streams that a test writes to; refused while `away`. */
function server(): { readonly transport: Transport; readonly streams: Stream[]; away: boolean } {
  const streams: Stream[] = [];
  const made = { away: false, streams };
  const stream: Transport["stream"] = async ({ query = {} }) => {
    if (made.away) return { ok: false, response: { status: 0, text: "no route", warnings: [] } };
    const { readable, writable } = new TransformStream<readonly Buffer[]>(undefined, undefined, { highWaterMark: 9 });
    const writer = writable.getWriter();
    streams.push({ asked: query, send: (...lines) => void writer.write(lines), end: () => void writer.close() });
    return { ok: true, batches: readable };
  };
  const request: Transport["request"] = async () => ({ status: 500, text: "", warnings: [] });
  return Object.assign(made, { transport: { stream, request, close: async () => {} } });
}

test("a watch that goes on from its listing misses nothing; one that was taken up again may, from then on", async () => {
  const clock = new ManualClock();
  const api = server();
  const nothing = (): void => {};
  const sink = { begin: nothing, stage: nothing, unstage: nothing, commit: nothing, apply: nothing, remove: nothing };
  const path = "/api/v1/configmaps";
  const given = { transport: api.transport, clock, log: silentLog, kind: configMap, path, sink, onStep: nothing };
  const reflector = createReflector(given);
  const seen: number[] = [];
  const look = async (milliseconds = 0): Promise<void> => {
    await clock.advance(milliseconds);
    seen.push(reflector.resumedAt());
  };

  reflector.start();
  await look();
  api.streams[0]?.send(listed);
  await look();
  expect(seen, "while it lists, and then").toEqual([Infinity, -Infinity]);

  await clock.advance(60_000);
  api.away = true;
  api.streams[0]?.end();
  await look();
  await look(5_000);
  expect(seen.slice(2), "broken").toEqual([Infinity, Infinity]);

  api.away = false;
  await clock.advance(60_000);
  expect(api.streams[1]?.asked["resourceVersion"]).toBe("5");
  const resumed = reflector.resumedAt();
  expect([resumed > 60_000, resumed <= clock.monotonic()]).toEqual([true, true]);
  api.streams[1]?.send(line("6"));
  await look(60_000);
  expect(seen.at(-1)).toBe(resumed);
  reflector.stop();
});

/**
 * What the looks cost that a verdict and a scrape take at the live watches, at 60 kinds: `view` and `states`, and
 * `ensure` of what is watched already. The objects are 50,000 of one kind, given by a transport that is none. Prints
 * microseconds, asserts nothing: `node test/bench/live-looks.ts`.
 */
import { createObjectApi } from "../../src/cluster/api.ts";
import type { ResourceInfo } from "../../src/cluster/api-path.ts";
import type { Discovery } from "../../src/cluster/discovery.ts";
import { createLiveWatches } from "../../src/cluster/live-watches.ts";
import type { Transport } from "../../src/cluster/transport.ts";
import { kindKey, type KindRef } from "../../src/model/resource.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { healthOf } from "../../src/verdict/health.ts";
import { lineOf } from "./live-lines.ts";

const count = 50_000;
const services: KindRef = { group: "", version: "v1", kind: "Service" };
const kinds: readonly KindRef[] = [
  services,
  ...Array.from({ length: 59 }, (_, at) => ({ group: "example.com", version: "v1", kind: `Kind${at}` })),
];
const resources = new Map<string, ResourceInfo>(
  kinds.map((kind) => [
    kindKey(kind),
    { ...kind, plural: `${kind.kind.toLowerCase()}s`, namespaced: true, verbs: ["list", "watch"] },
  ]),
);
const discovery: Discovery = {
  resourceOf: (kind) => resources.get(kindKey(kind)),
  find: (kind) => Promise.resolve(resources.get(kindKey(kind))),
  kinds: () => [...resources.values()],
  servedVersions: () => ["v1"],
  isStale: () => false,
  ready: () => true,
  refresh: () => Promise.resolve(),
  poke: () => {},
  onChange: () => () => {},
  stop: () => {},
};
const end = Buffer.from(
  '{"type":"BOOKMARK","object":{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}',
);
async function* batches(lines: number): AsyncGenerator<readonly Buffer[]> {
  for (let at = 0; at < lines; at += 100)
    yield Array.from({ length: 100 }, (_, offset) => lineOf((at + offset) * 4 + 1, { beat: 0, own: false }));
  yield [end];
  await new Promise(() => {});
}
const transport: Transport = {
  request: () => Promise.resolve({ status: 404, text: "", warnings: [] }),
  stream: ({ path }) => Promise.resolve({ ok: true, batches: batches(path === "/api/v1/services" ? count : 0) }),
  close: () => Promise.resolve(),
};

const watches = createLiveWatches({
  transport,
  discovery,
  clock: systemClock,
  log: silentLog,
  api: createObjectApi({ transport, discovery }),
  healthOf,
  namespaces: [],
  secrets: true,
});
watches.ensure(kinds);
while (watches.states().some(({ state }) => state !== "live")) await new Promise((resolve) => setTimeout(resolve, 20));

function time(what: string, times: number, call: (at: number) => unknown): void {
  for (let at = 0; at < times / 10; at += 1) call(at);
  const started = performance.now();
  for (let at = 0; at < times; at += 1) call(at);
  const each = ((performance.now() - started) * 1000) / times;
  process.stdout.write(`${what.padEnd(56)}${each.toFixed(2)} us\n`);
}

const ids = Array.from({ length: count }, (_, at) => {
  const number = at * 4 + 1;
  return { group: "", kind: "Service", namespace: `bench-${number % 10}`, name: `app-${number}` };
});
const first = ids[0];
if (first === undefined || watches.view(first, "v1").state !== "present") throw new Error("nothing is seen");
time(`view, of ${count} objects`, count, (at) => {
  const id = ids[at];
  return id === undefined ? undefined : watches.view(id, "v1");
});
time(`states, of ${kinds.length} kinds`, 2_000, () => watches.states());
time("ensure, of the same kinds", 2_000, () => watches.ensure(kinds));
time(`list, of ${count} objects`, 50, () => watches.list(services));
watches.stop();
process.exit(0);

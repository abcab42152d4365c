/**
 * What the live side keeps of 50,000 objects, and what an event costs that says nothing new: four kinds as
 * the API server sends them (defaults, status, managed fields), read from watch lines. Prints bytes and
 * microseconds, asserts nothing: `node --expose-gc test/bench/live-memory.ts [objects] [own]`; with `own`, each
 * object's containers have a name of their own, so that no two Deployments have the same managed fields.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createLiveStore, type LiveStore } from "../../src/cluster/live-store.ts";
import { createStoragePool } from "../../src/cluster/stored-object.ts";
import { readLine } from "../../src/cluster/watch-line.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { healthOf } from "../../src/verdict/health.ts";
import { lineOf } from "./live-lines.ts";

const count = Number(process.argv[2] ?? 50_000);
const own = process.argv[3] === "own";
const EVENTS = 20_000;

async function used(): Promise<{ readonly heap: number; readonly rss: number }> {
  for (let round = 0; round < 4; round += 1) {
    await wait(20);
    globalThis.gc?.();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

const print = (what: string, figure: string): void => void process.stdout.write(`${what.padEnd(56)}${figure}\n`);
const milliseconds = (since: number): string => `${(performance.now() - since).toFixed(1)} ms`;

function objectOf(line: Buffer): KubeObject {
  const object = readLine(line)?.object;
  if (object === undefined) throw new Error("the line is no event");
  return object;
}

let told = 0;
const turns: (() => void)[] = [];
function createStores(): readonly LiveStore[] {
  const pool = createStoragePool();
  return Array.from({ length: 4 }, () =>
    createLiveStore({ healthOf, pool, onChange: () => (told += 1), later: (call) => turns.push(call) }),
  );
}
/** A listing of all kinds, as the lines of a stream. Returns the milliseconds of the longest commit, or turn after one. */
function list(stores: readonly LiveStore[], beat: number): number {
  for (const store of stores) store.begin();
  for (let at = 0; at < count; at += 1) stores[at % 4]?.stage(objectOf(lineOf(at, { beat, own })), 1_790_000_000_000);
  const commits = stores.map((store) => {
    const started = performance.now();
    store.commit(1_790_000_000_000);
    return performance.now() - started;
  });
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    const started = performance.now();
    turn();
    commits.push(performance.now() - started);
  }
  return Math.max(...commits);
}

if (globalThis.gc === undefined) throw new Error("run it with --expose-gc");
// Once before, so that what the code itself needs is not counted.
for (let round = 0; round < 3; round += 1) lineOf(round, { beat: 0, own });
const lines = Array.from({ length: 4 }, (_, at) => lineOf(at, { beat: 0, own }).length);
print("bytes of a watch line, by kind", lines.join(", "));

const before = await used();
const stores = createStores();
list(stores, 0);
const after = await used();
print(`heap per object (${count} objects)`, `${Math.round((after.heap - before.heap) / count)} bytes`);
print("RSS per object, with what V8 keeps for itself", `${Math.round((after.rss - before.rss) / count)} bytes`);

const started = performance.now();
for (let at = 0; at < count; at += 1) objectOf(lineOf(at, { beat: 0, own }));
const reading = (performance.now() - started) / count;
print("making and reading a line, of which nothing is counted below", `${(reading * 1000).toFixed(1)} us`);

print("longest commit of a listing that says the same", `${list(stores, 0).toFixed(2)} ms`);
const relisted = await used();
print("heap per object after it", `${Math.round((relisted.heap - before.heap) / count)} bytes`);
print("longest commit of one in which all versions are new", `${list(stores, 1).toFixed(2)} ms`);
const again = await used();
print("heap per object after it", `${Math.round((again.heap - before.heap) / count)} bytes`);

const benign = Array.from({ length: EVENTS }, (_, at) => lineOf((at * 4) % count, { beat: 2, own }));
told = 0;
const cpu = process.cpuUsage();
const start = performance.now();
for (const [at, line] of benign.entries()) stores[((at * 4) % count) % 4]?.apply(objectOf(line), 1_790_000_000_000);
const spent = process.cpuUsage(cpu);
const per = (micros: number): string => `${(micros / EVENTS).toFixed(1)} us`;
print("a status event of a Deployment, read and kept, CPU", per(spent.user + spent.system));
print("and by the clock", `${milliseconds(start)} for ${EVENTS}, told of ${told}`);

const [first] = stores;
const values = [...(first?.values() ?? [])];
const looked = performance.now();
for (const value of values) void value.object;
print("a look at .object", `${(((performance.now() - looked) * 1000) / values.length).toFixed(1)} us`);

/**
 * The engine by itself, at 10,000 and 50,000 objects: snapshot to verdicts, a commit of one object, one live edit, edits
 * while everything is judged, a Baseline's state, bytes per object, and the longest block of the event loop in each. Both
 * sides are in memory and hand over texts; live objects are kept as the live store keeps them. Prints figures, asserts nothing:
 * `node --expose-gc test/bench/engine.ts [objects …]`.
 */
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { createStoragePool, discard, trim, type StoredObject } from "../../src/cluster/stored-object.ts";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { createEngine } from "../../src/engine/controller.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { LivePort } from "../../src/engine/ports.ts";
import { declare } from "../../src/model/desired.ts";
import { getString, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import type { LiveObject, LiveView } from "../../src/model/live.ts";
import { idKey, kindKey, type KindRef, type KubeObject, type ResourceId } from "../../src/model/resource.ts";
import { baselineKey, type DesiredObject, type Snapshot } from "../../src/model/snapshot.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { healthOf } from "../../src/verdict/health.ts";
import { baseline } from "../support/scenario/samples.ts";
import { bodyOf } from "./manifests.ts";

const rounds = 200;
const shape = { namespaces: 10, baselines: 1 };
const managedFields = [{ manager: "deployer", operation: "Update", fieldsType: "FieldsV1", fieldsV1: {} }];

class MemoryLive implements LivePort {
  readonly #objects = new Map<string, StoredObject>();
  readonly #pool = createStoragePool();
  #kinds: readonly KindRef[] = [];
  #version = 1;
  told: Engine | undefined;

  ensure(kinds: readonly KindRef[]): void {
    this.#kinds = kinds;
    queueMicrotask(() => this.told?.watchesChanged());
  }

  view(id: ResourceId): LiveView {
    const live = this.#objects.get(idKey(id));
    return live === undefined ? { state: "absent" } : { state: "present", live };
  }

  confirm(id: ResourceId): Promise<LiveView> {
    return Promise.resolve(this.view(id));
  }

  list(): readonly LiveObject[] {
    return [];
  }

  states(): ReturnType<LivePort["states"]> {
    return this.#kinds.map((kind) => ({ kind, state: "live" }));
  }

  write(object: KubeObject, id: ResourceId, at: number): void {
    this.#version += 1;
    const uid = `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String(this.#version), generation: 1, managedFields };
    const held = this.#objects.get(idKey(id));
    const kept = trim({ ...object, metadata }, 0, healthOf, { pool: this.#pool, held });
    this.#objects.set(idKey(id), kept);
    if (held !== undefined) discard(held, this.#pool);
  }
}

/** Milliseconds that this thread computed: what other programs take away is not in it. */
function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Longest time in which nothing else could run, while it is watched. */
class LoopWatch {
  #last = 0;
  #lastCpu = 0;
  #longest = 0;
  #longestCpu = 0;
  #running = false;

  start(): void {
    this.#last = performance.now();
    this.#lastCpu = cpuNow();
    this.#longest = 0;
    this.#longestCpu = 0;
    if (this.#running) return;
    this.#running = true;
    const look = (): void => {
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - this.#last);
      this.#last = now;
      const cpu = cpuNow();
      this.#longestCpu = Math.max(this.#longestCpu, cpu - this.#lastCpu);
      this.#lastCpu = cpu;
      if (this.#running) setImmediate(look);
    };
    setImmediate(look);
  }

  async stop(): Promise<string> {
    await turn();
    await turn();
    this.#running = false;
    return `longest block ${this.#longest.toFixed(1)} ms, ${this.#longestCpu.toFixed(1)} ms of CPU`;
  }
}

async function used(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    await wait(20);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

const print = (what: string, figure: string): void => console.log(`${what.padEnd(58)}${figure}`);
const sorted = (values: readonly number[]): readonly number[] => values.toSorted((one, other) => one - other);
function spread(values: readonly number[]): string {
  const order = sorted(values);
  const at = (share: number): string =>
    (order[Math.min(order.length - 1, Math.floor(order.length * share))] ?? Number.NaN).toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (${order.length} times)`;
}

const schemas = createSchemaIndex();
const { documents, scopes } = readBuiltInSchema();
for (const [groupVersion, document] of documents) schemas.addOpenApi(groupVersion, document as Json);

const objectAt = (at: number): KubeObject => parseJson(bodyOf(at, shape)) as KubeObject;
const edited = (at: number, level: string): KubeObject => {
  const object = objectAt(at);
  return { ...object, data: { ...(object["data"] as JsonObject), level } };
};
const mapAt = (round: number, count: number): number => 2 + 4 * ((round * 37) % Math.floor(count / 4));

async function measure(count: number): Promise<void> {
  const live = new MemoryLive();
  const key = baselineKey("platform", "bench");
  const small = baselineKey("platform", "small");
  const own = 10;
  const declareAt = (at: number): DesiredObject =>
    declare(objectAt(at), { file: `${Math.floor(at / 20)}.yaml`, line: 1, index: at % 20 });
  let objects: readonly DesiredObject[] = Array.from({ length: count }, (_, at) => declareAt(at));
  const others = Array.from({ length: own }, (_, at) => declareAt(count + at));
  for (const [at, { id }] of [...objects, ...others].entries()) live.write(objectAt(at), id, at);
  let told: (() => void) | undefined;
  let changes = 0;
  let isGone = false;
  const engine = createEngine({
    live,
    schemas: {
      schemaFor: (kind) => schemas.schemaFor(kind) ?? { code: "kind-not-served", message: "not served" },
      scopeOf: (kind) => scopes.get(kindKey(kind)),
    },
    sources: {
      ensure: () => {},
      remove: () => {},
      checkNow: () => {},
      descends: () => Promise.resolve(true),
      renderAt: () => Promise.reject(new Error("not here")),
      locate: () => Promise.resolve(new Map()),
    },
    tenancy: { platformNamespaces: ["platform"] },
    clock: systemClock,
    log: silentLog,
    workers: 4,
    publish: () => told?.(),
    stateChanged: () => void (changes += 1),
    removed: () => void (isGone = true),
  });
  live.told = engine;
  const abort = new AbortController();
  const running = engine.run(abort.signal);
  const kindOf = (at: number, of = key): string | undefined => {
    const id = (of === key ? objects[at] : others[at])?.id;
    return id === undefined ? undefined : engine.judgement(of, id)?.verdict.kind;
  };
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await turn();
  };
  const judged = (): boolean => {
    const state = engine.state(key);
    return state?.judged === true && engine.queueDepth() === 0;
  };
  let commit = 0;
  const snapshot = (of: readonly DesiredObject[]): Snapshot => ({
    revision: { ref: "main", commit: (++commit).toString(16).padStart(40, "0") },
    objects: of,
    problems: [],
    fetchedAt: Date.now(),
  });
  const loop = new LoopWatch();

  console.log(`\n${count} objects in one Baseline, ${own} in another`);
  await until(() => live.states().length >= 0);
  engine.baselineApplied({ ...baseline("bench"), targetNamespace: "bench-0" }, {});
  engine.baselineApplied({ ...baseline("small"), targetNamespace: "bench-0" }, {});
  engine.baselinesSynced();
  engine.watchesChanged();
  const before = await used();

  loop.start();
  let received = 0;
  let smallDone = 0;
  let started = performance.now();
  told = () => {
    received += 1;
    if (smallDone === 0 && others.every((_, at) => kindOf(at, small) === "in-sync"))
      smallDone = performance.now() - started;
  };
  const cpu = process.cpuUsage();
  engine.sourceOutcome(key, { kind: "rendered", snapshot: snapshot(objects) });
  const call = performance.now() - started;
  engine.sourceOutcome(small, { kind: "rendered", snapshot: snapshot(others) });
  await until(() => received >= count + own);
  const took = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  print("first snapshot: the call itself", `${call.toFixed(1)} ms`);
  print(
    "first snapshot → every verdict",
    `${took.toFixed(0)} ms, ${Math.round((count / took) * 1000)} objects/s, CPU ${((user + system) / 1000).toFixed(0)} ms, ${await loop.stop()}`,
  );
  print("… the other Baseline's verdicts, told after it", `${smallDone.toFixed(1)} ms`);
  print("in sync", `${engine.state(key)?.counts["in-sync"]} of ${count}, told ${changes} state changes`);
  const bytes = ((await used()) - before) / (count + own);
  print("heap of the engine per object in sync", `${bytes.toFixed(0)} bytes`);

  told = undefined;
  const commits: number[] = [];
  loop.start();
  for (let round = 0; round < 20; round += 1) {
    const at = mapAt(round, count);
    const fresh = declare(edited(at, `v${round}`), { file: "changed.yaml", line: 1, index: 0 });
    objects = objects.with(at, fresh);
    live.write(edited(at, `v${round}`), fresh.id, at);
    const next = snapshot(objects);
    await wait(2);
    loop.start();
    started = performance.now();
    engine.sourceOutcome(key, { kind: "rendered", snapshot: next });
    await until(judged);
    commits.push(performance.now() - started);
  }
  print("commit of one object → its verdict", `${spread(commits)}, ${await loop.stop()}`);

  const touched: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    objects = objects.map((one) => one);
    const next = snapshot(objects);
    started = performance.now();
    engine.sourceOutcome(key, { kind: "rendered", snapshot: next });
    await until(judged);
    touched.push(performance.now() - started);
  }
  print("commit that changes nothing", spread(touched));

  const edit = async (at: number, level: string): Promise<number> => {
    const object = edited(at, level);
    const id = objects[at]?.id;
    if (id === undefined) return Number.NaN;
    live.write(object, id, at);
    const begun = performance.now();
    const published = new Promise<number>((resolve) => {
      told = () => {
        if (kindOf(at) === "drifted") resolve(performance.now() - begun);
      };
    });
    engine.liveChanged(id, "v1", Date.now());
    return published;
  };
  const levelOf = (at: number): string => getString(objects[at]?.object, "data", "level") ?? "";
  const restore = async (at: number): Promise<void> => {
    const id = objects[at]?.id;
    if (id === undefined) return;
    live.write(edited(at, levelOf(at)), id, at);
    engine.liveChanged(id, "v1", Date.now());
    await until(() => kindOf(at) === "in-sync");
  };
  const edits: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const at = mapAt(round + 100, count);
    await wait(1);
    edits.push(await edit(at, "debug"));
    await restore(at);
  }
  print("live edit → verdict, idle", spread(edits));

  const busy: number[] = [];
  told = undefined;
  loop.start();
  for (let round = 0; round < 20; round += 1) {
    if (engine.queueDepth() < count / 2) {
      engine.recheckBaseline(key);
      await until(() => engine.queueDepth() > 0);
    }
    const at = mapAt(round + 200, count);
    await wait(1);
    busy.push(await edit(at, "debug"));
    await restore(at);
  }
  print("live edit → verdict, while everything is judged again", `${spread(busy)}, ${await loop.stop()}`);
  told = undefined;
  await until(() => engine.queueDepth() === 0);

  const states: number[] = [];
  const scrapes: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const at = mapAt(round + 300, count);
    await edit(at, "debug");
    started = performance.now();
    engine.state(key);
    states.push(performance.now() - started);
    await restore(at);
    started = performance.now();
    engine.states();
    scrapes.push(performance.now() - started);
  }
  print("state of the Baseline after a change", spread(states));
  print("states, as a scrape asks for them", spread(scrapes));

  told = undefined;
  loop.start();
  started = performance.now();
  engine.schemaChanged({ group: "apps", version: "v1", kind: "Deployment" });
  const told1 = performance.now() - started;
  await until(() => engine.queueDepth() === 0);
  print("a schema of one kind arrives: the call itself", `${told1.toFixed(1)} ms, ${await loop.stop()}`);

  const benign = await used();
  for (let round = 0; round < 10; round += 1)
    for (const [at, { id, object }] of objects.entries()) live.write(object, id, at);
  const after = await used();
  print("after 10 benign updates of each: bytes more per object", ((after - benign) / count).toFixed(0));

  loop.start();
  started = performance.now();
  engine.baselineRemoved(key);
  const going = performance.now() - started;
  await until(() => isGone);
  print(
    "the Baseline goes: the call itself",
    `${going.toFixed(1)} ms, all told after ${(performance.now() - started).toFixed(1)} ms, ${await loop.stop()}`,
  );
  abort.abort();
  await running;
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length === 0 ? [10_000, 50_000] : counts) await measure(count);

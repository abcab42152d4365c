/**
 * What the API server serves: kinds, their paths, scope and verbs. Two requests (aggregated discovery), asked again
 * with their ETags; group by group on servers that know no aggregated form. A group that cannot be read right now
 * keeps what was known of it: a failing extension server never makes a kind "not served".
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
import { kindKey, type KindRef } from "../model/resource.ts";
import { sleep, type Clock, type Timer } from "../runtime/clock.ts";
import type { ResourceInfo } from "./api-path.ts";
import { createDiscoveryReader } from "./discovery-reader.ts";
import type { GroupVersionInfo } from "./discovery-document.ts";
import type { Transport } from "./transport.ts";

export interface Discovery {
  /** Undefined: not served, or nothing has been read yet (see `ready`). */
  resourceOf(kind: KindRef): ResourceInfo | undefined;
  /** The same, after asking the server again where the kind is unknown: at once the first time, then at most every 10 s. */
  find(kind: KindRef): Promise<ResourceInfo | undefined>;
  kinds(): readonly ResourceInfo[];
  /** Versions at which a kind is served, the server's preferred one first; empty where none is. */
  servedVersions(group: string, kind: string): readonly string[];
  /** True where the last attempt could not read this group and version: what is known may be old. */
  isStale(group: string, version: string): boolean;
  /** True once the server has answered. */
  ready(): boolean;
  /** Asks again now; attempts that overlap are one. Resolves when it has ended, well or not. */
  refresh(): Promise<void>;
  /** Something changed (a CRD, an APIService): asks again soon, and once more after the server has had time to follow. */
  poke(): void;
  /** Called after what is served has changed. Returns a function that ends it. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

export interface DiscoveryOptions {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Milliseconds between attempts that nobody but a missing kind asked for. */
const MISSING_INTERVAL = 10_000;
/** Milliseconds after a poke. A CRD is listed a moment after it is stored, and gone a moment after it is deleted. */
const pokeDelays: readonly number[] = [250, 1_500, 5_000];

export function createDiscovery({ transport, clock }: DiscoveryOptions): Discovery {
  const reader = createDiscoveryReader(transport);
  const listeners = new Set<() => void>();
  const abort = new AbortController();
  let groups: ReadonlyMap<string, GroupVersionInfo> = new Map();
  let byKind: ReadonlyMap<string, ResourceInfo> = new Map();
  let print = "";
  let ready = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  const askedFor = new Set<string>();
  let pokes: readonly Timer[] = [];

  const read = async (): Promise<void> => {
    lastAt = clock.monotonic();
    const found = await reader.read(groups);
    if (found === undefined || abort.signal.aborted) return;
    ready = true;
    groups = found;
    const next = new Map<string, ResourceInfo>();
    for (const { resources } of found.values()) for (const one of resources) next.set(kindKey(one), one);
    byKind = next;
    const nextPrint = JSON.stringify([...found.entries()]);
    if (nextPrint === print) return;
    print = nextPrint;
    for (const listener of listeners) listener();
  };

  const refresh = (): Promise<void> => {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    resourceOf: (kind) => byKind.get(kindKey(kind)),

    async find(kind) {
      const key = kindKey(kind);
      const known = byKind.get(key);
      if (known !== undefined) return known;
      const firstTime = !askedFor.has(key);
      askedFor.add(key);
      if (running !== undefined || firstTime || clock.monotonic() - lastAt >= MISSING_INTERVAL) await refresh();
      return byKind.get(key);
    },

    kinds: () => [...byKind.values()],

    servedVersions: (group, kind) =>
      [...groups.values()]
        .filter((one) => one.group === group && one.resources.some((resource) => resource.kind === kind))
        .map((one) => one.version),

    isStale: (group, version) => groups.get(`${group}/${version}`)?.stale === true,
    ready: () => ready,
    refresh,

    poke() {
      for (const timer of pokes) timer.cancel();
      pokes = pokeDelays.map((delay) => clock.after(delay, () => void refresh()));
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    stop() {
      abort.abort();
      for (const timer of pokes) timer.cancel();
      listeners.clear();
    },
  };
}

/** Asks until the server has answered once. Milliseconds between attempts: 1 s. */
export async function awaitDiscovery(discovery: Discovery, clock: Clock, signal?: AbortSignal): Promise<void> {
  for (;;) {
    await discovery.refresh();
    if (discovery.ready() || signal?.aborted === true) return;
    await sleep(clock, 1_000, signal);
  }
}

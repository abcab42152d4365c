/**
 * One kind, followed for as long as it is wanted: finds its path by discovery, runs one reflector over the cluster or
 * one per namespace, lets go when the kind is no longer served and takes it up again when it is back.
 */
import type { KindRef } from "../model/resource.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { collectionPath, type ResourceInfo } from "./api-path.ts";
import type { Discovery } from "./discovery.ts";
import { createReflector, type Reflector, type ReflectorSink } from "./reflector.ts";
import type { Transport } from "./transport.ts";
import { isWatchable, type WatchSight, type WatchStateName } from "./watch-problem.ts";

export interface WatchContext {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the objects of one kind in one namespace ("" for all) go. */
export interface KindSink extends ReflectorSink {
  /** The kind is no longer served: nothing of it exists. */
  clear(): void;
}

export interface KindWatchOptions {
  readonly context: WatchContext;
  readonly kind: KindRef;
  /** Empty: the whole cluster. */
  readonly namespaces: readonly string[];
  readonly sinkOf: (namespace: string) => KindSink;
  /** Something about its sight may have changed. */
  readonly onSight: () => void;
  /** A connection works again: others that wait may try. */
  readonly onRecovered?: () => void;
}

export interface KindWatch {
  /** Of one namespace where watches are limited to namespaces, of all otherwise. */
  sight(namespace: string): WatchSight;
  /** The worst of all namespaces. */
  worst(): WatchSight;
  lastEventAt(): number | undefined;
  relists(): number;
  garbage(): number;
  nudge(): void;
  stop(): void;
}

/** Milliseconds without an event or a bookmark; the server sends a bookmark every 60 s. */
const SILENCE = 120_000;
/** Milliseconds between questions after a kind that is not served. */
const ABSENT_INTERVAL = 10_000;

const badness: readonly WatchStateName[] = ["live", "stalled", "syncing", "forbidden", "absent"];

interface Followed {
  readonly reflector: Reflector;
  readonly sink: KindSink;
}

export function createKindWatch(options: KindWatchOptions): KindWatch {
  const { context, kind, sinkOf, onSight } = options;
  const { discovery, clock } = context;
  const followed = new Map<string, Followed>();
  let resource: ResourceInfo | undefined;
  let timer: Timer | undefined;
  let stopped = false;

  const drop = (): void => {
    for (const { reflector, sink } of followed.values()) {
      reflector.stop();
      sink.clear();
    }
    followed.clear();
  };

  const follow = (found: ResourceInfo): void => {
    const scopes = found.namespaced && options.namespaces.length > 0 ? options.namespaces : [""];
    for (const namespace of scopes) {
      const path = collectionPath(found, namespace);
      if (path === undefined) continue;
      const sink = sinkOf(namespace);
      const reflector = createReflector({ ...context, kind, path, sink, onStep: () => onStep(reflector, wasRefused) });
      const wasRefused = { before: false };
      followed.set(namespace, { reflector, sink });
      reflector.start();
    }
  };

  const onStep = (reflector: Reflector, wasRefused: { before: boolean }): void => {
    const { refused, phase } = reflector.state();
    if (wasRefused.before && refused === undefined) options.onRecovered?.();
    wasRefused.before = refused !== undefined && refused.status === 0;
    if (phase.at === "waiting" && phase.why === "absent") discovery.poke();
    onSight();
  };

  const askLater = (): void => {
    timer?.cancel();
    timer = clock.after(ABSENT_INTERVAL, () => void ask());
  };

  /** Asks discovery for a kind that is not known to it, for as long as it is wanted. */
  const ask = async (): Promise<void> => {
    if (stopped) return;
    const found = await discovery.find(kind);
    if (stopped) return;
    if (found === undefined) askLater();
    resolve();
  };

  const resolve = (): void => {
    if (stopped) return;
    const found = discovery.resourceOf(kind);
    if (found === undefined && followed.size > 0 && discovery.isStale(kind.group, kind.version)) return;
    const moved = found?.plural !== resource?.plural || found?.namespaced !== resource?.namespaced;
    resource = found;
    if (found === undefined || !isWatchable(found)) {
      drop();
      if (found === undefined) askLater();
      return onSight();
    }
    timer?.cancel();
    if (moved) drop();
    if (followed.size === 0) follow(found);
    // It is served (again): a reflector that was told 404 need not wait.
    else for (const { reflector } of followed.values()) nudgeAbsent(reflector);
    onSight();
  };

  const stateOf = ({ reflector }: Followed): WatchStateName => {
    const { phase, synced } = reflector.state();
    if (phase.at === "waiting" && phase.why === "forbidden") return "forbidden";
    if (phase.at === "waiting" && phase.why === "absent") return "absent";
    if (!synced) return "syncing";
    const seen = reflector.lastSeen();
    return seen !== undefined && clock.monotonic() - seen > SILENCE ? "stalled" : "live";
  };

  const sightOf = (namespace: string, one: Followed | undefined): WatchSight => ({
    state: one === undefined ? (discovery.ready() ? "absent" : "syncing") : stateOf(one),
    resource,
    namespace,
    refused: one?.reflector.state().refused,
  });

  const forget = discovery.onChange(resolve);
  if (discovery.resourceOf(kind) === undefined) void ask();
  resolve();

  return {
    sight: (namespace) => {
      const scope = followed.has("") ? "" : namespace;
      return sightOf(scope, followed.get(scope));
    },
    worst() {
      const all = [...followed].map(([namespace, one]) => sightOf(namespace, one));
      const rank = (sight: WatchSight): number => badness.indexOf(sight.state);
      return all.toSorted((left, right) => rank(right) - rank(left))[0] ?? sightOf("", undefined);
    },
    lastEventAt() {
      const times = [...followed.values()].flatMap(({ reflector }) => reflector.lastEventAt() ?? []);
      return times.length === 0 ? undefined : Math.max(...times);
    },
    relists: () => [...followed.values()].reduce((sum, { reflector }) => sum + reflector.relists(), 0),
    garbage: () => [...followed.values()].reduce((sum, { reflector }) => sum + reflector.garbage(), 0),
    nudge() {
      for (const { reflector } of followed.values()) {
        const { phase } = reflector.state();
        // A right is not granted, nor a kind served, because a connection works.
        if (phase.at === "waiting" && phase.why === "backoff") reflector.nudge();
      }
    },
    stop() {
      stopped = true;
      forget();
      timer?.cancel();
      drop();
    },
  };
}

function nudgeAbsent(reflector: Reflector): void {
  const { phase } = reflector.state();
  if (phase.at === "waiting" && phase.why === "absent") reflector.nudge();
}

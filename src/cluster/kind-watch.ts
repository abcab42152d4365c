/**
 * One kind, followed for as long as it is wanted: finds its path by discovery, has it followed in the cluster or in
 * namespaces (`watch-scopes.ts`), lets go when the kind is no longer served and takes it up again when it is back.
 */
import type { KindRef } from "../model/resource.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { ResourceInfo } from "./api-path.ts";
import type { Discovery } from "./discovery.ts";
import type { WaitReason } from "./reflector-machine.ts";
import type { Reflector, ReflectorSink } from "./reflector.ts";
import type { Transport } from "./transport.ts";
import { isWatchable, type WatchSight, type WatchStateName } from "./watch-problem.ts";
import { createWatchScopes, type ScopeSight } from "./watch-scopes.ts";

export interface WatchContext {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the objects of one kind in one namespace ("" for all) go. */
export interface KindSink extends ReflectorSink {
  /** Nothing of it is followed any more: the kind is no longer served, or it is followed elsewhere. */
  clear(): void;
}

export interface KindWatchOptions {
  readonly context: WatchContext;
  readonly kind: KindRef;
  /** These and no others; empty: the whole cluster, or what `reach` says where that is forbidden. */
  readonly namespaces: readonly string[];
  readonly sinkOf: (namespace: string) => KindSink;
  /** Something about its sight may have changed. */
  readonly onSight: () => void;
  /** A connection works again: others that wait may try. */
  readonly onRecovered?: () => void;
  /** Milliseconds until a missing right is first asked for again. */
  readonly recheck?: number;
}

export interface KindWatch {
  /** Where objects are needed, should the whole cluster be forbidden. */
  reach(namespaces: readonly string[]): void;
  /** Of one namespace where watches are limited to namespaces, of all otherwise. */
  sight(namespace: string): WatchSight;
  /** The worst of all namespaces. */
  worst(): WatchSight;
  /** Another text whenever something is seen that was not, or not any more, in one namespace or all. */
  print(): string;
  lastEventAt(): number | undefined;
  /** As {@link Reflector.resumedAt}, the latest of all namespaces. */
  resumedAt(): number;
  relists(): number;
  garbage(): number;
  nudge(): void;
  stop(): void;
}

/** Milliseconds between questions after a kind that is not served. */
const ABSENT_INTERVAL = 10_000;

const badness: Readonly<Record<WatchStateName, number>> = { live: 0, stalled: 1, syncing: 2, forbidden: 3, absent: 4 };

export function createKindWatch(options: KindWatchOptions): KindWatch {
  const { context, kind, onSight } = options;
  const { discovery, clock } = context;
  let resource: ResourceInfo | undefined;
  let timer: Timer | undefined;
  let stopped = false;
  /** Those without a connection. */
  const cutOff = new WeakSet<Reflector>();

  const scopes = createWatchScopes({
    ...options,
    onStep(reflector) {
      const { refused, phase } = reflector.state();
      if (refused === undefined && cutOff.delete(reflector)) options.onRecovered?.();
      if (refused?.status === 0) cutOff.add(reflector);
      else cutOff.delete(reflector);
      if (phase.at === "waiting" && phase.why === "absent") discovery.poke();
      onSight();
    },
  });

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
    if (found === undefined && scopes.sights().length > 0 && discovery.isStale(kind.group, kind.version)) return;
    const moved = found?.plural !== resource?.plural || found?.namespaced !== resource?.namespaced;
    resource = found;
    if (found === undefined || !isWatchable(found)) {
      scopes.drop();
      if (found === undefined) askLater();
      return onSight();
    }
    timer?.cancel();
    if (moved) scopes.drop();
    // It is served (again): a reflector that was told 404 need not wait.
    for (const reflector of scopes.reflectors()) nudge(reflector, "absent");
    scopes.follow(found);
    onSight();
  };

  const sightOf = (one: ScopeSight | undefined, namespace: string): WatchSight => {
    const nothing: ScopeSight = {
      namespace,
      state: discovery.ready() ? "absent" : "syncing",
      refused: undefined,
    };
    return { ...(one ?? nothing), resource };
  };

  const forget = discovery.onChange(resolve);
  if (discovery.resourceOf(kind) === undefined) void ask();
  resolve();

  return {
    reach(namespaces) {
      scopes.reach(namespaces);
      onSight();
    },
    sight: (namespace) => sightOf(scopes.sight(namespace), namespace),
    worst() {
      let worst: ScopeSight | undefined;
      for (const one of scopes.sights())
        if (worst === undefined || badness[one.state] > badness[worst.state]) worst = one;
      return sightOf(worst, "");
    },
    print() {
      const sights = scopes.sights();
      const bad = sights.filter(({ state }) => state !== "live").map(({ namespace, state }) => `${namespace} ${state}`);
      return `${sights.length} ${sights[0]?.namespace ?? "-"} ${bad.join()}`;
    },
    lastEventAt() {
      const times = scopes.reflectors().flatMap((reflector) => reflector.lastEventAt() ?? []);
      return times.length === 0 ? undefined : Math.max(...times);
    },
    resumedAt: () => scopes.resumedAt(),
    relists: () => scopes.reflectors().reduce((sum, reflector) => sum + reflector.relists(), 0),
    garbage: () => scopes.reflectors().reduce((sum, reflector) => sum + reflector.garbage(), 0),
    nudge() {
      // A right is not granted, nor a kind served, because a connection works.
      for (const reflector of scopes.reflectors()) nudge(reflector, "backoff");
    },
    stop() {
      stopped = true;
      forget();
      timer?.cancel();
      scopes.drop();
    },
  };
}

function nudge(reflector: Reflector, waitsFor: WaitReason): void {
  const { phase } = reflector.state();
  if (phase.at === "waiting" && phase.why === waitsFor) reflector.nudge();
}

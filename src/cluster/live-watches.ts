/**
 * What runs, of every kind in use: one shared watch per kind and version, its objects trimmed and kept. Says what is
 * known (`view`) and why something is not; "absent" only of a kind that is seen whole. Writes nothing.
 */
import type { LiveView } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import { apiVersionOf, kindKey, type KindRef, type ResourceId } from "../model/resource.ts";
import type { Timer } from "../runtime/clock.ts";
import { isObjectNotFound } from "./api-status.ts";
import { createKindWatch, type KindSink, type KindWatch } from "./kind-watch.ts";
import { createLiveStore, type LiveStore } from "./live-store.ts";
import type { LiveWatches, LiveWatchesOptions, WatchedKind, WatchState } from "./live-watching.ts";
import { metadataOnly } from "./metadata-only.ts";
import { isManagedBy } from "./ownership-text.ts";
import { createStoragePool, trim } from "./stored-object.ts";
import { describeMissingRight, notServed, secretsNotGranted, watchProblem } from "./watch-problem.ts";

export type { LiveWatches, LiveWatchesOptions, WatchedKind, WatchState };

/** Milliseconds between looks at whether a watch went silent. */
const LOOK = 5_000;

interface Watched {
  readonly kind: KindRef;
  readonly watch: KindWatch;
  readonly stores: Map<string, LiveStore>;
  readonly whole: boolean;
  /** State and problem as last told. */
  told: string;
  turn: number;
}

export function createLiveWatches(options: LiveWatchesOptions): LiveWatches {
  const { api, clock, discovery, healthOf, log } = options;
  const pool = createStoragePool();
  const byKind = new Map<string, Watched>();
  const changeListeners = new Set<(id: ResourceId, version: string, receivedAt: number) => void>();
  const stateListeners = new Set<(state: WatchState) => void>();
  let nudging: Timer | undefined;

  /** A listener that breaks must not break the watch that tells it; that it broke is a bug and is said. */
  const guard = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      log.error({ error: String(error) }, "listener of live watches failed");
    }
  };

  const isWithheld = (kind: KindRef): boolean => !options.secrets && kind.group === "" && kind.kind === "Secret";

  /** What of it may be watched. */
  const permitted = (kind: WatchedKind): readonly WatchedKind[] => {
    if (!isWithheld(kind)) return [kind];
    const isEnough = kind.only === "metadata" || kind.atLeast === "metadata";
    return options.secretMetadata === true && isEnough ? [{ ...kind, only: "metadata" }] : [];
  };

  const stateOf = ({ kind, watch, stores, turn }: Watched): WatchState => {
    const worst = watch.worst();
    const problem = watchProblem(kind, worst, () => discovery.servedVersions(kind.group, kind.kind));
    const lastEventAt = watch.lastEventAt();
    return {
      kind,
      state: worst.state,
      turn,
      resumedAt: watch.resumedAt(),
      ...(problem === undefined ? {} : { problem }),
      ...(lastEventAt === undefined ? {} : { lastEventAt }),
      relists: watch.relists(),
      garbage: watch.garbage(),
      objects: [...stores.values()].reduce((sum, store) => sum + store.size(), 0),
    };
  };

  const look = (watched: Watched): void => {
    const now = `${watched.watch.print()} ${stateOf(watched).problem?.message ?? ""}`;
    if (now === watched.told) return;
    watched.told = now;
    watched.turn += 1;
    const state = stateOf(watched);
    log.info({ kind: kindKey(watched.kind), state: state.state, problem: state.problem?.message }, "watch state");
    for (const listener of stateListeners) guard(() => listener(state));
  };

  /** The server is back for one of us: the rest need not wait out their backoff, but neither come all at once. */
  const nudgeSoon = (): void => {
    nudging ??= clock.after(100 + clock.random() * 400, () => {
      nudging = undefined;
      for (const { watch } of byKind.values()) watch.nudge();
    });
  };

  const add = (wanted: WatchedKind): void => {
    const kind: KindRef = { group: wanted.group, version: wanted.version, kind: wanted.kind };
    const whole = wanted.only !== "metadata";
    const stores = new Map<string, LiveStore>();
    const onChange = (namespace: string, name: string, receivedAt: number): void => {
      const id = { group: kind.group, kind: kind.kind, namespace, name };
      for (const listener of changeListeners) guard(() => listener(id, kind.version, receivedAt));
    };
    const sinkOf = (namespace: string): KindSink => {
      const later = (call: () => void): void => void clock.after(0, call);
      const as = whole ? {} : { as: { apiVersion: apiVersionOf(kind), kind: kind.kind } };
      const store = createLiveStore({ healthOf, pool, onChange, later, ...as });
      stores.set(namespace, store);
      const clear = (): void => {
        store.clear();
        if (stores.get(namespace) === store) stores.delete(namespace);
      };
      return { ...store, clear };
    };
    const watch = createKindWatch({
      context: whole ? options : { ...options, transport: metadataOnly(options.transport) },
      kind,
      ...(options.recheck === undefined ? {} : { recheck: options.recheck }),
      namespaces: options.namespaces,
      sinkOf,
      // Told while it is being made, too: then it is not in the map yet, and looked at right after.
      onSight: () => {
        const watched = byKind.get(kindKey(kind));
        if (watched !== undefined && watched.watch === watch) look(watched);
      },
      onRecovered: nudgeSoon,
    });
    const watched: Watched = { kind, watch, stores, whole, told: "", turn: 0 };
    byKind.set(kindKey(kind), watched);
    look(watched);
  };

  const remove = (key: string): void => {
    byKind.get(key)?.watch.stop();
    byKind.delete(key);
  };

  let looking: Timer | undefined;
  const lookAround = (): void => {
    for (const watched of byKind.values()) look(watched);
    looking = clock.after(LOOK, lookAround);
  };
  lookAround();

  const unseen = (problem: Problem): LiveView => ({ state: "unseen", problem });

  /** As far as it is watched, whoever may see it. */
  const viewOf = (id: ResourceId, version: string): LiveView => {
    const kind = { group: id.group, version, kind: id.kind };
    const watched = byKind.get(kindKey(kind));
    if (watched === undefined) return unseen({ code: "not-synced", message: `${kindKey(kind)} is not watched` });
    const sight = watched.watch.sight(id.namespace);
    if (sight.resource?.namespaced === true && isOutside(id.namespace, options.namespaces)) {
      return unseen({ code: "forbidden", message: `the namespace "${id.namespace}" is not one that is watched` });
    }
    const problem = watchProblem(kind, sight, () => discovery.servedVersions(kind.group, kind.kind));
    if (problem !== undefined) return unseen(problem);
    const live = watched.stores.get(sight.namespace)?.get(id.namespace, id.name);
    return live === undefined ? { state: "absent" } : { state: "present", live };
  };

  return {
    ensure(kinds) {
      const wanted = new Map(kinds.flatMap(permitted).map((kind) => [kindKey(kind), kind]));
      for (const key of byKind.keys()) if (!wanted.has(key)) remove(key);
      for (const [key, kind] of wanted) {
        const whole = kind.only !== "metadata";
        if (whole && byKind.get(key)?.whole === false) remove(key);
        if (!byKind.has(key)) add(kind);
        byKind.get(key)?.watch.reach(kind.namespaces ?? []);
      }
    },

    view: (id, version) =>
      isWithheld({ group: id.group, version, kind: id.kind }) ? unseen(secretsNotGranted()) : viewOf(id, version),

    glimpse(id, version) {
      const isHidden = isWithheld({ group: id.group, version, kind: id.kind }) && options.secretMetadata !== true;
      return isHidden ? unseen(secretsNotGranted()) : viewOf(id, version);
    },

    async confirm(id, version) {
      const kind = { group: id.group, version, kind: id.kind };
      if (isWithheld(kind)) return unseen(secretsNotGranted());
      const answer = await api.get({ kind, namespace: id.namespace, name: id.name });
      if (answer.ok) return { state: "present", live: trim(answer.body, clock.now(), healthOf) };
      if (isObjectNotFound(answer)) return { state: "absent" };
      const resource = discovery.resourceOf(kind);
      if (answer.status === 403 && resource !== undefined) {
        if (kind.group === "" && kind.kind === "Secret") return unseen(secretsNotGranted());
        return unseen({ code: "forbidden", message: describeMissingRight("get", resource, id.namespace) });
      }
      if (answer.reason === "KindNotServed" || answer.status === 404) {
        return unseen(notServed(kind, discovery.servedVersions(kind.group, kind.kind)));
      }
      const code = answer.status === 0 && answer.reason === "Unreachable" ? "cluster-unreachable" : "not-synced";
      return unseen({ code, message: `could not be read: ${answer.message}` });
    },

    list(kind) {
      const watched = byKind.get(kindKey(kind));
      return watched === undefined ? [] : [...watched.stores.values()].flatMap((store) => [...store.values()]);
    },

    *names(kind) {
      for (const store of byKind.get(kindKey(kind))?.stores.values() ?? []) yield* store.names();
    },

    isManagedBy(manager, id, version) {
      const watched = byKind.get(kindKey({ group: id.group, version, kind: id.kind }));
      const { namespace } = watched?.watch.sight(id.namespace) ?? {};
      const live = namespace === undefined ? undefined : watched?.stores.get(namespace)?.get(id.namespace, id.name);
      return live !== undefined && isManagedBy(live.owners, manager);
    },

    *managedBy(manager, only) {
      for (const { kind, stores, whole } of byKind.values()) {
        if (!whole || (only !== undefined && kindKey(only) !== kindKey(kind))) continue;
        for (const store of stores.values())
          for (const found of store.managedBy(manager))
            yield found && { group: kind.group, kind: kind.kind, namespace: found[0], name: found[1] };
      }
    },

    states: () => [...byKind.values()].map(stateOf),

    onChange: (listener) => void changeListeners.add(listener),
    onState: (listener) => void stateListeners.add(listener),

    stop() {
      looking?.cancel();
      nudging?.cancel();
      const watched = [...byKind.values()];
      // First out of sight: that a watch was stopped is no news of its kind.
      byKind.clear();
      for (const { watch } of watched) watch.stop();
    },
  };
}

function isOutside(namespace: string, namespaces: readonly string[]): boolean {
  return namespaces.length > 0 && !namespaces.includes(namespace);
}

/**
 * Where the objects of one kind are followed: in the whole cluster, or, where that is forbidden, in each namespace in
 * which somebody needs them. A namespace whose own right is missing is forbidden by itself. Rights that were refused
 * are asked for again now and then, and the whole cluster is taken as soon as it may be.
 */
import type { KindRef } from "../model/resource.ts";
import type { Timer } from "../runtime/clock.ts";
import { collectionPath, type ResourceInfo } from "./api-path.ts";
import type { KindSink, WatchContext } from "./kind-watch.ts";
import type { Refused } from "./reflector-machine.ts";
import { createReflector, type Reflector } from "./reflector.ts";
import type { WatchStateName } from "./watch-problem.ts";

export interface WatchScopesOptions {
  readonly context: WatchContext;
  readonly kind: KindRef;
  /** These and no others, whatever the rights are; empty: as the rights are. */
  readonly namespaces: readonly string[];
  readonly sinkOf: (namespace: string) => KindSink;
  /** After every step of a reflector but those of plain events. */
  readonly onStep: (reflector: Reflector) => void;
  /** Milliseconds until a missing right is first asked for again. */
  readonly recheck?: number;
}

export interface ScopeSight {
  /** "" for the whole cluster. */
  readonly namespace: string;
  readonly state: WatchStateName;
  readonly refused: Refused | undefined;
}

export interface WatchScopes {
  /** Follows the kind, found at this resource; nothing where it is followed already. */
  follow(resource: ResourceInfo): void;
  /** Where objects are needed: what is followed where the whole cluster may not be. */
  reach(namespaces: readonly string[]): void;
  /** Of the whole cluster where that is followed, else of the namespace; undefined where neither is. */
  sight(namespace: string): ScopeSight | undefined;
  sights(): readonly ScopeSight[];
  /** The latest of what is followed and may be, as {@link Reflector.resumedAt}. */
  resumedAt(): number;
  reflectors(): readonly Reflector[];
  drop(): void;
}

/** Milliseconds without an event or a bookmark; the server sends a bookmark every 60 s. */
const SILENCE = 120_000;
/** Milliseconds: the first question after a right, and the longest pause between two. */
const RECHECK = 20_000;
const RECHECK_CAP = 300_000;
/** Milliseconds per namespace without its right: many of them are asked for less often. */
const RECHECK_EACH = 3_000;

interface Followed {
  readonly namespace: string;
  readonly reflector: Reflector;
  readonly sink: KindSink;
  /** Refused, and asked for again only with all the others. */
  denied: Refused | undefined;
}

function isForbidden(reflector: Reflector): boolean {
  const { phase } = reflector.state();
  return phase.at === "waiting" && phase.why === "forbidden";
}

export function createWatchScopes(options: WatchScopesOptions): WatchScopes {
  const { context, kind } = options;
  const { clock } = context;
  const followed = new Map<string, Followed>();
  let resource: ResourceInfo | undefined;
  let needed: ReadonlySet<string> = new Set();
  /** Why the whole cluster is not followed; undefined where it is. */
  let confined: Refused | undefined;
  /** Tries the whole cluster while namespaces are followed. */
  let probe: Followed | undefined;
  let asking: Timer | undefined;
  let asked = 0;

  const start = (namespace: string): Followed | undefined => {
    const path = resource === undefined ? undefined : collectionPath(resource, namespace);
    if (path === undefined) return undefined;
    const sink = options.sinkOf(namespace);
    const reflector = createReflector({ ...context, kind, path, sink, onStep: () => stepped(made) });
    const made: Followed = { namespace, reflector, sink, denied: undefined };
    return made;
  };

  const add = (namespace: string): void => {
    const made = start(namespace);
    if (made === undefined) return;
    followed.set(namespace, made);
    made.reflector.start();
  };

  const end = (one: Followed | undefined): void => {
    one?.reflector.stop();
    one?.sink.clear();
  };

  const remove = (namespace: string): void => {
    const one = followed.get(namespace);
    followed.delete(namespace);
    end(one);
  };

  const stepped = (one: Followed): void => {
    if (one === probe) probed(one);
    else if (followed.get(one.namespace) === one) settled(one);
    options.onStep(one.reflector);
  };

  const settled = (one: Followed): void => {
    const { phase, refused } = one.reflector.state();
    if (phase.at === "watching" && one.denied !== undefined) {
      one.denied = undefined;
      asked = 0;
      // Who grants a right to one namespace often does so to others.
      askAgain(true);
    }
    if (!isForbidden(one.reflector) || refused === undefined) return;
    if (one.namespace === "") confine(one, refused);
    else if (confined !== undefined) deny(one, refused);
  };

  const deny = (one: Followed, refused: Refused): void => {
    one.denied = refused;
    one.reflector.stop();
    askLater();
  };

  /** The whole cluster may not be watched: the namespaces that are needed may. */
  const confine = (wide: Followed, refused: Refused): void => {
    if (resource?.namespaced !== true || needed.size === 0) return;
    confined = refused;
    asked = 0;
    remove(wide.namespace);
    for (const namespace of needed) add(namespace);
    askLater();
  };

  const probed = (wide: Followed): void => {
    if (isForbidden(wide.reflector)) {
      probe = undefined;
      end(wide);
      askLater();
    } else if (wide.reflector.state().synced) {
      probe = undefined;
      free();
      followed.set("", wide);
    }
  };

  const free = (): void => {
    confined = undefined;
    asking?.cancel();
    asking = undefined;
    end(probe);
    probe = undefined;
    for (const namespace of followed.keys()) remove(namespace);
  };

  const askLater = (): void => {
    if (asking !== undefined || confined === undefined) return;
    const denied = [...followed.values()].filter((one) => one.denied !== undefined).length;
    const pause = Math.min(RECHECK_CAP, (options.recheck ?? RECHECK) * 2 ** Math.min(asked, 10));
    asked += 1;
    asking = clock.after(Math.max(pause, denied * RECHECK_EACH) * (1 + clock.random() / 4), () => {
      asking = undefined;
      askAgain(false);
      askLater();
    });
  };

  const askAgain = (namespacesOnly: boolean): void => {
    if (confined === undefined) return;
    for (const one of followed.values()) if (one.denied !== undefined) one.reflector.start();
    if (namespacesOnly || probe !== undefined) return;
    probe = start("");
    probe?.reflector.start();
  };

  const stateOf = ({ reflector, denied }: Followed): WatchStateName => {
    const { phase, synced } = reflector.state();
    if (denied !== undefined || isForbidden(reflector)) return "forbidden";
    if (phase.at === "waiting" && phase.why === "absent") return "absent";
    if (!synced) return "syncing";
    const seen = reflector.lastSeen();
    return seen !== undefined && clock.monotonic() - seen > SILENCE ? "stalled" : "live";
  };

  const sightOf = (one: Followed): ScopeSight => ({
    namespace: one.namespace,
    state: stateOf(one),
    refused: one.denied ?? one.reflector.state().refused,
  });

  return {
    follow(found) {
      resource = found;
      if (followed.size > 0) return;
      const fixed = found.namespaced && options.namespaces.length > 0;
      for (const namespace of fixed ? options.namespaces : [""]) add(namespace);
    },

    reach(namespaces) {
      needed = new Set(namespaces.filter((namespace) => namespace !== ""));
      if (confined === undefined) {
        const wide = followed.get("");
        if (wide !== undefined) settled(wide);
        return;
      }
      if (needed.size === 0) {
        free();
        return add("");
      }
      for (const namespace of followed.keys()) if (!needed.has(namespace)) remove(namespace);
      for (const namespace of needed) if (!followed.has(namespace)) add(namespace);
    },

    sight(namespace) {
      const one = followed.get("") ?? followed.get(namespace);
      if (one !== undefined) return sightOf(one);
      return confined === undefined ? undefined : { namespace: "", state: "forbidden", refused: confined };
    },

    sights: () => [...followed.values()].map(sightOf),
    resumedAt() {
      const open = [...followed.values()].filter((one) => stateOf(one) === "live");
      return open.reduce((latest, { reflector }) => Math.max(latest, reflector.resumedAt()), -Infinity);
    },
    reflectors: () => [...followed.values(), ...(probe === undefined ? [] : [probe])].map(({ reflector }) => reflector),
    drop: free,
  };
}

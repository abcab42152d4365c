/**
 * Which kinds are searched now, where, and whether all of them were listed: what a walk over everything waits for. Kept
 * up to date by whoever tells it that something may be otherwise; it watches nothing itself.
 */
import type { Clock } from "../runtime/clock.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { DesiredStore } from "./desired-store.ts";
import type { LivePort, SearchPort, WatchedKind } from "./ports.ts";
import { groupKind, type Reach, searchedKinds, type SearchedKind, toWatch } from "./search-kinds.ts";
import type { SearchScope } from "./strays.ts";

export interface SearchSight {
  /** By {@link groupKind}. */
  kinds(): ReadonlyMap<string, SearchedKind>;
  /** Goes up whenever {@link SearchSight.watched} may answer otherwise. */
  version(): number;
  watched(): readonly WatchedKind[];
  /** Whether anybody has a namespace searched; "" for what lives in none. */
  covers(namespace: string): boolean;
  /** Everything was listed that can be: from then on for good, while anything is searched. */
  isOpen(): boolean;
  /** Kinds, namespaces or what is listed may be others. */
  reconsider(): void;
  /** Kinds of which not everything is seen. */
  blind(): readonly SearchedKind[];
}

export interface SearchSightDeps {
  readonly live: Pick<LivePort, "states">;
  readonly search: Pick<SearchPort, "kinds">;
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly desired: Pick<DesiredStore, "kinds" | "namespaces">;
  readonly scopes: ReadonlyMap<BaselineKey, SearchScope>;
  /** What could not be listed is waited for no longer. */
  waited(): void;
}

/** Milliseconds after which what cannot be listed is waited for no longer: whose owner it may be is believed. */
export const searchPatience = 30_000;

const NOWHERE: Reach = { namespaces: [], everywhere: false };

export function createSearchSight(deps: SearchSightDeps): SearchSight {
  const { live, search, clock, desired, scopes } = deps;
  let searched: ReadonlyMap<string, SearchedKind> = new Map();
  let reach = NOWHERE;
  let reached: ReadonlySet<string> = new Set();
  let print = "";
  let version = 0;
  /** What is searched was asked to be watched. */
  let isWatched = false;
  let patientUntil = 0;
  let isOpen = false;

  const readReach = (): Reach => {
    const namespaces = new Set<string>();
    for (const key of scopes.keys()) for (const namespace of desired.namespaces(key).keys()) namespaces.add(namespace);
    const everywhere = [...scopes.values()].some(({ selects }) => selects !== undefined);
    return { namespaces: [...namespaces].sort(), everywhere };
  };

  const reconsiderKinds = (): void => {
    const next = scopes.size === 0 ? NOWHERE : readReach();
    const kinds = searchedKinds(scopes.size === 0 ? [] : search.kinds(), desired.kinds.watched(), next);
    const now = JSON.stringify([[...kinds.values()], next]);
    if (now === print) return;
    print = now;
    searched = kinds;
    reach = next;
    reached = new Set(next.namespaces);
    version += 1;
    isWatched = false;
    if (kinds.size === 0) return;
    patientUntil = clock.monotonic() + searchPatience;
    clock.after(searchPatience, deps.waited);
  };

  const states = (): ReadonlyMap<string, string> =>
    new Map(live.states().map(({ kind, state }) => [groupKind(kind), state]));

  const reconsiderSight = (): void => {
    if (scopes.size === 0) isOpen = false;
    if (isOpen || searched.size === 0) return;
    const seen = states();
    const isSettled = isWatched && ![...searched.keys()].some((key) => seen.get(key) === "syncing");
    isOpen = isSettled || clock.monotonic() >= patientUntil;
  };

  return {
    kinds: () => searched,
    version: () => version,
    watched() {
      // At another version, where it is declared at another one now.
      reconsiderKinds();
      isWatched = true;
      return toWatch(searched.values(), reach);
    },
    covers: (namespace) => reach.everywhere || reached.has(namespace),
    isOpen: () => isOpen,
    reconsider() {
      reconsiderKinds();
      reconsiderSight();
    },
    blind() {
      const seen = states();
      return [...searched.values()].filter((kind) => seen.get(groupKind(kind)) !== "live");
    },
  };
}

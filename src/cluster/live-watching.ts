/** What is said between those who have kinds watched and the watches: which kinds, how far each is seen, what changed. */
import type { ObjectApi } from "../model/api.ts";
import type { LiveObject, LiveView } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import type { KindRef, ResourceId } from "../model/resource.ts";
import type { WatchContext } from "./kind-watch.ts";
import type { HealthOf } from "./stored-object.ts";
import type { WatchStateName } from "./watch-problem.ts";

/** A kind to watch, and how. */
export interface WatchedKind extends KindRef {
  /**
   * Labels, annotations and owners are all that is asked for: the server sends, and `view` shows, nothing else. Never
   * of a kind whose objects are judged.
   */
  readonly only?: "metadata";
  /** Somebody needs no more: where no more may be read, that much is watched. */
  readonly atLeast?: "metadata";
  /** Where objects of it are needed. Watched one by one where the whole cluster may not be; absent or empty: then none is. */
  readonly namespaces?: readonly string[];
}

export interface WatchState {
  readonly kind: KindRef;
  /** The worst of all namespaces. */
  readonly state: WatchStateName;
  /** Another number whenever something came into or went out of sight, be it in one namespace. */
  readonly turn: number;
  /** Why it is not `live`. */
  readonly problem?: Problem;
  /** As {@link KindWatch.resumedAt}. */
  readonly resumedAt: number;
  /** Milliseconds since the epoch of the last sign of life: an event, a bookmark, a stream taken up. */
  readonly lastEventAt?: number;
  /** Full listings after the first. */
  readonly relists: number;
  /** Watch lines that were no event, each of which made a full listing. */
  readonly garbage: number;
  readonly objects: number;
}

export interface LiveWatches {
  /** Exactly these kinds are watched from now on. Whole objects, once watched, stay whole. */
  ensure(kinds: readonly WatchedKind[]): void;
  /** What is known now; asks nobody. */
  view(id: ResourceId, version: string): LiveView;
  /** One GET. */
  confirm(id: ResourceId, version: string): Promise<LiveView>;
  /** As {@link LiveWatches.view}; of Secrets their metadata, where no more may be read and that is watched. */
  glimpse(id: ResourceId, version: string): LiveView;
  /** Namespace ("" for none) and name of each object of a kind as last known: none is decoded. */
  names(kind: KindRef): Iterable<readonly [namespace: string, name: string]>;
  /** Objects of a kind as last known; empty while nothing was listed. */
  list(kind: KindRef): readonly LiveObject[];
  /** Whether the manager owns something of the object, as last known; cheap enough to ask at every change. */
  isManagedBy(manager: string, id: ResourceId, version: string): boolean;
  /** Objects of which the manager owns something, of one kind or of all; undefined for each of the others. */
  managedBy(manager: string, kind?: KindRef): Iterable<ResourceId | undefined>;
  states(): readonly WatchState[];
  /**
   * An object's content or signals changed, or it went. Not called for the first listing of a kind, which nobody can
   * have judged before: `onState` says that it is live. `receivedAt`: milliseconds since the epoch.
   */
  onChange(listener: (id: ResourceId, version: string, receivedAt: number) => void): void;
  /** A kind's state or turn changed: every object of the kind is to be looked at again. */
  onState(listener: (state: WatchState) => void): void;
  stop(): void;
}

export interface LiveWatchesOptions extends WatchContext {
  readonly api: ObjectApi;
  readonly healthOf: HealthOf;
  /** Watch only these; empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** False: Secrets are not even asked for. */
  readonly secrets: boolean;
  /** True: of Secrets that may not be read, the metadata may be. */
  readonly secretMetadata?: boolean;
  /** Milliseconds until a right that is missing is first asked for again, where namespaces are followed one by one. */
  readonly recheck?: number;
}

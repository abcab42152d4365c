/**
 * What verdicts may know of the world beyond the pair they look at: autoscalers and namespaces, read from the live
 * store. A kind that may not be read says nothing; it never makes an object unknown.
 */
import { getStrings } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import { idKey, kindKey, type IdKey, type KindRef, type ResourceId } from "../model/resource.ts";
import type { Clock } from "../runtime/clock.ts";
import type { DecideInput } from "../verdict/decide.ts";
import {
  type Autoscaler,
  type AutoscalerKind,
  autoscalerKinds,
  isAutoscaler,
  type ReadAutoscaler,
  readAutoscaler,
} from "./autoscaler-kinds.ts";
import type { LivePort, SchemaPort, WatchedKind, WatchedState, WatchState } from "./ports.ts";

export type Facts = DecideInput["facts"];

export const namespaceKind: KindRef = { group: "", version: "v1", kind: "Namespace" };

interface Sight {
  readonly state: WatchState;
  readonly turn: number | undefined;
  /** Monotonic milliseconds at which it was first told to be in this state. */
  readonly since: number;
}

interface NamespaceFacts {
  /** What they were read from: the same object says the same. */
  readonly live: LiveObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Milliseconds for which the bounds an autoscaler had still count beside those it has: it looks every 15 s, and what it
 * has not moved yet is no drift. Source: kube-controller-manager, --horizontal-pod-autoscaler-sync-period.
 */
export const boundsLinger = 30_000;

/**
 * Milliseconds after which a watch of autoscalers that was taken up again has brought what it missed: the events come
 * at once, but an API server's cache of one kind may lag behind that of another.
 */
export const autoscalersSettle = 10_000;

/** Milliseconds for which a stalled watch of autoscalers is waited for: what is scaled meanwhile has to be told some day. */
export const stallPatience = 60_000;

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Monotonic milliseconds until which they count. */
  readonly until: number;
}

export class FactStore {
  readonly #live: LivePort;
  readonly #schemas: SchemaPort;
  readonly #clock: Pick<Clock, "monotonic">;
  /** Per kind, as last seen while its watch was live: a stalled watch lists nothing, and that says nothing. */
  readonly #read = new Map<string, readonly ReadAutoscaler[]>();
  /** Rebuilt when asked after something changed: autoscalers are few, and read far more often than they change. */
  #byTarget: ReadonlyMap<IdKey, readonly ReadAutoscaler[]> | undefined;
  #byId: ReadonlyMap<IdKey, ReadAutoscaler> = new Map();
  /** What an autoscaler's bounds were a moment ago, by its own id. */
  readonly #left = new Map<IdKey, Bounds>();
  /** What an autoscaler says, by the object it was read from. */
  readonly #parsed = new WeakMap<LiveObject, { readonly read: ReadAutoscaler | undefined }>();
  #states: ReadonlyMap<string, Sight> = new Map();
  readonly #namespaces = new Map<string, NamespaceFacts>();
  readonly facts: Facts;

  constructor(live: LivePort, schemas: SchemaPort, clock: Pick<Clock, "monotonic">) {
    this.#live = live;
    this.#schemas = schemas;
    this.#clock = clock;
    this.facts = {
      autoscalers: (target) => (this.#index().get(idKey(target)) ?? []).map((read) => this.#lingering(read)),
      autoscalersSeen: () => this.#autoscalerWatches().every(isSeeing),
      autoscalersSettled: () => this.#autoscalerWatches().every((watch) => this.#isSettled(watch)),
      namespaceLabels: (name) => this.#namespace(name)?.labels,
      namespaceAnnotations: (name) => this.#namespace(name)?.annotations,
      live: (id, version) => this.#live.view(id, version),
    };
  }

  /** Kinds to watch although nobody declares them. */
  contextKinds(scalable: boolean): readonly WatchedKind[] {
    const served = autoscalerKinds.filter((kind) => scalable && this.#schemas.scopeOf(kind) !== undefined);
    return [
      { ...namespaceKind, only: "metadata" },
      ...served.map(({ group, version, kind }) => ({ group, version, kind })),
    ];
  }

  /** Whether what we know of autoscalers is not all there yet. Refused or not served: there is nothing to wait for. */
  awaitsAutoscalers(): boolean {
    return this.contextKinds(true).some((kind) => kind.kind !== "Namespace" && this.#awaits(kind));
  }

  awaitsNamespaces(): boolean {
    return this.#awaits(namespaceKind);
  }

  /** Reads the states of the watches again; returns the kinds whose state is another than before. */
  watchesChanged(): readonly KindRef[] {
    const states = this.#live.states();
    const changed = states.filter(({ kind, state, turn }) => {
      const before = this.#states.get(kindKey(kind));
      return before?.state !== state || before.turn !== turn;
    });
    this.#states = new Map(states.map((watch) => [kindKey(watch.kind), this.#sightOf(watch)]));
    if (changed.some(({ kind }) => isAutoscaler(kind))) this.#byTarget = undefined;
    return changed.map(({ kind }) => kind);
  }

  /** An object changed: the targets it scales now, or did. */
  autoscalerChanged(id: ResourceId): readonly IdKey[] {
    if (!isAutoscaler(id)) return [];
    this.#index();
    const before = this.#byId.get(idKey(id));
    this.#byTarget = undefined;
    this.#index();
    const after = this.#byId.get(idKey(id));
    this.#leave(before, after);
    return [...new Set([before?.target, after?.target])].filter((target) => target !== undefined);
  }

  /** Bounds it had still count: what it scales is to be looked at again after {@link boundsLinger}. */
  boundsMoved(id: ResourceId): boolean {
    return this.#left.has(idKey(id));
  }

  #leave(before: ReadAutoscaler | undefined, after: ReadAutoscaler | undefined): void {
    if (before === undefined) return;
    if (after?.target !== before.target) {
      this.#left.delete(before.id);
      return;
    }
    const { min, max } = before.autoscaler;
    if (min === after.autoscaler.min && max === after.autoscaler.max) return;
    this.#left.set(before.id, { min, max, until: this.#clock.monotonic() + boundsLinger });
  }

  #lingering({ id, autoscaler }: ReadAutoscaler): Autoscaler {
    const left = this.#left.get(id);
    if (left === undefined) return autoscaler;
    if (left.until <= this.#clock.monotonic()) {
      this.#left.delete(id);
      return autoscaler;
    }
    return { ...autoscaler, min: Math.min(left.min, autoscaler.min), max: Math.max(left.max, autoscaler.max) };
  }

  /** An object changed: true where it is a namespace whose labels or annotations are others than before. */
  namespaceChanged(id: ResourceId): boolean {
    if (id.group !== "" || id.kind !== "Namespace") return false;
    const known = this.#namespaces.get(id.name);
    return textOf(known) !== textOf(this.#namespace(id.name));
  }

  #sightOf({ kind, state, turn }: WatchedState): Sight {
    const before = this.#states.get(kindKey(kind));
    return { state, turn, since: before?.state === state ? before.since : this.#clock.monotonic() };
  }

  #autoscalerWatches(): readonly WatchedState[] {
    return this.#live.states().filter(({ kind }) => isAutoscaler(kind));
  }

  #isSettled(watch: WatchedState): boolean {
    const { kind, state, resumedAt = -Infinity } = watch;
    const now = this.#clock.monotonic();
    if (state !== "stalled") return isSeeing(watch) && now - resumedAt >= autoscalersSettle;
    const told = this.#states.get(kindKey(kind));
    return told?.state === "stalled" && now - told.since >= stallPatience;
  }

  #awaits(kind: KindRef): boolean {
    const state = this.#states.get(kindKey(kind))?.state;
    return state === undefined || state === "syncing";
  }

  #namespace(name: string): NamespaceFacts | undefined {
    const view = this.#live.view({ group: "", kind: "Namespace", namespace: "", name }, namespaceKind.version);
    if (view.state === "unseen") return this.#namespaces.get(name);
    if (view.state === "absent") {
      this.#namespaces.delete(name);
      return undefined;
    }
    const { live } = view;
    const known = this.#namespaces.get(name);
    if (known?.live === live) return known;
    const { metadata } = live.object;
    const facts = { live, labels: getStrings(metadata, "labels"), annotations: getStrings(metadata, "annotations") };
    this.#namespaces.set(name, facts);
    return facts;
  }

  #index(): ReadonlyMap<IdKey, readonly ReadAutoscaler[]> {
    if (this.#byTarget !== undefined) return this.#byTarget;
    const byTarget = new Map<IdKey, ReadAutoscaler[]>();
    const byId = new Map<IdKey, ReadAutoscaler>();
    for (const kind of autoscalerKinds) {
      for (const read of this.#list(kind)) {
        byTarget.set(read.target, [...(byTarget.get(read.target) ?? []), read]);
        byId.set(read.id, read);
      }
    }
    this.#byTarget = byTarget;
    this.#byId = byId;
    return byTarget;
  }

  #parse(kind: AutoscalerKind, live: LiveObject): ReadAutoscaler | undefined {
    const known = this.#parsed.get(live);
    if (known !== undefined) return known.read;
    const read = readAutoscaler(kind, live);
    this.#parsed.set(live, { read });
    return read;
  }

  #list(kind: AutoscalerKind): readonly ReadAutoscaler[] {
    const key = kindKey(kind);
    // As it is, not as it was told last: of what was just heard nobody needs to be told that it can be heard.
    const state = this.#live.states().find((one) => kindKey(one.kind) === key)?.state;
    if (state === "stalled" || state === "syncing") return this.#read.get(key) ?? [];
    const listed =
      state === "live" ? this.#live.list({ group: kind.group, version: kind.version, kind: kind.kind }) : [];
    const read = listed.map((live) => this.#parse(kind, live)).filter((found) => found !== undefined);
    this.#read.set(key, read);
    return read;
  }
}

/** False where something may be there that is not known yet. Refused or not served: there is nothing to wait for. */
const isSeeing = ({ state, resumedAt }: WatchedState): boolean =>
  state !== "syncing" && state !== "stalled" && resumedAt !== Infinity;

const textOf = (facts: NamespaceFacts | undefined): string =>
  facts === undefined ? "" : JSON.stringify([facts.labels, facts.annotations]);

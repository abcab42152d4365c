/**
 * A cluster in memory, behind the engine's `LivePort`: objects, kinds that are served or refused, watches that follow
 * what is asked for. Counts the confirming GETs. Speaks only when told to: `told` hears what the real watches would say.
 */
import type { LivePort, WatchedState, WatchState } from "../../../src/engine/ports.ts";
import { formatJson } from "../../../src/model/json.ts";
import type { HealthState, LiveObject, LiveView } from "../../../src/model/live.ts";
import {
  idKey,
  idOf,
  kindKey,
  kindRef,
  type KindRef,
  type KubeObject,
  type ResourceId,
} from "../../../src/model/resource.ts";
import type { Clock } from "../../../src/runtime/clock.ts";

export interface Told {
  changed(id: ResourceId, version: string, receivedAt: number): void;
  states(): void;
}

export type Scope = "Namespaced" | "Cluster";

const served: readonly (readonly [string, Scope])[] = [
  ["v1/Namespace", "Cluster"],
  ["v1/ConfigMap", "Namespaced"],
  ["v1/Secret", "Namespaced"],
  ["apps/v1/Deployment", "Namespaced"],
  ["autoscaling/v2/HorizontalPodAutoscaler", "Namespaced"],
];

export class FakeLive implements LivePort {
  readonly #clock: Clock;
  readonly #objects = new Map<string, LiveObject>();
  readonly #scopes = new Map<string, Scope>(served);
  readonly #forced = new Map<string, WatchState>();
  /** Of kinds whose watch broke: what was seen last, until it has caught up. */
  readonly #behind = new Map<string, ReadonlyMap<string, LiveObject>>();
  readonly #resumed = new Map<string, number>();
  #watched = new Map<string, KindRef>();
  #versions = 0;
  told: Told | undefined;
  /** How many GETs confirmed an absence. */
  confirmed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ensure(kinds: readonly KindRef[]): void {
    this.#watched = new Map(kinds.map((kind) => [kindKey(kind), kind]));
    // The real watches answer later as well.
    queueMicrotask(() => this.told?.states());
  }

  view(id: ResourceId, version: string): LiveView {
    const kind = { group: id.group, version, kind: id.kind };
    const state = this.#stateOf(kind);
    const live = this.#objects.get(idKey(id));
    if (state === "absent") return unseen("kind-not-served", `${id.kind} is not served`);
    if (state === "forbidden") return unseen("forbidden", `list and watch of ${id.kind} are refused`);
    if (state === "syncing") return unseen("not-synced", `${id.kind} is not synced`);
    return live === undefined ? { state: "absent" } : { state: "present", live };
  }

  confirm(id: ResourceId, version: string): Promise<LiveView> {
    this.confirmed += 1;
    return Promise.resolve(this.view(id, version));
  }

  list(kind: KindRef): readonly LiveObject[] {
    if (this.#stateOf(kind) !== "live") return [];
    return [...(this.#behind.get(kindKey(kind)) ?? this.#objects).values()].filter(
      ({ object }) => kindKey(kindRef(object.apiVersion, object.kind)) === kindKey(kind),
    );
  }

  states(): readonly WatchedState[] {
    return [...this.#watched.values()].map((kind) => {
      const resumedAt = this.#resumed.get(kindKey(kind));
      return { kind, state: this.#stateOf(kind), ...(resumedAt === undefined ? {} : { resumedAt }) };
    });
  }

  scopeOf(kind: KindRef): Scope | undefined {
    return this.#scopes.get(kindKey(kind));
  }

  watchedKinds(): readonly string[] {
    return [...this.#watched.keys()].sort();
  }

  get(id: ResourceId): KubeObject | undefined {
    return this.#objects.get(idKey(id))?.object;
  }

  all(): readonly KubeObject[] {
    return [...this.#objects.values()].map(({ object }) => object);
  }

  /** Writes an object, as `kubectl apply` or an edit does. A new one gets a new uid. */
  write(object: KubeObject, owners?: string): void {
    const id = idOf(object);
    const before = this.#objects.get(idKey(id));
    if (before !== undefined && formatJson(before.object) === formatJson(object)) return;
    this.#versions += 1;
    this.#objects.set(idKey(id), {
      object,
      uid: before?.uid ?? `uid-${this.#versions}`,
      resourceVersion: String(this.#versions),
      managedFields: owners ?? ownedBy(before === undefined ? "kubectl-create" : "kubectl-edit"),
      health: { state: "healthy" },
      receivedAt: this.#clock.now(),
    });
    this.#tell(id, object.apiVersion);
  }

  /** Its controller writes how it fares. */
  fare(id: ResourceId, state: HealthState): void {
    const live = this.#objects.get(idKey(id));
    if (live === undefined) throw new Error(`no ${idKey(id)}`);
    this.#versions += 1;
    const health = state === "healthy" ? { state } : { state, reason: `it is ${state}` };
    this.#objects.set(idKey(id), { ...live, health, resourceVersion: String(this.#versions) });
    this.#tell(id, live.object.apiVersion);
  }

  remove(id: ResourceId): void {
    const object = this.get(id);
    if (object === undefined) return;
    this.#objects.delete(idKey(id));
    this.#tell(id, object.apiVersion);
  }

  serve(kind: string, scope: Scope | undefined): void {
    if (scope === undefined) this.#scopes.delete(kind);
    else this.#scopes.set(kind, scope);
    this.told?.states();
  }

  /** Holds a kind's watch in a state; undefined lets it go. */
  force(kind: string, state: WatchState | undefined): void {
    if (state === undefined) this.#forced.delete(kind);
    else this.#forced.set(kind, state);
    this.told?.states();
  }

  /** A kind's watch breaks; nobody notices yet, and nothing more is heard. */
  cut(kind: string): void {
    this.#behind.set(kind, new Map(this.#objects));
    this.#resumed.set(kind, Infinity);
  }

  /** It is taken up again; what was missed is on its way. */
  takeUp(kind: string): void {
    this.#resumed.set(kind, this.#clock.monotonic());
  }

  /** What was missed arrives. */
  catchUp(kind: string): void {
    const before = this.#behind.get(kind) ?? this.#objects;
    this.#behind.delete(kind);
    for (const [key, live] of this.#objects)
      if (before.get(key) !== live) this.#tell(idOf(live.object), live.object.apiVersion);
    for (const [key, { object }] of before) if (!this.#objects.has(key)) this.#tell(idOf(object), object.apiVersion);
  }

  #stateOf(kind: KindRef): WatchState {
    const key = kindKey(kind);
    if (!this.#scopes.has(key)) return "absent";
    return this.#forced.get(key) ?? (this.#watched.has(key) ? "live" : "syncing");
  }

  #tell(id: ResourceId, apiVersion: string): void {
    const kind = kindRef(apiVersion, id.kind);
    if (this.#behind.has(kindKey(kind))) return;
    if (this.#watched.has(kindKey(kind)) && this.#stateOf(kind) === "live")
      this.told?.changed(id, kind.version, this.#clock.now());
  }
}

function ownedBy(manager: string): string {
  return JSON.stringify([{ manager, operation: "Update", fieldsType: "FieldsV1", fieldsV1: { "f:metadata": {} } }]);
}

/** As kube-controller-manager's autoscaler does, or whoever else scales. */
export function scaledBy(manager: string): string {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  return JSON.stringify([{ manager, operation: "Update", subresource: "scale", fieldsType: "FieldsV1", fieldsV1 }]);
}

function unseen(code: "kind-not-served" | "forbidden" | "not-synced", message: string): LiveView {
  return { state: "unseen", problem: { code, message } };
}

/** The world that declared objects are held against: a cluster, or files. Both answer the same questions. */
import type { Facts } from "../../compare/facts.ts";
import type { SchemaIndex } from "../../compare/schema-index.ts";
import { FactStore } from "../../engine/fact-store.ts";
import { getString } from "../../model/json.ts";
import type { LiveObject, LiveView } from "../../model/live.ts";
import type { Problem } from "../../model/problem.ts";
import {
  apiVersionOf,
  idKey,
  idOf,
  type KindRef,
  kindKey,
  type KubeObject,
  type ResourceId,
} from "../../model/resource.ts";
import type { KindSchema } from "../../model/schema.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Scope } from "../schema-files.ts";

export interface World {
  scopeOf(kind: KindRef): Scope | undefined;
  schemaFor(kind: KindRef): Promise<KindSchema | Problem>;
  view(id: ResourceId, version: string): Promise<LiveView>;
  /** Live objects that a label selector matches: all of a dump; of a cluster, those of the given kinds and namespaces. */
  select(selector: string, among: Among): Promise<Selected>;
  readonly facts: Facts;
  /** False where live objects may have been stripped of their `managedFields`. */
  readonly tracked: boolean;
}

export interface Among {
  readonly kinds: readonly KindRef[];
  readonly namespaces: readonly string[];
}

export interface Selected {
  readonly objects: readonly LiveObject[];
  /** Kinds that could not be listed. */
  readonly problems: readonly Problem[];
}

/** Kinds that say something about other objects. */
export const contextKinds: readonly KindRef[] = [
  { group: "", version: "v1", kind: "Namespace" },
  { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" },
  { group: "keda.sh", version: "v1alpha1", kind: "ScaledObject" },
];

/** Facts from objects that are all here already. */
export function factsOf(objects: readonly LiveObject[]): Facts {
  const byId = new Map(objects.map((live) => [idKey(idOf(live.object)), live]));
  const kinds = new Set(objects.map(({ object }) => object.kind));
  const store = new FactStore(
    {
      ensure: () => {},
      view: (id) => {
        const live = byId.get(idKey(id));
        if (live !== undefined) return { state: "present", live };
        // Where none was read, nobody may have been let.
        return contextKinds.some(({ group, kind }) => group === id.group && kind === id.kind) && kinds.has(id.kind)
          ? { state: "absent" }
          : { state: "unseen", problem: { code: "not-synced", message: `${id.kind} was not read` } };
      },
      confirm: () => Promise.resolve({ state: "absent" }),
      list: (kind) =>
        objects.filter(({ object }) => object.apiVersion === apiVersionOf(kind) && object.kind === kind.kind),
      states: () => contextKinds.map((kind) => ({ kind, state: "live" })),
    },
    { schemaFor: () => "loading", scopeOf: () => "Namespaced" },
    systemClock,
  );
  store.watchesChanged();
  return store.facts;
}

const CRD = "CustomResourceDefinition";

/** Schemas of declared definitions count, also where the cluster has another one, or none yet. */
export function addDefinitions(index: SchemaIndex, declared: readonly DesiredObject[]): void {
  for (const { object } of declared) if (object.kind === CRD) index.addCrd(object);
}

/** Scopes that definitions give, by `group/kind`; the first one counts. */
export function scopesOfDefinitions(objects: Iterable<KubeObject>): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const object of objects) {
    if (object.kind !== CRD) continue;
    const scope = getString(object, "spec", "scope");
    const key = groupKind({
      group: getString(object, "spec", "group") ?? "",
      kind: getString(object, "spec", "names", "kind") ?? "",
    });
    if ((scope === "Namespaced" || scope === "Cluster") && !scopes.has(key)) scopes.set(key, scope);
  }
  return scopes;
}

export const groupKind = (kind: { readonly group: string; readonly kind: string }): string =>
  `${kind.group}/${kind.kind}`;

export const notServed = (kind: KindRef, where: string): Problem => ({
  code: "kind-not-served",
  message: `${where} knows no ${kindKey(kind)}`,
});

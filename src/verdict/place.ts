/**
 * Where each declared object will live: namespaces filled in and dropped as `kubectl apply -n` does, ids made again,
 * duplicates found. Changes nothing else. An object that names another namespace keeps it.
 */
import { placedIn } from "../model/desired.ts";
import { getString } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, idKey, kindRef, type IdKey, type KindRef } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";

export type Scope = "Namespaced" | "Cluster";

export interface PlaceOptions {
  /** For objects of namespaced kinds that name none. */
  readonly targetNamespace: string;
  /** Undefined where the kind is not served (yet): CRDs among the objects are asked next. */
  scopeOf(kind: KindRef): Scope | undefined;
}

export interface Placed {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
}

/** The kind that a CRD defines, as `group/kind`, and its scope; undefined where it does not say. */
export function crdScope(crd: DesiredObject): { readonly kind: string; readonly scope: Scope } | undefined {
  const { object } = crd;
  const group = getString(object, "spec", "group");
  const kind = getString(object, "spec", "names", "kind");
  const scope = getString(object, "spec", "scope");
  if (group === undefined || kind === undefined || (scope !== "Namespaced" && scope !== "Cluster")) return undefined;
  return { kind: `${group}/${kind}`, scope };
}

/** Scopes that CRDs among the objects give, by `group/kind`. */
function scopesOf(objects: readonly DesiredObject[]): ReadonlyMap<string, Scope> {
  const crds = objects.filter(({ id }) => id.kind === "CustomResourceDefinition");
  return new Map(crds.flatMap((crd) => crdScope(crd) ?? []).map(({ kind, scope }) => [kind, scope]));
}

/** One object where it will live: the very same instance where that is what it says. */
export function placeOne(declared: DesiredObject, scope: Scope | undefined, targetNamespace: string): DesiredObject {
  if (scope === "Cluster") return declared.namespaced ? placedIn(declared, "") : declared;
  return scope === "Namespaced" && declared.id.namespace === "" ? placedIn(declared, targetNamespace) : declared;
}

const placeText = ({ source }: DesiredObject): string => `${source.file}:${source.line}`;

/** Two objects of one id: nobody can say which is meant, so neither is judged and both places are named. */
export function placeObjects(objects: readonly DesiredObject[], options: PlaceOptions): Placed {
  const scopes = scopesOf(objects);
  const byId = new Map<IdKey, DesiredObject[]>();
  for (const declared of objects) {
    const kind = kindRef(declared.apiVersion, declared.id.kind);
    const scope = options.scopeOf(kind) ?? scopes.get(`${kind.group}/${kind.kind}`);
    const placed = placeOne(declared, scope, options.targetNamespace);
    const key = idKey(placed.id);
    const same = byId.get(key);
    if (same === undefined) byId.set(key, [placed]);
    else same.push(placed);
  }
  const kept: DesiredObject[] = [];
  const problems: Problem[] = [];
  for (const [first, ...others] of byId.values()) {
    if (first === undefined) continue;
    if (others.length === 0) kept.push(first);
    else problems.push(duplicate(first, others));
  }
  return { objects: kept, problems };
}

/** That several objects of one id cannot be told apart. */
export function duplicate(first: DesiredObject, others: readonly DesiredObject[]): Problem {
  return {
    code: "duplicate-id",
    message: `declared ${others.length + 1} times: ${[first, ...others].map(placeText).join(", ")}; none of them is judged`,
    file: first.source.file,
    line: first.source.line,
    object: formatId(first.id),
  };
}

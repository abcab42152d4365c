/**
 * What an object is called. An id is {group, kind, namespace, name}; the version is an attribute, because the
 * same object can be read at several. Nothing here knows how an object is fetched.
 */
import { getString, isObject, type Json, type JsonObject } from "./json.ts";

/** An object as the API server or a file gives it: any kind, no field left out. */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject;
}

export interface ResourceId {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

export interface KindRef {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A {@link ResourceId} as one string, for maps and queues: `group/kind/namespace/name`. No part can hold a slash. */
export type IdKey = string & { readonly __brand: "IdKey" };

export function idKey(id: ResourceId): IdKey {
  return `${id.group}/${id.kind}/${id.namespace}/${id.name}` as IdKey;
}

export function parseIdKey(key: IdKey): ResourceId {
  const [group = "", kind = "", namespace = "", name = ""] = key.split("/");
  return { group, kind, namespace, name };
}

/** `apps/v1` + `Deployment` → {group: apps, version: v1, kind: Deployment}; `v1` has the empty group. */
export function kindRef(apiVersion: string, kind: string): KindRef {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

export function apiVersionOf(ref: { readonly group: string; readonly version: string }): string {
  return ref.group === "" ? ref.version : `${ref.group}/${ref.version}`;
}

/** `apps/v1/Deployment`: one string per kind and version. */
export function kindKey(ref: KindRef): string {
  return `${apiVersionOf(ref)}/${ref.kind}`;
}

/** For people: `Deployment shop/web`, `ClusterRole admin`. */
export function formatId(id: ResourceId): string {
  return id.namespace === "" ? `${id.kind} ${id.name}` : `${id.kind} ${id.namespace}/${id.name}`;
}

export function isKubeObject(value: Json | undefined): value is KubeObject {
  return (
    isObject(value) &&
    typeof value["apiVersion"] === "string" &&
    typeof value["kind"] === "string" &&
    isObject(value["metadata"])
  );
}

/** The id of an object as it stands; a missing namespace is the empty one. */
export function idOf(object: KubeObject): ResourceId {
  return {
    group: kindRef(object.apiVersion, object.kind).group,
    kind: object.kind,
    namespace: getString(object.metadata, "namespace") ?? "",
    name: getString(object.metadata, "name") ?? "",
  };
}

/**
 * Where an object lives on the API server. A name is encoded, never changed: upper case, colons and dots stay. A name
 * that could lead elsewhere (`..`, a slash, a percent sign) makes no path at all: the server would decode it first.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
 */
import type { KindRef } from "../model/resource.ts";

/** A kind as the server serves it. */
export interface ResourceInfo extends KindRef {
  /** As in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export function isPathSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && !/[/%\0]/.test(text);
}

/** `/api/v1`, `/apis/apps/v1`; undefined where a part is no path segment. */
export function groupVersionPath(ref: { readonly group: string; readonly version: string }): string | undefined {
  if (!isPathSegment(ref.version) || (ref.group !== "" && !isPathSegment(ref.group))) return undefined;
  const version = encodeURIComponent(ref.version);
  return ref.group === "" ? `/api/${version}` : `/apis/${encodeURIComponent(ref.group)}/${version}`;
}

/** Path of the objects of a kind, in one namespace or, where it is "", in all; undefined where none can be made. */
export function collectionPath(resource: ResourceInfo, namespace: string): string | undefined {
  const base = groupVersionPath(resource);
  if (base === undefined || !isPathSegment(resource.plural)) return undefined;
  if (namespace !== "" && (!resource.namespaced || !isPathSegment(namespace))) return undefined;
  const within = namespace === "" ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${base}${within}/${encodeURIComponent(resource.plural)}`;
}

/** Path of one object; undefined where its name, or its namespace, cannot be one. */
export function objectPath(
  resource: ResourceInfo,
  ref: { readonly namespace: string; readonly name: string; readonly subresource?: string },
): string | undefined {
  if (resource.namespaced !== (ref.namespace !== "") || !isPathSegment(ref.name)) return undefined;
  const collection = collectionPath(resource, ref.namespace);
  if (collection === undefined) return undefined;
  const path = `${collection}/${encodeURIComponent(ref.name)}`;
  if (ref.subresource === undefined) return path;
  const segments = ref.subresource.split("/");
  if (!segments.every(isPathSegment)) return undefined;
  return `${path}/${segments.map((segment) => encodeURIComponent(segment)).join("/")}`;
}

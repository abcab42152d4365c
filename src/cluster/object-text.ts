/**
 * An object as JSON text, without what changes at every write and without what all objects of its kind share: the part
 * of it that says something. Two versions with the same text have the same content. `unpack` makes the object again.
 */
import { formatJson, getString, parseJson, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";

export interface PackedObject {
  /** Without status, managed fields, apiVersion, kind, uid, resourceVersion and generation. */
  readonly text: string;
  /** Undefined where the object says none: it is a file's. */
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly generation: number | undefined;
}

/** Natively: only an integer that no double holds makes that throw, and needs the slower way. */
export function jsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return formatJson(value);
  }
}

export function packObject(object: KubeObject): PackedObject {
  const { status: _status, apiVersion: _apiVersion, kind: _kind, ...kept } = object;
  const { managedFields: _, uid, resourceVersion, generation, ...metadata } = object.metadata;
  // One of another type than the API's is content like any other.
  const odd: Record<string, Json> = {};
  if (uid !== undefined && typeof uid !== "string") odd["uid"] = uid;
  if (resourceVersion !== undefined && typeof resourceVersion !== "string") odd["resourceVersion"] = resourceVersion;
  if (generation !== undefined && typeof generation !== "number") odd["generation"] = generation;
  return {
    text: jsonText({ ...kept, metadata: { ...metadata, ...odd } }),
    uid: getString(object.metadata, "uid"),
    resourceVersion: getString(object.metadata, "resourceVersion"),
    generation: typeof generation === "number" ? generation : undefined,
  };
}

export function unpackObject(
  { text, uid, resourceVersion, generation }: PackedObject,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): KubeObject {
  const { metadata, ...rest } = parseJson(text) as { readonly metadata: JsonObject };
  return {
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      ...(generation === undefined ? {} : { generation }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...rest,
  };
}

/**
 * What `managedFields` themselves say of who set a place, read apart from `src/compare`: the raw entries before an edit
 * and after it. Somebody who only took something away is in no entry.
 */
import { formatJson, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { Path, PathElement } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Type, Types } from "./types.ts";

export interface RawEntry {
  readonly manager: string;
  readonly operation: string;
  readonly time: string;
  readonly fields: JsonObject;
}

export function rawEntries(object: KubeObject): readonly RawEntry[] {
  const entries = object.metadata["managedFields"];
  return (isArray(entries) ? entries : []).map((entry) => {
    const fields = isObject(entry) ? entry["fieldsV1"] : undefined;
    return {
      manager: getString(entry, "manager") ?? "",
      operation: getString(entry, "operation") ?? "",
      time: getString(entry, "time") ?? "",
      fields: isObject(fields) ? fields : {},
    };
  });
}

/** Keys in the order of the alphabet, as the server writes them. */
function sorted(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function keyOf(element: PathElement): string {
  switch (element.type) {
    case "field":
      return `f:${element.name}`;
    case "key":
      return `k:${formatJson(sorted(element.keys))}`;
    case "value":
      return `v:${formatJson(element.value)}`;
    case "index":
      return `i:${element.index}`;
  }
}

/** How much of a path leads to the outermost thing that is merged as a whole; all of it where nothing on it is. */
export function wholeLength(types: Types, root: Type, path: Path): number {
  let type = root;
  for (const [depth, element] of path.entries()) {
    if (element.type === "index" || type.schema["x-kubernetes-map-type"] === "atomic") return depth;
    type = element.type === "field" ? types.under(type, element.name) : types.item(type);
  }
  return path.length;
}

/**
 * True where the entry holds the place or something in it. A leaf on the way there holds what is below it only where it
 * is merged as a whole: an entry for a map does not hold what is in it.
 * @param whole as of {@link wholeLength}
 */
export function holds(fields: JsonObject, path: Path, whole: number): boolean {
  let at: JsonObject = fields;
  for (const element of path.slice(0, whole)) {
    const below = at[keyOf(element)];
    if (!isObject(below)) return false;
    at = below;
  }
  return true;
}

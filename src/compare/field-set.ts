/**
 * A set of owned fields as the API server writes it (`fieldsV1`): a tree whose keys are `f:<name>`, `k:<keys of a
 * list item>`, `v:<value of a set>`, `i:<index>` and `.` for the thing itself. Read as it stands, never copied;
 * whatever is no such tree owns nothing.
 * Source: https://github.com/kubernetes-sigs/structured-merge-diff (fieldpath/serialize-pe.go), KEP-555.
 */
import { canonicalJson } from "../model/canonical.ts";
import { isObject, parseJson, type Json, type JsonObject } from "../model/json.ts";
import type { Path, PathElement } from "../model/path.ts";

export type FieldSet = JsonObject;

/** How a set stands to a path. */
export type Holding =
  /** The path itself is a member. */
  | { readonly how: "member"; readonly depth: number }
  /** Only things inside the path are members. */
  | { readonly how: "within"; readonly depth: number }
  /** Neither, but something that encloses the path is a member; `depth` is the deepest such. */
  | { readonly how: "enclosing"; readonly depth: number };

/** An empty node is a leaf and so a member; one with children is a member only where it says so. */
function isMember(node: JsonObject): boolean {
  return Object.hasOwn(node, ".") || Object.keys(node).length === 0;
}

function parsedKey(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The child a list item's keys lead to. Older entries may lack a key that got a default later: a subset is the item too. */
function itemNode(node: JsonObject, keys: Readonly<Record<string, Json>>): Json | undefined {
  const exact = node[`k:${canonicalJson(keys)}`];
  if (exact !== undefined) return exact;
  for (const [name, below] of Object.entries(node)) {
    if (!name.startsWith("k:")) continue;
    const found = parsedKey(name.slice(2));
    if (!isObject(found) || Object.keys(found).length === 0) continue;
    const within = Object.entries(found).every(([key, value]) => {
      const wanted = Object.hasOwn(keys, key) ? keys[key] : undefined;
      return wanted !== undefined && canonicalJson(wanted) === canonicalJson(value);
    });
    if (within) return below;
  }
  return undefined;
}

function valueNode(node: JsonObject, value: Json): Json | undefined {
  const text = canonicalJson(value);
  const exact = node[`v:${text}`];
  if (exact !== undefined) return exact;
  for (const [name, below] of Object.entries(node)) {
    const found = name.startsWith("v:") ? parsedKey(name.slice(2)) : undefined;
    if (found !== undefined && canonicalJson(found) === text) return below;
  }
  return undefined;
}

function step(node: JsonObject, element: PathElement): JsonObject | undefined {
  const below = childNode(node, element);
  return isObject(below) ? below : undefined;
}

function childNode(node: JsonObject, element: PathElement): Json | undefined {
  switch (element.type) {
    case "field": {
      const name = `f:${element.name}`;
      return Object.hasOwn(node, name) ? node[name] : undefined;
    }
    case "key":
      return itemNode(node, element.keys);
    case "value":
      return valueNode(node, element.value);
    case "index":
      return node[`i:${element.index}`];
  }
}

/** What the set holds of the path; undefined where it holds nothing of it, nothing in it and nothing around it. */
export function holdingOf(set: FieldSet, path: Path): Holding | undefined {
  let node = set;
  let enclosing: number | undefined;
  for (const [depth, element] of path.entries()) {
    const below = step(node, element);
    if (below === undefined) return enclosing === undefined ? undefined : { how: "enclosing", depth: enclosing };
    node = below;
    if (isMember(node)) enclosing = depth + 1;
  }
  return { how: enclosing === path.length ? "member" : "within", depth: path.length };
}

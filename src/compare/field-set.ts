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
export interface Holding {
  /**
   * `member`: the path itself is one. `within`: only things inside it are. `enclosing`: neither, but something around
   * it is, the deepest such at `depth`.
   */
  readonly how: "member" | "within" | "enclosing";
  readonly depth: number;
  /** True where the set has nothing inside the path: it holds it as one whole thing. */
  readonly whole: boolean;
  /** False where an item of a list on the way was found by a part of its keys only. */
  readonly sure: boolean;
}

/** Asked of the same nodes again and again, and a node may have 100,000 children. */
const insideOfNode = new WeakMap<JsonObject, boolean>();

/** True where the node has more in it than the mark of itself. */
export function hasInside(node: JsonObject): boolean {
  const known = insideOfNode.get(node);
  if (known !== undefined) return known;
  const found = Object.keys(node).some((name) => name !== ".");
  insideOfNode.set(node, found);
  return found;
}

/** An empty node is a leaf and so a member; one with children is a member only where it says so. */
export function isMember(node: JsonObject): boolean {
  return Object.hasOwn(node, ".") || !hasInside(node);
}

function parsedKey(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

interface Item {
  readonly keys: JsonObject;
  readonly below: Json;
}

/** Items and values of one node by their canonical text: a set of 100,000 is read once, not once for each question. */
interface Members {
  readonly values: ReadonlyMap<string, Json>;
  readonly items: ReadonlyMap<string, Json>;
  /** By how many keys they state. */
  readonly byCount: ReadonlyMap<number, readonly Item[]>;
}

const membersOfNode = new WeakMap<JsonObject, Members>();

function readMembers(node: JsonObject): Members {
  const values = new Map<string, Json>();
  const items = new Map<string, Json>();
  const byCount = new Map<number, Item[]>();
  for (const [name, below] of Object.entries(node)) {
    const isItem = name.startsWith("k:");
    const found = isItem || name.startsWith("v:") ? parsedKey(name.slice(2)) : undefined;
    if (found === undefined) continue;
    if (!isItem) values.set(canonicalJson(found), below);
    else if (isObject(found)) {
      items.set(canonicalJson(found), below);
      const count = Object.keys(found).length;
      const some = byCount.get(count);
      if (some === undefined) byCount.set(count, [{ keys: found, below }]);
      else some.push({ keys: found, below });
    }
  }
  return { values, items, byCount };
}

function membersOf(node: JsonObject): Members {
  const known = membersOfNode.get(node);
  if (known !== undefined) return known;
  const members = readMembers(node);
  membersOfNode.set(node, members);
  return members;
}

function states(keys: JsonObject, others: JsonObject): boolean {
  return Object.entries(others).every(([key, value]) => {
    const found = Object.hasOwn(keys, key) ? keys[key] : undefined;
    return found !== undefined && canonicalJson(found) === canonicalJson(value);
  });
}

interface Found {
  readonly below: Json | undefined;
  readonly sure: boolean;
}

const absent: Found = { below: undefined, sure: true };

/**
 * The child a list item's keys lead to. An older entry may lack a key that got a default later, or have one that the
 * path lacks: where one item alone agrees in all that both state, it is that, and not for sure.
 */
function itemNode(node: JsonObject, keys: Readonly<Record<string, Json>>): Found {
  const { items, byCount } = membersOf(node);
  const exact = items.get(canonicalJson(keys));
  if (exact !== undefined) return { below: exact, sure: true };
  const wanted = Object.keys(keys).length;
  const near: Item[] = [];
  for (const [count, some] of byCount) {
    if (count === wanted || count === 0) continue;
    for (const item of some) if (count < wanted ? states(keys, item.keys) : states(item.keys, keys)) near.push(item);
  }
  const [only, ...others] = near;
  return only === undefined || others.length > 0 ? absent : { below: only.below, sure: false };
}

function childOf(node: JsonObject, element: PathElement): Found {
  switch (element.type) {
    case "field": {
      const name = `f:${element.name}`;
      return { below: Object.hasOwn(node, name) ? node[name] : undefined, sure: true };
    }
    case "key":
      return itemNode(node, element.keys);
    case "value":
      return { below: membersOf(node).values.get(canonicalJson(element.value)), sure: true };
    case "index":
      return { below: node[`i:${element.index}`], sure: true };
  }
}

/** What the set holds of the path; undefined where it holds nothing of it, nothing in it and nothing around it. */
export function holdingOf(set: FieldSet, path: Path): Holding | undefined {
  let node = set;
  let enclosing: number | undefined;
  let sure = true;
  for (const [depth, element] of path.entries()) {
    const child = childOf(node, element);
    if (!isObject(child.below))
      return enclosing === undefined ? undefined : { how: "enclosing", depth: enclosing, whole: true, sure };
    sure &&= child.sure;
    node = child.below;
    // A map or list with entries of its own in the set does not own the others.
    if (depth + 1 === path.length ? isMember(node) : !hasInside(node)) enclosing = depth + 1;
  }
  const whole = !hasInside(node);
  return { how: enclosing === path.length ? "member" : "within", depth: path.length, whole, sure };
}

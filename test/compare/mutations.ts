/**
 * Every place of a live object at which a hand could change something, by its schema, with the path at which each
 * change must be found. Written apart from the comparison: it walks one object, and knows no other.
 */
import { gatedField } from "../../src/compare/defaults/gated.ts";
import { sameScalar } from "../../src/compare/equality.ts";
import { isUnordered } from "../../src/compare/list-order.ts";
import { shortTypeName } from "../../src/compare/zeros.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { field, formatPath, type Path, type PathElement } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { KindSchema, ScalarKind, TypeNode } from "../../src/model/schema.ts";

type Struct = Extract<TypeNode, { type: "struct" }>;
type List = Extract<TypeNode, { type: "list" }>;
type Tokens = readonly (string | number)[];

export interface Mutation {
  readonly what:
    | "value"
    | "entry removed"
    | "entry added"
    | "item removed"
    | "item added"
    | "items swapped"
    | "key edited";
  /** Where it must be found: `exactly` there, or `below`, where something with parts came or went. */
  readonly path: Path;
  readonly found: "exactly" | "below";
  /** True where live loses something: found only if Git states it. */
  readonly loses: boolean;
  readonly live: KubeObject;
}

/** As the API server never lets a hand change it, or as it is never compared. */
const never: ReadonlySet<string> = new Set(["", ".apiVersion", ".kind", ".status", ".metadata"]);
const marks: ReadonlySet<string> = new Set(["labels", "annotations", "finalizers"]);

const others: Readonly<Record<ScalarKind, readonly Json[]>> = {
  string: ["by-hand", "1", " "],
  number: [7, 1685906000388294101n, 1.5],
  boolean: [true, false],
  quantity: ["7", "7Gi", "1001m"],
  duration: ["7h", "1h1s"],
  time: ["2031-01-01T00:00:00Z"],
  bytes: ["YnktaGFuZA=="],
  "int-or-string": [7, "7", "7%"],
  address: ["10.9.9.9", "2001:db8::9"],
  any: ["by-hand", 7],
};

function changedAt(root: Json, tokens: Tokens, change: (parent: Json, last: string | number) => Json): Json {
  const [first, ...rest] = tokens;
  if (first === undefined) return root;
  if (rest.length === 0) return change(root, first);
  const below = isArray(root) ? (root[Number(first)] as Json) : ((root as JsonObject)[first] as Json);
  return put(root, first, changedAt(below, rest, change));
}

function put(parent: Json, token: string | number, value: Json): Json {
  if (isArray(parent)) return parent.with(Number(token), value);
  const copy = Object.assign(Object.create(null) as Record<string, Json>, parent);
  copy[token] = value;
  return copy;
}

function without(parent: Json, token: string | number): Json {
  if (isArray(parent)) return parent.toSpliced(Number(token), 1);
  const copy = Object.assign(Object.create(null) as Record<string, Json>, parent);
  delete copy[token];
  return copy;
}

/** A value that says more than its absence. */
function sampleOf(node: TypeNode, depth = 0): Json | undefined {
  switch (node.type) {
    case "scalar":
      return others[node.scalar][0];
    case "untyped":
      return "by-hand";
    case "map": {
      const value = sampleOf(node.values(), depth + 1);
      return value === undefined ? undefined : { "by-hand": value };
    }
    case "list": {
      const item = sampleOf(node.items(), depth + 1);
      return item === undefined ? undefined : [item];
    }
    case "struct": {
      const names = node.fields();
      for (const name of depth > 6 ? [] : names) {
        const inner = node.field(name);
        const value = inner === undefined ? undefined : sampleOf(inner, depth + 1);
        if (value !== undefined) return { [name]: value };
      }
      return undefined;
    }
  }
}

function itemElement(list: List, item: Json, index: number): PathElement {
  if (list.list === "set") return { type: "value", value: item };
  if (list.list === "atomic" || !isObject(item)) return { type: "index", index };
  const keys = list.keys.filter((key) => item[key] !== undefined).map((key) => [key, item[key] as Json] as const);
  // What has none of its keys is named by where it stands.
  return keys.length === 0 ? { type: "index", index } : { type: "key", keys: Object.fromEntries(keys) };
}

class Walk {
  readonly found: Mutation[] = [];
  readonly #live: KubeObject;
  readonly #server: string | undefined;

  constructor(live: KubeObject, server: string | undefined) {
    this.#live = live;
    this.#server = server;
  }

  #add(
    what: Mutation["what"],
    [path, tokens]: readonly [Path, Tokens],
    change: (parent: Json, last: string | number) => Json,
    rest: { readonly found?: Mutation["found"]; readonly loses?: boolean } = {},
  ): void {
    const live = changedAt(this.#live, tokens, change) as KubeObject;
    this.found.push({ what, path, found: rest.found ?? "exactly", loses: rest.loses ?? false, live });
  }

  value(node: TypeNode, value: Json, path: Path, tokens: Tokens): void {
    if (node.type === "struct" && isObject(value)) this.#struct(node, value, path, tokens);
    else if (node.type === "map" && isObject(value)) this.#map(node.values(), value, path, tokens);
    else if (node.type === "list" && isArray(value)) this.#list(node, value, path, tokens);
    else if (node.type === "scalar" && value !== null) this.#scalar(node.scalar, value, path, tokens);
    else if (node.type === "untyped" && value !== "by-hand" && !isObject(value) && !isArray(value))
      this.#add("value", [path, tokens], (parent, last) => put(parent, last, "by-hand"));
  }

  #scalar(kind: ScalarKind, value: Json, path: Path, tokens: Tokens): void {
    const other = others[kind].find((one) => !sameScalar(kind, one, value));
    if (other === undefined || path.length === 0) return;
    this.#add("value", [path, tokens], (parent, last) => put(parent, last, other), { loses: other === false });
  }

  #struct(node: Struct, value: JsonObject, path: Path, tokens: Tokens): void {
    for (const name of node.fields()) {
      const inner = node.field(name);
      const at = [...path, field(name)];
      if (inner === undefined || (never.has(formatPath(at)) && name !== "metadata")) continue;
      if (formatPath(path) === ".metadata" && !marks.has(name)) continue;
      const present = Object.hasOwn(value, name) ? value[name] : undefined;
      const next = [...tokens, name];
      if (present === undefined || present === null) {
        const sample = sampleOf(inner);
        if (sample !== undefined)
          this.#add("entry added", [at, next], (parent, last) => put(parent, last, sample), { found: "below" });
        continue;
      }
      this.value(inner, present, at, next);
      // What the server drops by itself nobody can have taken away.
      const stated = { type: shortTypeName(node.name), field: name, value: present };
      if (!never.has(formatPath(at)) && gatedField(stated, this.#server) === undefined)
        this.#add("entry removed", [at, next], without, { found: "below", loses: true });
    }
  }

  #map(values: TypeNode, value: JsonObject, path: Path, tokens: Tokens): void {
    for (const [key, entry] of Object.entries(value)) {
      const at = [...path, field(key)];
      this.value(values, entry, at, [...tokens, key]);
      // Clients drop a null or keep it: it says nothing.
      if (entry !== null) this.#add("entry removed", [at, [...tokens, key]], without, { found: "below", loses: true });
    }
    const sample = sampleOf(values);
    if (sample !== undefined)
      this.#add(
        "entry added",
        [
          [...path, field("by/hand~x")],
          [...tokens, "by/hand~x"],
        ],
        (parent, last) => put(parent, last, sample),
      );
  }

  #list(node: List, value: readonly Json[], path: Path, tokens: Tokens): void {
    const items = node.items();
    // Compared as the sets of addresses they stand for, which has tests of its own.
    if (items.type === "struct" && items.name.endsWith(".EndpointSubset")) return;
    const isWhole = node.list === "atomic";
    for (const [index, item] of value.entries()) {
      const at = [...path, itemElement(node, item, index)];
      const next = [...tokens, index];
      if (node.list !== "set") this.#item(node, items, item, at, next);
      // Of one item alone the last loses the list.
      this.#add("item removed", [isWhole ? path : at, next], without, { loses: true });
    }
    const [first, second] = value;
    const name = String(tokens.at(-1) ?? "");
    if (
      isWhole &&
      !isUnordered(name, items) &&
      first !== undefined &&
      second !== undefined &&
      items.type === "scalar" &&
      !sameScalar(items.scalar, first, second)
    )
      this.#add(
        "items swapped",
        [path, tokens],
        (parent, last) => {
          const list = (parent as JsonObject)[last] as readonly Json[];
          return put(parent, last, [second, first, ...list.slice(2)]);
        },
        { found: "below" },
      );
    this.#addition(node, items, value, path, tokens);
  }

  #addition(node: List, items: TypeNode, value: readonly Json[], path: Path, tokens: Tokens): void {
    let item = sampleOf(items);
    if (item === undefined || value.length === 0) return;
    if (node.list === "map") {
      if (items.type !== "struct") return;
      const keys = node.keys.map((key): [string, Json] => {
        const inner = items.field(key);
        return [key, (inner?.type === "scalar" && others[inner.scalar][0]) || "by-hand"];
      });
      item = { ...(isObject(item) ? item : {}), ...Object.fromEntries(keys) };
    }
    const added = item;
    const at = node.list === "atomic" ? path : [...path, itemElement(node, added, value.length)];
    this.#add("item added", [at, [...tokens, value.length]], (parent) => [...(parent as readonly Json[]), added]);
  }

  #item(node: List, items: TypeNode, item: Json, at: Path, tokens: Tokens): void {
    if (node.list !== "map" || items.type !== "struct" || !isObject(item)) {
      this.value(items, item, at, tokens);
      return;
    }
    for (const name of items.fields()) {
      const inner = items.field(name);
      if (inner === undefined) continue;
      const present = item[name];
      const next = [...tokens, name];
      if (!node.keys.includes(name)) {
        if (present !== undefined && present !== null) this.value(inner, present, [...at, field(name)], next);
      } else if (present !== undefined && inner.type === "scalar") {
        const other = others[inner.scalar][0] as Json;
        this.#add("key edited", [at, next], (parent, last) => put(parent, last, other), { loses: true });
      }
    }
  }
}

export function mutationsOf(live: KubeObject, schema: KindSchema): readonly Mutation[] {
  const walk = new Walk(live, schema.server);
  walk.value(schema.root, live, [], []);
  return walk.found;
}

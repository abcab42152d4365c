/**
 * Objects made from a schema, whatever the schema is: what no hand would write, but every field of every built-in kind
 * in turn. They need not be valid, only of their types; list keys are unique and sets hold a value once.
 */
import type * as fc from "fast-check";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { formatJson, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { apiVersionOf, type KindRef, type KubeObject } from "../../src/model/resource.ts";
import type { KindSchema, ScalarKind, TypeNode } from "../../src/model/schema.ts";

/** Where the choices come from. */
export interface Draw {
  /** 0 to `max`, both included. */
  upTo(max: number): number;
  pick<Value>(values: readonly Value[]): Value;
}

/** Choices of fast-check: reproducible, and made smaller when a property fails. */
export function drawFrom(gen: fc.GeneratorValue, nat: typeof fc.nat): Draw {
  const upTo = (max: number): number => (max <= 0 ? 0 : gen(nat, { max }));
  return { upTo, pick: (values) => values[upTo(values.length - 1)] as (typeof values)[number] };
}

const scalars: Readonly<Record<ScalarKind, readonly Json[]>> = {
  string: ["a", "b", "IfNotPresent", "1000m", "nginx:1.2", "", "TCP", "with/slash~tilde", "30s"],
  number: [1, 2, 0, 8080, -1, 1685906000388294100n],
  boolean: [true, false],
  quantity: ["1", "1000m", "1Gi", "1024Mi", 2, "0.5", "0"],
  duration: ["1h", "60m", "90s", "0s"],
  time: ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z", "2027-01-01T00:00:00Z"],
  bytes: ["YQ==", "Yg==", ""],
  "int-or-string": [80, "80", "25%", "http", 0],
  address: ["10.0.0.1", "2001:db8::1", "2001:DB8:0:0::1", ""],
  any: ["a", 1, true, null],
};
const names = ["a", "b", "c.d/e", "f~g", "$patch", "constructor"];
const free: readonly Json[] = ["a", 1, false, null, { a: 1 }, [1, 2], [{ a: "x" }, { a: "y" }], {}, []];

/** How many values one object may have. */
const SIZE = 60;

class Maker {
  readonly #draw: Draw;
  #left = SIZE;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  value(node: TypeNode, depth: number): Json {
    this.#left -= 1;
    if (this.#draw.upTo(40) === 40) return null;
    switch (node.type) {
      case "scalar":
        return this.#draw.pick(scalars[node.scalar]);
      case "untyped":
        return this.#draw.pick(free);
      case "struct":
        return this.struct(node, depth);
      case "map":
        return this.#map(node.values(), depth);
      case "list":
        return this.#list(node, depth);
    }
  }

  struct(
    node: Extract<TypeNode, { type: "struct" }>,
    depth: number,
    without: ReadonlySet<string> = new Set(),
  ): JsonObject {
    const made: Record<string, Json> = Object.create(null) as Record<string, Json>;
    const fields = node.fields().filter((name) => !without.has(name));
    const rarity = Math.max(0, Math.ceil(fields.length / (depth < 2 ? 3 : 2)) - 1);
    for (const name of fields) {
      if (this.#left <= 0) break;
      const field = node.field(name);
      if (field !== undefined && this.#draw.upTo(rarity) === 0) made[name] = this.value(field, depth + 1);
    }
    return made;
  }

  #map(values: TypeNode, depth: number): JsonObject {
    const made: Record<string, Json> = Object.create(null) as Record<string, Json>;
    for (let count = this.#draw.upTo(2); count > 0; count -= 1)
      made[this.#draw.pick(names)] = this.value(values, depth + 1);
    return made;
  }

  #list(node: Extract<TypeNode, { type: "list" }>, depth: number): readonly Json[] {
    const items = node.items();
    const made = new Map<string, Json>();
    for (let count = this.#draw.upTo(3); count > 0; count -= 1) {
      let item = this.value(items, depth + 1);
      if (item === null) continue;
      if (node.list === "map") {
        if (!isObject(item) || items.type !== "struct") continue;
        item = { ...item, ...this.#keys(items, node.keys) };
        made.set(formatJson(node.keys.map((key) => (item as JsonObject)[key] ?? null)), item);
      } else made.set(node.list === "set" ? formatJson(item) : String(count), item);
    }
    return [...made.values()];
  }

  #keys(items: Extract<TypeNode, { type: "struct" }>, keys: readonly string[]): JsonObject {
    const entries = keys.map((key): [string, Json] => {
      const node = items.field(key);
      const values = node?.type === "scalar" ? scalars[node.scalar] : scalars.string;
      // An empty key is absence, and would be no key.
      return [key, this.#draw.pick(values.filter((value) => value !== "" && value !== 0 && value !== null))];
    });
    return Object.fromEntries(entries);
  }
}

const neverMade: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata", "status"]);
const markNames = ["app", "team", "example.com/a~b"];

/** An object of a kind. */
export function objectOf(kind: KindRef, schema: KindSchema, draw: Draw): KubeObject {
  const maker = new Maker(draw);
  const marks = (): JsonObject =>
    Object.fromEntries(markNames.slice(draw.upTo(3)).map((name) => [name, draw.pick(["x", "y", ""])]));
  const fields = schema.root.type === "struct" ? maker.struct(schema.root, 0, neverMade) : {};
  return {
    ...fields,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: "it", namespace: "shop", labels: marks(), annotations: marks() },
  };
}

export interface KnownKind {
  readonly kind: KindRef;
  readonly schema: KindSchema;
}

/** Every kind that is an object, in the schemas that Plumbline was released with. */
export function builtInKinds(): readonly KnownKind[] {
  const { documents, scopes } = readBuiltInSchema();
  const index = createSchemaIndex();
  for (const [groupVersion, document] of documents) index.addOpenApi(groupVersion, document);
  return [...scopes.keys()].toSorted().flatMap((key): KnownKind[] => {
    const parts = key.split("/");
    const kind: KindRef = {
      group: parts.length === 3 ? (parts[0] ?? "") : "",
      version: parts.at(-2) ?? "",
      kind: parts.at(-1) ?? "",
    };
    const schema = index.schemaFor(kind);
    const isObjectKind = schema?.root.type === "struct" && schema.root.field("metadata") !== undefined;
    return schema !== undefined && isObjectKind ? [{ kind, schema }] : [];
  });
}

/**
 * Finds, in a set of valid objects, every place where a built-in type stands, and makes from it the objects that ask
 * the server about one field of it: the field set to the zero of its type, to the empty one, to null.
 */
import { shortTypeName } from "../../../src/compare/zeros.ts";
import { kindOf, type SchemaIndex } from "../../../src/compare/schema-index.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import type { ScalarKind, TypeNode } from "../../../src/model/schema.ts";
import type { Tokens } from "./exact.ts";

type Struct = Extract<TypeNode, { type: "struct" }>;

/** One struct in one object. */
export interface Host {
  readonly object: KubeObject;
  readonly tokens: Tokens;
  readonly struct: Struct;
}

/** By kind and type, `apps/v1/Deployment core.Container`, for the server may treat a type by where it stands; or by type alone. */
export type Grouping = "kind" | "type";

const zeros: Readonly<Record<ScalarKind, readonly Json[]>> = {
  string: [""],
  number: [0],
  boolean: [false],
  quantity: [0, "0"],
  "int-or-string": [0, ""],
  duration: [""],
  time: [""],
  bytes: [""],
  address: [""],
  any: [""],
};

const samples: Readonly<Record<ScalarKind, Json>> = {
  string: "a",
  number: 1,
  boolean: true,
  quantity: "1",
  "int-or-string": 1,
  duration: "1s",
  time: "2024-01-01T00:00:00Z",
  bytes: "YQ==",
  address: "a",
  any: "a",
};

function sampleOf(node: TypeNode): Json {
  switch (node.type) {
    case "scalar":
      return samples[node.scalar];
    case "list":
      return [sampleOf(node.items())];
    case "map":
      return { a: sampleOf(node.values()) };
    case "struct":
    case "untyped":
      return {};
  }
}

/** What is asked of a field: the zeros and empties of its type, null, and whether any value is stored at all. */
export function probesOf(node: TypeNode): readonly Json[] {
  switch (node.type) {
    case "scalar":
      return [...zeros[node.scalar], null, sampleOf(node)];
    case "list":
      return [[], null, sampleOf(node)];
    case "map":
      return [{}, null, { a: null }, sampleOf(node)];
    case "struct":
    case "untyped":
      return [{}, null];
  }
}

function collect(node: TypeNode, value: Json | undefined, host: Omit<Host, "struct">, found: Host[]): void {
  const at = (token: string | number): Omit<Host, "struct"> => ({ ...host, tokens: [...host.tokens, token] });
  if (node.type === "struct" && isObject(value)) {
    if (node.name !== "") found.push({ ...host, struct: node });
    for (const [name, entry] of Object.entries(value)) {
      const field = node.field(name);
      if (field !== undefined && !(host.tokens.length === 0 && name === "status"))
        collect(field, entry, at(name), found);
    }
  } else if (node.type === "map" && isObject(value)) {
    for (const [name, entry] of Object.entries(value)) collect(node.values(), entry, at(name), found);
  } else if (node.type === "list" && isArray(value)) {
    for (const [index, item] of value.entries()) collect(node.items(), item, at(index), found);
  }
}

/** Smallest object first, so that as little as possible stands in the way of the field. */
export function hostsIn(
  index: SchemaIndex,
  objects: readonly KubeObject[],
  by: Grouping,
): ReadonlyMap<string, readonly Host[]> {
  const found: Host[] = [];
  for (const object of objects) {
    const schema = index.schemaFor(kindOf(object));
    if (schema !== undefined) collect(schema.root, object, { object, tokens: [] }, found);
  }
  const sizes = new Map(objects.map((object) => [object, JSON.stringify(object).length] as const));
  const sized = found.toSorted((one, other) => (sizes.get(one.object) ?? 0) - (sizes.get(other.object) ?? 0));
  const kindOfHost = ({ object }: Host): string => (by === "kind" ? `${object.apiVersion}/${object.kind} ` : "");
  return Map.groupBy(sized, (host) => `${kindOfHost(host)}${shortTypeName(host.struct.name)}`);
}

function setIn(value: Json, tokens: Tokens, change: (parent: JsonObject) => JsonObject): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return isObject(value) ? change(value) : value;
  if (isArray(value)) return value.map((item, index) => (index === token ? setIn(item, rest, change) : item));
  if (!isObject(value)) return value;
  return { ...value, [token]: setIn(value[String(token)] ?? null, rest, change) };
}

/** The host's object with this value in the field. */
export function withField(host: Host, field: string, value: Json): KubeObject {
  return setIn(host.object, host.tokens, (parent) => ({ ...parent, [field]: value })) as KubeObject;
}

/** The same without the other structs of the parent: one of them may exclude the field (a volume has one source). */
export function withFieldAlone(host: Host, field: string, value: Json): KubeObject {
  return setIn(host.object, host.tokens, (parent) => {
    const others = Object.entries(parent).filter(([, entry]) => typeof entry !== "object" || entry === null);
    return { ...Object.fromEntries(others), [field]: value };
  }) as KubeObject;
}

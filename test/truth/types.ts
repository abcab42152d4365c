/**
 * The types of the server's own OpenAPI v3 documents, read a second time and on purpose apart from `src/compare`: what
 * the comparison takes for the type of a list must not be what it is held against. Custom kinds are read from the
 * documents the server publishes for them, not from their definitions.
 */
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

export type Shape = "struct" | "map" | "map-list" | "set" | "list" | "scalar" | "free";

export interface Type {
  readonly shape: Shape;
  /** Last name by which it is referred to, `io.k8s.api.core.v1.Container`; "" where it has none. */
  readonly name: string;
  /** The schema itself, references followed. */
  readonly schema: JsonObject;
  /** Of a `map-list`. */
  readonly keys: readonly string[];
}

export interface Types {
  /** Undefined where no document has the kind. */
  readonly root: (object: KubeObject) => Type | undefined;
  /** The type of a field or entry. */
  readonly under: (type: Type, name: string) => Type;
  readonly item: (type: Type) => Type;
  /** Fields a struct declares. */
  readonly fields: (type: Type) => readonly string[];
}

const REF = "#/components/schemas/";
const extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
/** Published without a schema: a schema of JSON Schema, or something else, which stands as it is. */
const unions: Readonly<Record<string, string>> = {
  [`${extensions}JSONSchemaPropsOrBool`]: `${extensions}JSONSchemaProps`,
  [`${extensions}JSONSchemaPropsOrArray`]: `${extensions}JSONSchemaProps`,
  [`${extensions}JSONSchemaPropsOrStringArray`]: `${extensions}JSONSchemaProps`,
};
/** Objects in the document, scalars on the wire. */
const scalars = /\.(Quantity|IntOrString|Time|MicroTime|Duration)$/;

export const free: Type = { shape: "free", name: "", schema: {}, keys: [] };

function shapeOf(schema: JsonObject, name: string): Shape {
  if (scalars.test(name) || schema["x-kubernetes-int-or-string"] === true) return "scalar";
  const { type } = schema;
  if (type === "array") {
    const list = schema["x-kubernetes-list-type"];
    if (list === "map") return "map-list";
    return list === "set" ? "set" : "list";
  }
  if (isObject(schema["properties"])) return "struct";
  if (schema["additionalProperties"] !== undefined && schema["additionalProperties"] !== false) return "map";
  return type === undefined || type === "object" ? "free" : "scalar";
}

export function readTypes(documents: ReadonlyMap<string, Json>): Types {
  const schemas = new Map<string, JsonObject>();
  const kinds = new Map<string, string>();
  const made = new WeakMap<JsonObject, Type>();
  for (const document of documents.values()) {
    const found = getIn(document, "components", "schemas");
    for (const [name, schema] of Object.entries(isObject(found) ? found : {})) {
      if (!isObject(schema)) continue;
      schemas.set(name, schema);
      const gvks = schema["x-kubernetes-group-version-kind"];
      for (const gvk of isArray(gvks) ? gvks : []) {
        const [group = "", version = ""] = [getString(gvk, "group"), getString(gvk, "version")];
        kinds.set(`${group === "" ? version : `${group}/${version}`}/${getString(gvk, "kind") ?? ""}`, name);
      }
    }
  }

  function resolve(schema: JsonObject, name: string): Type {
    const allOf = schema["allOf"];
    const only = isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
    const ref = schema["$ref"] ?? (isObject(only) ? only["$ref"] : undefined);
    if (typeof ref !== "string") {
      const keys = schema["x-kubernetes-list-map-keys"];
      const texts = (isArray(keys) ? keys : []).filter((key) => typeof key === "string");
      return { shape: shapeOf(schema, name), name, schema, keys: texts };
    }
    const short = ref.slice(REF.length);
    const target = unions[short] ?? short;
    return resolve(schemas.get(target) ?? {}, target);
  }

  function typeOf(schema: Json | undefined): Type {
    if (!isObject(schema)) return free;
    const known = made.get(schema);
    if (known !== undefined) return known;
    const type = resolve(schema, "");
    made.set(schema, type);
    return type;
  }

  return {
    root: (object) => {
      const name = kinds.get(`${object.apiVersion}/${object.kind}`);
      const schema = name === undefined ? undefined : schemas.get(name);
      return schema === undefined || name === undefined ? undefined : { ...resolve(schema, name), shape: "struct" };
    },
    under: (type, name) => {
      if (type.shape === "struct") return typeOf(getIn(type.schema, "properties", name));
      return type.shape === "map" ? typeOf(type.schema["additionalProperties"]) : free;
    },
    item: (type) => typeOf(type.schema["items"]),
    fields: (type) => {
      const properties = type.schema["properties"];
      return isObject(properties) ? Object.keys(properties) : [];
    },
  };
}

/**
 * Builds {@link TypeNode}s from raw schemas, on demand and once: a node is made when somebody walks there, so a
 * recursive type (JSONSchemaProps) costs what is used of it.
 * Source: structured merge diff's reading of OpenAPI, https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import type { ScalarKind, TypeNode } from "../model/schema.ts";
import { objectMeta, objectMetaName } from "./schema-meta.ts";
import type { RawSchema } from "./schema-raw.ts";

const untyped: TypeNode = { type: "untyped" };
const text: TypeNode = { type: "scalar", scalar: "string" };
const quantities: TypeNode = {
  type: "map",
  atomic: false,
  values: () => ({ type: "scalar", scalar: "quantity" }),
};

const machinery = "io.k8s.apimachinery.pkg.";
const extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

/** Types whose JSON form is not what their schema's `type` says. */
const namedScalars: Readonly<Record<string, ScalarKind>> = {
  [`${machinery}api.resource.Quantity`]: "quantity",
  [`${machinery}util.intstr.IntOrString`]: "int-or-string",
  [`${machinery}apis.meta.v1.Time`]: "time",
  [`${machinery}apis.meta.v1.MicroTime`]: "time",
  [`${machinery}apis.meta.v1.Duration`]: "duration",
};

/** Unions published without a schema: a schema, or something else, which is then compared as it stands. */
const standIns: Readonly<Record<string, string>> = {
  [`${extensions}JSONSchemaPropsOrBool`]: `${extensions}JSONSchemaProps`,
  [`${extensions}JSONSchemaPropsOrArray`]: `${extensions}JSONSchemaProps`,
  [`${extensions}JSONSchemaPropsOrStringArray`]: `${extensions}JSONSchemaProps`,
};

/** The prefixes of types compiled into the API server. */
const builtInPrefixes = [
  "io.k8s.api.",
  machinery,
  "io.k8s.apiextensions-apiserver.",
  "io.k8s.kube-aggregator.",
] as const;

export function isBuiltInName(name: string): boolean {
  return builtInPrefixes.some((prefix) => name.startsWith(prefix));
}

export interface NodeBuilder {
  node(raw: RawSchema): TypeNode;
  named(name: string): TypeNode;
}

function scalarKind(raw: RawSchema): ScalarKind {
  if (raw.intOrString) return raw.quantity ? "quantity" : "int-or-string";
  if (raw.type === "integer" || raw.type === "number") return "number";
  if (raw.type === "boolean") return "boolean";
  if (raw.format === "byte") return "bytes";
  if (raw.format === "date-time") return "time";
  if (raw.format === "duration") return "duration";
  return raw.type === "string" ? "string" : "any";
}

/** `limits` beside `requests` are amounts of resources, in whatever kind a container is embedded. */
function isResourceList(parent: RawSchema, name: string, raw: RawSchema): boolean {
  if (name !== "limits" && name !== "requests") return false;
  if (!parent.properties?.has("limits") || !parent.properties.has("requests")) return false;
  return raw.properties === undefined && (raw.preserve === true || raw.additional !== undefined);
}

/** @param resolve the raw schema of a named type; undefined where the documents do not hold it */
export function createNodeBuilder(resolve: (name: string) => RawSchema | undefined): NodeBuilder {
  const nodes = new WeakMap<RawSchema, TypeNode>();
  const byName = new Map<string, TypeNode>();

  function struct(raw: RawSchema, name: string): TypeNode {
    const properties = raw.properties ?? new Map<string, RawSchema>();
    const fields = new Map<string, TypeNode>();
    const names = [...properties.keys()];
    const embedded = raw.embedded === true;
    const field = (key: string): TypeNode | undefined => {
      const known = fields.get(key);
      if (known !== undefined) return known;
      const property = properties.get(key);
      let made: TypeNode | undefined;
      if (embedded && key === "metadata") made = objectMeta;
      else if (property !== undefined) made = isResourceList(raw, key, property) ? quantities : node(property);
      else if (embedded && (key === "apiVersion" || key === "kind")) made = text;
      if (made !== undefined) fields.set(key, made);
      return made;
    };
    return {
      type: "struct",
      name,
      atomic: raw.atomicMap === true,
      keepsUnknown: raw.preserve === true,
      embedded,
      field,
      fields: () => names,
    };
  }

  function build(raw: RawSchema, name: string): TypeNode {
    const scalar = namedScalars[name];
    if (scalar !== undefined) return { type: "scalar", scalar };
    if (raw.intOrString) return { type: "scalar", scalar: scalarKind(raw) };
    if (raw.type === "array") {
      const { items, keys = [] } = raw;
      const list = raw.list === "map" && keys.length === 0 ? "atomic" : (raw.list ?? "atomic");
      return { type: "list", list, keys, items: () => (items === undefined ? untyped : node(items)) };
    }
    if (raw.properties !== undefined || raw.embedded === true) return struct(raw, name);
    const { additional } = raw;
    if (additional !== undefined) {
      return {
        type: "map",
        atomic: raw.atomicMap === true,
        values: () => (additional === true ? untyped : node(additional)),
      };
    }
    if (raw.preserve === true || raw.type === undefined) return untyped;
    // A named type without properties is free JSON (RawExtension, FieldsV1); in a CRD everything in it is pruned.
    if (raw.type === "object") return name === "" ? struct(raw, name) : untyped;
    return { type: "scalar", scalar: scalarKind(raw) };
  }

  function named(name: string): TypeNode {
    const known = byName.get(name);
    if (known !== undefined) return known;
    if (name === objectMetaName) return objectMeta;
    const target = standIns[name] ?? name;
    const made = target === name ? build(resolve(name) ?? {}, name) : named(target);
    byName.set(name, made);
    return made;
  }

  function node(raw: RawSchema): TypeNode {
    const known = nodes.get(raw);
    if (known !== undefined) return known;
    let made = raw.ref === undefined ? build(raw, "") : named(raw.ref);
    if (raw.ref !== undefined && raw.atomicMap && (made.type === "struct" || made.type === "map")) {
      made = { ...made, atomic: true };
    }
    if (raw.default !== undefined) made = { ...made, default: raw.default };
    if (raw.nullable) made = { ...made, nullable: true };
    nodes.set(raw, made);
    return made;
  }

  return { node, named };
}

/**
 * Builds {@link TypeNode}s from raw schemas, on demand and once: a node is made when somebody walks there, so a
 * recursive type (JSONSchemaProps) costs what is used of it.
 * Source: structured merge diff's reading of OpenAPI, https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import type { ScalarKind, TypeNode } from "../model/schema.ts";
import { addressFields } from "./address-fields.ts";
import {
  amountsOf,
  mayBeDuration,
  mayBeQuantities,
  mayBeQuantity,
  namesResources,
  type Amount,
} from "./schema-known-types.ts";
import { objectMeta, objectMetaName } from "./schema-meta.ts";
import type { RawSchema } from "./schema-raw.ts";

type Struct = Extract<TypeNode, { type: "struct" }>;

const untyped: TypeNode = { type: "untyped" };
/** Of `additionalProperties: true`: any scalar and null stay, and of an object nothing but its braces. */
const anyEntry: TypeNode = {
  type: "struct",
  name: "",
  atomic: false,
  keepsUnknown: false,
  embedded: false,
  nullable: true,
  field: () => undefined,
  fields: () => [],
};
const text: TypeNode = { type: "scalar", scalar: "string" };
const quantity: TypeNode = { type: "scalar", scalar: "quantity" };
const address: TypeNode = { type: "scalar", scalar: "address" };
const duration: TypeNode = { type: "scalar", scalar: "duration" };
/** Of a map that the schema leaves free, where a null stays what it is. */
const freeQuantity: TypeNode = { ...quantity, nullable: true };

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
  if (raw.quantity === true) return "quantity";
  if (raw.intOrString) return "int-or-string";
  if (raw.type === "integer" || raw.type === "number") return "number";
  if (raw.type === "boolean") return "boolean";
  if (raw.format === "byte") return "bytes";
  if (raw.format === "date-time") return "time";
  if (raw.format === "duration") return "duration";
  return raw.type === "string" ? "string" : "any";
}

/** What a schema says of the very value, whatever its type. */
function withOwn(node: TypeNode, raw: RawSchema): TypeNode {
  if (raw.default === undefined && raw.nullable !== true && raw.frozen !== true) return node;
  return {
    ...node,
    ...(raw.default !== undefined && { default: raw.default }),
    ...(raw.nullable === true && { nullable: true }),
    ...(raw.frozen === true && { frozen: true }),
  };
}

/** The same field or list, of addresses. */
function ofAddresses(made: TypeNode): TypeNode {
  if (made.type === "list") return { ...made, items: () => address };
  return made.type === "scalar" ? { ...made, scalar: "address" } : made;
}

export interface BuilderOptions {
  /** False for a CRD of old that prunes nothing, however deep. */
  readonly prunes: boolean;
}

/**
 * @param resolve the raw schema of a named type; undefined where the document does not hold it
 */
export function createNodeBuilder(
  resolve: (name: string) => RawSchema | undefined,
  { prunes }: BuilderOptions = { prunes: true },
): NodeBuilder {
  const nodes = new WeakMap<RawSchema, TypeNode>();
  const byName = new Map<string, TypeNode>();

  /** The field of a known type that holds amounts; undefined where its schema leaves no room for them. */
  function amountNode(raw: RawSchema, amount: Amount): TypeNode | undefined {
    if (amount === "duration") return mayBeDuration(raw) ? withOwn(duration, raw) : undefined;
    if (amount === "quantity") return mayBeQuantity(raw) ? withOwn(quantity, raw) : undefined;
    if (mayBeQuantities(raw)) {
      const values = raw.preserve === true ? freeQuantity : quantity;
      return withOwn({ type: "map", atomic: raw.atomicMap === true, values: () => values }, raw);
    }
    if (!namesResources(raw)) return undefined;
    const list = node(raw);
    const field = (name: string): TypeNode | undefined => {
      const own = (list as Struct).field(name);
      return own?.type === "scalar" ? { ...own, scalar: "quantity" } : own;
    };
    return list.type === "struct" ? { ...list, field } : undefined;
  }

  function struct(raw: RawSchema, name: string): TypeNode {
    const { names = [], fields: schemas = [] } = raw;
    const embedded = raw.embedded === true;
    const isCustom = name === "";
    let made: Map<string, TypeNode | undefined> | undefined;
    let positions: ReadonlyMap<string, number> | undefined;
    let amounts: ReadonlyMap<string, Amount> | undefined;

    const make = (key: string): TypeNode | undefined => {
      if (embedded && key === "metadata") return objectMeta;
      positions ??= new Map(names.map((known, at) => [known, at] as const));
      const property = schemas[positions.get(key) ?? -1];
      if (property === undefined) return embedded && (key === "apiVersion" || key === "kind") ? text : undefined;
      if (addressFields.get(name)?.has(key)) return ofAddresses(node(property));
      amounts ??= isCustom ? amountsOf(raw) : new Map();
      const amount = amounts.get(key);
      return (amount === undefined ? undefined : amountNode(property, amount)) ?? node(property);
    };
    return {
      type: "struct",
      name,
      atomic: raw.atomicMap === true,
      keepsUnknown: raw.preserve === true || !prunes,
      embedded,
      field(key) {
        const known = made?.get(key);
        if (known !== undefined) return known;
        const found = make(key);
        // A name that no field has may come from anywhere, and is not remembered.
        if (found !== undefined) (made ??= new Map()).set(key, found);
        return found;
      },
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
    if (raw.names !== undefined || raw.embedded === true) return struct(raw, name);
    const { additional } = raw;
    if (additional !== undefined) {
      return {
        type: "map",
        atomic: raw.atomicMap === true,
        values: () => (additional === true ? anyEntry : node(additional)),
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
    made = withOwn(made, raw);
    nodes.set(raw, made);
    return made;
  }

  return { node, named };
}

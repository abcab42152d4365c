/**
 * What of an OpenAPI or CRD schema decides how a value is compared; descriptions, validations and the rest are left
 * behind, which is most of their size. Reads any JSON: what it does not understand becomes "no schema", never a throw.
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";

export interface RawSchema {
  /** Name of the type it refers to, where it does. */
  readonly ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly default?: Json;
  readonly nullable?: boolean;
  readonly properties?: ReadonlyMap<string, RawSchema>;
  readonly items?: RawSchema;
  /** `true` where any value may stand under a key. */
  readonly additional?: RawSchema | true;
  readonly list?: "atomic" | "set" | "map";
  readonly keys?: readonly string[];
  readonly atomicMap?: boolean;
  readonly preserve?: boolean;
  readonly embedded?: boolean;
  readonly intOrString?: boolean;
  /** An int-or-string with the pattern of a quantity. */
  readonly quantity?: boolean;
}

type Draft = { -readonly [Key in keyof RawSchema]: RawSchema[Key] };

/** Deeper schemas are cut off and read as "no schema". */
const MAX_DEPTH = 100;
const REF = "#/components/schemas/";
/** Only the pattern of a quantity lists the binary suffixes. */
const QUANTITY_PATTERN = "[KMGTPE]i";

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function readPattern(schema: JsonObject): boolean {
  if (typeof schema["pattern"] === "string" && schema["pattern"].includes(QUANTITY_PATTERN)) return true;
  for (const key of ["anyOf", "allOf", "oneOf"]) {
    const parts = schema[key];
    if (isArray(parts) && parts.some((part) => isObject(part) && readPattern(part))) return true;
  }
  return false;
}

function readLists(schema: JsonObject, draft: Draft): void {
  const list = schema["x-kubernetes-list-type"];
  if (list === "atomic" || list === "set" || list === "map") draft.list = list;
  const keys = strings(schema["x-kubernetes-list-map-keys"]);
  if (keys.length > 0) draft.keys = keys;
  if (schema["x-kubernetes-map-type"] === "atomic") draft.atomicMap = true;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) draft.preserve = true;
  if (schema["x-kubernetes-embedded-resource"] === true) draft.embedded = true;
  if (schema["x-kubernetes-int-or-string"] === true || schema["format"] === "int-or-string") {
    draft.intOrString = true;
    if (readPattern(schema)) draft.quantity = true;
  }
}

function readChildren(schema: JsonObject, draft: Draft, depth: number): void {
  const { properties, items, additionalProperties: additional } = schema;
  if (isObject(properties)) {
    const entries = Object.entries(properties).map(
      ([name, property]) => [name, readSchema(property, depth + 1)] as const,
    );
    draft.properties = new Map(entries);
  }
  if (isObject(items)) draft.items = readSchema(items, depth + 1);
  if (additional === true) draft.additional = true;
  else if (isObject(additional)) draft.additional = readSchema(additional, depth + 1);
}

/** A schema as JSON, read; `allOf` with a single part (how OpenAPI v3 puts a default beside a `$ref`) is folded in. */
export function readSchema(json: Json | undefined, depth = 0): RawSchema {
  if (!isObject(json) || depth > MAX_DEPTH) return {};
  const allOf = json["allOf"];
  const only = isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
  const draft: Draft = isObject(only) && typeof only["$ref"] === "string" ? { ...readSchema(only, depth + 1) } : {};
  const ref = json["$ref"];
  if (typeof ref === "string" && ref.startsWith(REF)) draft.ref = ref.slice(REF.length);
  if (typeof json["type"] === "string") draft.type = json["type"];
  if (typeof json["format"] === "string") draft.format = json["format"];
  if (json["default"] !== undefined) draft.default = json["default"];
  if (json["nullable"] === true) draft.nullable = true;
  readLists(json, draft);
  readChildren(json, draft, depth);
  return draft;
}

/**
 * What of an OpenAPI or CRD schema decides how a value is compared, or whether it may change; descriptions, other
 * validations and the rest are left behind, which is most of their size. Reads any JSON: what it does not understand becomes "no schema", never a throw.
 * Unions (`x-kubernetes-unions`, `oneOf`) are left behind too: the server checks them, and stores what it was given.
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
import { getIn, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { Sharing } from "./schema-sharing.ts";

export interface RawSchema {
  /** Name of the type it refers to, where it does. */
  readonly ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly default?: Json;
  readonly nullable?: boolean;
  /** Names of the properties; absent where none are declared. */
  readonly names?: readonly string[];
  /** The properties, in the order of their names. */
  readonly fields?: readonly RawSchema[];
  readonly items?: RawSchema;
  /** `true` where any value may stand under a key. */
  readonly additional?: RawSchema | true;
  readonly list?: "atomic" | "set" | "map";
  readonly keys?: readonly string[];
  readonly atomicMap?: boolean;
  readonly preserve?: boolean;
  readonly embedded?: boolean;
  readonly intOrString?: boolean;
  /** A text, or an int-or-string, with the pattern of a quantity. */
  readonly quantity?: boolean;
  /** A rule says `self == oldSelf`. */
  readonly frozen?: boolean;
}

type Draft = { -readonly [Key in keyof RawSchema]: RawSchema[Key] };

/** Deeper schemas are cut off and read as "no schema". */
const MAX_DEPTH = 100;
/** A CRD of the largest size that etcd takes holds fewer; aliases of a YAML file can make more out of little. */
const MAX_SCHEMAS = 300_000;
const REF = "#/components/schemas/";
/** Only patterns of quantities list their suffixes: the one of today, and that of before Kubernetes 1.16. */
const QUANTITY_PATTERNS = ["[KMGTPE]i", "inumkKMGTP"] as const;
/** What a pattern ends with that takes Go durations and nothing else: `([0-9]+(ms|s|m|h))+$`. */
const DURATION_PATTERN = /\((?:(?:ns|us|µs|ms|s|m|h)\|)+(?:ns|us|µs|ms|s|m|h)\)\)(?:\+|\{\d+,\d+\})\$$/;
/** Transition rules of fields that are set once: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#transition-rules */
const FROZEN_RULES: ReadonlySet<string> = new Set(["self==oldSelf", "oldSelf==self"]);
const LISTS: ReadonlySet<Json> = new Set(["atomic", "set", "map"]);

export interface SchemaReading {
  readonly schema: RawSchema;
  /** The first thing that no server would accept, and where: `.spec.size: "type" is no text`. */
  readonly problem?: string;
}

export interface SchemaOptions {
  /** Where equal schemas are kept but once. */
  readonly sharing: Sharing;
  /** True where the first problem ends it: what comes after is not read. */
  readonly strict?: boolean;
}

interface Reader extends SchemaOptions {
  readonly trail: string[];
  left: number;
  problem: string | undefined;
}

function complain(reader: Reader, what: string): void {
  reader.problem ??= `${reader.trail.join("") || "the schema"}: ${what}`;
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function hasQuantityPattern(schema: JsonObject): boolean {
  const { pattern } = schema;
  if (typeof pattern === "string" && QUANTITY_PATTERNS.some((part) => pattern.includes(part))) return true;
  return ["anyOf", "allOf", "oneOf"].some((key) => {
    const parts = schema[key];
    // One level is all that a structural schema may have here.
    return isArray(parts) && parts.some((part) => getPattern(part)?.includes(QUANTITY_PATTERNS[0]) === true);
  });
}

function getPattern(part: Json): string | undefined {
  const pattern = isObject(part) ? part["pattern"] : undefined;
  return typeof pattern === "string" ? pattern : undefined;
}

function readText(schema: JsonObject, key: "type" | "format", reader: Reader): string | undefined {
  const value = schema[key];
  if (typeof value === "string") return value === "" ? undefined : value;
  if (value !== undefined) complain(reader, `"${key}" is no text`);
  return undefined;
}

/** Other rules may come to the same, and are not understood. */
function isFrozen(rules: Json | undefined): boolean {
  if (!isArray(rules)) return false;
  return rules.some((entry) => {
    const rule = getIn(entry, "rule");
    return typeof rule === "string" && FROZEN_RULES.has(rule.replaceAll(/\s/g, ""));
  });
}

function readExtensions(schema: JsonObject, draft: Draft, reader: Reader): void {
  const list = schema["x-kubernetes-list-type"];
  if (list === "atomic" || list === "set" || list === "map") draft.list = list;
  else if (list !== undefined && !LISTS.has(list)) complain(reader, '"x-kubernetes-list-type" is of no known kind');
  const keys = strings(schema["x-kubernetes-list-map-keys"]);
  if (keys.length > 0) draft.keys = keys.map(reader.sharing.text);
  else if (list === "map") complain(reader, "a list of the type map has no keys");
  if (schema["x-kubernetes-map-type"] === "atomic") draft.atomicMap = true;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) draft.preserve = true;
  if (schema["x-kubernetes-embedded-resource"] === true) draft.embedded = true;
  if (isFrozen(schema["x-kubernetes-validations"])) draft.frozen = true;
  if (schema["x-kubernetes-int-or-string"] === true || schema["format"] === "int-or-string") draft.intOrString = true;
  if ((draft.intOrString === true || draft.type === "string") && hasQuantityPattern(schema)) draft.quantity = true;
}

function readChild(json: Json, name: string, reader: Reader): RawSchema {
  reader.trail.push(name);
  const child = read(json, reader);
  reader.trail.pop();
  return child;
}

function readChildren(schema: JsonObject, draft: Draft, reader: Reader): void {
  const { properties, items, additionalProperties: additional } = schema;
  if (isObject(properties)) {
    const names = Object.keys(properties);
    draft.names = names.map(reader.sharing.text);
    draft.fields = names.map((name) => readChild(properties[name] ?? null, `.${name}`, reader));
  } else if (properties !== undefined) complain(reader, '"properties" is no object');
  if (isObject(items)) draft.items = readChild(items, "[]", reader);
  else if (items !== undefined) complain(reader, '"items" is not one schema');
  if (additional === true) draft.additional = true;
  else if (isObject(additional)) draft.additional = readChild(additional, "{}", reader);
  else if (additional !== undefined && additional !== false) complain(reader, '"additionalProperties" is no schema');
}

/** Type, format, default and name; `allOf` with a single part (how OpenAPI v3 puts a default beside a `$ref`) is folded in. */
function readOwn(schema: JsonObject, draft: Draft, reader: Reader): void {
  const allOf = schema["allOf"];
  const only = isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
  const ref = getIn(only, "$ref") ?? schema["$ref"];
  if (typeof ref === "string" && ref.startsWith(REF)) draft.ref = reader.sharing.text(ref.slice(REF.length));
  const type = readText(schema, "type", reader);
  if (type !== undefined) draft.type = reader.sharing.text(type);
  const format = readText(schema, "format", reader);
  if (format !== undefined) draft.format = reader.sharing.text(format);
  else if (type === "string" && DURATION_PATTERN.test(getPattern(schema) ?? "")) draft.format = "duration";
  if (schema["default"] !== undefined) draft.default = schema["default"];
  if (schema["nullable"] === true) draft.nullable = true;
}

/** Why this part is not read at all. */
function refusalOf(json: Json | undefined, reader: Reader): string | undefined {
  if (!isObject(json)) return "is no object";
  if (reader.trail.length > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH}`;
  return reader.left < 0 ? `makes more than ${MAX_SCHEMAS} schemas` : undefined;
}

function read(json: Json | undefined, reader: Reader): RawSchema {
  reader.left -= 1;
  const refusal = refusalOf(json, reader);
  if (refusal !== undefined) complain(reader, refusal);
  const isOver = reader.strict === true && reader.problem !== undefined;
  if (!isObject(json) || refusal !== undefined || isOver) return reader.sharing.share({});
  const draft: Draft = {};
  readOwn(json, draft, reader);
  readExtensions(json, draft, reader);
  readChildren(json, draft, reader);
  return reader.sharing.share(draft);
}

export function readSchema(json: Json | undefined, options: SchemaOptions): SchemaReading {
  const reader: Reader = { ...options, trail: [], left: MAX_SCHEMAS, problem: undefined };
  const schema = read(json, reader);
  return reader.problem === undefined ? { schema } : { schema, problem: reader.problem };
}

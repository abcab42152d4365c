/**
 * Small structural schemas by chance, and objects for them: defaults at every depth, nullable or not, free and half free
 * content, embedded objects, lists of every kind; values with nulls, empties and fields that nobody declares.
 */
import type { Json, JsonObject } from "../../../src/model/json.ts";
import type { Chance } from "../random.ts";

type Kind =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "int-or-string"
  | "object"
  | "map"
  | "list"
  | "set"
  | "keyed"
  | "free"
  | "half-free"
  | "embedded"
  | "anything"
  | "any-map";

/** A schema, and how a value for it is made. */
export interface Drawn {
  readonly schema: JsonObject;
  /** @param wild with nulls where they may not be, and fields that nobody declares; otherwise valid as a default */
  readonly value: (chance: Chance, wild: boolean) => Json;
}

const leaves: readonly Kind[] = ["string", "integer", "number", "boolean", "int-or-string"];
const kinds: readonly Kind[] = [
  ...leaves,
  ...leaves,
  "object",
  "object",
  "object",
  "map",
  "map",
  "list",
  "list",
  "set",
  "keyed",
  "free",
  "half-free",
  "embedded",
  "anything",
  "any-map",
];

const texts: readonly string[] = ["", "a", "b", "1000m", "0"];
const freeValues: readonly Json[] = [
  null,
  {},
  [],
  "",
  0,
  false,
  { a: null },
  { a: { b: [] } },
  [null, { c: null }],
  1.5,
];
const wildFields: readonly (readonly [string, Json])[] = [
  ["unknown", 1],
  ["unknown", { a: null }],
  ["strange", null],
  ["metadata", { name: "x", labels: {}, strange: 1 }],
];

const odds = (chance: Chance, percent: number): boolean => chance.number(100) < percent;

function simple(schema: JsonObject, values: readonly Json[]): Drawn {
  return { schema, value: (chance) => chance.pick(values) };
}

/** Some values would not do as a default: the server wants those as it would store them. */
function wilder(schema: JsonObject, values: readonly Json[], more: readonly Json[]): Drawn {
  return { schema, value: (chance, wild) => chance.pick(wild ? [...values, ...more] : values) };
}

/** An entry's value: what its schema allows, or null, which the server may keep, prune or replace. */
function entry(drawn: Drawn, chance: Chance, wild: boolean): Json {
  const mayBeNull = wild || drawn.schema["nullable"] === true;
  return mayBeNull && odds(chance, 15) ? null : drawn.value(chance, wild);
}

function objectOf(fields: readonly (readonly [string, Drawn])[], more: JsonObject, extra: readonly Json[]): Drawn {
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields.map(([name, { schema: own }]) => [name, own])),
    ...more,
  };
  return {
    schema,
    value: (chance, wild) => {
      const made: Record<string, Json> = {};
      for (const [name, drawn] of fields) if (odds(chance, 55)) made[name] = entry(drawn, chance, wild);
      if (extra.length > 0 && odds(chance, 50)) made["extra"] = chance.pick(extra);
      if (wild && odds(chance, 25)) {
        const [name, value] = chance.pick(wildFields);
        made[name] = value;
      }
      return made;
    },
  };
}

function listOf(item: Drawn, more: JsonObject, distinct: boolean): Drawn {
  return {
    schema: { type: "array", items: item.schema, ...more },
    value: (chance, wild) => {
      const values = Array.from({ length: chance.number(4) }, () => item.value(chance, wild));
      return distinct ? [...new Map(values.map((value) => [JSON.stringify(value), value])).values()] : values;
    },
  };
}

function keyedList(chance: Chance): Drawn {
  const item: JsonObject = {
    type: "object",
    required: ["name"],
    properties: {
      name: { type: "string" },
      protocol: { type: "string", default: "TCP" },
      size: { type: "integer", ...(odds(chance, 50) && { default: 1 }), ...(odds(chance, 50) && { nullable: true }) },
    },
  };
  const keys = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "protocol"] };
  return {
    schema: { type: "array", items: item, ...keys },
    value: (by, wild) =>
      ["x", "y"].slice(by.number(3)).map((name) => ({
        name,
        ...(odds(by, 40) && { protocol: "UDP" }),
        ...(odds(by, 40) && { size: odds(by, 20) && wild ? null : by.number(3) }),
      })),
  };
}

function embedded(chance: Chance, fields: readonly (readonly [string, Drawn])[]): Drawn {
  const keeps = odds(chance, 50);
  const schema = {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    ...(keeps && { "x-kubernetes-preserve-unknown-fields": true }),
    properties: Object.fromEntries(fields.map(([name, { schema: own }]) => [name, own])),
  };
  const metadata: readonly JsonObject[] = [
    { name: "n" },
    { name: "n", labels: {}, annotations: null },
    { name: "n", labels: { a: "b" }, strange: 1, creationTimestamp: null },
  ];
  return {
    schema,
    value: (by, wild) => {
      const made: Record<string, Json> = { apiVersion: "v1", kind: "ConfigMap", metadata: by.pick(metadata) };
      for (const [name, drawn] of fields) if (odds(by, 60)) made[name] = entry(drawn, by, wild);
      if (odds(by, 50)) made["data"] = by.pick([{}, { a: null }, { a: "b" }]);
      return made;
    },
  };
}

function drawFields(chance: Chance, depth: number): readonly (readonly [string, Drawn])[] {
  return ["a", "b", "c"].slice(chance.number(3)).map((name) => [name, draw(chance, depth + 1)] as const);
}

function make(kind: Kind, chance: Chance, depth: number): Drawn {
  switch (kind) {
    case "string":
      return simple({ type: "string" }, texts);
    case "integer":
      return simple({ type: "integer" }, [0, 1, -1, 2 ** 40]);
    case "number":
      return simple({ type: "number" }, [0, 0.5, 1e21, -3]);
    case "boolean":
      return simple({ type: "boolean" }, [true, false]);
    case "int-or-string":
      return simple({ "x-kubernetes-int-or-string": true }, [0, 80, "80", "", "10%"]);
    case "object":
      return objectOf(drawFields(chance, depth), {}, []);
    case "half-free":
      return objectOf(drawFields(chance, depth), { "x-kubernetes-preserve-unknown-fields": true }, freeValues);
    case "free":
      return simple({ type: "object", "x-kubernetes-preserve-unknown-fields": true }, [{}, { a: null }, { a: [{}] }]);
    case "anything":
      return simple({ "x-kubernetes-preserve-unknown-fields": true }, ["", 0, {}, [], { a: null }, [null]]);
    case "any-map":
      return wilder(
        { type: "object", additionalProperties: true },
        [{}, { a: null }, { a: {}, c: "" }],
        [{ a: { b: null }, c: { d: 1 } }],
      );
    case "map": {
      const values = draw(chance, depth + 1);
      return {
        schema: { type: "object", additionalProperties: values.schema },
        value: (by, wild) =>
          Object.fromEntries(["k", "l"].slice(by.number(3)).map((key) => [key, entry(values, by, wild)])),
      };
    }
    case "list":
      return listOf(draw(chance, depth + 1), {}, false);
    case "set":
      return listOf(make("string", chance, depth), { "x-kubernetes-list-type": "set" }, true);
    case "keyed":
      return keyedList(chance);
    case "embedded":
      return embedded(chance, drawFields(chance, depth));
  }
}

const DEEPEST = 3;

/** One schema by chance, with or without a default, nullable or not. */
export function draw(chance: Chance, depth = 0): Drawn {
  const plain = make(chance.pick(depth >= DEEPEST ? leaves : kinds), chance, depth);
  const nullable = odds(chance, 30);
  const own = { ...plain.schema, ...(nullable && { nullable: true }) };
  // A default that is an embedded object would need metadata of its own; the server forbids it.
  const mayDefault = plain.schema["x-kubernetes-embedded-resource"] !== true && odds(chance, 40);
  if (!mayDefault) return { ...plain, schema: own };
  const value = nullable && odds(chance, 15) ? null : plain.value(chance, false);
  return { ...plain, schema: { ...own, default: value } };
}

/** values.yaml and its schema speak of the same keys, and the schema lets no typo through. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { isObject, type Json, type JsonObject } from "../../src/model/json.ts";

const chart = path.join(fileURLToPath(new URL("../..", import.meta.url)), "charts/plumbline");
const read = (file: string): string => readFileSync(path.join(chart, file), "utf8");
const values = parse(read("values.yaml")) as JsonObject;
const schema = JSON.parse(read("values.schema.json")) as JsonObject;

/** Maps whose keys are the user's, and objects of Kubernetes' own shape. */
const open = (node: JsonObject): boolean => node["properties"] === undefined;

function* schemaKeys(node: Json | undefined, at: string): Generator<string> {
  if (!isObject(node) || !isObject(node["properties"])) return;
  for (const [key, child] of Object.entries(node["properties"])) {
    yield `${at}${key}`;
    yield* schemaKeys(child, `${at}${key}.`);
  }
}

function* valueKeys(value: Json | undefined, node: Json | undefined, at: string): Generator<string> {
  if (!isObject(value) || !isObject(node) || open(node)) return;
  const properties = node["properties"];
  for (const [key, child] of Object.entries(value)) {
    yield `${at}${key}`;
    yield* valueKeys(child, isObject(properties) ? properties[key] : undefined, `${at}${key}.`);
  }
}

function* objectsOf(node: Json | undefined, at: string): Generator<readonly [string, JsonObject]> {
  if (!isObject(node)) return;
  if (isObject(node["properties"])) {
    yield [at, node];
    for (const [key, child] of Object.entries(node["properties"])) yield* objectsOf(child, `${at}.${key}`);
  }
  yield* objectsOf(node["additionalProperties"], `${at}.*`);
}

test("every value is in the schema, and the other way round", () => {
  expect([...valueKeys(values, schema, "")].sort()).toEqual([...schemaKeys(schema, "")].sort());
});

test("every object of the schema refuses what it does not know, but global, which is shared", () => {
  const lax = [...objectsOf(schema, "")].filter(([, node]) => node["additionalProperties"] !== false);
  expect(lax.map(([at]) => at)).toEqual([".global"]);
});

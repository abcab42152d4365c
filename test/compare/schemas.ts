/** Schemas of a recorded API server, for tests that need no server. Recorded by record-schemas.ts. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createSchemaIndex, kindOf, type SchemaIndex } from "../../src/compare/schema-index.ts";
import { isObject, parseJson, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import { customDefinition } from "./custom-objects.ts";

function read(): SchemaIndex {
  const index = createSchemaIndex();
  const packed = readFileSync(new URL("./fixtures/open-api.json.gz", import.meta.url));
  const documents = parseJson(gunzipSync(packed).toString("utf8"));
  if (!isObject(documents)) throw new Error("the fixture is no object");
  for (const [groupVersion, document] of Object.entries(documents)) index.addOpenApi(groupVersion, document);
  index.addCrd(customDefinition);
  return index;
}

export const schemas: SchemaIndex = read();

/** @throws where the fixture does not hold the kind */
export function schemaOf(object: KubeObject): KindSchema {
  const schema = schemas.schemaFor(kindOf(object));
  if (schema === undefined) throw new Error(`the fixture holds no ${object.apiVersion} ${object.kind}`);
  return schema;
}

export function object(apiVersion: string, kind: string, rest: JsonObject = {}): KubeObject {
  const { metadata, ...fields } = rest;
  return { apiVersion, kind, ...fields, metadata: { name: "it", ...(isObject(metadata) ? metadata : {}) } };
}

/** A Deployment of one container `c`, with these fields of the container, the Pod and the spec. */
export function deployment(container: JsonObject = {}, pod: JsonObject = {}, spec: JsonObject = {}): KubeObject {
  const containers = [{ name: "c", image: "a:1", ...container }];
  const template = { metadata: { labels: { app: "it" } }, spec: { containers, ...pod } };
  return object("apps/v1", "Deployment", { spec: { selector: { matchLabels: { app: "it" } }, template, ...spec } });
}

export function sample(spec: JsonObject): KubeObject {
  return object("example.com/v1", "Sample", { spec });
}

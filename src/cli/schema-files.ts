/**
 * OpenAPI v3 documents as files: the built-in ones, and those that `plumbline schema save` wrote into a folder, one
 * `<group>_<version>.json` each.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { isArray, isObject, type Json, type JsonObject, parseJson } from "../model/json.ts";

/** Documents by group and version: `v1`, `apps/v1`. */
export type SchemaDocuments = ReadonlyMap<string, Json>;

const prose = new Set(["description", "example", "externalDocs"]);

/** Only the schemas, without what people read. Entries of `properties` are names, and stay whatever they are called. */
function withoutProse(value: Json, names: boolean): Json {
  if (isArray(value)) return value.map((item) => withoutProse(item, false));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => names || !prose.has(key));
  return Object.fromEntries(
    kept.map(([key, entry]) => [key, withoutProse(entry, !names && (key === "properties" || key === "schemas"))]),
  );
}

export function trimDocument(document: Json): Json {
  const components = isObject(document) ? document["components"] : undefined;
  return { components: withoutProse(components ?? {}, false) };
}

/** The schema of the Kubernetes version that Plumbline was released with. */
export function readBuiltInSchema(): { readonly server: string; readonly documents: SchemaDocuments } {
  const file = new URL("built-in-schema/kubernetes.json.gz", import.meta.url);
  const { server, documents } = parseJson(gunzipSync(readFileSync(file)).toString("utf8")) as {
    server: string;
    documents: JsonObject;
  };
  return { server, documents: new Map(Object.entries(documents)) };
}

const fileOf = (groupVersion: string): string => `${groupVersion.replace("/", "_")}.json`;

/** @throws Error where the folder cannot be read, or a file in it is no JSON */
export function readSchemaFolder(folder: string): SchemaDocuments {
  const documents = new Map<string, Json>();
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(".json"))) {
    const file = path.join(folder, name);
    try {
      documents.set(name.slice(0, -".json".length).replace("_", "/"), parseJson(readFileSync(file, "utf8")));
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  if (documents.size === 0) throw new Error(`${folder}: holds no OpenAPI documents (*.json)`);
  return documents;
}

export function writeSchemaFolder(folder: string, documents: SchemaDocuments): void {
  mkdirSync(folder, { recursive: true });
  for (const [groupVersion, document] of documents)
    writeFileSync(path.join(folder, fileOf(groupVersion)), `${JSON.stringify(trimDocument(document))}\n`);
}

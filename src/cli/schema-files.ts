/**
 * What a cluster serves, as files: OpenAPI v3 documents and each kind's scope. The built-in ones, and those that
 * `plumbline schema save` wrote into a folder: one `<group>_<version>.json` per document, and `scopes.json`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { getString, isArray, isObject, type Json, type JsonObject, parseJson } from "../model/json.ts";
import { messageOf } from "../model/problem.ts";
import { kindKey, type KindRef } from "../model/resource.ts";
import { CliError } from "./cli-error.ts";

/** Documents by group and version: `v1`, `apps/v1`. */
export type SchemaDocuments = ReadonlyMap<string, Json>;
export type Scope = "Namespaced" | "Cluster";

export interface SavedSchema {
  readonly documents: SchemaDocuments;
  /** By `apps/v1/Deployment`; from the server's discovery. */
  readonly scopes: ReadonlyMap<string, Scope>;
}

const prose = new Set(["description", "example", "externalDocs"]);
const SCOPES = "scopes.json";

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

/** Scopes as they are written into a file: sorted, so that two saves of one server are the same bytes. */
export function scopesOf(
  kinds: readonly (KindRef & { readonly namespaced: boolean })[],
): Readonly<Record<string, Scope>> {
  const entries = kinds.map((kind) => [kindKey(kind), kind.namespaced ? "Namespaced" : "Cluster"] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function readScopes(value: Json | undefined): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const key of isObject(value) ? Object.keys(value) : []) {
    const scope = getString(value, key);
    if (scope === "Namespaced" || scope === "Cluster") scopes.set(key, scope);
  }
  return scopes;
}

/** The schema of the Kubernetes version that Plumbline was released with. */
export function readBuiltInSchema(): SavedSchema & { readonly server: string } {
  const file = new URL("built-in-schema/kubernetes.json.gz", import.meta.url);
  const { server, documents, scopes } = parseJson(gunzipSync(readFileSync(file)).toString("utf8")) as {
    server: string;
    documents: JsonObject;
    scopes: JsonObject;
  };
  return { server, documents: new Map(Object.entries(documents)), scopes: readScopes(scopes) };
}

const fileOf = (groupVersion: string): string => `${groupVersion.replace("/", "_")}.json`;

function readJson(file: string): Json {
  try {
    return parseJson(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`);
  }
}

/** @throws CliError where the folder cannot be read, or a file in it is no JSON */
export function readSchemaFolder(folder: string): SavedSchema {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((entry) => entry.endsWith(".json"));
  } catch (error) {
    throw new CliError(`--schema ${folder}: ${messageOf(error)}`);
  }
  const documents = new Map<string, Json>();
  for (const name of names) {
    if (name === SCOPES) continue;
    documents.set(name.slice(0, -".json".length).replace("_", "/"), readJson(path.join(folder, name)));
  }
  if (documents.size === 0) throw new CliError(`--schema ${folder}: holds no OpenAPI documents (*.json)`);
  return { documents, scopes: readScopes(names.includes(SCOPES) ? readJson(path.join(folder, SCOPES)) : undefined) };
}

/** @throws CliError where the folder cannot be written */
export function writeSchemaFolder(
  folder: string,
  documents: SchemaDocuments,
  scopes: Readonly<Record<string, Scope>>,
): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [groupVersion, document] of documents)
      writeFileSync(path.join(folder, fileOf(groupVersion)), `${JSON.stringify(trimDocument(document))}\n`);
    writeFileSync(path.join(folder, SCOPES), `${JSON.stringify(scopes, null, 1)}\n`);
  } catch (error) {
    throw new CliError(`--to ${folder}: ${messageOf(error)}`);
  }
}

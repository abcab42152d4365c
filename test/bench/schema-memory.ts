/**
 * What the schemas of a cluster cost in memory: every built-in kind and 150 CRDs, read; then as many as the objects of
 * a cluster use; then every node of every schema, which no cluster needs. Prints bytes, asserts nothing:
 * `npm run bench:memory` (a process of its own, with --expose-gc). The CRDs are those of the corpora, again under
 * other groups where they are fewer; without corpora, ours and schemas written out of built-in kinds.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { createSchemaIndex, type SchemaIndex } from "../../src/compare/schema-index.ts";
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KindRef, KubeObject } from "../../src/model/resource.ts";
import type { TypeNode } from "../../src/model/schema.ts";
import { requirement } from "../control-plane/requirements.ts";
import { readCorpus } from "../corpus/corpora.ts";

const DEFINITIONS = 150;
const GOAL = 25_000_000;
/** A definition writes out what it embeds; deeper than this nothing real does. */
const INLINE_DEPTH = 14;

/** Once nothing is on the stack any more that may still hold a document. */
async function used(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await wait(10);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

function inlined(types: JsonObject, schema: Json, depth: number): Json {
  if (isArray(schema)) return schema.map((part) => inlined(types, part, depth));
  if (!isObject(schema)) return schema;
  const name = getString(schema, "$ref")?.split("/").at(-1) ?? getString(getIn(schema, "allOf"), "0", "$ref");
  if (name !== undefined)
    return depth > INLINE_DEPTH ? { type: "object" } : inlined(types, types[name] ?? {}, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inlined(types, value, depth)]));
}

function definition(group: string, kind: string, openAPIV3Schema: Json): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: { kind, plural }, versions: [{ name: "v1", schema: { openAPIV3Schema } }] },
  };
}

/** Each built-in kind of workload as a definition of its own. */
function standIns(): readonly KubeObject[] {
  const types = getIn(readBuiltInSchema().documents.get("apps/v1"), "components", "schemas");
  if (!isObject(types)) return [];
  const kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision"];
  return kinds.map((kind) =>
    definition("apps.example.com", kind, inlined(types, types[`io.k8s.api.apps.v1.${kind}`] ?? {}, 0)),
  );
}

function readDefinitions(): { readonly from: string; readonly definitions: readonly KubeObject[] } {
  const corpora = requirement("corpora");
  if (!corpora.ok) return { from: "built-in kinds written out", definitions: standIns() };
  const all = readCorpus(corpora.path, readdirSync(path.join(corpora.path, "manifests")));
  const byName = new Map(
    all
      .filter(({ object }) => object.kind === "CustomResourceDefinition")
      .map(({ object }) => [getString(object.metadata, "name"), object] as const),
  );
  return { from: "the corpora", definitions: [...byName.values()] };
}

function kindsOf(crd: KubeObject): readonly KindRef[] {
  const versions = getIn(crd, "spec", "versions");
  const group = getString(crd, "spec", "group") ?? "";
  const kind = getString(crd, "spec", "names", "kind") ?? "";
  return (isArray(versions) ? versions : []).map((version) => ({
    group,
    kind,
    version: getString(version, "name") ?? "",
  }));
}

function addDefinitions(index: SchemaIndex): { readonly from: string; readonly kinds: readonly KindRef[] } {
  const { from, definitions } = readDefinitions();
  const kinds: KindRef[] = [];
  for (let at = 0; at < DEFINITIONS; at += 1) {
    const crd = definitions[at % definitions.length];
    if (crd === undefined) break;
    const round = Math.floor(at / definitions.length);
    const prefix = round === 0 ? "" : `r${round}.`;
    const name = `${getString(crd.metadata, "name") ?? ""}${prefix}`;
    const spec = isObject(crd["spec"]) ? crd["spec"] : {};
    const made = { ...crd, metadata: { name }, spec: { ...spec, group: `${prefix}${getString(spec, "group") ?? ""}` } };
    index.addCrd(made);
    kinds.push(...kindsOf(made));
  }
  // Names that are cut out of a file's text would hold on to the file.
  return { from: `${from}, ${definitions.length} different ones`, kinds: structuredClone(kinds) };
}

function addBuiltIns(index: SchemaIndex): readonly KindRef[] {
  const { documents, scopes } = readBuiltInSchema();
  for (const [groupVersion, document] of documents) index.addOpenApi(groupVersion, document);
  return [...scopes.keys()].map((key) => {
    const [kind = "", version = "", group = ""] = key.split("/").toReversed();
    return { group, version, kind };
  });
}

/** Every node, each but once. */
function walk(node: TypeNode, seen: WeakSet<TypeNode>): number {
  if (seen.has(node)) return 0;
  seen.add(node);
  if (node.type === "map") return 1 + walk(node.values(), seen);
  if (node.type === "list") return 1 + walk(node.items(), seen);
  if (node.type !== "struct") return 1;
  return node.fields().reduce((sum, name) => {
    const field = node.field(name);
    return field === undefined ? sum : sum + walk(field, seen);
  }, 1);
}

function print(what: string, bytes: number, more = ""): void {
  const share = `${((bytes / GOAL) * 100).toFixed(1)} % of 25 MB`;
  process.stdout.write(`${what.padEnd(52)}${String(bytes).padStart(12)} bytes  ${share.padStart(16)}  ${more}\n`);
}

if (globalThis.gc === undefined) throw new Error("run it with --expose-gc: npm run bench:memory");
const index = createSchemaIndex();
// Once before, so that what the code itself needs is not counted.
addBuiltIns(createSchemaIndex());
const before = await used();
const builtIn = addBuiltIns(index);
print(`${builtIn.length} built-in kinds read`, (await used()) - before);
const { from, kinds } = addDefinitions(index);
print(`and ${DEFINITIONS} CRDs (${kinds.length} versions)`, (await used()) - before, from);
for (const kind of [...builtIn, ...kinds]) index.schemaFor(kind);
print("and asked for each kind", (await used()) - before);
const seen = new WeakSet<TypeNode>();
const nodes = [...builtIn, ...kinds].reduce((sum, kind) => {
  const root = index.schemaFor(kind)?.root;
  return root === undefined ? sum : sum + walk(root, seen);
}, 0);
print("and every node of every schema made", (await used()) - before, `${nodes} nodes`);
if (index.schemaFor({ group: "apps", version: "v1", kind: "Deployment" }) === undefined) process.exitCode = 1;

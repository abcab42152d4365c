/**
 * The schemas of one cluster, by kind: from the server's OpenAPI v3 documents and from CustomResourceDefinitions. A CRD
 * beats OpenAPI for its kinds (it is there first, and complete). Documents are kept small and read once, what is equal
 * in them is kept once, and nodes are made on demand. Never fetches anything: whoever watches the cluster hands the
 * documents in.
 */
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import { kindKey, kindRef, type KindRef, type KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { readDefinition, type DefinedVersion } from "./schema-definition.ts";
import { objectMeta } from "./schema-meta.ts";
import { createNodeBuilder, isBuiltInName, type NodeBuilder } from "./schema-node.ts";
import { readSchema, type RawSchema } from "./schema-raw.ts";
import { createSharing } from "./schema-sharing.ts";

export interface SchemaIndex {
  /** @param groupVersion `v1`, `apps/v1`; @param document as `/openapi/v3/apis/apps/v1` answers it; replaces an earlier one */
  addOpenApi(groupVersion: string, document: Json): void;
  /** The same in steps, a type each, for whoever may not compute for long; the last one puts it in force. */
  addingOpenApi(groupVersion: string, document: Json): Generator<void, void>;
  /** Every version of the CRD, served or not; replaces what it said before. */
  addCrd(crd: KubeObject): void;
  removeCrd(name: string): void;
  /** Undefined where no document knows the kind. The same node for the same documents. */
  schemaFor(kind: KindRef): KindSchema | undefined;
  /** Why a kind that a CRD defines has no schema; code `schema-failed`. */
  problemFor(kind: KindRef): Problem | undefined;
}

/**
 * Types have names within a document only: an extension server may publish a PodSpec of its own, older one, and a CRD
 * can be called so that its type has the name of a built-in.
 */
interface Document {
  readonly types: ReadonlyMap<string, RawSchema>;
  /** Name of the type of each of its own kinds. */
  readonly roots: ReadonlyMap<string, string>;
  readonly builder: NodeBuilder;
  /** Minor of the server that published it. */
  readonly server: string | undefined;
}

interface Custom extends DefinedVersion {
  /** Name of the CRD. */
  readonly owner: string;
}

/** After so many changes what nobody uses any more may outweigh what is shared. */
const FORGET_AFTER = 200;

const text: TypeNode = { type: "scalar", scalar: "string" };
/** What every object has, whatever its schema says. */
const always: ReadonlyMap<string, TypeNode> = new Map([
  ["apiVersion", text],
  ["kind", text],
  ["metadata", objectMeta],
]);

/** The root of a custom kind: the schema's own fields, and the three that every object has. */
function customRoot(raw: RawSchema, builder: NodeBuilder): TypeNode {
  const own = builder.node({ ...raw, type: "object", names: raw.names ?? [], fields: raw.fields ?? [] });
  if (own.type !== "struct") return own;
  const names = [...new Set([...always.keys(), ...own.fields()])];
  return { ...own, field: (name) => always.get(name) ?? own.field(name), fields: () => names };
}

/** The kinds of this very document that a type is the root of: DeleteOptions and the like stand for every group. */
function kindsOf(schema: Json, groupVersion: string): readonly string[] {
  const kinds = isObject(schema) ? schema["x-kubernetes-group-version-kind"] : undefined;
  if (!isArray(kinds)) return [];
  const keys = kinds.map((gvk) =>
    kindKey({
      group: getString(gvk, "group") ?? "",
      version: getString(gvk, "version") ?? "",
      kind: getString(gvk, "kind") ?? "",
    }),
  );
  return keys.filter((key) => key.startsWith(`${groupVersion}/`));
}

/** The API server calls its documents by its minor, `1.36` or `v1.36.1`; extension servers by whatever they like. */
function serverOf(document: Json): string | undefined {
  return /^v?(1\.\d+)/.exec(getString(document, "info", "version") ?? "")?.[1];
}

export function createSchemaIndex(): SchemaIndex {
  const documents = new Map<string, Document>();
  const documentOf = new Map<string, Document>();
  const custom = new Map<string, Custom>();
  const schemas = new Map<string, KindSchema>();
  const customBuilder = createNodeBuilder(() => undefined);
  const keepingBuilder = createNodeBuilder(() => undefined, { prunes: false });
  let sharing = createSharing();
  let changes = 0;

  function forget(keys: Iterable<string>): void {
    for (const key of keys) schemas.delete(key);
    changes += 1;
    if (changes % FORGET_AFTER === 0) sharing = createSharing();
  }

  function* addingOpenApi(groupVersion: string, document: Json): Generator<void, void> {
    const found = getIn(document, "components", "schemas");
    const types = new Map<string, RawSchema>();
    const roots = new Map<string, string>();
    for (const [name, schema] of isObject(found) ? Object.entries(found) : []) {
      for (const key of kindsOf(schema, groupVersion)) roots.set(key, name);
      types.set(name, readSchema(schema, { sharing }).schema);
      yield;
    }
    const old = documents.get(groupVersion);
    if (old !== undefined) {
      for (const key of old.roots.keys()) documentOf.delete(key);
      documents.delete(groupVersion);
      forget(old.roots.keys());
    }
    if (!isObject(found)) return;
    const builder = createNodeBuilder((name) => types.get(name));
    const made: Document = { types, roots, builder, server: serverOf(document) };
    documents.set(groupVersion, made);
    for (const key of roots.keys()) {
      documentOf.set(key, made);
      schemas.delete(key);
    }
  }

  function removeCrd(name: string): void {
    const keys = [...custom].filter(([, { owner }]) => owner === name).map(([key]) => key);
    if (keys.length === 0) return;
    for (const key of keys) custom.delete(key);
    forget(keys);
  }

  function addCrd(crd: KubeObject): void {
    const { name, versions } = readDefinition(crd, sharing);
    removeCrd(name);
    for (const version of versions) {
      custom.set(version.key, { ...version, owner: name });
      schemas.delete(version.key);
    }
  }

  function make(key: string): KindSchema | undefined {
    const defined = custom.get(key);
    if (defined !== undefined && defined.problem === undefined)
      return { root: customRoot(defined.schema, defined.prunes ? customBuilder : keepingBuilder), builtIn: false };
    const document = documentOf.get(key);
    const type = document?.roots.get(key);
    if (document === undefined || type === undefined) return undefined;
    if (defined === undefined && isBuiltInName(type)) {
      const { builder, server } = document;
      return { root: builder.named(type), builtIn: true, ...(server !== undefined && { server }) };
    }
    return { root: customRoot(document.types.get(type) ?? {}, document.builder), builtIn: false };
  }

  return {
    addOpenApi(groupVersion, document) {
      for (const _ of addingOpenApi(groupVersion, document));
    },
    addingOpenApi,
    addCrd,
    removeCrd,
    schemaFor(kind) {
      const key = kindKey(kind);
      const known = schemas.get(key);
      if (known !== undefined) return known;
      const made = make(key);
      if (made !== undefined) schemas.set(key, made);
      return made;
    },
    problemFor: (kind) => custom.get(kindKey(kind))?.problem,
  };
}

/** The kind of an object, as {@link SchemaIndex.schemaFor} wants it. */
export function kindOf(object: KubeObject): KindRef {
  return kindRef(object.apiVersion, object.kind);
}

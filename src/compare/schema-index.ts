/**
 * The schemas of one cluster, by kind: from the server's OpenAPI v3 documents and from CustomResourceDefinitions. A CRD
 * beats OpenAPI for its kinds (it is there first, and complete). Documents are kept small and read once; nodes are made
 * on demand. Never fetches anything: whoever watches the cluster hands the documents in.
 */
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import { kindKey, kindRef, type KindRef, type KubeObject } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { objectMeta } from "./schema-meta.ts";
import { createNodeBuilder, isBuiltInName, type NodeBuilder } from "./schema-node.ts";
import { readSchema, type RawSchema } from "./schema-raw.ts";

export interface SchemaIndex {
  /** @param groupVersion `v1`, `apps/v1`; @param document as `/openapi/v3/apis/apps/v1` answers it; replaces an earlier one */
  addOpenApi(groupVersion: string, document: Json): void;
  /** Every version of the CRD, served or not; replaces what it said before. */
  addCrd(crd: KubeObject): void;
  removeCrd(name: string): void;
  /** Undefined where no document knows the kind. The same node for the same documents. */
  schemaFor(kind: KindRef): KindSchema | undefined;
}

interface CrdKinds {
  readonly name: string;
  readonly keys: readonly string[];
}

/** The root of a custom kind: the schema's own fields, and the three that every object has. */
function customRoot(raw: RawSchema, builder: NodeBuilder): TypeNode {
  const text: TypeNode = { type: "scalar", scalar: "string" };
  const always: ReadonlyMap<string, TypeNode> = new Map([
    ["apiVersion", text],
    ["kind", text],
    ["metadata", objectMeta],
  ]);
  const own = builder.node({ ...raw, type: "object", properties: raw.properties ?? new Map() });
  if (own.type !== "struct") return own;
  const names = [...new Set([...always.keys(), ...own.fields()])];
  return { ...own, field: (name) => always.get(name) ?? own.field(name), fields: () => names };
}

export function createSchemaIndex(): SchemaIndex {
  // Types by name, over all documents: the same server publishes the same PodSpec in many of them.
  const types = new Map<string, RawSchema>();
  const typeOfKind = new Map<string, string>();
  const kindsOfDocument = new Map<string, readonly string[]>();
  const crds = new Map<string, CrdKinds>();
  const custom = new Map<string, RawSchema>();
  let builder = createNodeBuilder((name) => types.get(name));
  const schemas = new Map<string, KindSchema>();

  function readKinds(name: string, schema: Json): readonly string[] {
    const kinds = isObject(schema) ? schema["x-kubernetes-group-version-kind"] : undefined;
    if (!isArray(kinds)) return [];
    return kinds.map((gvk) => {
      const group = getString(gvk, "group") ?? "";
      const version = getString(gvk, "version") ?? "";
      const key = kindKey({ group, version, kind: getString(gvk, "kind") ?? "" });
      typeOfKind.set(key, name);
      return key;
    });
  }

  function addOpenApi(groupVersion: string, document: Json): void {
    const found = getIn(document, "components", "schemas");
    for (const key of kindsOfDocument.get(groupVersion) ?? []) typeOfKind.delete(key);
    kindsOfDocument.delete(groupVersion);
    if (isObject(found)) {
      const keys: string[] = [];
      for (const [name, schema] of Object.entries(found)) {
        const kinds = readKinds(name, schema);
        // DeleteOptions and the like stand for every group; only this document's own kinds are its roots.
        keys.push(...kinds.filter((key) => key.startsWith(`${groupVersion}/`)));
        types.set(name, readSchema(schema));
      }
      kindsOfDocument.set(groupVersion, keys);
    }
    builder = createNodeBuilder((name) => types.get(name));
    schemas.clear();
  }

  function removeCrd(name: string): void {
    for (const key of crds.get(name)?.keys ?? []) {
      custom.delete(key);
      schemas.delete(key);
    }
    crds.delete(name);
  }

  function addCrd(crd: KubeObject): void {
    const name = getString(crd.metadata, "name") ?? "";
    removeCrd(name);
    const group = getString(crd, "spec", "group") ?? "";
    const kind = getString(crd, "spec", "names", "kind") ?? "";
    const versions = getIn(crd, "spec", "versions");
    const preservesAll = getIn(crd, "spec", "preserveUnknownFields") === true;
    const keys: string[] = [];
    for (const version of isArray(versions) ? versions : []) {
      const key = kindKey({ group, version: getString(version, "name") ?? "", kind });
      const raw = readSchema(getIn(version, "schema", "openAPIV3Schema"));
      custom.set(key, preservesAll || raw.type === undefined ? { ...raw, preserve: true } : raw);
      keys.push(key);
      schemas.delete(key);
    }
    crds.set(name, { name, keys });
  }

  function schemaFor(kind: KindRef): KindSchema | undefined {
    const key = kindKey(kind);
    const known = schemas.get(key);
    if (known !== undefined) return known;
    const raw = custom.get(key);
    const type = typeOfKind.get(key);
    let made: KindSchema | undefined;
    if (raw !== undefined) made = { root: customRoot(raw, builder), builtIn: false };
    else if (type !== undefined && isBuiltInName(type)) made = { root: builder.named(type), builtIn: true };
    else if (type !== undefined) made = { root: customRoot(types.get(type) ?? {}, builder), builtIn: false };
    if (made !== undefined) schemas.set(key, made);
    return made;
  }

  return { addOpenApi, addCrd, removeCrd, schemaFor };
}

/** The kind of an object, as {@link SchemaIndex.schemaFor} wants it. */
export function kindOf(object: KubeObject): KindRef {
  return kindRef(object.apiVersion, object.kind);
}

/** Which kinds and types a server lets one make, so that none is forgotten when a newer server brings more. */
import { kindOf, type SchemaIndex } from "../../../src/compare/schema-index.ts";
import { shortTypeName } from "../../../src/compare/zeros.ts";
import { getIn, getString, isArray, type Json } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import type { TypeNode } from "../../../src/model/schema.ts";
import type { TruthServer } from "../../corpus/truth-server.ts";
import { hostsIn } from "./hosts.ts";

export interface Creatable {
  readonly apiVersion: string;
  readonly kind: string;
}

function listIn(value: Json, key: string): readonly Json[] {
  const found = getIn(value, key);
  return isArray(found) ? found : [];
}

function isCreatable(resource: Json): boolean {
  const verbs = listIn(resource, "verbs");
  // What cannot be read back (reviews, bindings) is no object that Git declares.
  return verbs.includes("create") && verbs.includes("get") && getString(resource, "name")?.includes("/") === false;
}

/** Every kind and version that the server serves, creates and gives back; those of CRDs are not asked for. */
export async function creatableKinds(server: TruthServer): Promise<readonly Creatable[]> {
  const groups = listIn((await server.send("GET", "/apis")).body, "groups");
  const versions = groups.flatMap((group) =>
    listIn(group, "versions").map((version) => getString(version, "groupVersion") ?? ""),
  );
  const found: Creatable[] = [];
  for (const apiVersion of ["v1", ...versions]) {
    const path = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
    for (const resource of listIn((await server.send("GET", path)).body, "resources")) {
      if (isCreatable(resource)) found.push({ apiVersion, kind: getString(resource, "kind") ?? "" });
    }
  }
  return found;
}

function typesOf(index: SchemaIndex, kinds: readonly Creatable[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: TypeNode, isRoot: boolean): void => {
    if (node.type === "list") visit(node.items(), false);
    else if (node.type === "map") visit(node.values(), false);
    if (node.type !== "struct" || names.has(shortTypeName(node.name))) return;
    names.add(shortTypeName(node.name));
    for (const field of node.fields()) {
      const inner = node.field(field);
      if (inner !== undefined && !(isRoot && field === "status")) visit(inner, false);
    }
  };
  for (const { apiVersion, kind } of kinds) {
    const schema = index.schemaFor(kindOf({ apiVersion, kind, metadata: {} }));
    if (schema?.builtIn === true) visit(schema.root, true);
  }
  return names;
}

/** Types that a manifest could hold, and that none of the objects does. */
export function typesWithout(
  index: SchemaIndex,
  kinds: readonly Creatable[],
  objects: readonly KubeObject[],
): readonly string[] {
  const held = hostsIn(index, objects, "type");
  return [...typesOf(index, kinds)].filter((name) => !held.has(name));
}

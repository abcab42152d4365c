/**
 * Where a default comes from, for whoever asks why a field that Git leaves out is as it is: the schema that declares it,
 * or the row of our table that says so. Decides nothing; the defaults are filled in by `defaults.ts`.
 */
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Path } from "../model/path.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { rowsByType, type Prepared } from "./defaults.ts";
import { holdsIn, type DefaultPlace } from "./defaults/row.ts";
import { child } from "./selector.ts";
import { shortTypeName } from "./zeros.ts";

export interface DefaultSource {
  readonly from: "schema" | "table";
  /** One sentence. */
  readonly reason: string;
}

type Struct = Extract<TypeNode, { type: "struct" }>;

function sourceOfField(struct: Struct, parent: JsonObject, field: string, place: DefaultPlace): DefaultSource {
  const { [field]: _, ...without } = parent;
  const row = (rowsByType.get(shortTypeName(struct.name)) ?? []).find(
    (one) => one.field === field && holdsIn(one, place.server) && one.when?.(without, place) !== false,
  );
  if (row !== undefined) return { from: "table", reason: row.reason ?? "what the API server fills in" };
  if (struct.field(field)?.default !== undefined) return { from: "schema", reason: "declared in the schema" };
  return { from: "table", reason: "part of what the API server fills in" };
}

function below(node: TypeNode, name: string): TypeNode {
  if (node.type === "struct") return node.field(name) ?? { type: "untyped" };
  return node.type === "map" ? node.values() : { type: "untyped" };
}

/** Of the outermost part of the path that Git does not state; undefined where Git states it all. */
export function sourceOfDefault(
  path: Path,
  { stated, defaulted }: Prepared,
  schema: KindSchema,
): DefaultSource | undefined {
  let node: TypeNode = schema.root;
  let said: Json | undefined = stated;
  let filled: Json | undefined = defaulted;
  for (const [depth, element] of path.entries()) {
    const next: Json | undefined = said === undefined ? undefined : child(said, element);
    if (next === undefined) {
      if (node.type !== "struct" || element.type !== "field" || !isObject(filled)) break;
      return sourceOfField(node, filled, element.name, placeAt(defaulted, depth, schema));
    }
    if (element.type === "field") node = below(node, element.name);
    else node = node.type === "list" && isArray(said) ? node.items() : { type: "untyped" };
    said = next;
    filled = filled === undefined ? undefined : child(filled, element);
  }
  return said === undefined || child(defaulted, path[0] ?? { type: "index", index: 0 }) === undefined
    ? undefined
    : { from: "table", reason: "part of what the API server fills in" };
}

function placeAt(root: KubeObject, depth: number, { server }: KindSchema): DefaultPlace {
  return { root, depth, ...(server !== undefined && { server }) };
}

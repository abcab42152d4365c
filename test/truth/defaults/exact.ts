/**
 * Holds `default(normalise(desired))` against what the API server answers, in both directions: a default of ours that the
 * server does not fill in is found as well as one that we lack. Scalars are the same by their type (the server spells
 * an amount its own way); nothing else is forgiven but what the server allocates.
 */
import { isAllocated } from "../../../src/compare/allocated.ts";
import { defaultedDesired } from "../../../src/compare/defaults.ts";
import { gatedField } from "../../../src/compare/defaults/gated.ts";
import { diffObjects } from "../../../src/compare/diff.ts";
import { sameScalar } from "../../../src/compare/equality.ts";
import { kindOf, type SchemaIndex } from "../../../src/compare/schema-index.ts";
import { sameJson } from "../../../src/compare/same-json.ts";
import { objectMeta } from "../../../src/compare/schema-meta.ts";
import { shortTypeName } from "../../../src/compare/zeros.ts";
import { formatJson, isArray, isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import type { KindSchema, TypeNode } from "../../../src/model/schema.ts";
import { serverMetadata } from "../../../src/model/server-fields.ts";

export type Tokens = readonly (string | number)[];

export interface Mismatch {
  readonly tokens: Tokens;
  /** Undefined where we leave it out. */
  readonly ours: Json | undefined;
  /** Undefined where the server leaves it out. */
  readonly server: Json | undefined;
}

const untyped: TypeNode = { type: "untyped" };
const notInMetadata: ReadonlySet<string> = new Set(["namespace", ...serverMetadata]);

interface Walk {
  readonly found: Mismatch[];
  /** A resource list rounds up to a milli; elsewhere an amount is exact. */
  readonly native: boolean;
  readonly server: string | undefined;
  /** Fields that were stated, and dropped since their feature is off. */
  readonly gated: Set<string>;
}

function skipped(tokens: Tokens, name: string): boolean {
  if (tokens.length === 0) return name === "status";
  return tokens.length === 1 && tokens[0] === "metadata" && notInMetadata.has(name);
}

/** True for a field that the schema does not know and the server therefore drops; the comparison sees that in live. */
function isPruned(node: TypeNode, name: string): boolean {
  return node.type === "struct" && !node.keepsUnknown && node.field(name) === undefined;
}

function shortName(node: TypeNode): string {
  return node.type === "struct" ? shortTypeName(node.name) : "";
}

function isGated(node: TypeNode, field: string, value: Json, { native, server }: Walk): boolean {
  return native && gatedField({ type: shortName(node), field, value }, server) !== undefined;
}

function childOf(node: TypeNode, name: string): TypeNode {
  if (node.type === "struct") return node.field(name) ?? untyped;
  return node.type === "map" ? node.values() : untyped;
}

function walkObjects(node: TypeNode, ours: JsonObject, server: JsonObject, tokens: Tokens, walk: Walk): void {
  for (const name of new Set([...Object.keys(ours), ...Object.keys(server)])) {
    if (skipped(tokens, name)) continue;
    const one = Object.hasOwn(ours, name) ? ours[name] : undefined;
    const other = Object.hasOwn(server, name) ? server[name] : undefined;
    if (isPruned(node, name) && other === undefined) continue;
    if (one !== undefined && other === undefined && isGated(node, name, one, walk)) {
      walk.gated.add(`${shortName(node)}.${name}`);
      continue;
    }
    const child = childOf(node, name);
    const native = walk.native || child === objectMeta;
    walkValue(child, one, other, [...tokens, name], native === walk.native ? walk : { ...walk, native });
  }
}

function sameLeaf(node: TypeNode, ours: Json, server: Json, walk: Walk): boolean {
  return node.type === "scalar" && walk.native ? sameScalar(node.scalar, ours, server, true) : sameJson(ours, server);
}

/** Something that only one side has, down to its entries where its type has some: those are what the server allocates. */
function parts(node: TypeNode, whole: Mismatch): readonly Mismatch[] {
  const value = whole.ours ?? whole.server ?? null;
  const side = whole.ours === undefined ? "server" : "ours";
  const part = (token: string | number, entry: Json): Mismatch => ({
    ours: undefined,
    server: undefined,
    tokens: [...whole.tokens, token],
    [side]: entry,
  });
  if (node.type === "map" && isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).map(([key, entry]) => part(key, entry));
  }
  if (node.type === "list" && node.list !== "atomic" && isArray(value) && value.length > 0) {
    return value.map((entry, index) => part(index, entry));
  }
  return [whole];
}

function walkValue(node: TypeNode, ours: Json | undefined, server: Json | undefined, tokens: Tokens, walk: Walk): void {
  if (isObject(ours) && isObject(server)) walkObjects(node, ours, server, tokens, walk);
  else if (isArray(ours) && isArray(server) && ours.length === server.length) {
    const items = node.type === "list" ? node.items() : untyped;
    for (const [index, item] of ours.entries()) walkValue(items, item, server[index], [...tokens, index], walk);
  } else if (ours === undefined || server === undefined) {
    // A list without `omitempty` is written as null where there is none: the same absence.
    if (walk.native && (ours ?? server ?? null) === null) return;
    walk.found.push(...parts(node, { tokens, ours, server }));
  } else if (!sameLeaf(node, ours, server, walk)) walk.found.push({ tokens, ours, server });
}

function begins(tokens: Tokens, start: Tokens): boolean {
  return start.length <= tokens.length && start.every((token, index) => token === tokens[index]);
}

/** Where the two are not the same, apart from what the server allocates. @param gated gets the gated fields it met */
export function mismatches(
  schema: KindSchema,
  desired: KubeObject,
  answer: KubeObject,
  gated = new Set<string>(),
): readonly Mismatch[] {
  const walk: Walk = { found: [], native: schema.builtIn, server: schema.server, gated };
  walkObjects(schema.root, defaultedDesired(desired, schema), answer, [], walk);
  if (walk.found.length === 0) return [];
  const { differences } = diffObjects({ desired, live: answer, schema });
  const allocated = differences
    .filter((difference) => isAllocated(difference, desired, answer, schema) !== undefined)
    .map((difference) => difference.tokens);
  return walk.found.filter(({ tokens }) => !allocated.some((start) => begins(tokens, start)));
}

/** @throws where the index does not know the kind */
export function mismatchesOf(
  index: SchemaIndex,
  desired: KubeObject,
  answer: KubeObject,
  gated?: Set<string>,
): readonly Mismatch[] {
  const schema = index.schemaFor(kindOf(desired));
  if (schema === undefined) throw new Error(`no schema for ${desired.apiVersion} ${desired.kind}`);
  return mismatches(schema, desired, answer, gated);
}

function show(value: Json | undefined): string {
  return value === undefined ? "nothing" : formatJson(value).slice(0, 100);
}

export function tellMismatch({ tokens, ours, server }: Mismatch): string {
  return `${tokens.join("/")}: ours ${show(ours)}, the server's ${show(server)}`;
}

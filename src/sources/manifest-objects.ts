/**
 * From documents to the objects they declare: Lists expanded as kubectl does, everything that is no object with a kind
 * and a name told apart as a problem with its line. Nothing in an object is changed.
 */
import { textOf, type DeclaredText } from "../model/desired.ts";
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import { formatId, isKubeObject, kindRef, type KubeObject } from "../model/resource.ts";

/** A document as this file needs it. */
export interface ReadDocument {
  readonly value: Json;
  readonly line: number;
  lineAt(tokens: readonly string[]): number | undefined;
}

export interface FoundObject<Document extends ReadDocument> {
  readonly desired: DeclaredText;
  readonly document: Document;
  /** Tokens from the document's root to the object: empty, or those of a List item. */
  readonly prefix: readonly string[];
}

interface Candidate<Document extends ReadDocument> {
  readonly value: Json;
  readonly document: Document;
  readonly prefix: readonly string[];
}

const MAX_LIST_DEPTH = 8;

export function objectsOf<Document extends ReadDocument>(
  documents: readonly Document[],
  file: string,
): { readonly objects: readonly FoundObject<Document>[]; readonly problems: readonly Problem[] } {
  const objects: FoundObject<Document>[] = [];
  const problems: Problem[] = [];
  for (const document of documents) {
    // kubectl passes over a document that says `null`.
    if (document.value === null) continue;
    for (const candidate of expand({ value: document.value, document, prefix: [] }, 0)) {
      const { value, prefix } = candidate;
      const line = prefix.length === 0 ? document.line : (document.lineAt(prefix) ?? document.line);
      const objection = objectTo(value);
      if (objection !== undefined) {
        problems.push({ ...objection, file, line, ...named(value) });
        continue;
      }
      const object = value as KubeObject;
      const source = { file, line, index: objects.length };
      objects.push({ desired: textOf(object, source), document, prefix });
    }
  }
  return { objects, problems };
}

function* expand<Document extends ReadDocument>(
  candidate: Candidate<Document>,
  depth: number,
): Generator<Candidate<Document>> {
  const { value, document, prefix } = candidate;
  const kind = getString(value, "kind");
  const items = getIn(value, "items");
  const isList =
    isObject(value) && kind !== undefined && (kind === "List" || (kind.endsWith("List") && isArray(items)));
  if (!isList || depth >= MAX_LIST_DEPTH || (items !== undefined && items !== null && !isArray(items))) {
    yield candidate;
    return;
  }
  for (const [index, item] of (items ?? []).entries())
    yield* expand(
      { value: typed(item, value, kind), document, prefix: [...prefix, "items", String(index)] },
      depth + 1,
    );
}

/** Items of a typed list (`ConfigMapList`) may leave out what the list says. Source: apimachinery, unstructured lists. */
function typed(item: Json, list: JsonObject, kind: string): Json {
  if (kind === "List" || !isObject(item) || item["kind"] !== undefined || item["apiVersion"] !== undefined) return item;
  const apiVersion = list["apiVersion"];
  return apiVersion === undefined ? item : { apiVersion, kind: kind.slice(0, -"List".length), ...item };
}

interface Objection {
  readonly code: ProblemCode;
  readonly message: string;
}

const KIND = /^[A-Za-z][A-Za-z0-9]*$/;
const API_VERSION = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** The first thing that keeps a value from being an object, if any. Names are checked as path segments only. */
function objectTo(value: Json): Objection | undefined {
  if (!isObject(value)) return { code: "not-an-object", message: `expected an object, found ${describeType(value)}` };
  const { apiVersion, kind, metadata } = value;
  if (typeof kind !== "string" || kind === "") return missing("no-kind", "kind", kind);
  if (typeof apiVersion !== "string" || apiVersion === "") return missing("no-kind", "apiVersion", apiVersion);
  if (!KIND.test(kind)) return { code: "no-kind", message: "kind is no name of a kind" };
  if (!API_VERSION.test(apiVersion))
    return { code: "no-kind", message: "apiVersion is no version such as v1 or apps/v1" };
  if (!isObject(metadata)) return missing("no-name", "metadata", metadata);
  return objectToName(metadata) ?? (isKubeObject(value) ? undefined : missing("no-name", "metadata", metadata));
}

function objectToName(metadata: JsonObject): Objection | undefined {
  const { name, namespace, generateName } = metadata;
  if (name === undefined || name === null || name === "") {
    if (generateName !== undefined && generateName !== null && generateName !== "")
      return {
        code: "generate-name",
        message: "it has generateName and no name, so there is no one object to compare",
      };
    return missing("no-name", "metadata.name", undefined);
  }
  if (typeof name !== "string") return missing("invalid-name", "metadata.name", name);
  if (!isSegment(name))
    return { code: "invalid-name", message: "metadata.name cannot be a name: it holds / or %, or is . or .." };
  if (namespace === undefined || namespace === null) return undefined;
  if (typeof namespace !== "string") return missing("invalid-name", "metadata.namespace", namespace);
  if (!isSegment(namespace))
    return { code: "invalid-name", message: "metadata.namespace cannot be the name of a namespace" };
  return undefined;
}

/** Source: apimachinery, IsValidPathSegmentName. */
function isSegment(name: string): boolean {
  return name !== "." && name !== ".." && !/[/%]/.test(name) && !hasControl(name);
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < 0x20) return true;
  return false;
}

function missing(code: ProblemCode, field: string, found: Json | undefined): Objection {
  return found === undefined
    ? { code, message: `${field} is missing` }
    : {
        code,
        message: `${field} must be ${field === "metadata" ? "an object" : "text"}, found ${describeType(found)}`,
      };
}

function describeType(value: Json): string {
  if (value === null) return "null";
  if (isArray(value)) return "a list";
  if (typeof value === "string") return value === "" ? "empty text" : "text";
  if (typeof value === "boolean") return "a boolean";
  return typeof value === "object" ? "an object" : "a number";
}

/** What can be said of an object that is none, for example `Deployment shop/web` or `Deployment`. */
function named(value: Json): { readonly object?: string } {
  const kind = getString(value, "kind");
  if (kind === undefined || kind === "") return {};
  const name = getString(value, "metadata", "name") ?? getString(value, "metadata", "generateName") ?? "";
  const namespace = getString(value, "metadata", "namespace") ?? "";
  const group = kindRef(getString(value, "apiVersion") ?? "", kind).group;
  return { object: printableLine(formatId({ group, kind, namespace, name }), 300) };
}

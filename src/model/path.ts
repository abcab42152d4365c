/**
 * Where in an object. A path is typed, as in structured-merge-diff: a struct field or map entry, an item of a
 * keyed list, a value of a set, or an index. Its text is stable under reordering; a JSON Pointer is not.
 */
import { formatJson, type Json } from "./json.ts";

export type PathElement =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "key"; readonly keys: Readonly<Record<string, Json>> }
  | { readonly type: "value"; readonly value: Json }
  | { readonly type: "index"; readonly index: number };

export type Path = readonly PathElement[];

export const field = (name: string): PathElement => ({ type: "field", name });

const PLAIN_NAME = /^[A-Za-z_$][\w$-]*$/;

export function formatElement(element: PathElement): string {
  switch (element.type) {
    case "field":
      return PLAIN_NAME.test(element.name) ? `.${element.name}` : `[${JSON.stringify(element.name)}]`;
    case "key":
      return `[${Object.entries(element.keys)
        .map(([key, value]) => `${key}=${formatJson(value)}`)
        .join(",")}]`;
    case "value":
      return `[=${formatJson(element.value)}]`;
    case "index":
      return `[${element.index}]`;
  }
}

/** `.spec.template.spec.containers[name="web"].image`, `.metadata.labels["app.kubernetes.io/name"]`. */
export function formatPath(path: Path): string {
  return path.map(formatElement).join("");
}

/** One reference token of RFC 6901, escaped. */
export function pointerToken(token: string | number): string {
  return typeof token === "number" ? String(token) : token.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** `["spec", "ports", 0]` → `/spec/ports/0`. */
export function formatPointer(tokens: readonly (string | number)[]): string {
  return tokens.map((token) => `/${pointerToken(token)}`).join("");
}

/** `/metadata/annotations/a~1b` → `["metadata", "annotations", "a/b"]`; undefined where it is no pointer. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

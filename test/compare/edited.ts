/** What a live object is made from in tests: the desired one as the server stores it, with some of it changed by hand. */
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { schemaOf } from "./schemas.ts";

/** By JSON Pointer; undefined takes away. */
export type Edits = Readonly<Record<string, Json | undefined>>;

/** The object as the server would give it back, with one value set, or taken away, at a pointer. */
export function edited(desired: KubeObject, edits: Edits): KubeObject {
  const copy = structuredClone(defaultedDesired(desired, schemaOf(desired))) as unknown as JsonObject;
  for (const [pointer, value] of Object.entries(edits)) {
    const tokens = pointer
      .slice(1)
      .split("/")
      .map((token) => token.replaceAll("~1", "/"));
    const last = tokens.pop() ?? "";
    let at = copy as Record<string, Json>;
    for (const token of tokens) {
      const next = at[token];
      at = (isObject(next) || isArray(next) ? next : (at[token] = {})) as Record<string, Json>;
    }
    if (value !== undefined) at[last] = value;
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return copy as KubeObject;
}

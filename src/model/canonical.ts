/**
 * One text for one content: keys sorted, no white space, integers exact. Two objects with equal content have equal
 * text whatever order their keys were written in. Never drops or converts a value. Works without recursion, so
 * nesting cannot exhaust the stack.
 */
import { createHash } from "node:crypto";
import { formatJson, isArray, isObject, type Json } from "./json.ts";

type Pending = { readonly text: string } | { readonly value: Json };

function expand(value: Json): readonly Pending[] {
  if (isArray(value)) {
    const items = value.flatMap((item, index): Pending[] => [{ text: index === 0 ? "[" : "," }, { value: item }]);
    return items.length === 0 ? [{ text: "[]" }] : [...items, { text: "]" }];
  }
  if (!isObject(value)) return [{ text: formatJson(value) }];
  const keys = Object.keys(value).sort();
  const entries = keys.flatMap((key, index): Pending[] => [
    { text: `${index === 0 ? "{" : ","}${JSON.stringify(key)}:` },
    { value: value[key] ?? null },
  ]);
  return entries.length === 0 ? [{ text: "{}" }] : [...entries, { text: "}" }];
}

export function canonicalJson(value: Json): string {
  const done: string[] = [];
  const pending: Pending[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ("text" in next) done.push(next.text);
    else for (const part of expand(next.value).toReversed()) pending.push(part);
  }
  return done.join("");
}

/** Hex sha256 of the canonical text: what `DesiredObject.hash` holds. */
export function digestOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

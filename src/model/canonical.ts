/**
 * One text for one content: keys sorted, no white space, integers exact. Two objects with equal content have equal
 * text whatever order their keys were written in. Never drops or converts a value. Nesting cannot exhaust the stack:
 * what is nested deeper than manifests are is written without recursion.
 */
import { hash } from "node:crypto";
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

function writeDeep(value: Json): string {
  const done: string[] = [];
  const pending: Pending[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ("text" in next) done.push(next.text);
    else for (const part of expand(next.value).toReversed()) pending.push(part);
  }
  return done.join("");
}

const MAX_RECURSION = 100;
// What JSON may have to escape; half a surrogate pair among it.
const ESCAPED = /["\\\p{Cc}\ud800-\udfff]/u;

const quote = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

function write(value: Json, depth: number): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value !== "object") return formatJson(value);
  if (depth > MAX_RECURSION) return writeDeep(value);
  if (isArray(value)) {
    let text = "[";
    for (let index = 0; index < value.length; index += 1)
      text += (index === 0 ? "" : ",") + write(value[index] ?? null, depth + 1);
    return `${text}]`;
  }
  const object = value as { readonly [key: string]: Json };
  let text = "{";
  for (const key of Object.keys(object).sort())
    text += `${text === "{" ? "" : ","}${quote(key)}:${write(object[key] ?? null, depth + 1)}`;
  return `${text}}`;
}

export function canonicalJson(value: Json): string {
  return write(value, 0);
}

/** Hex sha256 of the canonical text: what `DesiredObject.hash` holds. */
export function digestOf(value: Json): string {
  return hash("sha256", canonicalJson(value), "hex");
}

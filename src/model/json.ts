/**
 * JSON as Plumbline keeps it, with the numbers of the API server: an integer of 64 bits is exact (`bigint` where a double
 * cannot hold it), every other number is a double. Everything else is what `JSON.parse` gives. Values are never mutated
 * once made.
 */

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value under a chain of keys, or undefined where the chain breaks. Own keys only: `__proto__` finds nothing. */
export function getIn(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const key of keys) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** The string under a chain of keys; undefined where there is none, or something else. */
export function getString(value: Json | undefined, ...keys: readonly string[]): string | undefined {
  const found = getIn(value, ...keys);
  return typeof found === "string" ? found : undefined;
}

/** The entries of a string map (labels, annotations) under a chain of keys; other values are left out. */
export function getStrings(value: Json | undefined, ...keys: readonly string[]): Readonly<Record<string, string>> {
  const found = getIn(value, ...keys);
  const strings: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!isObject(found)) return strings;
  for (const [key, entry] of Object.entries(found)) if (typeof entry === "string") strings[key] = entry;
  return strings;
}

// Sixteen digits in a row is the shortest integer that a double may not hold; most texts have none and parse natively.
const MAYBE_UNSAFE = /\d{16}/;
const INTEGER = /^-?\d{1,19}$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

interface RawJson {
  rawJSON(text: string): unknown;
}

/** The decimal integer a text holds; undefined where it is none, or needs more than 64 bits: those are doubles in Go. */
export function int64(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

/**
 * JSON text to value, keeping integers of 64 bits exact.
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): Json {
  if (!MAYBE_UNSAFE.test(text)) return JSON.parse(text) as Json;
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    return int64(context?.source ?? "") ?? value;
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
}

/** Value to JSON text, the inverse of {@link parseJson}; `space` as in `JSON.stringify`. */
export function formatJson(value: Json, space?: number): string {
  const replacer = (_key: string, entry: unknown): unknown =>
    typeof entry === "bigint" ? (JSON as unknown as RawJson).rawJSON(entry.toString()) : entry;
  return JSON.stringify(value, replacer, space);
}

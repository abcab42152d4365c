/**
 * Equality of JSON as it stands: no types, no defaults. Works without recursion, so nesting cannot exhaust the stack.
 */
import { isArray, isObject, type Json } from "../model/json.ts";

function sameScalar(one: Json, other: Json): boolean {
  if (one === other) return true;
  // An integer may have been read as either; the mathematical value counts.
  if (typeof one === "bigint") return typeof other === "number" && Number.isInteger(other) && BigInt(other) === one;
  return typeof other === "bigint" && typeof one === "number" && sameScalar(other, one);
}

/** Deep equality; key order is of no meaning, list order is. */
export function sameJson(one: Json, other: Json): boolean {
  const left: Json[] = [one];
  const right: Json[] = [other];
  while (left.length > 0) {
    const a = left.pop() as Json;
    const b = right.pop() as Json;
    if (a === b) continue;
    if (isArray(a)) {
      if (!isArray(b) || a.length !== b.length) return false;
      for (const [index, item] of a.entries()) {
        left.push(item);
        right.push(b[index] as Json);
      }
    } else if (isObject(a)) {
      if (!isObject(b)) return false;
      const keys = Object.keys(a);
      if (keys.length !== Object.keys(b).length) return false;
      for (const key of keys) {
        if (!Object.hasOwn(b, key)) return false;
        left.push(a[key] as Json);
        right.push(b[key] as Json);
      }
    } else if (!sameScalar(a, b)) return false;
  }
  return true;
}

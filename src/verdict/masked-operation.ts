/**
 * An operation of a plan with what is sensitive in its value under a mask: for printing, where the mark stands for it,
 * and for hashing, where a keyed hash does. The path stays: it spells out no value.
 */
import { maskValue, type Mask, type SensitiveKind } from "../compare/redact.ts";
import { getIn, isArray, type Json } from "../model/json.ts";
import { parsePointer, type Path, type PathElement } from "../model/path.ts";
import type { Operation } from "./working-copy.ts";

const INDEX = /^(?:\d+|-)$/;

export interface MaskedFor {
  readonly kind: SensitiveKind;
  /** `compare.sensitive` of the Baseline. */
  readonly sensitive: readonly string[];
  /** The object it is an operation on, where it is at hand. */
  readonly live?: Json;
}

/** A pointer as a path, read along the live object; below what that has, a number is taken for a place in a list or not. */
function pathOf(tokens: readonly string[], live: Json | undefined, beyond: "index" | "field"): Path {
  let at = live;
  return tokens.map((token): PathElement => {
    const isItem: boolean = isArray(at) || (at === undefined && beyond === "index" && INDEX.test(token));
    at = isArray(at) ? at[Number(token)] : getIn(at, token);
    return isItem ? { type: "index", index: Number(token) || 0 } : { type: "field", name: token };
  });
}

export function maskOperation(operation: Operation, { kind, sensitive, live }: MaskedFor, mask?: Mask): Operation {
  const { path, value } = operation;
  const tokens = parsePointer(path);
  if (value === undefined || tokens === undefined) return operation;
  // Whatever the number means, what it leads to is hidden.
  const once = maskValue(value as Json, { kind, path: pathOf(tokens, live, "index"), sensitive }, mask);
  return { ...operation, value: maskValue(once, { kind, path: pathOf(tokens, live, "field"), sensitive }, mask) };
}

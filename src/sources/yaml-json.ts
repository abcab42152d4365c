/**
 * The fast reader of JSON: only of text that is, to the last space, what a program writes (kubectl's own output among it).
 * That rules out a key that is there twice and a number that reads otherwise than it is written; on any doubt it answers
 * nothing, and the precise reader has the word.
 */
import { isArray, isObject, type Json } from "../model/json.ts";
import type { BlockDocument } from "./yaml-block.ts";

const INDENT = /^\{\n( +)"/;
/** Longer integers may not fit a double; escapes may hold half a character; a parser may take the others for a line break. */
const ODD = /\d{16}|\\u|[\x7f-\x9f\u2028\u2029\ufeff]/;
const MAX_DEPTH = 64;
const MAX_KEY = 500;

/** The value of a document that ends with a line break, or right behind its last brace; undefined on any doubt. */
export function readJson(text: string, maxDepth: number): BlockDocument | undefined {
  const end = text.endsWith("\n") ? text.length - 1 : text.length;
  let start = 0;
  while (text[start] === "\n") start += 1;
  const body = text.slice(start, end);
  if (maxDepth < MAX_DEPTH || ODD.test(body) || !body.isWellFormed()) return undefined;
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
  const indent = INDENT.exec(body)?.[1]?.length ?? 0;
  if (JSON.stringify(value, null, indent) !== body || !isCalm(value, 0)) return undefined;
  return { value, linesBefore: start };
}

/** Neither deep nor with long keys, for which the precise reader has words of its own. */
function isCalm(value: Json, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if (isArray(value)) return value.every((item) => isCalm(item, depth + 1));
  if (!isObject(value)) return true;
  return Object.entries(value).every(
    ([key, entry]) => key.length < MAX_KEY && key !== "__proto__" && isCalm(entry, depth + 1),
  );
}

/**
 * Keeps equal schemas but once: a hundred CRDs say `{type: string}` forty thousand times, and the same PodSpec dozens
 * of times. Made from the leaves up, so that children are told apart by identity alone. Values are never altered.
 */
import { formatJson, parseJson, type Json } from "../model/json.ts";
import { sameJson } from "./same-json.ts";
import type { RawSchema } from "./schema-raw.ts";

export interface Sharing {
  /** The one kept copy of a text; the one given may be a part of a whole file, and would hold on to all of it. */
  text(text: string): string;
  /** The one kept schema that equals this one; its children are such already. */
  share(schema: RawSchema): RawSchema;
}

type Content = RawSchema[keyof RawSchema];

const FNV_PRIME = 16_777_619;

function mix(hash: number, text: string): number {
  let mixed = hash;
  for (let at = 0; at < text.length; at += 1) mixed = Math.imul(mixed ^ text.charCodeAt(at), FNV_PRIME);
  return Math.imul(mixed ^ 0xff, FNV_PRIME);
}

function sameContent(one: Content, other: Content, key: string): boolean {
  if (one === other) return true;
  if (key === "default") return sameJson(one as Json, other as Json);
  // Names, keys and fields; of anything else, what is equal is the same.
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((entry, index) => entry === other[index]);
}

function sameSchema(one: RawSchema, other: RawSchema): boolean {
  const keys = Object.keys(one) as (keyof RawSchema)[];
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && sameContent(one[key], other[key], key));
}

/** Without the texts of the file it was read from. */
function copyOf(value: Json): Json {
  return parseJson(formatJson(value));
}

export function createSharing(): Sharing {
  const kept = new Map<number, RawSchema[]>();
  const texts = new Map<string, string>();
  const hashes = new WeakMap<RawSchema, number>();
  const hashOf = (schema: RawSchema): number => hashes.get(schema) ?? 0;

  function hash(schema: RawSchema): number {
    let mixed = 0x811c9dc5;
    for (const key of Object.keys(schema) as (keyof RawSchema)[]) {
      mixed = mix(mixed, key);
      const content = schema[key];
      if (typeof content === "string") mixed = mix(mixed, content);
    }
    for (const name of schema.names ?? []) mixed = mix(mixed, name);
    for (const field of schema.fields ?? []) mixed = Math.imul(mixed ^ hashOf(field), FNV_PRIME);
    const { items, additional } = schema;
    if (items !== undefined) mixed = Math.imul(mixed ^ hashOf(items), FNV_PRIME);
    if (typeof additional === "object") mixed = Math.imul(mixed ^ hashOf(additional), FNV_PRIME);
    return mixed;
  }

  return {
    text(text) {
      const known = texts.get(text);
      if (known !== undefined) return known;
      const copy = JSON.parse(JSON.stringify(text)) as string;
      texts.set(copy, copy);
      return copy;
    },
    share(schema) {
      const key = hash(schema);
      const alike = kept.get(key);
      const known = alike?.find((other) => sameSchema(schema, other));
      if (known !== undefined) return known;
      const own = schema.default === undefined ? schema : { ...schema, default: copyOf(schema.default) };
      if (alike === undefined) kept.set(key, [own]);
      else alike.push(own);
      hashes.set(own, key);
      return own;
    },
  };
}

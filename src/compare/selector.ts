/**
 * How people name a place in an object: typed paths (`.spec.containers[name="web"].image`, `["a.b/c"]`, `[*]`) and
 * JSON Pointers, read into one pattern. Reading bad text gives a sentence, never a throw; matching takes time linear
 * in the path (no regular expression of the user's is ever run).
 */
import { isArray, isObject, type Json } from "../model/json.ts";
import { parsePointer, type Path, type PathElement } from "../model/path.ts";
import { sameJson } from "./same-json.ts";

/** One step. `token` is a reference token of a JSON Pointer: a field's name or an index. `any`: whatever stands there. */
export type Step = PathElement | { readonly type: "token"; readonly token: string } | { readonly type: "any" };

export interface PathPattern {
  readonly text: string;
  readonly steps: readonly Step[];
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** One sentence. */
  | { readonly ok: false; readonly message: string };

const bad = (message: string): { readonly ok: false; readonly message: string } => ({ ok: false, message });

const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const NAME = /^[^.[\]"'\s,=]+/;
/** `name="web"`, `[=8080]`, `protocol=TCP`: what may stand unquoted right of the equals sign. */
const BARE = /^[^\],"'\s]+/;
const KEY = /^[A-Za-z_$][\w$.-]*/;

/** Reads a typed path or a JSON Pointer. `/` starts a pointer, everything else is a typed path. */
export function parsePath(text: string): Parsed<PathPattern> {
  const trimmed = text.trim();
  if (trimmed.length > 1_024) return bad("a path of more than 1024 characters");
  if (trimmed === "" || trimmed === "/" || trimmed === ".")
    return bad("an empty path, which would name the whole object");
  if (trimmed.startsWith("/")) {
    if (/~(?![01])/.test(trimmed)) return bad(`${JSON.stringify(trimmed)}: in a JSON Pointer ~ is written ~0`);
    const tokens = parsePointer(trimmed) ?? [];
    return { ok: true, value: { text: trimmed, steps: tokens.map((token) => ({ type: "token", token })) } };
  }
  const steps: Step[] = [];
  let rest = trimmed.startsWith(".") || trimmed.startsWith("[") ? trimmed : `.${trimmed}`;
  while (rest !== "") {
    const read = rest.startsWith("[") ? readBracket(rest) : readField(rest);
    if (read === undefined)
      return bad(`${JSON.stringify(trimmed)} is no path: cannot read from ${JSON.stringify(rest)}`);
    steps.push(read.step);
    rest = read.rest;
  }
  return { ok: true, value: { text: trimmed, steps } };
}

interface Read {
  readonly step: Step;
  readonly rest: string;
}

function readField(text: string): Read | undefined {
  if (!text.startsWith(".")) return undefined;
  const name = NAME.exec(text.slice(1))?.[0];
  if (name === undefined) return undefined;
  return { step: name === "*" ? { type: "any" } : { type: "field", name }, rest: text.slice(1 + name.length) };
}

function readBracket(text: string): Read | undefined {
  const inner = text.slice(1);
  if (inner.startsWith("*]")) return { step: { type: "any" }, rest: inner.slice(2) };
  const quoted = readQuoted(inner);
  if (quoted !== undefined)
    return quoted.rest.startsWith("]")
      ? { step: { type: "field", name: quoted.value }, rest: quoted.rest.slice(1) }
      : undefined;
  if (inner.startsWith("=")) {
    const scalar = readScalar(inner.slice(1));
    return scalar?.rest.startsWith("]") === true
      ? { step: { type: "value", value: scalar.value }, rest: scalar.rest.slice(1) }
      : undefined;
  }
  const close = inner.indexOf("]");
  const index = close < 0 ? "" : inner.slice(0, close);
  if (INDEX.test(index)) return { step: { type: "index", index: Number(index) }, rest: inner.slice(close + 1) };
  return readKeys(inner);
}

function readKeys(text: string): Read | undefined {
  const keys: Record<string, Json> = Object.create(null) as Record<string, Json>;
  let rest = text;
  for (;;) {
    const name = KEY.exec(rest)?.[0];
    if (name === undefined || rest[name.length] !== "=") return undefined;
    const scalar = readScalar(rest.slice(name.length + 1));
    if (scalar === undefined) return undefined;
    keys[name] = scalar.value;
    rest = scalar.rest;
    if (rest.startsWith("]")) return { step: { type: "key", keys }, rest: rest.slice(1) };
    if (!rest.startsWith(",")) return undefined;
    rest = rest.slice(1).trimStart();
  }
}

function readScalar(text: string): { readonly value: Json; readonly rest: string } | undefined {
  const quoted = readQuoted(text);
  if (quoted !== undefined) return quoted;
  const word = BARE.exec(text)?.[0];
  if (word === undefined) return undefined;
  const value = word === "true" ? true : word === "false" ? false : word === "null" ? null : numberOr(word);
  return { value, rest: text.slice(word.length) };
}

function numberOr(word: string): Json {
  return /^-?(?:0|[1-9]\d*)$/.test(word) && Number.isSafeInteger(Number(word)) ? Number(word) : word;
}

/** A JSON string, or the same in single quotes. */
function readQuoted(text: string): { readonly value: string; readonly rest: string } | undefined {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return undefined;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) {
      const body = text.slice(1, at);
      const json = quote === '"' ? body : body.replaceAll('"', '\\"').replaceAll("\\'", "'");
      try {
        return { value: String(JSON.parse(`"${json}"`)), rest: text.slice(at + 1) };
      } catch {
        return undefined;
      }
    }
  }
  return undefined;
}

/** Splits `<path>, <path>` at commas outside brackets and quotes, as `plumbline.dev/ignore` holds them. */
export function splitPaths(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (depth > 0 && (character === '"' || character === "'")) quote = character;
    else if (character === "[") depth++;
    else if (character === "]") depth = Math.max(0, depth - 1);
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/**
 * True where the pattern names the path or something that encloses it. An index in a pattern means an item of the
 * list as Git declares it (`desired`): an item put in front of it live takes no other item's place under the rule.
 */
export function matchesPath(pattern: PathPattern, path: Path, desired: Json | undefined): boolean {
  if (pattern.steps.length > path.length) return false;
  let at = desired;
  for (const [depth, step] of pattern.steps.entries()) {
    const element = path[depth];
    if (element === undefined || !matchesElement(step, element, at)) return false;
    at = child(at, element);
  }
  return true;
}

function matchesElement(step: Step, element: PathElement, parent: Json | undefined): boolean {
  switch (step.type) {
    case "any":
      return true;
    case "field":
      return element.type === "field" && element.name === step.name;
    case "token":
      return element.type === "field"
        ? element.name === step.token
        : INDEX.test(step.token) && isItem(parent, Number(step.token), element);
    case "index":
      return element.type !== "field" && isItem(parent, step.index, element);
    case "value":
      return element.type === "value" && sameJson(step.value, element.value);
    case "key":
      return element.type === "key" && keysWithin(step.keys, element.keys);
  }
}

function isItem(list: Json | undefined, index: number, element: PathElement): boolean {
  if (element.type === "index") return element.index === index;
  const item = isArray(list) ? list[index] : undefined;
  if (item === undefined) return false;
  return element.type === "value"
    ? sameJson(item, element.value)
    : element.type === "key" && hasKeys(item, element.keys);
}

/** What the element leads to; undefined where there is nothing. Own properties only. */
export function child(parent: Json | undefined, element: PathElement): Json | undefined {
  if (element.type === "field")
    return isObject(parent) && Object.hasOwn(parent, element.name) ? parent[element.name] : undefined;
  if (!isArray(parent)) return undefined;
  const index = indexOfElement(parent, element);
  return index < 0 ? undefined : parent[index];
}

/** The index of the list item the element names, or -1. */
export function indexOfElement(list: readonly Json[], element: PathElement): number {
  switch (element.type) {
    case "index":
      return element.index < list.length ? element.index : -1;
    case "value":
      return list.findIndex((item) => sameJson(item, element.value));
    case "key": {
      const exact = list.findIndex((item) => isObject(item) && keysWithin(element.keys, item));
      return exact >= 0 ? exact : list.findIndex((item) => hasKeys(item, element.keys));
    }
    case "field":
      return -1;
  }
}

/** An item may leave out a key that has a default (`protocol`), but states at least one, and none otherwise. */
function hasKeys(item: Json, keys: Readonly<Record<string, Json>>): boolean {
  if (!isObject(item)) return false;
  let stated = 0;
  for (const [key, value] of Object.entries(keys)) {
    const found = Object.hasOwn(item, key) ? item[key] : undefined;
    if (found === undefined) continue;
    if (!sameJson(found, value)) return false;
    stated++;
  }
  return stated > 0;
}

function keysWithin(wanted: Readonly<Record<string, Json>>, keys: Readonly<Record<string, Json>>): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const found = Object.hasOwn(keys, key) ? keys[key] : undefined;
    return found !== undefined && sameJson(found, value);
  });
}

/**
 * A path in a row of a table of ours, where a mistake is ours and shows at the first start.
 * @throws Error naming the table
 */
export function patternOfRow(table: string, text: string): PathPattern {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(`${table}: ${parsed.message}`);
  return parsed.value;
}

/** What a path leads to; undefined where something on the way is not there. */
export function valueAt(object: Json, path: Path): Json | undefined {
  let at: Json | undefined = object;
  for (const element of path) at = child(at, element);
  return at;
}

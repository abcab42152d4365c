/**
 * A copy of a live object that a plan is tried on while it is made: each operation is resolved against what the ones
 * before it left, so that no index is off by the items they added or took away. Never touches what it was made from.
 */
import { child, indexOfElement } from "../compare/selector.ts";
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { formatPointer, parsePointer, type Path, type PathElement } from "../model/path.ts";

type Tokens = readonly (string | number)[];

export interface Operation extends JsonObject {
  readonly op: "add" | "remove" | "replace";
  readonly path: string;
}

/** Where a patch names the version it is made for, so that a race is a 409. */
export const versionGuard = "/metadata/resourceVersion";

/** Where a path leads in a value. */
export interface Located {
  /** Tokens of the longest beginning of the path that is there. */
  readonly tokens: Tokens;
  /** How many elements of the path that is. */
  readonly depth: number;
  /** What stands there. */
  readonly value: Json;
}

function tokenOf(parent: Json, element: PathElement): string | number {
  if (element.type === "field") return element.name;
  return isArray(parent) ? indexOfElement(parent, element) : -1;
}

/** Follows the path by name, key and value, as far as it goes. */
export function locate(root: Json, path: Path): Located {
  let value = root;
  const tokens: (string | number)[] = [];
  for (const element of path) {
    const below = child(value, element);
    if (below === undefined) break;
    tokens.push(tokenOf(value, element));
    value = below;
  }
  return { tokens, depth: tokens.length, value };
}

function put(parent: Json, token: string | number, value: Json, how: Operation["op"]): Json {
  if (isArray(parent)) {
    const index = Number(token);
    const rest = parent.slice(how === "add" ? index : index + 1);
    return how === "remove" ? [...parent.slice(0, index), ...rest] : [...parent.slice(0, index), value, ...rest];
  }
  if (!isObject(parent)) return parent;
  const entries = Object.entries(parent).filter(([key]) => key !== String(token));
  return Object.fromEntries(how === "remove" ? entries : [...entries, [String(token), value]]);
}

function replaceAt(root: Json, tokens: Tokens, change: (parent: Json, last: string | number) => Json): Json {
  const [first, ...rest] = tokens;
  if (first === undefined) return root;
  if (rest.length === 0) return change(root, first);
  const below = isArray(root) ? root[Number(first)] : isObject(root) ? root[String(first)] : undefined;
  if (below === undefined) return root;
  return put(root, first, replaceAt(below, rest, change), "replace");
}

/** A copy without what stands there. */
export function withoutAt(root: Json, tokens: Tokens): Json {
  return replaceAt(root, tokens, (parent, last) => put(parent, last, null, "remove"));
}

export interface WorkingCopy {
  readonly root: () => Json;
  readonly operations: () => readonly Operation[];
  apply(op: Operation["op"], tokens: Tokens, value?: Json): void;
}

export function workOn(live: Json): WorkingCopy {
  let root = live;
  const operations: Operation[] = [];
  return {
    root: () => root,
    operations: () => operations,
    apply: (op, tokens, value) => {
      root = replaceAt(root, tokens, (parent, last) => put(parent, last, value ?? null, op));
      const path = formatPointer(tokens);
      operations.push(op === "remove" ? { op, path } : { op, path, value: value ?? null });
    },
  };
}

/** What each operation finds in its place, once those before it are done; undefined where nothing is there yet. */
export function valuesBefore(live: Json, operations: readonly Operation[]): readonly (Json | undefined)[] {
  const copy = workOn(live);
  return operations.map(({ op, path, value }) => {
    const tokens = parsePointer(path) ?? [];
    const before = op === "add" ? undefined : valueAtTokens(copy.root(), tokens);
    copy.apply(op, tokens, value as Json | undefined);
    return before;
  });
}

/** What stands at a pointer's tokens; undefined where something on the way is not there. Own properties only. */
export function valueAtTokens(value: Json | undefined, tokens: readonly string[]): Json | undefined {
  let at = value;
  for (const token of tokens) {
    if (isArray(at)) at = at[Number(token)];
    else at = isObject(at) && Object.hasOwn(at, token) ? at[token] : undefined;
  }
  return at;
}

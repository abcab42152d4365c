/**
 * Which operations of a patch the server would refuse, because what they change is set once and for all, and what
 * making the object anew would mean. Looks at the rows of one kind, and of most kinds there are none.
 */
import { sameJson } from "../compare/same-json.ts";
import { patternOfRow, type PathPattern, type Step } from "../compare/selector.ts";
import { getIn, getString, isArray, type Json } from "../model/json.ts";
import { parsePointer } from "../model/path.ts";
import type { KubeObject, ResourceId } from "../model/resource.ts";
import type { KindSchema, TypeNode } from "../model/schema.ts";
import { immutableRows, type ImmutableCondition, type ImmutableRow } from "./immutable-fields.ts";
import { valueAtTokens, type Operation } from "./working-copy.ts";

interface CompiledRow {
  readonly row: ImmutableRow;
  readonly paths: readonly PathPattern[];
  readonly except: readonly PathPattern[];
}

const rowsOfKind = new Map<string, readonly CompiledRow[]>();
for (const row of immutableRows) {
  const key = `${row.group}/${row.kind}`;
  const compile = (texts: readonly string[] = []): readonly PathPattern[] =>
    texts.map((text) => patternOfRow("immutable fields", text));
  rowsOfKind.set(key, [
    ...(rowsOfKind.get(key) ?? []),
    { row, paths: compile(row.paths), except: compile(row.except) },
  ]);
}

/** What the object is made from, and what it is to be. */
export interface BothSides {
  readonly desired: KubeObject;
  readonly live: KubeObject;
}

function holds(condition: ImmutableCondition, { desired, live }: BothSides): boolean {
  const at = getIn(live, ...condition.path);
  const isThere = at !== undefined && at !== null && at !== "" && !(isArray(at) && at.length === 0);
  switch (condition.is) {
    case "live-field":
      return at === condition.value;
    case "live-field-not":
      return at !== condition.value;
    case "live-has":
      return isThere;
    case "live-lacks":
      return !isThere;
    case "both":
      return at === condition.value && getIn(desired, ...condition.path) === condition.value;
    case "neither":
      return at !== condition.value && getIn(desired, ...condition.path) !== condition.value;
  }
}

const isStep = (step: Step, token: string): boolean =>
  step.type === "any" ||
  (step.type === "field" && step.name === token) ||
  (step.type === "index" && String(step.index) === token);

/** How many steps pattern and pointer agree on from the start; undefined where they part. */
function agreement({ steps }: PathPattern, tokens: readonly string[]): number | undefined {
  const length = Math.min(steps.length, tokens.length);
  for (let depth = 0; depth < length; depth += 1) {
    const [step, token] = [steps[depth], tokens[depth]];
    if (step === undefined || token === undefined || !isStep(step, token)) return undefined;
  }
  return length;
}

const isWithin = (pattern: PathPattern, tokens: readonly string[]): boolean =>
  agreement(pattern, tokens) === pattern.steps.length;

/** An operation on something that encloses the field: does the field itself become another one? */
function moves(pattern: PathPattern, tokens: readonly string[], { value }: Operation, live: KubeObject): boolean {
  const rest = pattern.steps.slice(tokens.length).map((step) => {
    if (step.type === "field") return step.name;
    return step.type === "index" ? String(step.index) : "";
  });
  const [now, then] = [
    valueAtTokens(valueAtTokens(live, tokens), rest),
    valueAtTokens(value as Json | undefined, rest),
  ];
  return now === undefined || then === undefined ? now !== then : !sameJson(now, then);
}

/** Whether something that is there goes: all of it, a part of an item, or an item that the new list lacks. */
function loses(row: ImmutableRow, { steps }: PathPattern, operation: Operation, live: KubeObject): boolean {
  const { op, path, value } = operation;
  const tokens = parsePointer(path) ?? [];
  const isKept = (item: Json): boolean => row.refilled?.includes(getString(item, "key") ?? "") === true;
  const now = valueAtTokens(live, tokens);
  if (tokens.length > steps.length) return op === "replace" || (op === "remove" && !isKept(now ?? null));
  if (!isArray(now)) return op === "remove";
  const then = isArray(value) ? value : [];
  return now.some((item) => !isKept(item) && !then.some((one) => sameJson(one, item)));
}

function refuses({ row, paths, except }: CompiledRow, operation: Operation, live: KubeObject): boolean {
  const tokens = parsePointer(operation.path) ?? [];
  if (except.some((pattern) => isWithin(pattern, tokens))) return false;
  return paths.some((pattern) => {
    const agreed = agreement(pattern, tokens);
    if (agreed === undefined) return false;
    if (agreed < pattern.steps.length) return moves(pattern, tokens, operation, live);
    if (row.only === "gain") return operation.op === "add";
    return row.only === undefined || loses(row, pattern, operation, live);
  });
}

export interface Immutable {
  /** Pointers of the operations that would be refused; at least one. */
  readonly pointers: readonly string[];
  /** Whether what the object made may live on without it, to be taken over by the next one. */
  readonly orphans: boolean;
  /** What goes with the object and does not come back with it. */
  readonly destroys?: string;
}

/** Fields of a custom resource that its own schema says are set once. */
function frozenIn({ root, builtIn }: KindSchema, operations: readonly Operation[]): readonly string[] {
  if (builtIn) return [];
  return operations
    .filter(({ op, path }) => {
      const tokens = parsePointer(path) ?? [];
      let at: TypeNode | undefined = root;
      for (const token of tokens) {
        if (at?.frozen === true) return true;
        at = at === undefined ? undefined : nodeBelow(at, token);
      }
      // The rule speaks of two values: what comes or goes as a whole it does not see.
      return at?.frozen === true && op === "replace";
    })
    .map(({ path }) => path);
}

function nodeBelow(node: TypeNode, token: string): TypeNode | undefined {
  switch (node.type) {
    case "struct":
      return node.field(token);
    case "map":
      return node.values();
    case "list":
      return node.items();
    default:
      return undefined;
  }
}

/** Undefined where a patch will do. `operations` are resolved against the very live object. */
export function immutableIn(
  id: Pick<ResourceId, "group" | "kind">,
  operations: readonly Operation[],
  sides: () => BothSides,
  schema: KindSchema,
): Immutable | undefined {
  const rows = rowsOfKind.get(`${id.group}/${id.kind}`);
  if (rows === undefined) {
    const pointers = frozenIn(schema, operations);
    return pointers.length === 0 ? undefined : { pointers, orphans: false };
  }
  const { desired, live } = sides();
  const found = rows
    .filter(({ row }) => row.when?.every((condition) => holds(condition, { desired, live })) ?? true)
    .flatMap((compiled) => {
      const pointers = operations.filter((operation) => refuses(compiled, operation, live)).map(({ path }) => path);
      return pointers.length === 0 ? [] : [{ row: compiled.row, pointers }];
    });
  if (found.length === 0) return undefined;
  const destroys = [...new Set(found.flatMap(({ row }) => row.destroys ?? []))].join("; ");
  return {
    pointers: [...new Set(found.flatMap(({ pointers }) => pointers))],
    orphans: found.every(({ row }) => row.orphans === true),
    ...(destroys === "" ? {} : { destroys }),
  };
}

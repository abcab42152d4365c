/**
 * Names the line in Git of each changed field. Asked for only where something drifted, remembered per commit, and
 * never waited for: reading a blob takes longer than judging, so a verdict goes out without its lines, and they follow.
 */
import { isArray, isObject, type Json } from "../model/json.ts";
import { formatPointer, type Path, type PathElement } from "../model/path.ts";
import type { BaselineKey, DesiredObject } from "../model/snapshot.ts";
import type { Change, Verdict } from "../model/verdict.ts";
import type { SourcePort } from "./ports.ts";

/** Objects whose lines are remembered. */
const REMEMBERED = 1_000;

type Lines = ReadonlyMap<string, number>;
const none: Lines = new Map();

export interface LineRequest {
  readonly baseline: BaselineKey;
  readonly commit: string;
  readonly desired: DesiredObject;
}

export class LineFinder {
  readonly #locate: SourcePort["locate"];
  /** Undefined while they are asked for. */
  readonly #known = new Map<string, Lines | undefined>();

  constructor(locate: SourcePort["locate"]) {
    this.#locate = locate;
  }

  /** The verdict with its lines, as far as they are known; `later` is called once when those asked for now are. */
  add(verdict: Verdict, request: LineRequest, later: () => void): Verdict {
    if (verdict.kind !== "drifted") return verdict;
    const { baseline, commit, desired } = request;
    const { object } = desired;
    const pointers = verdict.changes.map((change) => pointerIntoDesired(change, object));
    const asked = [...new Set(pointers.filter((pointer) => pointer !== undefined))];
    if (asked.length === 0) return verdict;
    const key = [baseline, commit, desired.source.file, desired.source.index, ...asked].join("\n");
    if (!this.#known.has(key)) this.#ask(key, request, asked, later);
    const lines = this.#known.get(key) ?? none;
    const [first, ...others] = verdict.changes.map((change, index): Change => {
      const line = lines.get(pointers[index] ?? "");
      return line === undefined ? change : { ...change, source: { ...desired.source, line } };
    });
    return first === undefined ? verdict : { ...verdict, changes: [first, ...others] };
  }

  #ask(key: string, { baseline, commit, desired }: LineRequest, pointers: readonly string[], later: () => void): void {
    this.#remember(key, undefined);
    const answer = (lines: Lines): void => {
      this.#remember(key, lines);
      if (lines.size > 0) later();
    };
    // A line that can't be found is left out, whatever the reason; the next commit asks again.
    this.#locate(baseline, commit, desired.source, pointers).then(answer, () => answer(none));
  }

  #remember(key: string, lines: Lines | undefined): void {
    this.#known.set(key, lines);
    const oldest = this.#known.keys().next();
    if (this.#known.size > REMEMBERED && oldest.done !== true) this.#known.delete(oldest.value);
  }
}

/** A pointer into the object as Git has it; undefined for what Git doesn't say. */
function pointerIntoDesired(change: Change, desired: Json): string | undefined {
  if (change.op === "added") return undefined;
  if (change.op === "removed") return change.pointer;
  return pointerOf(change.path, desired);
}

/** The pointer that a typed path means in one object; undefined where it leads nowhere. */
export function pointerOf(path: Path, root: Json): string | undefined {
  const tokens: (string | number)[] = [];
  let at: Json | undefined = root;
  for (const element of path) {
    const token: string | number | undefined = tokenOf(element, at);
    if (token === undefined) return undefined;
    tokens.push(token);
    at = typeof token === "number" ? (isArray(at) ? at[token] : undefined) : isObject(at) ? at[token] : undefined;
  }
  return formatPointer(tokens);
}

function tokenOf(element: PathElement, at: Json | undefined): string | number | undefined {
  if (element.type === "field") return isObject(at) && Object.hasOwn(at, element.name) ? element.name : undefined;
  if (!isArray(at)) return undefined;
  if (element.type === "index") return element.index < at.length ? element.index : undefined;
  const index =
    element.type === "value"
      ? at.findIndex((item) => item === element.value)
      : at.findIndex((item) => hasKeys(item, element.keys));
  return index < 0 ? undefined : index;
}

/** A key that the item does not state was filled in by its default, such as `protocol: TCP`. */
function hasKeys(item: Json, keys: Readonly<Record<string, Json>>): boolean {
  if (!isObject(item)) return false;
  return Object.entries(keys).every(([name, value]) => !Object.hasOwn(item, name) || item[name] === value);
}

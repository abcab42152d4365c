/**
 * Who set a path, as far as `metadata.managedFields` tell. Decoded only when asked; text that is broken, or of another
 * kind than `FieldsV1`, owns nothing. It never guesses: a manager is a name a client chose, not a person, and an
 * entry's time is an upper bound for each of its fields.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { getString, isArray, isObject, parseJson, type Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Owner } from "../model/verdict.ts";
import { holdingOf, type FieldSet, type Holding } from "./field-set.ts";
import { kindOfManager } from "./managers.ts";

export interface ManagedEntry {
  /** Empty where the entry names none. */
  readonly manager: string;
  readonly operation: "Apply" | "Update" | "";
  /** The version its paths are written in, `apps/v1`. */
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339; entries of `scale` have none. */
  readonly time?: string;
  readonly fields: FieldSet;
}

export interface ManagedFields {
  /** In the order of the object. Read on first use. */
  entries(): readonly ManagedEntry[];
  /** The version the object was read at; "" where it does not matter. */
  readonly apiVersion: string;
}

function readEntry(value: Json): ManagedEntry | undefined {
  if (!isObject(value)) return undefined;
  const fieldsType = getString(value, "fieldsType") ?? "FieldsV1";
  const fields = value["fieldsV1"];
  const manager = getString(value, "manager") ?? "";
  if (fieldsType !== "FieldsV1" || !isObject(fields)) {
    // An entry without fields still shows that somebody is tracked; an empty one shows nothing.
    if (manager === "") return undefined;
  }
  const operation = getString(value, "operation");
  const time = getString(value, "time");
  return {
    manager,
    operation: operation === "Apply" || operation === "Update" ? operation : "",
    apiVersion: getString(value, "apiVersion") ?? "",
    subresource: getString(value, "subresource") ?? "",
    ...(time === undefined ? {} : { time }),
    fields: fieldsType === "FieldsV1" && isObject(fields) ? fields : {},
  };
}

function readEntries(text: string): readonly ManagedEntry[] {
  if (text === "") return [];
  try {
    const list = parseJson(text);
    if (!isArray(list)) return [];
    return list.map(readEntry).filter((entry) => entry !== undefined);
  } catch {
    return [];
  }
}

/**
 * @param text `metadata.managedFields` as JSON text, "" where there is none
 * @param apiVersion the version the object was read at: an entry written in another one is believed only roughly
 */
export function decodeManagedFields(text: string, apiVersion = ""): ManagedFields {
  let entries: readonly ManagedEntry[] | undefined;
  return {
    apiVersion,
    entries: () => {
      entries ??= readEntries(text);
      return entries;
    },
  };
}

const ownsSomething = ({ fields }: ManagedEntry): boolean => Object.keys(fields).length > 0;

/** True where nobody is on record for anything: no entries, or none that holds a field. */
export function ownsNothing(fields: ManagedFields): boolean {
  return !fields.entries().some(ownsSomething);
}

/** True where ownership was there and is gone: a patch of `managedFields: [{}]` stops tracking, which is an evasion. */
export function wiped(fields: ManagedFields, previous: ManagedFields): boolean {
  return ownsNothing(fields) && !ownsNothing(previous);
}

interface Found {
  readonly entry: ManagedEntry;
  readonly holding: Holding;
}

const RANK: Readonly<Record<Holding["how"], number>> = { member: 0, within: 1, enclosing: 2 };

/** Made by the server for whoever it was, or by a client that gave no name. */
const isStandIn = ({ manager }: ManagedEntry): boolean => kindOfManager(manager) === "unknown";

/** Deepest first, then the surest; of equals the one that wrote last, for it wrote the value that stands. */
function better(left: Found, right: Found): number {
  const rank = RANK[left.holding.how] - RANK[right.holding.how];
  if (rank !== 0) return rank;
  if (left.holding.sure !== right.holding.sure) return left.holding.sure ? -1 : 1;
  if (left.holding.depth !== right.holding.depth) return right.holding.depth - left.holding.depth;
  const later = (right.entry.time ?? "").localeCompare(left.entry.time ?? "");
  return later === 0 ? Number(isStandIn(left.entry)) - Number(isStandIn(right.entry)) : later;
}

function findHolders(fields: ManagedFields, path: Path): readonly Found[] {
  const found: Found[] = [];
  for (const entry of fields.entries()) {
    const holding = holdingOf(entry.fields, path);
    if (holding !== undefined) found.push({ entry, holding });
  }
  return found.sort(better);
}

function ownerOf({ entry, holding }: Found, exact: boolean): Owner {
  return {
    manager: entry.manager,
    operation: entry.operation,
    subresource: entry.subresource,
    ...(entry.time === undefined ? {} : { time: entry.time }),
    // The entry may be the very one, and still say nobody's name.
    confidence: isStandIn(entry) ? "unknown" : exact && holding.how !== "enclosing" ? "exact" : "ancestor",
  };
}

/** An entry in another version names fields of that version; its paths are believed only roughly. */
const isSure = ({ entry, holding }: Found, { apiVersion }: ManagedFields): boolean =>
  holding.sure && (apiVersion === "" || entry.apiVersion === "" || entry.apiVersion === apiVersion);

/**
 * Owners of a path, best first: those of the very path (or, of a thing added whole, of what is in it), then those of
 * something around it. Empty where nothing is known.
 * @param atomicDepth length of the part of the path that is merged as a whole: its owner owns the path
 */
export function ownersOf(fields: ManagedFields, path: Path, atomicDepth?: number): readonly Owner[] {
  const atomic = atomicDepth !== undefined && atomicDepth < path.length;
  const held = findHolders(fields, atomic ? path.slice(0, atomicDepth) : path);
  return held.map((found) => ownerOf(found, !atomic && isSure(found, fields)));
}

/** Whoever holds the path itself may have made it long ago; of two at one time, who only holds something in it wrote. */
function later(left: Found, right: Found): number {
  const order = (right.entry.time ?? "").localeCompare(left.entry.time ?? "");
  return order === 0 ? RANK[right.holding.how] - RANK[left.holding.how] : order;
}

/** Who wrote the path or anything in it last, whoever made it; undefined where nobody is known. */
export function latestOf(fields: ManagedFields, path: Path): Owner | undefined {
  const found = findHolders(fields, path).filter(({ holding }) => holding.how !== "enclosing");
  const [last] = found.toSorted(later);
  // Where things in it have owners of their own, what was written last may be another one than what differs.
  const isWhole = found.every(({ holding }) => holding.whole);
  return last === undefined ? undefined : ownerOf(last, isWhole && isSure(last, fields));
}

/** Owners of the very path only, or of the atomic thing it is part of: whom a rule may ask for. */
export function holdersOf(fields: ManagedFields, path: Path, atomicDepth?: number): readonly ManagedEntry[] {
  const atomic = atomicDepth !== undefined && atomicDepth < path.length;
  return findHolders(fields, atomic ? path.slice(0, atomicDepth) : path)
    .filter(({ holding }) => holding.how !== "enclosing")
    .map(({ entry }) => entry);
}

/** Distinct names of {@link holdersOf}. */
export function managersOf(fields: ManagedFields, path: Path, atomicDepth?: number): readonly string[] {
  return [...new Set(holdersOf(fields, path, atomicDepth).map((entry) => entry.manager))];
}

/**
 * What of one manager's fields others own as well, and how it lets go of them. Whoever deploys an object by server-side
 * apply can drop a field only while nobody else owns it; so what a heal of ours came to own is given back once its
 * deployer owns it too. Only our own entries are ever cut, and nothing that Git declares is left to nobody.
 * Source: https://github.com/kubernetes-sigs/structured-merge-diff (merge/update.go), KEP-555.
 */
import { getString, isArray, isObject, parseJson, type Json, type JsonObject } from "../model/json.ts";
import { declaredAt } from "./deployers.ts";
import { hasInside, isMember, type FieldSet } from "./field-set.ts";

/** What Git declares, asked by the keys of field sets; undefined where it says nothing. */
export interface Declared {
  at(key: string): Declared | undefined;
}

const everything: Declared = { at: () => everything };

export function declaredBy(value: Json): Declared {
  return {
    at(key) {
      // An index names nothing that can be found again.
      if (key.startsWith("i:")) return everything;
      const found = declaredAt(value, key);
      return found === undefined ? undefined : declaredBy(found);
    },
  };
}

/** Fields of ours, with those of all others at the same place. */
interface Place {
  readonly ours: FieldSet;
  readonly others: readonly FieldSet[];
  readonly declared: Declared | undefined;
  /** A field or the entry of a map, which is there as long as anything in it is; false for the item of a list. */
  readonly isField: boolean;
}

interface OwnEntry {
  /** In `metadata.managedFields`. */
  readonly index: number;
  readonly root: Place;
}

function readList(text: string): readonly JsonObject[] {
  try {
    const list = parseJson(text === "" ? "[]" : text);
    // An index counts only where every entry is one.
    return isArray(list) && list.every(isObject) ? list : [];
  } catch {
    return [];
  }
}

function fieldsOf(entry: JsonObject): FieldSet | undefined {
  const fields = entry["fieldsV1"];
  return (getString(entry, "fieldsType") ?? "FieldsV1") === "FieldsV1" && isObject(fields) ? fields : undefined;
}

const isOwn = (entry: JsonObject, manager: string): boolean =>
  getString(entry, "manager") === manager &&
  getString(entry, "operation") === "Update" &&
  (getString(entry, "subresource") ?? "") === "";

/** Entries of ours; of the others only what is written in the same version, for no other names the same fields. */
function ownEntries(text: string, manager: string, declared: Declared): readonly OwnEntry[] {
  const entries = readList(text);
  return entries.flatMap((entry, index) => {
    const ours = isOwn(entry, manager) ? fieldsOf(entry) : undefined;
    if (ours === undefined || !hasInside(ours)) return [];
    const version = getString(entry, "apiVersion");
    const others = entries
      .filter((other) => getString(other, "manager") !== manager && getString(other, "apiVersion") === version)
      .map(fieldsOf)
      .filter((fields) => fields !== undefined);
    return [{ index, root: { ours, others, declared, isField: true } }];
  });
}

function placesIn({ ours, others, declared }: Place): readonly (readonly [string, Place])[] {
  return Object.entries(ours).flatMap(([name, below]) => {
    if (name === "." || !isObject(below)) return [];
    const same = others.flatMap((other) => {
      const found = Object.hasOwn(other, name) ? other[name] : undefined;
      return isObject(found) ? [found] : [];
    });
    const place = { ours: below, others: same, declared: declared?.at(name), isField: name.startsWith("f:") };
    return [[name, place] as const];
  });
}

/** What both own by name: a leaf, or an item of a list. That somebody has something in a map of ours is no such thing. */
function isShared(place: Place): boolean {
  const { ours, others, declared, isField } = place;
  if (declared === undefined) return false;
  const isNamed = isMember(ours) && !(isField && hasInside(ours));
  return (isNamed && others.some(isMember)) || placesIn(place).some(([, below]) => isShared(below));
}

/**
 * What stays ours: what Git declares and nobody else owns. What it does not declare the server filled in within a write
 * of ours: kept, it would hold on to a probe or a strategy that its deployer drops, and keep half of it in place.
 */
function keptOf(place: Place): FieldSet | undefined {
  const { ours, others, declared, isField } = place;
  if (declared === undefined) return undefined;
  const kept: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [name, below] of placesIn(place)) {
    const rest = keptOf(below);
    if (rest !== undefined) kept[name] = rest;
  }
  const isHeld = others.some((other) => isMember(other) || (isField && hasInside(other)));
  const isKept = isMember(ours) && !isHeld;
  if (Object.keys(kept).length === 0) return isKept ? {} : undefined;
  return isKept ? { ".": {}, ...kept } : { ...kept };
}

/** True where somebody else owns by name what this manager does: worth a closer look. */
export function sharesFields(text: string, manager: string): boolean {
  return ownEntries(text, manager, everything).some(({ root }) => isShared(root));
}

const count = (fields: FieldSet): number =>
  Object.entries(fields).reduce(
    (sum, [name, below]) => sum + (name !== "." && isObject(below) ? count(below) : 0),
    isMember(fields) ? 1 : 0,
  );

export interface LettingGo {
  /** JSON Patch operations, for exactly the version of the object that the text is of. */
  readonly operations: readonly JsonObject[];
  /** How many fields are let go of. */
  readonly fields: number;
}

/**
 * How the manager lets go of what others own too; undefined where nobody owns by name anything that it does and Git
 * declares: then all of it stays as it is.
 * @param text `metadata.managedFields` as JSON text
 * @param declared what Git says of the object, as the server would store it
 */
export function letGo(text: string, manager: string, declared: Json): LettingGo | undefined {
  const own = ownEntries(text, manager, declaredBy(declared));
  if (!own.some(({ root }) => isShared(root))) return undefined;
  let fields = 0;
  // From the last: each index stays true until its turn.
  const operations = own.toReversed().flatMap(({ index, root }) => {
    const kept = keptOf(root);
    const before = count(root.ours);
    const after = kept === undefined ? 0 : count(kept);
    if (before === after) return [];
    fields += before - after;
    const path = `/metadata/managedFields/${index}`;
    return [
      { op: "test", path: `${path}/manager`, value: manager },
      kept === undefined ? { op: "remove", path } : { op: "replace", path: `${path}/fieldsV1`, value: kept },
    ];
  });
  return { operations, fields };
}

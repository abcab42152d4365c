/**
 * `metadata.managedFields`, kept small: the texts of an entry's head and fields once however many objects share them,
 * the list of entries once too, and only the times beside the object. Made back into the whole text only when somebody
 * asks who. Nothing is decoded here.
 */
import { getString, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { jsonText } from "./object-text.ts";

interface Entry {
  /** The entry without its time and fields, as JSON. */
  readonly head: Head;
  readonly fields: Text | undefined;
  /** False for the entries of `status`, which come and go with every heartbeat. */
  readonly counts: boolean;
}

interface Text {
  readonly text: string;
  /** Names it in the key of a list. */
  readonly id: number;
  uses: number;
}

/** There are few: what is asked of every entry stands here. */
interface Head extends Text {
  readonly manager: string;
}

/** Who owns what, without when. Equal ones of one pool are one. */
export interface Owners {
  readonly entries: readonly Entry[];
  readonly key: string;
  uses: number;
}

export interface Ownership {
  readonly owners: Owners;
  /** The times of the entries as they came, joined by commas; an entry without one has the empty text. */
  readonly times: string;
}

/** Owners in use, each with how many objects use them. */
export interface OwnerPool {
  take(managedFields: Json | undefined): Ownership;
  drop(owners: Owners): void;
  /** Texts held. */
  size(): number;
}

const NOBODY: Ownership = { owners: { entries: [], key: "", uses: 0 }, times: "" };

export function createOwnerPool(): OwnerPool {
  const texts = new Map<string, Text>();
  const heads = new Map<string, Head>();
  const lists = new Map<string, Owners>();
  let ids = 0;

  const take = <Kept extends Text>(of: Map<string, Kept>, text: string, make: (text: Text) => Kept): Kept => {
    const known = of.get(text);
    if (known !== undefined) {
      known.uses += 1;
      return known;
    }
    ids += 1;
    const made = make({ text, id: ids, uses: 1 });
    of.set(text, made);
    return made;
  };
  const takeFields = (fields: Json): Text => take(texts, jsonText(fields), (text) => text);
  const takeHead = (head: JsonObject): Head =>
    take(heads, jsonText(head), (text) => ({ ...text, manager: getString(head, "manager") ?? "" }));

  const drop = (of: Map<string, Text>, text: Text): void => {
    text.uses -= 1;
    if (text.uses === 0) of.delete(text.text);
  };

  const dropEntries = (entries: readonly Entry[]): void => {
    for (const { head, fields } of entries) {
      drop(heads, head);
      if (fields !== undefined) drop(texts, fields);
    }
  };

  return {
    take(managedFields) {
      if (!isArray(managedFields) || managedFields.length === 0) return NOBODY;
      const entries: Entry[] = [];
      const times: string[] = [];
      let key = "";
      for (const entry of managedFields) {
        if (!isObject(entry)) continue;
        const { time, fieldsV1, ...rest } = entry;
        const head = takeHead(rest);
        const fields = fieldsV1 === undefined ? undefined : takeFields(fieldsV1);
        entries.push({ head, fields, counts: rest["subresource"] !== "status" });
        times.push(typeof time === "string" ? time : "");
        key += `${head.id}:${fields?.id ?? ""},`;
      }
      const known = lists.get(key);
      if (known !== undefined) {
        known.uses += 1;
        dropEntries(entries);
        return { owners: known, times: times.join() };
      }
      const owners = { entries, key, uses: 1 };
      lists.set(key, owners);
      return { owners, times: times.join() };
    },

    drop(owners) {
      if (owners === NOBODY.owners) return;
      owners.uses -= 1;
      if (owners.uses > 0) return;
      lists.delete(owners.key);
      dropEntries(owners.entries);
    },

    size: () => texts.size + heads.size,
  };
}

/** The whole as JSON text again; "" where there is none. */
export function formatOwnership({ owners, times }: Ownership): string {
  if (owners.entries.length === 0) return "";
  const when = times.split(",");
  const entries = owners.entries.map(({ head, fields }, index) => {
    const time = when[index] ?? "";
    const parts = [
      head.text.slice(1, -1),
      time === "" ? "" : `"time":${JSON.stringify(time)}`,
      fields === undefined ? "" : `"fieldsV1":${fields.text}`,
    ];
    return `{${parts.filter((part) => part !== "").join(",")}}`;
  });
  return `[${entries.join(",")}]`;
}

/** True where an entry is this manager's. Nothing is decoded: asked of every object that changes. */
export function isManagedBy({ entries }: Owners, manager: string): boolean {
  return entries.some(({ head }) => head.manager === manager);
}

/** Whether the same managers own the same fields; times and the entries of `status` don't matter. */
export function sameOwners(left: Owners, right: Owners): boolean {
  if (left === right) return true;
  const lefts = left.entries.filter((entry) => entry.counts);
  const rights = right.entries.filter((entry) => entry.counts);
  return (
    lefts.length === rights.length &&
    lefts.every((entry, index) => {
      const other = rights[index];
      return entry.head.text === other?.head.text && entry.fields?.text === other.fields?.text;
    })
  );
}

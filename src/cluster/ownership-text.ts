/**
 * `metadata.managedFields`, kept small: per entry its head and the JSON text of its fields, each text once however many
 * objects share it. Made back into the whole text only when somebody asks who. Nothing is decoded here.
 */
import { formatJson, isArray, isObject, type Json } from "../model/json.ts";

interface Entry {
  /** The entry without its time and fields, as JSON. */
  readonly head: string;
  readonly time: string | undefined;
  readonly fields: string | undefined;
  /** False for the entries of `status`, which come and go with every heartbeat. */
  readonly counts: boolean;
}

export type Ownership = readonly Entry[];

/** Texts in use, each with how many times. */
export interface TextPool {
  take(text: string): string;
  drop(text: string): void;
  size(): number;
}

export function createTextPool(): TextPool {
  const held = new Map<string, { readonly text: string; uses: number }>();
  return {
    take(text) {
      const known = held.get(text);
      if (known === undefined) {
        held.set(text, { text, uses: 1 });
        return text;
      }
      known.uses += 1;
      return known.text;
    },
    drop(text) {
      const known = held.get(text);
      if (known === undefined) return;
      known.uses -= 1;
      if (known.uses === 0) held.delete(text);
    },
    size: () => held.size,
  };
}

export function readOwnership(managedFields: Json | undefined, pool?: TextPool): Ownership {
  if (!isArray(managedFields)) return [];
  return managedFields.flatMap((entry) => {
    if (!isObject(entry)) return [];
    const { time, fieldsV1, ...rest } = entry;
    const head = formatJson(rest);
    const fields = fieldsV1 === undefined ? undefined : formatJson(fieldsV1);
    return [
      {
        head: pool?.take(head) ?? head,
        time: typeof time === "string" ? time : undefined,
        fields: fields === undefined ? undefined : (pool?.take(fields) ?? fields),
        counts: rest["subresource"] !== "status",
      },
    ];
  });
}

export function dropOwnership(ownership: Ownership, pool: TextPool): void {
  for (const { head, fields } of ownership) {
    pool.drop(head);
    if (fields !== undefined) pool.drop(fields);
  }
}

/** The whole as JSON text again; "" where there is none. */
export function formatOwnership(ownership: Ownership): string {
  if (ownership.length === 0) return "";
  const entries = ownership.map(({ head, time, fields }) => {
    const parts = [
      head.slice(1, -1),
      time === undefined ? "" : `"time":${JSON.stringify(time)}`,
      fields === undefined ? "" : `"fieldsV1":${fields}`,
    ];
    return `{${parts.filter((part) => part !== "").join(",")}}`;
  });
  return `[${entries.join(",")}]`;
}

/** Whether the same managers own the same fields; times and the entries of `status` don't matter. */
export function sameOwners(left: Ownership, right: Ownership): boolean {
  const lefts = left.filter((entry) => entry.counts);
  const rights = right.filter((entry) => entry.counts);
  return (
    lefts.length === rights.length &&
    lefts.every((entry, index) => entry.head === rights[index]?.head && entry.fields === rights[index]?.fields)
  );
}

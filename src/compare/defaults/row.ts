/**
 * A built-in default as data: what the API server puts into a field that a manifest leaves out. Rows are facts about
 * the server, each proven on a real one; they never look at what runs.
 */
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";

export interface DefaultPlace {
  /** The whole object, as written and normalised. */
  readonly root: JsonObject;
  /** 0 for the object itself. */
  readonly depth: number;
  /** Minor of the server, `1.36`; undefined where it is not known. */
  readonly server?: string;
}

/** Undefined leaves the field alone, null takes it away. */
export type DefaultValue = (parent: JsonObject, place: DefaultPlace) => Json | undefined;

export interface DefaultRow {
  /** Type that has the field, without version: `core.Container`. */
  readonly type: string;
  readonly field: string;
  readonly value: Json | DefaultValue;
  readonly when?: (parent: JsonObject, place: DefaultPlace) => boolean;
  /** True where the row also has a say when the manifest sets the field; its value is then a function. */
  readonly over?: boolean;
  /** First minor of the server that fills it in by default; where the minor is not known, every row holds. */
  readonly since?: string;
  /** First minor that no longer does. */
  readonly until?: string;
  /**
   * The sibling it copies, where that copies it in turn. Neither explains the other in live then, unless Git states one:
   * both may have been set by hand.
   */
  readonly mutual?: string;
  /** Why it is not one plain value; absent where it is. */
  readonly reason?: string;
}

/** True where one minor (`1.9`) is older than the other (`1.10`). */
export function isBefore(minor: string, other: string): boolean {
  return Number(minor.split(".")[1]) < Number(other.split(".")[1]);
}

/** True where a server of this minor fills the row in. */
export function holdsIn(row: DefaultRow, server: string | undefined): boolean {
  if (server === undefined) return true;
  if (row.since !== undefined && isBefore(server, row.since)) return false;
  return row.until === undefined || isBefore(server, row.until);
}

/** True in the object of this kind, and not in a template of it. */
export function within(kind: string): (parent: JsonObject, place: DefaultPlace) => boolean {
  return (_, place) => place.root["kind"] === kind;
}

export function isSet(parent: JsonObject, ...keys: readonly string[]): boolean {
  return getIn(parent, ...keys) !== undefined;
}

export function isFilled(value: Json | undefined): boolean {
  if (isArray(value)) return value.length > 0;
  return isObject(value) && Object.keys(value).length > 0;
}

/** The entries of the maps, an earlier map winning; undefined where there is none. */
export function merged(...maps: readonly (Json | undefined)[]): JsonObject | undefined {
  const entries: Record<string, Json> = {};
  for (const map of maps.toReversed()) if (isObject(map)) Object.assign(entries, map);
  return Object.keys(entries).length === 0 ? undefined : entries;
}

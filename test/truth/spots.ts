/** Every place of a live object at which somebody could edit it: what is there, and what its type declares and is not. */
import { isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { Path } from "../../src/model/path.ts";
import { byKey, elementOf, isOutside } from "./delta.ts";
import type { Type, Types } from "./types.ts";

export interface Spot {
  readonly path: Path;
  readonly tokens: readonly (string | number)[];
  readonly type: Type;
  /** Undefined for a field that is not there. */
  readonly value: Json | undefined;
  /** The struct or map that holds it; undefined for an item of a list. */
  readonly parent: Type | undefined;
  /** True for a key of a keyed list's item: another value makes another item. */
  readonly isKey: boolean;
}

const MAX_SPOTS = 6_000;
const MAX_DEPTH = 40;
/** Names of types and versions, and what points at them: no value to play with. */
const fixed: ReadonlySet<string> = new Set(["apiVersion", "kind", "creationTimestamp"]);

export function spotsOf(types: Types, root: Type, object: JsonObject): readonly Spot[] {
  const spots: Spot[] = [];

  function entries(spot: Spot, value: JsonObject, keys: readonly string[]): void {
    const names = new Set([...Object.keys(value), ...(spot.type.shape === "struct" ? types.fields(spot.type) : [])]);
    for (const name of names) {
      const path: Path = [...spot.path, { type: "field", name }];
      if (isOutside(path) || (fixed.has(name) && spot.type.shape === "struct")) continue;
      visit(
        {
          path,
          tokens: [...spot.tokens, name],
          type: types.under(spot.type, name),
          value: Object.hasOwn(value, name) ? value[name] : undefined,
          parent: spot.type,
          isKey: keys.includes(name),
        },
        [],
      );
    }
  }

  function items(spot: Spot, value: readonly Json[]): void {
    const { type } = spot;
    const keyed = type.shape === "map-list" && byKey(value, type.keys) !== undefined;
    for (const [index, item] of value.entries()) {
      const element = keyed ? elementOf(item, type.keys, index) : { type: "index" as const, index };
      const below = { path: [...spot.path, element], tokens: [...spot.tokens, index], type: types.item(type) };
      visit({ ...below, value: item, parent: undefined, isKey: false }, keyed ? type.keys : []);
    }
  }

  function visit(spot: Spot, keys: readonly string[]): void {
    if (spots.length >= MAX_SPOTS || spot.path.length > MAX_DEPTH) return;
    if (spot.path.length > 0) spots.push(spot);
    if (isObject(spot.value)) entries(spot, spot.value, keys);
    else if (isArray(spot.value) && spot.type.shape !== "set") items(spot, spot.value);
  }

  visit({ path: [], tokens: [], type: root, value: object, parent: undefined, isKey: false }, []);
  return spots;
}

/** Edits of maps: an entry comes, goes, is called otherwise, is set to null; all of them go. */
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import type { Path } from "../../../src/model/path.ts";
import type { Chance } from "../random.ts";
import type { Spot } from "../spots.ts";
import type { EditRow } from "./edit.ts";
import { someValue } from "./values.ts";

const isMap = ({ type, value }: Spot): boolean =>
  (type.shape === "map" || (type.shape === "free" && isObject(value))) && (value === undefined || isObject(value));
const isFilled = (spot: Spot): boolean => isMap(spot) && Object.keys(entriesOf(spot)).length > 0;
const entriesOf = ({ value }: Spot): JsonObject => (isObject(value) ? value : {});
const at = (spot: Spot, name: string): Path => [...spot.path, { type: "field", name }];

function pickKey(spot: Spot, chance: Chance): string | undefined {
  const keys = Object.keys(entriesOf(spot)).filter((key) => !key.startsWith("kubectl.kubernetes.io/"));
  return keys.length === 0 ? undefined : chance.pick(keys);
}

function without(spot: Spot, key: string): Record<string, Json> {
  const { [key]: _, ...rest } = entriesOf(spot);
  return rest;
}

export const mapEdits: readonly EditRow[] = [
  {
    name: "map key added",
    fits: isMap,
    make: (spot, chance, types) => {
      const entry = someValue(types, types.under(spot.type, "by-hand"), chance);
      const key = chance.pick(["by-hand", "example.com/by-hand", "by.hand", "__proto__", "0"]);
      if (entry === undefined || Object.hasOwn(entriesOf(spot), key)) return undefined;
      const next = Object.fromEntries([...Object.entries(entriesOf(spot)), [key, entry]]);
      return { next, sites: [at(spot, key)] };
    },
  },
  {
    name: "map key removed",
    takesAway: true,
    fits: isFilled,
    make: (spot, chance) => {
      const key = pickKey(spot, chance);
      return key === undefined ? undefined : { next: without(spot, key), sites: [at(spot, key)] };
    },
  },
  {
    name: "map key swapped",
    takesAway: true,
    fits: isFilled,
    make: (spot, chance) => {
      const key = pickKey(spot, chance);
      if (key === undefined || Object.hasOwn(entriesOf(spot), `${key}x`)) return undefined;
      const next = { ...without(spot, key), [`${key}x`]: entriesOf(spot)[key] ?? null };
      return { next, sites: [at(spot, key), at(spot, `${key}x`)] };
    },
  },
  {
    name: "map entry set to null",
    takesAway: true,
    fits: isFilled,
    make: (spot, chance) => {
      const key = pickKey(spot, chance);
      return key === undefined ? undefined : { next: { ...entriesOf(spot), [key]: null }, sites: [at(spot, key)] };
    },
  },
  {
    name: "map emptied",
    takesAway: true,
    fits: isFilled,
    make: (spot) => {
      const kept = Object.entries(entriesOf(spot)).filter(([key]) => key.startsWith("kubectl.kubernetes.io/"));
      return { next: Object.fromEntries(kept) };
    },
  },
];

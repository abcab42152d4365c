/** Edits of lists, each by its kind: keyed, set, in order. */
import { isArray, isObject, type Json } from "../../../src/model/json.ts";
import type { Path } from "../../../src/model/path.ts";
import { byKey, elementOf } from "../delta.ts";
import type { Chance } from "../random.ts";
import type { Spot } from "../spots.ts";
import type { Shape, Types } from "../types.ts";
import type { EditRow } from "./edit.ts";
import { otherValue, scalarOf, someValue } from "./values.ts";

const itemsOf = ({ value }: Spot): readonly Json[] => (isArray(value) ? value : []);
const is =
  (shape: Shape, atLeast = 1) =>
  (spot: Spot): boolean =>
    spot.type.shape === shape && isArray(spot.value) && spot.value.length >= atLeast;
const item = (spot: Spot, one: Json | undefined, index: number): Path => [
  ...spot.path,
  elementOf(one, spot.type.keys, index),
];
const value = (spot: Spot, one: Json): Path => [...spot.path, { type: "value", value: one }];

/** A copy of an item under another key. */
function renamed(spot: Spot, one: Json, chance: Chance, types: Types): Json | undefined {
  const key = spot.type.keys[0] ?? "";
  if (!isObject(one)) return undefined;
  const type = types.under(types.item(spot.type), key);
  const scalar = scalarOf(type, one[key]);
  if (scalar === undefined) return undefined;
  const other = otherValue(scalar, type, one[key] ?? "", chance);
  return other === undefined ? undefined : { ...one, [key]: other };
}

function withoutOne(list: readonly Json[], index: number): readonly Json[] {
  return list.filter((_, place) => place !== index);
}

const newInTheEnd: EditRow["make"] = (spot, chance, types) => {
  const made = someValue(types, types.item(spot.type), chance);
  return made === undefined ? undefined : { next: [...itemsOf(spot), made] };
};

const oneGone: EditRow["make"] = (spot, chance) => ({
  next: withoutOne(itemsOf(spot), chance.number(itemsOf(spot).length)),
});

const turned: EditRow["make"] = (spot) => ({ next: [...itemsOf(spot)].reverse() });

export const listEdits: readonly EditRow[] = [
  {
    name: "keyed item added",
    fits: is("map-list"),
    make: (spot, chance, types) => {
      const made = renamed(spot, chance.pick(itemsOf(spot)), chance, types);
      if (made === undefined || byKey([...itemsOf(spot), made], spot.type.keys) === undefined) return undefined;
      return { next: [...itemsOf(spot), made], sites: [item(spot, made, itemsOf(spot).length)] };
    },
  },
  {
    name: "keyed item made up",
    fits: ({ type, value }) => type.shape === "map-list" && value !== null,
    make: (spot, chance, types) => {
      const made = someValue(types, types.item(spot.type), chance);
      if (made === undefined || byKey([...itemsOf(spot), made], spot.type.keys) === undefined) return undefined;
      return { next: [made, ...itemsOf(spot)] };
    },
  },
  {
    name: "keyed item removed",
    takesAway: true,
    fits: is("map-list"),
    make: (spot, chance) => {
      const index = chance.number(itemsOf(spot).length);
      return { next: withoutOne(itemsOf(spot), index), sites: [item(spot, itemsOf(spot)[index], index)] };
    },
  },
  {
    name: "keyed item under another key",
    takesAway: true,
    fits: is("map-list"),
    make: (spot, chance, types) => {
      const list = itemsOf(spot);
      const index = chance.number(list.length);
      const made = renamed(spot, list[index] ?? null, chance, types);
      if (made === undefined) return undefined;
      const next = list.map((one, place) => (place === index ? made : one));
      return { next, sites: [item(spot, list[index], index), item(spot, made, index)] };
    },
  },
  {
    name: "keyed item twice",
    takesAway: true,
    fits: is("map-list"),
    make: (spot, chance) => ({ next: [...itemsOf(spot), chance.pick(itemsOf(spot))] }),
  },
  { name: "keyed list reordered", takesAway: true, fits: is("map-list", 2), make: turned },
  {
    name: "set value added",
    fits: is("set"),
    make: (spot, chance, types) => {
      const type = types.item(spot.type);
      const one = chance.pick(itemsOf(spot));
      const scalar = scalarOf(type, one);
      const made = scalar === undefined ? undefined : otherValue(scalar, type, one, chance);
      if (made === undefined || itemsOf(spot).includes(made)) return undefined;
      return { next: [...itemsOf(spot), made], sites: [value(spot, made)] };
    },
  },
  {
    name: "set value removed",
    takesAway: true,
    fits: is("set"),
    make: (spot, chance) => {
      const index = chance.number(itemsOf(spot).length);
      return { next: withoutOne(itemsOf(spot), index), sites: [value(spot, itemsOf(spot)[index] ?? null)] };
    },
  },
  { name: "set reordered", takesAway: true, fits: is("set", 2), make: turned },
  { name: "list item added", fits: is("list"), make: newInTheEnd },
  {
    name: "list item repeated",
    fits: is("list"),
    make: (spot, chance) => ({ next: [...itemsOf(spot), chance.pick(itemsOf(spot))] }),
  },
  { name: "list item removed", fits: is("list"), make: oneGone },
  { name: "list reordered", fits: is("list", 2), make: turned },
  {
    name: "list emptied",
    takesAway: true,
    fits: (spot) => isArray(spot.value) && spot.value.length > 0,
    make: () => ({ next: [] }),
  },
  {
    name: "list set to null",
    takesAway: true,
    fits: (spot) => isArray(spot.value) && spot.value.length > 0,
    make: () => ({ next: null }),
  },
];

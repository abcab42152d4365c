/** Edits of whole fields: one that is there goes, one that is not comes, a struct is emptied. */
import { isObject } from "../../../src/model/json.ts";
import type { Spot } from "../spots.ts";
import type { EditRow } from "./edit.ts";
import { someValue } from "./values.ts";

const isField = ({ parent, path }: Spot): boolean => parent?.shape === "struct" && path.length > 1;
const isThere = (spot: Spot): boolean => isField(spot) && spot.value !== undefined && spot.value !== null;

export const fieldEdits: readonly EditRow[] = [
  {
    name: "scalar field removed",
    takesAway: true,
    fits: (spot) => isThere(spot) && !isObject(spot.value),
    make: () => ({ next: undefined }),
  },
  {
    name: "struct removed",
    takesAway: true,
    fits: (spot) => isThere(spot) && isObject(spot.value),
    make: () => ({ next: undefined }),
  },
  {
    name: "struct emptied",
    takesAway: true,
    fits: (spot) =>
      isThere(spot) && spot.type.shape === "struct" && isObject(spot.value) && Object.keys(spot.value).length > 0,
    make: () => ({ next: {} }),
  },
  {
    name: "absent scalar set",
    fits: (spot) => isField(spot) && spot.value === undefined && spot.type.shape === "scalar",
    make: ({ type }, chance, types) => {
      const next = someValue(types, type, chance);
      return next === undefined ? undefined : { next };
    },
  },
  {
    name: "absent struct or list set",
    fits: (spot) =>
      isField(spot) && spot.value === undefined && spot.type.shape !== "scalar" && spot.type.shape !== "free",
    make: ({ type }, chance, types) => {
      const next = someValue(types, type, chance);
      return next === undefined ? undefined : { next };
    },
  },
  {
    name: "absent struct set empty",
    fits: (spot) => isField(spot) && spot.value === undefined && spot.type.shape === "struct",
    make: () => ({ next: {} }),
  },
];

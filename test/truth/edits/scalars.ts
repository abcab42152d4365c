/** Edits of one value: another one, its zero, null. */
import type { Json } from "../../../src/model/json.ts";
import type { EditRow } from "./edit.ts";
import { otherValue, scalarOf, type Scalar } from "./values.ts";

const families: readonly Scalar[] = [
  "string",
  "enum",
  "number",
  "boolean",
  "quantity",
  "int-or-string",
  "time",
  "duration",
  "bytes",
];

const zeros: Readonly<Record<string, Json>> = { string: "", number: 0, boolean: false };

export const scalarEdits: readonly EditRow[] = [
  ...families.map(
    (family): EditRow => ({
      name: `${family} changed`,
      fits: ({ type, value, isKey }) =>
        value !== undefined && value !== null && !isKey && scalarOf(type, value) === family,
      make: ({ type, value }, chance) => {
        const next = otherValue(family, type, value ?? null, chance);
        return next === undefined ? undefined : { next };
      },
    }),
  ),
  {
    name: "scalar zeroed",
    fits: ({ type, value, isKey }) =>
      !isKey && scalarOf(type, value) !== undefined && Object.hasOwn(zeros, typeof value),
    make: ({ value }) => {
      const next = zeros[typeof value];
      return next === value || next === undefined ? undefined : { next };
    },
  },
  {
    name: "scalar set to null",
    takesAway: true,
    fits: ({ type, value, parent }) =>
      parent !== undefined && value !== undefined && value !== null && type.shape === "scalar",
    make: () => ({ next: null }),
  },
];

/**
 * When two scalars of one type are the same value, as the server means it. Only the schema's type opens a rule: a label
 * `1000m` is a text, and never equals `1`.
 */
import type { Json } from "../model/json.ts";
import type { ScalarKind } from "../model/schema.ts";
import { meaningOfAddress } from "./address-text.ts";
import { meaningOfBytes } from "./byte-text.ts";
import { parseDuration } from "./duration-text.ts";
import { parseQuantity, roundUpToMilli, sameQuantity } from "./quantity.ts";
import { sameJson } from "./same-json.ts";
import { parseTime } from "./time-text.ts";

function sameBy<Read>(read: (text: string) => Read | undefined, one: Json, other: Json): boolean {
  if (typeof one !== "string" || typeof other !== "string") return false;
  const left = read(one);
  return left !== undefined && left === read(other);
}

function sameAmount(one: Json, other: Json, rounded: boolean): boolean {
  const left = parseQuantity(one);
  const right = parseQuantity(other);
  if (left === undefined || right === undefined) return false;
  return rounded ? sameQuantity(roundUpToMilli(left), roundUpToMilli(right)) : sameQuantity(left, right);
}

/**
 * A number or a boolean that Git states where the schema wants text: the server refuses it, and tools that send it all
 * the same send its text. What the field can hold is never but text, so nothing is taken for it that it is not.
 */
function sameSpelling(one: Json, text: Json): boolean {
  const spelled = typeof one === "number" || typeof one === "bigint" || typeof one === "boolean";
  return spelled && typeof text === "string" && String(one) === text;
}

/**
 * @param resourceList the amounts stand in a built-in list of resources, where the server rounds up to a milli
 * @returns false too where a value is not of the type at all, unless both are the very same
 */
export function sameScalar(kind: ScalarKind, one: Json, other: Json, resourceList = false): boolean {
  if (one === other || sameJson(one, other)) return true;
  switch (kind) {
    case "quantity":
      return sameAmount(one, other, resourceList);
    case "duration":
      return sameBy(parseDuration, one, other);
    case "time":
      return sameBy(parseTime, one, other);
    case "bytes":
      return sameBy(meaningOfBytes, one, other);
    case "address":
      return sameBy(meaningOfAddress, one, other);
    case "string":
      return sameSpelling(one, other) || sameSpelling(other, one);
    case "number":
    case "boolean":
    case "int-or-string":
    case "any":
      return false;
  }
}

/**
 * When two scalars of one type are the same value, as the server means it. Only the schema's type opens a rule: a label
 * `1000m` is a text, and never equals `1`.
 */
import type { Json } from "../model/json.ts";
import type { ScalarKind } from "../model/schema.ts";
import { parseQuantity, roundUpToMilli, sameQuantity } from "./quantity.ts";
import { sameJson } from "./same-json.ts";

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION = /^[+-]?(?:(?:\d{1,18}\.?\d{0,18}|\.\d{1,18})(?:ns|us|µs|μs|ms|s|m|h))+$/;
const DURATION_PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;

/** Nanoseconds of a Go duration (`1h30m`, `8760h0m0s`, `0`); undefined where the text is none. */
export function parseDuration(text: string): bigint | undefined {
  if (text === "0" || text === "+0" || text === "-0") return 0n;
  if (!DURATION.test(text)) return undefined;
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(DURATION_PART)) {
    const scale = UNITS[unit] ?? 0n;
    sum += BigInt(whole === "" ? "0" : whole) * scale;
    if (fraction !== "") sum += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return text.startsWith("-") ? -sum : sum;
}

const SPACE = /[\s]/g;
const TIME = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Instant of an RFC 3339 text: whole seconds since the epoch and nanoseconds; undefined where the text is none. */
function parseTime(text: string): string | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const seconds = Date.parse(`${match[1] ?? ""}${match[3] ?? "Z"}`);
  return Number.isNaN(seconds) ? undefined : `${seconds}.${(match[2] ?? "").padEnd(9, "0")}`;
}

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
      return sameBy((text) => text.replaceAll(SPACE, ""), one, other);
    case "string":
    case "number":
    case "boolean":
    case "int-or-string":
    case "any":
      return false;
  }
}

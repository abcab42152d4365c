/**
 * What an unquoted scalar means, as kubectl reads it: the resolution of go-yaml v2 (YAML 1.1 words and integers, no
 * dates, no base 60), which sigs.k8s.io/yaml hands to JSON. The rules are rows, first match wins; what no row takes is
 * a string. Quoted scalars never come here. test/truth/oracle holds all of it to the libraries themselves.
 * Source: https://github.com/yaml/go-yaml/blob/v2/resolve.go and https://github.com/kubernetes-sigs/yaml
 */
import { isUtf8 } from "node:buffer";
import { int64, type Json } from "../model/json.ts";

export type ScalarValue = null | boolean | number | bigint | string;

/** A scalar that was read; `float` tells `1.0` from `1`, which differ as keys. */
export interface ReadScalar {
  readonly value: ScalarValue;
  readonly float: boolean;
}

export interface ScalarRule {
  readonly name: string;
  readonly reason: string;
  readonly pattern: RegExp;
  readonly float?: true;
  /** Undefined: the text looked right and is not; the next rows are asked. */
  read(text: string): ScalarValue | undefined;
}

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/** Exact where a double is exact, else a bigint; undefined outside what Go holds in 64 bits. */
function integer(negative: boolean, digits: string): ScalarValue | undefined {
  const magnitude = BigInt(digits);
  const value = negative ? -magnitude : magnitude;
  if (value < INT_MIN || value > UINT_MAX) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function signed(
  text: string,
  read: (negative: boolean, body: string) => ScalarValue | undefined,
): ScalarValue | undefined {
  const plain = text.replaceAll("_", "");
  const sign = plain.startsWith("-") || plain.startsWith("+") ? 1 : 0;
  return read(plain.startsWith("-"), plain.slice(sign));
}

function float(text: string): number | undefined {
  const value = Number(text.replaceAll("_", "").replace(/^\+/, ""));
  return Number.isFinite(value) ? value : undefined;
}

/** Decimal digits after a sign go through the sign's own prefix; `+` and `-` may stand before every integer form. */
export const scalarRules: readonly ScalarRule[] = [
  { name: "null", reason: "the words and the empty scalar", pattern: /^(?:|~|null|Null|NULL)$/, read: () => null },
  {
    name: "true",
    reason: "YAML 1.1 words, in three cases each",
    pattern: /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/,
    read: () => true,
  },
  {
    name: "false",
    reason: "YAML 1.1 words, in three cases each",
    pattern: /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/,
    read: () => false,
  },
  {
    name: "infinity",
    reason: "a key, or refused: JSON has no such value",
    pattern: /^[-+]?\.(?:inf|Inf|INF)$/,
    float: true,
    read: (text) => (text.startsWith("-") ? -Infinity : Infinity),
  },
  { name: "nan", reason: "as infinity", pattern: /^\.(?:nan|NaN|NAN)$/, float: true, read: () => Number.NaN },
  {
    name: "hexadecimal, binary, 0o octal",
    reason: "Go's ParseInt with base 0",
    pattern: /^(?:[-+]_*)?0[xXbBoO_][0-9a-fA-F_xXbBoO]*$/,
    read: (text) =>
      signed(text, (negative, body) =>
        /^0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)$/.test(body) ? integer(negative, body.toLowerCase()) : undefined,
      ),
  },
  {
    name: "binary with a sign inside",
    reason: "go-yaml cuts 0b off and reads the rest with its sign",
    pattern: /^0_*b_*[-+][01_]+$/,
    read: (text) => {
      const body = text.replaceAll("_", "").slice(2);
      const value = /^[-+][01]+$/.test(body) ? integer(body.startsWith("-"), `0b${body.slice(1)}`) : undefined;
      return typeof value === "bigint" && value > INT_MAX ? undefined : value;
    },
  },
  {
    name: "leading-zero octal",
    reason: "0644 is 420; 0899 is no octal, and goes on to the floats",
    pattern: /^(?:[-+]_*)?0[0-9_]+$/,
    read: (text) =>
      signed(text, (negative, body) => (/^0[0-7]+$/.test(body) ? integer(negative, `0o${body.slice(1)}`) : undefined)),
  },
  {
    name: "decimal",
    reason: "underscores are dropped wherever they stand after the first digit",
    pattern: /^(?:[0-9][0-9_]*|[-+][0-9_]*[0-9][0-9_]*)$/,
    read: (text) =>
      signed(text, (negative, body) => (/^(?:0|[1-9][0-9]*)$/.test(body) ? integer(negative, body) : undefined)),
  },
  {
    name: "float",
    reason: "also integers too long for 64 bits, and 0899; what overflows a double stays a string, as 1e400",
    pattern: /^(?:[-+][0-9_.]|[0-9])[0-9_.eE+-]*$/,
    float: true,
    read: (text) =>
      /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text.replaceAll("_", ""))
        ? float(text)
        : undefined,
  },
  {
    name: "float that starts with its point",
    reason: "Go's ParseFloat: underscores only between digits",
    pattern: /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/,
    float: true,
    read: float,
  },
];

// What may start something other than a string: most scalars leave here.
const MAY_RESOLVE = /^(?:$|[-+.~0-9yYnNtTfFoO])/;

const asText = (value: ScalarValue): ReadScalar => ({ value, float: false });

/** The value of an unquoted scalar. Infinite and not-a-number results are for the caller to refuse. */
export function readScalar(text: string): ReadScalar {
  if (!MAY_RESOLVE.test(text)) return asText(text);
  for (const rule of scalarRules) {
    if (!rule.pattern.test(text)) continue;
    const value = rule.read(text);
    if (value !== undefined) return { value, float: rule.float === true };
  }
  return asText(text);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ]\d)/;

/** The value of a scalar with a tag of YAML's own (`str`, `int`, …); undefined where the text does not fit the tag. */
export function readTagged(text: string, tag: string): ReadScalar | undefined {
  if (tag === "binary") {
    const base64 = text.replaceAll(/[\r\n]/g, "");
    const bytes = Buffer.from(base64, "base64");
    return BASE64.test(base64) && isUtf8(bytes) ? asText(bytes.toString("utf8")) : undefined;
  }
  const read = readScalar(text);
  switch (tag) {
    case "null":
      return read.value === null ? read : undefined;
    case "bool":
      return typeof read.value === "boolean" ? read : undefined;
    case "int":
      return isNumber(read.value) && !read.float ? read : undefined;
    case "float":
      // Go has no float of what only an unsigned integer holds.
      if (!isNumber(read.value) || (!read.float && read.value > INT_MAX)) return undefined;
      return { value: Number(read.value), float: true };
    case "timestamp":
      return DATE.test(text) ? asText(text) : undefined;
    default:
      return asText(text);
  }
}

function isNumber(value: ScalarValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/**
 * The value as the API server gets it: kubectl writes JSON and reads it again, into an int64 where that fits, else into
 * a double. Undefined for what JSON has no number for.
 */
export function toJson(value: ScalarValue): Json | undefined {
  if (typeof value === "bigint") return int64(String(value)) ?? Number(value);
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  // Go and JavaScript write a double alike: in full below 1e21, in the fewest digits that mean it.
  return Number.isFinite(value) ? (int64(String(value)) ?? value) : undefined;
}

/** A key as JSON has it; undefined for what has no text of its own there (null, an unsigned integer). */
export function keyText({ value, float: isFloat }: ReadScalar): string | undefined {
  if (value === null || (typeof value === "bigint" && value > INT_MAX)) return undefined;
  return typeof value === "number" && isFloat ? floatKey(value) : String(value);
}

/** A float as Go prints it with `g` in the fewest digits of 32 bits. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return ".nan";
  if (!Number.isFinite(single)) return single < 0 ? "-.inf" : ".inf";
  if (single === 0) return Object.is(single, -0) ? "-0" : "0";
  let text = "";
  for (let digits = 0; digits < 9; digits += 1) {
    text = single.toExponential(digits);
    if (Math.fround(Number(text)) === single) break;
  }
  const [mantissa = "", exponent = ""] = text.split("e");
  const at = Number(exponent);
  if (at >= -4 && at < 6) return String(Number(text));
  return `${mantissa}e${at < 0 ? "-" : "+"}${String(Math.abs(at)).padStart(2, "0")}`;
}

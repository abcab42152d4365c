/**
 * Amounts as apimachinery's `resource.Quantity` reads, rounds and prints them, exactly: no floating point anywhere, and
 * its oddities included, for the API server stores what that prints. Time is bounded whatever the exponent.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/; test/truth/oracle holds every
 * rule here to the library itself.
 */
import type { Json } from "../model/json.ts";

/** The number is `digits * 10^exponent`, in lowest terms: `digits` does not end in a zero, and nought has exponent 0. */
export interface Quantity {
  readonly digits: bigint;
  readonly exponent: number;
  /** Decides only how it is printed. */
  readonly format: "BinarySI" | "DecimalSI" | "DecimalExponent";
  /** The text it was read from, where the server keeps that: `+5` and `1.500` are stored as written. */
  readonly text?: string;
}

const FORM = /^([+-]?)(0*)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;
// Go's white space, as far as a JSON text can hold it unescaped.
const AROUND =
  /^[ \u0085\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]+|[ \u0085\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]+$/g;

const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(decimal).map(([suffix, exponent]) => [String(exponent), suffix]),
);
const binarySuffixes = ["", ...Object.keys(binary)];

/** Nothing finer than a nano is kept; the rest is rounded away from zero. */
const FINEST = -9;
/** Only amounts with a binary suffix are capped. */
const MAX = 2n ** 63n - 1n;
const MAX_LENGTH = 1000;
const LONGEST_EXPONENT = 2n ** 63n;
/** Decimal digits that certainly fit an int64: up to here, and no finer than a nano, an amount is never rounded. */
const PLAIN_DIGITS = 18;

function lowest(digits: bigint, exponent: number): { readonly digits: bigint; readonly exponent: number } {
  if (digits === 0n) return { digits, exponent: 0 };
  let left = digits;
  let at = exponent;
  while (left % 10n === 0n) {
    left /= 10n;
    at += 1;
  }
  return { digits: left, exponent: at };
}

/** Up to whole units of `10^finest`, away from zero. What is smaller than one unit is one, however small. */
function roundUp(digits: bigint, exponent: number, finest: number): { digits: bigint; exponent: number } {
  if (exponent >= finest || digits === 0n) return { digits, exponent };
  const sign = digits < 0n ? -1n : 1n;
  const size = digits * sign;
  const drop = finest - exponent;
  if (drop > size.toString().length) return { digits: sign, exponent: finest };
  const unit = 10n ** BigInt(drop);
  return { digits: sign * ((size + unit - 1n) / unit), exponent: finest };
}

/** Beyond an exa there is no suffix, and the server prints none: `1000E` is stored as `1`. */
function asStored(quantity: Quantity): Quantity {
  if (quantity.format !== "DecimalSI" || quantity.text !== undefined || quantity.exponent < 21) return quantity;
  return { ...quantity, ...lowest(BigInt(formatQuantity(quantity)), 0) };
}

interface Parts {
  readonly sign: bigint;
  /** Without leading zeros, but `0` where nothing else is left. */
  readonly num: string;
  readonly denom: string;
  /** True where not one digit was written: only the library's shorter way takes that, as nought. */
  readonly empty: boolean;
  readonly text: string;
}

function readBinary({ sign, num, denom, empty, text }: Parts, power: number): Quantity | undefined {
  const value = BigInt(`${num}${denom}`);
  // The library's own guess at how many digits surely fit.
  const short = denom === "" && 14 - num.length - Math.trunc((power * 3) / 10) >= 0;
  if (empty && !short) return undefined;
  const kept = short && (value & 7n) !== 0n ? { text } : {};
  const rounded = roundUp(value * (1n << BigInt(power)), -denom.length, FINEST);
  const limit = MAX * 10n ** BigInt(-rounded.exponent);
  const { digits, exponent } = rounded.digits > limit ? { digits: MAX, exponent: 0 } : rounded;
  return { ...lowest(sign * digits, exponent), format: "BinarySI", ...kept };
}

function readDecimal(parts: Parts, power: number, format: Quantity["format"]): Quantity | undefined {
  const { sign, num, denom, empty, text } = parts;
  const shifted = `${num}${denom}`;
  const scale = (power - denom.length) | 0;
  const short = shifted.length <= PLAIN_DIGITS && scale >= FINEST;
  if (empty && !short) return undefined;
  const kept = short && scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0") ? { text } : {};
  const { digits, exponent } = roundUp(BigInt(shifted), scale, FINEST);
  return asStored({ ...lowest(sign * digits, exponent), format, ...kept });
}

/**
 * A number is read as its decimal text, as the server reads an unquoted one. Finer than a nano is rounded up, an amount
 * with a binary suffix beyond 2^63-1 is capped. Undefined where the text is no quantity.
 */
export function parseQuantity(value: Json): Quantity | undefined {
  if (typeof value === "number" || typeof value === "bigint") return parseQuantity(String(value));
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  const text = value.replaceAll(AROUND, "");
  if (text === "") return undefined;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, minus = "", zeros = "", whole = "", denom = "", suffix = ""] = match;
  const empty = zeros === "" && whole === "" && denom === "";
  const parts = { sign: minus === "-" ? -1n : 1n, num: whole === "" ? "0" : whole, denom, empty, text };
  const twos = binary[suffix];
  if (twos !== undefined) return readBinary(parts, twos);
  const tens = decimal[suffix];
  if (tens !== undefined) return readDecimal(parts, tens, "DecimalSI");
  const exponent = BigInt(suffix.slice(1).replace("+", ""));
  if (exponent >= LONGEST_EXPONENT || exponent < -LONGEST_EXPONENT) return undefined;
  return readDecimal(parts, Number(BigInt.asIntN(32, exponent)), "DecimalExponent");
}

/** Up to whole milli units, away from zero: what the server does to every amount in a list of resources. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  if (quantity.exponent >= -3) return quantity;
  const { digits, exponent } = roundUp(quantity.digits, quantity.exponent, -3);
  return { ...lowest(digits, exponent), format: quantity.format };
}

export function sameQuantity(one: Quantity, other: Quantity): boolean {
  return one.digits === other.digits && one.exponent === other.exponent;
}

function formatDecimal({ digits, exponent }: Quantity, suffix: (exponent: number) => string): string {
  const over = ((exponent % 3) + 3) % 3;
  return `${digits * 10n ** BigInt(over)}${suffix(exponent - over)}`;
}

function formatBinary({ digits, exponent }: Quantity): string | undefined {
  // Fractions, and what is smaller than a Ki, are printed as decimals.
  if (exponent < 0) return undefined;
  let left = digits * 10n ** BigInt(exponent);
  if (left > -1024n && left < 1024n) return undefined;
  let step = 0;
  while (left % 1024n === 0n) {
    left /= 1024n;
    step += 1;
  }
  return `${left}${binarySuffixes[step] ?? ""}`;
}

/** The text that the server stores: `1000m` → `1`, `1.5` → `1500m`, `1024Mi` → `1Gi`, `1e3` → `1e3`. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.digits === 0n) return "0";
  if (quantity.format === "BinarySI") {
    const text = formatBinary(quantity);
    if (text !== undefined) return text;
  }
  if (quantity.format === "DecimalExponent")
    return formatDecimal(quantity, (exponent) => (exponent === 0 ? "" : `e${exponent}`));
  return formatDecimal(quantity, (exponent) => decimalSuffixes[String(exponent)] ?? "");
}

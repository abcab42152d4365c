/**
 * Amounts as apimachinery's `resource.Quantity` reads, rounds and prints them, exactly: no floating point anywhere.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
import type { Json } from "../model/json.ts";

/** The number is `digits * 10^exponent`; `exponent` is never positive. Format decides only how it is printed. */
export interface Quantity {
  readonly digits: bigint;
  readonly exponent: number;
  readonly format: "BinarySI" | "DecimalSI" | "DecimalExponent";
}

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,4})?$/;

const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(decimal).map(([suffix, exponent]) => [String(exponent), suffix]),
);
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/** Nothing finer than a nano is kept; the rest is rounded away from zero. */
const FINEST = -9;
const MAX = 2n ** 63n - 1n;
const MAX_LENGTH = 128;
const MAX_EXPONENT = 1000;

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** `digits / divisor`, away from zero where it does not divide. */
function divideUp(digits: bigint, divisor: bigint): bigint {
  const whole = digits / divisor;
  if (whole * divisor === digits) return whole;
  return digits < 0n ? whole - 1n : whole + 1n;
}

function shrink(digits: bigint, exponent: number): { readonly digits: bigint; readonly exponent: number } {
  let left = digits;
  let at = exponent;
  while (at < 0 && left % 10n === 0n) {
    left /= 10n;
    at += 1;
  }
  return { digits: left, exponent: left === 0n ? 0 : at };
}

function settle(digits: bigint, exponent: number, format: Quantity["format"]): Quantity {
  let value = digits;
  let at = exponent;
  if (at > 0) {
    value *= power(at);
    at = 0;
  } else if (at < FINEST) {
    value = divideUp(value, power(FINEST - at));
    at = FINEST;
  }
  const limit = MAX * power(-at);
  if (value > limit) [value, at] = [MAX, 0];
  if (value < -limit) [value, at] = [-MAX, 0];
  return { ...shrink(value, at), format };
}

/**
 * A number is read as its decimal text, as the server reads an unquoted one. Amounts beyond 2^63-1 are capped, finer
 * than a nano rounded up. Undefined where the text is no quantity.
 */
export function parseQuantity(value: Json): Quantity | undefined {
  if (typeof value === "number" || typeof value === "bigint") return parseQuantity(String(value).replace("e+", "e"));
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  const match = FORM.exec(value);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const factor = binary[suffix];
  if (factor !== undefined) return settle(digits * factor, -fraction.length, "BinarySI");
  const scale = decimal[suffix];
  if (scale !== undefined) return settle(digits, scale - fraction.length, "DecimalSI");
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  return settle(digits, exponent - fraction.length, "DecimalExponent");
}

/** Up to whole milli units, away from zero: what the server does to every amount in a list of resources. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  if (quantity.exponent >= -3) return quantity;
  return { ...shrink(divideUp(quantity.digits, power(-3 - quantity.exponent)), -3), format: quantity.format };
}

export function sameQuantity(one: Quantity, other: Quantity): boolean {
  return one.digits === other.digits && one.exponent === other.exponent;
}

function formatDecimal(quantity: Quantity, suffix: (exponent: number) => string): string {
  let { digits, exponent } = quantity;
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent += 1;
  }
  while (exponent % 3 !== 0) {
    digits *= 10n;
    exponent -= 1;
  }
  while (exponent > 18) {
    digits *= 1000n;
    exponent -= 3;
  }
  return `${digits}${suffix(exponent)}`;
}

function formatBinary(quantity: Quantity): string | undefined {
  const { digits, exponent } = quantity;
  const size = digits < 0n ? -digits : digits;
  // Fractions, and what is smaller than a Ki, are printed as decimals.
  if (exponent < 0 || size < 1024n) return undefined;
  let left = digits;
  let step = 0;
  while (step < binarySuffixes.length - 1 && left % 1024n === 0n) {
    left /= 1024n;
    step += 1;
  }
  return `${left}${binarySuffixes[step] ?? ""}`;
}

/** The canonical text, as the server stores it: `1000m` → `1`, `1.5` → `1500m`, `1024Mi` → `1Gi`, `1e3` → `1e3`. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.digits === 0n) return "0";
  if (quantity.format === "BinarySI") {
    const text = formatBinary(quantity);
    if (text !== undefined) return text;
  }
  if (quantity.format === "DecimalExponent") {
    return formatDecimal(quantity, (exponent) => (exponent === 0 ? "" : `e${exponent}`));
  }
  return formatDecimal(quantity, (exponent) => decimalSuffixes[String(exponent)] ?? "");
}

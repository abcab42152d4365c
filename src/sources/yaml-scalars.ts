/**
 * What an unquoted scalar means, as kubectl reads it: the resolution of go-yaml v2 (YAML 1.1 words and integers, no
 * dates, no base 60), which sigs.k8s.io/yaml hands to JSON. The rules are rows, first match wins; what no row takes is
 * a string. Quoted scalars never come here.
 * Source: https://github.com/yaml/go-yaml/blob/v2/resolve.go and https://github.com/kubernetes-sigs/yaml
 */

export type ScalarValue = null | boolean | number | bigint | string;

export interface ScalarRule {
  readonly name: string;
  readonly reason: string;
  readonly pattern: RegExp;
  /** Undefined: the text looked right and is not; the next rows are asked. */
  read(text: string): ScalarValue | undefined;
}

const INT_MIN = -(2n ** 63n);
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
    reason: "kept as numbers here; JSON has none, so the reader refuses them",
    pattern: /^[-+]?\.(?:inf|Inf|INF)$/,
    read: (text) => (text.startsWith("-") ? -Infinity : Infinity),
  },
  { name: "nan", reason: "as infinity", pattern: /^\.(?:nan|NaN|NAN)$/, read: () => Number.NaN },
  {
    name: "hexadecimal, binary, 0o octal",
    reason: "Go's ParseInt with base 0",
    pattern: /^[-+]?0[xXbBoO_][0-9a-fA-F_xXbBoO]*$/,
    read: (text) =>
      signed(text, (negative, body) =>
        /^0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)$/.test(body) ? integer(negative, body.toLowerCase()) : undefined,
      ),
  },
  {
    name: "leading-zero octal",
    reason: "0644 is 420; 0899 is no octal, and goes on to the floats",
    pattern: /^[-+]?0[0-9_]+$/,
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
    read: (text) =>
      /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text.replaceAll("_", ""))
        ? float(text)
        : undefined,
  },
  {
    name: "float that starts with its point",
    reason: "as the floats",
    pattern: /^\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?$/,
    read: float,
  },
];

// What may start something other than a string: most scalars leave here.
const MAY_RESOLVE = /^(?:$|[-+.~0-9yYnNtTfFoO])/;

/** The value of an unquoted scalar. Infinite and not-a-number results are for the caller to refuse. */
export function resolvePlain(text: string): ScalarValue {
  if (!MAY_RESOLVE.test(text)) return text;
  for (const rule of scalarRules) {
    if (!rule.pattern.test(text)) continue;
    const value = rule.read(text);
    if (value !== undefined) return value;
  }
  return text;
}

/** The value of a scalar with a tag of YAML's own (`str`, `int`, …); undefined where the text does not fit the tag. */
export function resolveTagged(text: string, tag: string): ScalarValue | undefined {
  if (tag === "binary") return Buffer.from(text, "base64").toString("utf8");
  const value = resolvePlain(text);
  switch (tag) {
    case "null":
      return value === null ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "int":
      return typeof value === "bigint" || Number.isInteger(value) ? value : undefined;
    case "float":
      return typeof value === "number" || typeof value === "bigint" ? value : undefined;
    default:
      return text;
  }
}

/** A key as JSON has it; undefined for what has no text of its own (null, a collection). Floats as Go prints them. */
export function keyText(value: ScalarValue): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Math.fround(value) === value ? value : Number(value.toPrecision(8)));
}

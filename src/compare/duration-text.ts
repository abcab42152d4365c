/** Go durations (`1h30m`, `8760h0m0s`, `0`), as `time.ParseDuration` reads them, its one use of floating point included. */

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00B5s": 1_000n,
  "\u03BCs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const WHOLE = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00B5s|\u03BCs|ms|s|m|h))+)$/;
const PART = /(\d*)(?:\.(\d*))?(ns|us|\u00B5s|\u03BCs|ms|s|m|h)/g;
const MAX_LENGTH = 256;
const LIMIT = 2n ** 63n;

/** As many digits of a fraction as an int64 holds; the others count for nothing. */
function fractionOf(text: string): { readonly digits: bigint; readonly scale: number } {
  let digits = 0n;
  let scale = 1;
  for (const digit of text) {
    const next = digits * 10n + BigInt(digit);
    if (digits > (LIMIT - 1n) / 10n || next > LIMIT) break;
    digits = next;
    scale *= 10;
  }
  return { digits, scale };
}

/** Nanoseconds; undefined where the text is no duration, or one that an int64 of nanoseconds does not hold. */
export function parseDuration(text: string): bigint | undefined {
  if (text.length > MAX_LENGTH || !WHOLE.test(text)) return undefined;
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(PART)) {
    const scale = UNITS[unit] ?? 0n;
    const { digits, scale: parts } = fractionOf(fraction);
    const part = BigInt(whole) * scale + BigInt(Math.trunc(Number(digits) * (Number(scale) / parts)));
    sum += part;
    if (part > LIMIT || sum > LIMIT) return undefined;
  }
  if (text.startsWith("-")) return -sum;
  return sum === LIMIT ? undefined : sum;
}

/** Go durations (`1m`, `1h30m`, `1.5s`) to milliseconds. Never guesses: what is no duration is undefined. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const WHOLE = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** What the schemas of our custom resources hold durations to. No sign, no `us`, no bare number. */
export const durationPattern = "^([0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h))+$";

/** Milliseconds, whole, rounded to the nearest; undefined where the text is no duration or has a sign. `0` alone is none. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !WHOLE.test(text)) return undefined;
  let sum = 0;
  for (const [, count = "", unit = ""] of text.matchAll(PART)) sum += Number(count) * (UNITS[unit] ?? 0);
  return Math.round(sum);
}

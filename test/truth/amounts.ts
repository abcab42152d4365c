/** The same amount in another unit, by whole-number arithmetic only; undefined where there is none without rounding. */
import type { Json } from "../../src/model/json.ts";

/** Unit → the next smaller one, and how many of it make one. */
const smaller: Readonly<Record<string, readonly [unit: string, count: bigint]>> = {
  "": ["m", 1000n],
  k: ["", 1000n],
  M: ["k", 1000n],
  G: ["M", 1000n],
  T: ["G", 1000n],
  Ki: ["", 1024n],
  Mi: ["Ki", 1024n],
  Gi: ["Mi", 1024n],
  Ti: ["Gi", 1024n],
};

export function otherAmount(value: Json): Json | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  const milli = /^(\d{1,9})m$/.exec(text);
  if (milli?.[1] !== undefined) {
    const thousandths = milli[1].padStart(4, "0");
    return `${thousandths.slice(0, -3).replace(/^0+(?=\d)/, "")}.${thousandths.slice(-3)}`;
  }
  const decimal = /^(\d{1,6})\.(\d{1,3})$/.exec(text);
  if (decimal !== null) return `${BigInt(`${decimal[1] ?? ""}${(decimal[2] ?? "").padEnd(3, "0")}`)}m`;
  const whole = /^(\d{1,9})(k|M|G|T|Ki|Mi|Gi|Ti|)$/.exec(text);
  const next = whole === null ? undefined : smaller[whole[2] ?? ""];
  return whole === null || next === undefined ? undefined : `${BigInt(whole[1] ?? "0") * next[1]}${next[0]}`;
}

/**
 * What our own write brings with it: a drift that was not there before and came within the write itself, as a webhook
 * makes it that sets another field each time. Each is a drift of its own, and all of them are one run of attempts, or
 * there would be no end to them. Pure.
 */
import { fieldManager } from "../model/annotations.ts";
import type { Verdict } from "../model/verdict.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { changesToHeal } from "../verdict/remedy.ts";

/**
 * @param written the version that our last write led to; undefined where there was none. Nobody has written since where
 * it still stands at that; at a later one, those are looked at who are on record for what differs.
 */
export function isOurWake(
  verdict: Verdict,
  { live, baseline }: Pick<DecideInput, "live" | "baseline">,
  written: string | undefined,
): boolean {
  if (written === undefined || live.state !== "present" || verdict.kind !== "drifted") return false;
  if (live.live.resourceVersion === written) return true;
  return changesToHeal(verdict, baseline).every(({ owner }) => owner.manager === fieldManager);
}

/** Why it is given up, with the names of what may have done it. */
export function wakeText(mutators: readonly string[]): string {
  const shown = mutators.slice(0, NAMES_TOLD).join(", ");
  const who = mutators.length === 0 ? "" : ` (what may act on it: ${shown})`;
  return `each write brought something else with it that is not as declared: a webhook or a controller${who}`;
}

const NAMES_TOLD = 5;

/**
 * What a forecast cannot know, said where it matters: whether the platform lets a live annotation opt in, and what dry
 * runs told the operator of admission. Pure.
 */
import { getIn, getString, isArray, type Json } from "../../model/json.ts";
import { changesOf, type HealPlan } from "../../verdict/heal-plan.ts";
import type { Foresight } from "./foresee.ts";

interface Foreseen {
  readonly plan: HealPlan | undefined;
  readonly remedy: Foresight;
  readonly record: Json;
}

const stepText = (op: string, path: string): string => `${op} ${path}`;

function recordedSteps(record: Json): readonly string[] | undefined {
  const plan = getIn(record, "remediation", "plan");
  const operations = getIn(plan, "operations");
  // A plan that was cut cannot be told from another one.
  if (!isArray(operations) || getIn(plan, "operationsTotal") !== operations.length) return undefined;
  return operations.map((one) => stepText(getString(one, "op") ?? "", getString(one, "path") ?? ""));
}

/** The operator planned otherwise: it may know what admission sets, or the object has moved since. */
function otherPlan({ plan, record }: Foreseen): string | undefined {
  const recorded = recordedSteps(record);
  if (plan === undefined || recorded === undefined) return undefined;
  const kind = getString(record, "remediation", "plan", "kind");
  const steps = changesOf(plan).map(({ op, path }) => stepText(op, path));
  if (kind === plan.kind && recorded.join("\n") === steps.join("\n")) return undefined;
  return `the operator's own record plans otherwise (${kind}: ${recorded.join(", ")}): it may know what admission sets, or the object moved since`;
}

/** An annotation that only the live object carries counts where the platform lets it; nobody but the operator knows. */
function liveOptIn({ remedy }: Foreseen): string | undefined {
  if (remedy.do !== "heal" || !remedy.asked.startsWith("live annotation")) return undefined;
  return "the opt-in is on the live object only, and counts unless the chart's remediation.liveOptIn is false";
}

export function caveatsOf(foreseen: Foreseen): readonly string[] {
  return [liveOptIn(foreseen), otherPlan(foreseen)].filter((one) => one !== undefined);
}

/** Which heals could take something down or widen rights, and so wait for a person's word. */
import { annotations } from "../model/annotations.ts";
import { changesToHeal } from "./causes-healed.ts";
import { takesAlong } from "./guards.ts";
import { wait, type Asked, type Objection } from "./objection.ts";

/** Of fewer objects than this, no share is a mass. */
export const leastMass = 5;

function massOf({ mass, baseline }: Asked): string | undefined {
  if (mass === undefined || mass.standing < leastMass) return undefined;
  if (mass.standing * 100 <= mass.total * baseline.remediation.maxPercent) return undefined;
  return `${mass.standing} of ${mass.total} objects are not as declared at once`;
}

/** Why it is of high risk, as one clause; undefined where it is not. */
export function riskOf(asked: Asked): string | undefined {
  const { act, verdict, baseline } = asked;
  if (act === "delete") return "it would be deleted";
  if (act === "recreate") return "it would be deleted and made again";
  const whole = verdict.kind === "missing" || verdict.kind === "drifted" ? [verdict] : [];
  const touched = [...changesToHeal(verdict, baseline), ...whole];
  if (touched.some(({ severity }) => severity === "critical")) return "its severity is critical";
  if (touched.some((one) => one.class === "security")) return "it concerns security";
  return massOf(asked);
}

/** Why a person is asked; undefined where nobody need be. */
function questionOf(asked: Asked): string | undefined {
  const { approval } = asked.baseline.remediation;
  const along = takesAlong(asked);
  if (along !== undefined) return `${riskOf(asked) ?? ""}, and ${along}`;
  if (approval === "Never") return undefined;
  return riskOf(asked) ?? (approval === "Always" ? "remediation.approval is Always" : undefined);
}

export function byApproval(asked: Asked): Objection | undefined {
  const question = asked.approved === true ? undefined : questionOf(asked);
  if (question === undefined) return undefined;
  return wait("approval", `${question}: annotate the Drift with ${annotations.approve}`);
}

/** A heal that did harm is not repeated before somebody looked. */
export function byWorsened({ worsened, approved }: Asked): Objection | undefined {
  if (worsened === undefined || approved === true) return undefined;
  return wait("approval", `${worsened}: annotate the Drift with ${annotations.approve} to have it put back again`);
}

/** True where it is allowed because a person approved of it. */
export const isByApproval = (asked: Asked): boolean =>
  asked.approved === true && (asked.worsened !== undefined || questionOf(asked) !== undefined);

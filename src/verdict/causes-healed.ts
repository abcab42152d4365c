/** Which causes are healed, and what of a recreation or a delete the Baseline's settings allow. */
import type { Baseline } from "../model/baseline.ts";
import type { Cause, Change, Verdict } from "../model/verdict.ts";
import { movesReplicas } from "./autoscalers.ts";
import { LOOK_AGAIN, never, wait, type Asked, type Objection } from "./objection.ts";

export function listed(baseline: Baseline, cause: Cause): boolean {
  return baseline.remediation.causes.some((one) => one === cause);
}

/** The changes that may be healed for their cause; the others stay as they are. */
export function changesToHeal(verdict: Verdict, baseline: Baseline): readonly Change[] {
  if (verdict.kind !== "drifted") return [];
  return verdict.changes.filter((change) => listed(baseline, change.cause));
}

function causesOf(verdict: Verdict): readonly Cause[] {
  if (verdict.kind === "drifted") return [...new Set(verdict.changes.map((change) => change.cause))];
  return verdict.kind === "missing" || verdict.kind === "unmanaged" ? [verdict.cause] : [];
}

export function byCause({ act, baseline, verdict }: Asked): Objection | undefined {
  const { prune, recreate } = baseline.remediation;
  const found = causesOf(verdict);
  if (!found.some((cause) => listed(baseline, cause)))
    return never("cause", `remediation.causes does not list ${found.join(" or ")}`);
  if (act === "delete" && !prune)
    return never(
      "prune-off",
      baseline.rollback?.automatic === true
        ? "a rollback that no person asked for deletes nothing"
        : "remediation.prune is false",
    );
  if (act !== "recreate") return undefined;
  if (!recreate)
    return never(
      "recreate-off",
      "what drifted cannot be changed, only made again with the whole object, and remediation.recreate is false",
    );
  // It writes the whole object, and where it is interrupted, what is left of it is a deletion.
  const unlisted = [...found, "deletion" as const].filter((cause) => !listed(baseline, cause));
  if (unlisted.length === 0) return undefined;
  return never("cause", `to make it again, remediation.causes would have to list ${unlisted.join(" and ")} too`);
}

/** Plumbline is no deployer: what Git just changed is the deployer's to bring about, unless the Baseline lists it. */
export function byRollout({ settled, baseline, act }: Asked): Objection | undefined {
  if (settled || act === "delete" || listed(baseline, "rollout")) return undefined;
  return wait("rollout", "live has not matched this revision yet: the deployer goes first");
}

/** The number of replicas may be an autoscaler's to set: it is not moved while nobody can see whether there is one. */
export function byAutoscalers({ verdict, baseline, autoscalersUnseen, now }: Asked): Objection | undefined {
  if (autoscalersUnseen !== true || !changesToHeal(verdict, baseline).some(movesReplicas)) return undefined;
  return wait("rollout", "it moves replicas, and autoscalers cannot be seen just now", now + LOOK_AGAIN);
}

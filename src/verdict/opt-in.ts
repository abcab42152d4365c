/**
 * Who asked for an object to be put back, and who said to leave it alone: drift semantics, section 7. The object
 * decides before its namespace, that before the Baseline, and `disabled` on the object wins wherever it stands.
 */
import { annotations } from "../model/annotations.ts";
import { never, removes, timeText, wait, type Asked, type Objection } from "./objection.ts";
import { optOutOf, type Act } from "./other-tools.ts";

/** What other tools would call the same thing: a recreation is a delete and what follows it. */
const acts: Readonly<Record<NonNullable<Asked["act"]>, readonly Act[]>> = {
  create: ["create"],
  patch: ["patch"],
  delete: ["delete"],
  recreate: ["delete", "create", "patch"],
};

/** Live may opt in only where Git is silent and the operator allows it, and never to a delete or a recreation. */
function liveOptsIn({ git, live, liveOptIn, act }: Asked): boolean {
  return live.remediate === "enabled" && git.remediate === undefined && liveOptIn && act === "patch";
}

/** In the words of the evidence. */
export type Asker = "git annotation" | "live annotation" | "namespace annotation" | "scope OptOut";

/** Who asked for it; undefined where nobody did. */
export function askerOf(asked: Asked): Asker | undefined {
  if (asked.git.remediate === "enabled") return "git annotation";
  if (liveOptsIn(asked)) return "live annotation";
  if (asked.namespaceSwitches.remediate === "enabled") return "namespace annotation";
  return asked.baseline.remediation.scope === "OptOut" ? "scope OptOut" : undefined;
}

const off = (where: string): Objection => wait("opt-out", `${annotations.remediate} ${where} switches it off`);

export function byOptOut({ git, live }: Asked): Objection | undefined {
  if (git.remediate === "disabled") return off("in Git");
  return live.remediate === "disabled" ? off("on the live object") : undefined;
}

/** Where nobody asked for it, nobody waits: a namespace or a Baseline that says no only matters where the scope says yes. */
export function byScope(asked: Asked): Objection | undefined {
  const asker = askerOf(asked);
  if (asker === undefined)
    return never("not-opted-in", "remediation.scope is OptIn, and neither the object nor its namespace opted in");
  if (asker !== "scope OptOut") return undefined;
  if (asked.namespaceSwitches.remediate === "disabled") return off("on the namespace");
  return asked.baseline.remediate === "disabled" ? off("on the Baseline") : undefined;
}

export function byOtherTools(asked: Asked): Objection | undefined {
  const { act, gitAnnotations = {}, gitLabels = {}, liveAnnotations = {}, liveLabels = {} } = asked;
  for (const one of act === undefined ? [] : acts[act]) {
    const row = optOutOf(one, gitAnnotations, gitLabels);
    if (row !== undefined) return wait("opt-out", `${row.name} in Git tells ${row.tool} to leave it alone`);
  }
  // What Git dropped has nothing left to be compared with, and what is deleted does not come back: live counts too.
  const row = removes(asked) ? optOutOf("delete", liveAnnotations, liveLabels) : undefined;
  if (row === undefined) return undefined;
  return wait("opt-out", `${row.name} on the live object tells ${row.tool} not to delete it`);
}

export function byPrune({ act, git, live }: Asked): Objection | undefined {
  if (act !== "delete") return undefined;
  if (git.prune === "disabled") return wait("opt-out", `${annotations.prune} in Git says not to delete it`);
  return live.prune === "disabled"
    ? wait("opt-out", `${annotations.prune} on the live object says not to delete it`)
    : undefined;
}

/** A pause stands on the object or on its Baseline; the longest one counts, and each ends by itself. */
export function byPause({ git, live, baseline, now }: Asked): Objection | undefined {
  const pauses = [
    { ...git, where: "in Git" },
    { ...live, where: "on the live object" },
    { ...baseline, where: "on the Baseline" },
  ].flatMap(({ pauseUntil, pauseReason, where }) =>
    pauseUntil === undefined || pauseUntil <= now ? [] : [{ until: pauseUntil, reason: pauseReason, where }],
  );
  const [longest] = pauses.toSorted((one, other) => (one.until < other.until ? 1 : -1));
  if (longest === undefined) return undefined;
  const { until, where, reason } = longest;
  const when = until === Number.POSITIVE_INFINITY ? "until its time can be read" : `until ${timeText(until)}`;
  return wait("pause", `paused ${when}, ${where}${reason === undefined ? "" : `: ${reason}`}`, until);
}

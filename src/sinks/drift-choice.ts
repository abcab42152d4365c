/**
 * Which objects have a Drift record where there are more than may be: those dropped from Git always, for nothing else
 * remembers them; of the others the worst, then the oldest. Pure.
 */
import { idKey, type IdKey } from "../model/resource.ts";
import { severities, type Judgement } from "../model/verdict.ts";
import { stands, type Standing } from "./episodes.ts";

export const isDropped = ({ verdict }: Pick<Standing, "verdict">): boolean =>
  verdict.kind === "unmanaged" && verdict.cause === "dropped-from-git";

/** @param limit records; more only where more objects than that were dropped from Git */
export function chosenOf(judgements: Iterable<Judgement>, limit: number): ReadonlySet<IdKey> {
  const standing = [...judgements].filter(stands);
  if (standing.length <= limit) return new Set(standing.map(({ id }) => idKey(id)));
  const always = standing.filter(isDropped);
  const others = standing
    .filter((judgement) => !isDropped(judgement))
    .sort(
      (a, b) =>
        severities.indexOf(a.verdict.severity) - severities.indexOf(b.verdict.severity) ||
        a.firstObserved - b.firstObserved,
    );
  const rest = others.slice(0, Math.max(0, limit - always.length));
  return new Set([...always, ...rest].map(({ id }) => idKey(id)));
}

/**
 * In which order objects are put back. Pure. Everything an object refers to has a lower rank than the object itself,
 * which a table of references proves in the tests, so an order by rank is one by references too, without a circle.
 */
import type { ResourceId } from "../model/resource.ts";
import type { HealPlan } from "./heal-plan.ts";
import { healStages } from "./heal-stages.ts";

type Kind = Pick<ResourceId, "group" | "kind">;

const rankOfKind = new Map<string, number>();
for (const [rank, { kinds }] of healStages.entries()) for (const kind of kinds) rankOfKind.set(kind, rank);
const rankOfOthers = rankOfKind.get("*") ?? 0;

/** Lower first. What goes is deleted after everything is put back, in the opposite order: users before what they use. */
export function healRank({ group, kind }: Kind, act: HealPlan["kind"] = "patch"): number {
  const rank = rankOfKind.get(`${group}/${kind}`) ?? rankOfKind.get(`${group}/*`) ?? rankOfOthers;
  return act === "delete" ? 2 * healStages.length - 1 - rank : rank;
}

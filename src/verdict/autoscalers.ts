/**
 * What an autoscaler may have done that cannot be seen yet. The number of replicas may be its to set, and whether there
 * is one is known from another watch than what it scaled. Pure. Names of managers prove nothing, so all that hangs on
 * them here is that an answer comes a few seconds later.
 */
import type { Facts } from "../compare/facts.ts";
import { isController } from "../compare/managers.ts";
import type { Change, Verdict } from "../model/verdict.ts";

/** True where it is about how many there are of something that can be scaled. */
export const movesReplicas = ({ pointer, owner }: Change): boolean =>
  pointer === "/spec/replicas" || owner.subresource === "scale";

/** Through `scale`, as kube-controller-manager does for a HorizontalPodAutoscaler; a person's tool has another name. */
const isScaledByController = ({ owner: { manager, subresource } }: Change): boolean =>
  subresource === "scale" && isController(manager, subresource);

/** Nobody can tell whether what drifted is an autoscaler's: it is not to be written. */
export function areAutoscalersUnseen(verdict: Verdict, facts: Facts): boolean {
  if (verdict.kind !== "drifted" || !verdict.changes.some(movesReplicas)) return false;
  return facts.autoscalersSeen?.() === false || (verdict.changes.some(isScaledByController) && isUnsettled(facts));
}

/** All that differs was scaled by a controller, whose autoscaler may be heard of in a moment: it is not drift before. */
export function mayBeAutoscaled(verdict: Verdict, facts: Facts): boolean {
  return verdict.kind === "drifted" && verdict.changes.every(isScaledByController) && isUnsettled(facts);
}

const isUnsettled = (facts: Facts): boolean => facts.autoscalersSettled?.() === false;

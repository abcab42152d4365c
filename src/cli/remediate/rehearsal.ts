/** A plan tried on the API server without being stored (dry run), as whom the operator would send it. */
import { createDryRun } from "../../cluster/dry-run.ts";
import { accountName } from "../../model/account.ts";
import { isSensitive, missingPermission, resultOf } from "../../sinks/heal-result.ts";
import { createHealSend, type HealOrder, type HealSend, type Rehearsed } from "../../sinks/heal-send.ts";
import type { ClusterAccess } from "../cluster-access.ts";

export interface Rehearsal {
  /** `shop/deployer`, or `you`. */
  readonly as: string;
  readonly result: "accepted" | "refused" | "not-asked";
  /** One sentence, without values; "" where it is accepted. */
  readonly message: string;
}

// Newer servers tell what for: `cannot impersonate-on:serviceaccount:patch resource "configmaps"`.
const IMPERSONATE = /cannot impersonate(?:-on:[\w:-]+)? resource/;

export type Rehearse = (order: HealOrder, declared: Rehearsed) => Promise<Rehearsal>;

/** @param actingAs whom the person acts as already (`--as`): a request acts as one only */
export function createRehearsal({ api }: ClusterAccess, actingAs: string | undefined): Rehearse {
  const sender: HealSend = createHealSend({ api, ask: createDryRun(api) });
  return async (order, declared) => {
    const { baseline, id, plan } = order;
    const as = accountName(baseline) ?? "you";
    if (actingAs !== undefined && baseline.serviceAccountName !== undefined)
      return { as, result: "not-asked", message: `--as has it act as ${actingAs} already` };
    const refusal = await sender.refusalOf(order, declared);
    if (refusal === undefined) return { as, result: "accepted", message: "" };
    // The right that lacks is the person's own: it says nothing of the operator's.
    if (refusal.status === 403 && IMPERSONATE.test(refusal.message))
      return { as, result: "not-asked", message: `you may not act as ${as}` };
    if (baseline.serviceAccountName === undefined && missingPermission(refusal.message) !== undefined)
      return { as, result: "not-asked", message: "the operator writes with its own rights, and you lack them" };
    return { as, result: "refused", message: resultOf(refusal, plan, isSensitive(id, baseline)).message };
  };
}

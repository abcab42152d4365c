/**
 * Sends what was planned, as whom the Baseline says. Each plan is one request, save a recreation: of that only the
 * deletion is sent here, and what follows is the creation of something missing, as of anything else that is missing. So
 * whatever comes in between (finalizers, a crash, another leader) leaves something that the loop knows how to put right.
 */
import { actingAs } from "../model/account.ts";
import type { ApiAnswer, ApiRefusal, ObjectApi, ObjectRef, WriteOptions } from "../model/api.ts";
import type { Baseline } from "../model/baseline.ts";
import type { DryRunAnswer, DryRunQuestion } from "../model/dry-run.ts";
import type { ResourceId } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";

export interface HealOrder {
  readonly baseline: Baseline;
  readonly id: ResourceId;
  /** API version without the group. */
  readonly version: string;
  readonly plan: HealPlan;
}

export interface HealSend {
  send(order: HealOrder): Promise<ApiAnswer>;
  /**
   * What the server would say: the refusal, or undefined. Of a recreation both halves are asked, the creation under
   * another name; nothing is stored.
   */
  refusalOf(order: HealOrder, declared: Rehearsed): Promise<ApiRefusal | undefined>;
}

/** Both sides, for the rehearsal of a creation whose name is taken. */
export interface Rehearsed {
  readonly desired: DesiredObject | undefined;
  readonly live: DryRunQuestion["live"] | undefined;
}

export interface HealSendDeps {
  readonly api: Pick<ObjectApi, "create" | "patch" | "remove">;
  /** One dry run of a declared object. */
  readonly ask: (question: DryRunQuestion) => Promise<DryRunAnswer>;
}

export const refOf = ({ id, version }: Pick<HealOrder, "id" | "version">): ObjectRef => ({
  kind: { group: id.group, version, kind: id.kind },
  namespace: id.namespace,
  name: id.name,
});

export function createHealSend({ api, ask }: HealSendDeps): HealSend {
  const request = (order: HealOrder, options: WriteOptions): Promise<ApiAnswer> => {
    const { plan } = order;
    const ref = refOf(order);
    switch (plan.kind) {
      case "create":
        return api.create(ref, plan.body, options);
      case "patch":
        return api.patch(ref, { type: "json", operations: plan.operations }, options);
      case "recreate":
      case "delete": {
        const { uid, resourceVersion } = plan;
        // Never in the foreground: a dependent that will not go would keep a half-deleted object in its place. And said
        // outright, for without it a Job leaves its Pods behind.
        const propagation = plan.kind === "recreate" ? plan.cascade : "Background";
        return api.remove(ref, { uid, resourceVersion }, { ...options, propagation });
      }
    }
  };

  const creationRefused = async (
    { baseline, id, version }: HealOrder,
    { desired, live }: Rehearsed,
  ): Promise<ApiRefusal | undefined> => {
    if (desired === undefined || live === undefined) return undefined;
    const question = { form: "create", id, version, desired: desired.object, live, ...actingAs(baseline) } as const;
    const answer = await ask(question);
    if (answer.ok) return undefined;
    const status = answer.why === "unanswered" ? 0 : answer.why === "no-right" ? 403 : 422;
    return { ok: false, status, reason: "DryRun", message: `making it anew: ${answer.message}` };
  };

  return {
    send: (order) => request(order, actingAs(order.baseline)),
    async refusalOf(order, declared) {
      const answer = await request(order, { ...actingAs(order.baseline), dryRun: true });
      if (!answer.ok) return answer;
      return order.plan.kind === "recreate" ? creationRefused(order, declared) : undefined;
    },
  };
}

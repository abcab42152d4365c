/**
 * What authorisation refused, and until when that is believed. A right is one of a Baseline, a kind, a namespace and
 * what would be done: who may not patch may still create. In memory only.
 */
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";

export interface HealRights {
  /** `patch deployments.apps in shop`; undefined where nothing is known to lack. */
  missing(key: BaselineKey, id: ResourceId, kind: HealPlan["kind"]): string | undefined;
  refused(key: BaselineKey, id: ResourceId, kind: HealPlan["kind"], missing: string): void;
  forget(key: BaselineKey): void;
}

/** Milliseconds. */
export const refusalBelieved = 60_000;

export function createHealRights(clock: Pick<Clock, "monotonic">): HealRights {
  const refusals = new Map<BaselineKey, Map<string, { readonly missing: string; readonly until: number }>>();
  const rightOf = ({ group, kind, namespace }: ResourceId, of: HealPlan["kind"]): string =>
    `${of} ${group}/${kind}/${namespace}`;
  return {
    missing(key, id, kind) {
      const found = refusals.get(key)?.get(rightOf(id, kind));
      return found !== undefined && found.until > clock.monotonic() ? found.missing : undefined;
    },
    refused(key, id, kind, missing) {
      const ofBaseline = refusals.get(key) ?? new Map<string, { missing: string; until: number }>();
      refusals.set(key, ofBaseline.set(rightOf(id, kind), { missing, until: clock.monotonic() + refusalBelieved }));
    },
    forget(key) {
      refusals.delete(key);
    },
  };
}

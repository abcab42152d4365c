/**
 * Tells a Baseline that cannot be used at all why, in its own status: `Ready` False and `Stalled` True, so that
 * `kubectl wait` and kstatus see it. Only what validation let through comes here. Written by the lease holder only.
 */
import type { ObjectApi } from "../model/api.ts";
import { getIn, getString, isArray, type JsonObject } from "../model/json.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import {
  camelCase,
  type Condition,
  condition,
  type ConditionStatus,
  type ConditionType,
  stamp,
  type StampedCondition,
} from "./conditions.ts";
import { baselineKind } from "./events.ts";

export interface RefusedBaselines {
  refused(baseline: KubeObject, problem: Problem): void;
  /** It can be used now, or is gone. */
  accepted(baseline: KubeObject): void;
  /** This process may write now: tells what it could not tell before. */
  leading(): void;
}

export interface RefusedBaselinesDeps {
  readonly api: Pick<ObjectApi, "patch">;
  readonly isLeader: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

function conditionsOf(baseline: KubeObject, problem: Problem, now: string): readonly StampedCondition[] {
  const generation = getIn(baseline.metadata, "generation");
  const say = (type: ConditionType, status: ConditionStatus): Condition =>
    condition(type, status, camelCase(problem.code), formatProblem(problem));
  return stamp(
    [say("Ready", "False"), say("Reconciling", "False"), say("Stalled", "True"), say("Compliant", "Unknown")],
    getIn(baseline, "status", "conditions"),
    typeof generation === "number" ? generation : 0,
    now,
  );
}

/** Whether the status already says this of this generation. */
function says(baseline: KubeObject, wanted: readonly StampedCondition[]): boolean {
  const told = getIn(baseline, "status", "conditions");
  return (
    getIn(baseline, "status", "observedGeneration") === getIn(baseline.metadata, "generation") &&
    isArray(told) &&
    wanted.every((condition) =>
      told.some((one) =>
        (["type", "status", "reason", "message"] as const).every((key) => getIn(one, key) === condition[key]),
      ),
    )
  );
}

export function createRefusedBaselines({ api, isLeader, clock, log }: RefusedBaselinesDeps): RefusedBaselines {
  const standing = new Map<string, { readonly baseline: KubeObject; readonly problem: Problem }>();
  const nameOf = (baseline: KubeObject): string =>
    `${getString(baseline.metadata, "namespace")}/${getString(baseline.metadata, "name")}`;

  const tell = async (baseline: KubeObject, problem: Problem): Promise<void> => {
    const conditions = conditionsOf(baseline, problem, new Date(clock.now()).toISOString());
    if (!isLeader() || says(baseline, conditions)) return;
    const namespace = getString(baseline.metadata, "namespace") ?? "";
    const name = getString(baseline.metadata, "name") ?? "";
    const status: JsonObject = {
      observedGeneration: getIn(baseline.metadata, "generation") ?? null,
      conditions: conditions.map((one) => ({ ...one })),
    };
    const ref = { kind: baselineKind, namespace, name, subresource: "status" };
    const answer = await api.patch(ref, { type: "merge", body: { status } });
    if (!answer.ok)
      log.warn({ baseline: nameOf(baseline), why: answer.message }, "status of a refused baseline not written");
  };

  return {
    refused(baseline, problem) {
      standing.set(nameOf(baseline), { baseline, problem });
      void tell(baseline, problem);
    },
    accepted: (baseline) => void standing.delete(nameOf(baseline)),
    leading() {
      for (const { baseline, problem } of standing.values()) void tell(baseline, problem);
    },
  };
}

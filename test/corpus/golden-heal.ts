/**
 * What the plan makes of a golden case: each drifted object with the patch that is planned for it, judged once more.
 * Nothing may be left.
 */
import fastJsonPatch from "fast-json-patch";
import { trim } from "../../src/cluster/stored-object.ts";
import { formatJson, parseJson, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { decide } from "../../src/verdict/decide.ts";
import { healthOf } from "../../src/verdict/health.ts";
import { planOperations } from "../../src/verdict/operations.ts";
import type { GoldenCase } from "./golden-case.ts";
import { judgeLook, openLook, tellDecision, type Judged } from "./golden-judge.ts";

const causes = ["live-edit", "deletion", "rollout", "dropped-from-git", "recreation"] as const;

function applied(object: KubeObject, operations: readonly JsonObject[]): KubeObject {
  const document = parseJson(formatJson(object));
  const patch = operations as unknown as readonly fastJsonPatch.Operation[];
  return fastJsonPatch.applyPatch(document, patch, true).newDocument as KubeObject;
}

function heal({ title, input, decision }: Judged): JsonObject {
  const { desired, live, schema, baseline } = input;
  if (decision.verdict.kind !== "drifted" || desired === undefined) return {};
  if (live.state !== "present" || "code" in schema) return {};
  const operations = planOperations({
    ...input,
    desired,
    live: live.live,
    schema,
    baseline: { ...baseline, remediation: { ...baseline.remediation, causes } },
  });
  const healed = trim(applied(live.live.object, operations), 0, healthOf);
  const again = decide({ ...input, live: { state: "present", live: healed } });
  return again.verdict.kind === "in-sync" ? {} : { [title]: tellDecision(again) };
}

/** What is left of each drifted object; empty where all is well. */
export function leftAfterHealing(golden: GoldenCase): JsonObject {
  return judgeLook(golden, openLook(golden, "end"), undefined, (judged) => Object.assign({}, ...judged.map(heal)));
}

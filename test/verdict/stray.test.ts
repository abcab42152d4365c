/** The verdict on what Git never declared, and that no setting whatever makes Plumbline delete it. */
import { describe, expect, test } from "vitest";
import type { RemediationSettings } from "../../src/model/baseline.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { isStray, type Verdict } from "../../src/model/verdict.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { describe as inWords } from "../../src/verdict/describe.ts";
import { planHeal } from "../../src/verdict/heal-plan.ts";
import { decideRemedy } from "../../src/verdict/remedy.ts";
import { baseline, present, situation } from "./pair-fixture.ts";
import { on, open, rules } from "./remedy-fixture.ts";

const made = "2026-03-01T10:00:00Z";
const managedFields = JSON.stringify([
  { manager: "kubectl-create", operation: "Update", time: made, fieldsType: "FieldsV1", fieldsV1: { "f:data": {} } },
]);
const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "loot", namespace: "shop", creationTimestamp: made },
};

const foundAs = (object: KubeObject, changes: Partial<DecideInput> = {}): DecideInput =>
  situation({
    id: idOf(object),
    desired: undefined,
    previous: undefined,
    found: true,
    live: present(object, { managedFields }),
    schema: { code: "schema-failed", message: "not needed" },
    ...changes,
  });
const verdictOf = (object: KubeObject, changes: Partial<DecideInput> = {}): Verdict =>
  decide(foundAs(object, changes)).verdict;

describe("the verdict", () => {
  test("says how bad it is, who made it and when", () => {
    const verdict = verdictOf(secret);
    expect(verdict).toMatchObject({
      kind: "unmanaged",
      cause: "live-edit",
      severity: "high",
      class: "security",
      made: { manager: "kubectl-create", time: made, confidence: "exact" },
    });
    expect(isStray(verdict)).toBe(true);
    expect(inWords({ id: idOf(secret), verdict })).toBe(
      `Secret shop/loot is live and was never in Git (high): made by kubectl-create at ${made}`,
    );
  });

  test("the Baseline's rows say how bad; the object does not", () => {
    const severity = [{ target: { kind: "Secret" }, paths: [], severity: "critical" } as const];
    expect(verdictOf(secret, { baseline: baseline({ severity }) })).toMatchObject({ severity: "critical" });
    const annotations = { "plumbline.dev/severity": "low", "plumbline.dev/detect": "disabled" };
    const marked = { ...secret, metadata: { ...secret.metadata, annotations } };
    expect(verdictOf(marked)).toMatchObject({ kind: "unmanaged", severity: "high" });
  });

  test("what was dropped from Git is no stray", () => {
    const dropped = verdictOf(secret, { found: false });
    expect(dropped).toMatchObject({ kind: "unmanaged", cause: "dropped-from-git" });
    expect(isStray(dropped)).toBe(false);
  });

  test("gone it is forgotten; not seen it is not known", () => {
    expect(decide(foundAs(secret, { live: { state: "absent" } }))).toMatchObject({ gone: true });
    const problem = { code: "cluster-unreachable", message: "away" } as const;
    expect(verdictOf(secret, { live: { state: "unseen", problem } })).toMatchObject({ kind: "unknown" });
  });
});

const causes = ["live-edit", "deletion", "rollout", "dropped-from-git", "recreation"] as const;
const settings = ["OptIn", "OptOut"].flatMap((scope) =>
  ["Never", "HighRisk", "Always"].flatMap((approval) =>
    [true, false].flatMap((prune) => [true, false].map((approved) => [scope, approval, prune, approved] as const)),
  ),
);

describe("it is never deleted", () => {
  test("nothing is planned for it", () => {
    expect(planHeal(foundAs(secret))).toBeUndefined();
    expect(planHeal(foundAs(secret, { found: false }))).toMatchObject({ kind: "delete" });
  });

  test.each(settings)("scope %s, approval %s, prune %s, approved %s", (scope, approval, prune, approved) => {
    const remediation = { scope, approval, prune, causes, recreate: true } as Partial<RemediationSettings>;
    const remedy = decideRemedy({
      ...open,
      baseline: rules(remediation),
      id: idOf(secret),
      verdict: verdictOf(secret),
      gitAnnotations: undefined,
      liveAnnotations: on,
      namespaceAnnotations: on,
      approved,
      claimed: false,
    });
    expect(remedy).toMatchObject({ do: "never", reason: prune ? "not-claimed" : "prune-off" });
  });
});

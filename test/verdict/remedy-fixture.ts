/** Verdicts, Baselines and inputs for tests of who may act: small, whole, and typed by hand. */
import type { Baseline, RemediationSettings } from "../../src/model/baseline.ts";
import type { Cause, Change, ChangeClass, Severity, Verdict } from "../../src/model/verdict.ts";
import { noOwnObjects, type RemedyInput } from "../../src/verdict/remedy.ts";
import { NOW, baseline } from "./pair-fixture.ts";

export const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };

export function change(cause: Cause, severity: Severity = "medium", kind: ChangeClass = "workload"): Change {
  return {
    op: "changed",
    path: [{ type: "field", name: "spec" }],
    pointer: "/spec",
    sensitive: false,
    severity,
    class: kind,
    cause,
    owner: { manager: "", operation: "", subresource: "", confidence: "unknown" },
  };
}

export function drift(first: Change, ...others: Change[]): Verdict {
  const { severity, cause } = first;
  return { kind: "drifted", changes: [first, ...others], severity, class: first.class, cause, ownershipWiped: false };
}

export const edited = drift(change("live-edit"));
export const missing: Extract<Verdict, { readonly kind: "missing" }> = {
  kind: "missing",
  severity: "high",
  class: "workload",
  cause: "deletion",
};
export const unmanaged: Verdict = {
  kind: "unmanaged",
  severity: "medium",
  class: "workload",
  cause: "dropped-from-git",
};

export const on = { "plumbline.dev/remediate": "enabled" };
export const off = { "plumbline.dev/remediate": "disabled" };

export function rules(changes: Partial<RemediationSettings>, others: Partial<Baseline> = {}): Baseline {
  return baseline({ mode: "Remediate", remediation: { ...baseline().remediation, ...changes }, ...others });
}

/** Opted in by Git, everything allowed, nothing in the way: heals. Each test changes what it is about. */
export const open: RemedyInput = {
  baseline: rules({}),
  id,
  verdict: edited,
  gitAnnotations: on,
  liveAnnotations: {},
  namespaceAnnotations: {},
  liveOptIn: true,
  settled: true,
  own: noOwnObjects,
  now: NOW,
};

/** Which record is meant, what is shown of it, and what a yes names. */
import { describe, expect, test } from "vitest";
import { approvalOf, chooseRecord, guardOf, isApproved, waitingForApproval } from "../../src/cli/approval.ts";
import { formatDrift } from "../../src/cli/output/drift-text.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

interface Told {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly baseline?: string;
  readonly in?: string;
  readonly hash?: string;
  readonly approve?: string;
  readonly waitingFor?: string;
}

function record(told: Told = {}): KubeObject {
  const { kind = "Deployment", namespace = "shop", name = "web", baseline = "shop", hash = "h1" } = told;
  return {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Drift",
    metadata: {
      namespace: told.in ?? "shop",
      name: `${baseline}-1`,
      ...(told.approve === undefined ? {} : { annotations: { "plumbline.dev/approve": told.approve } }),
    },
    baseline,
    object: {
      group: kind === "Deployment" ? "apps" : "rbac.authorization.k8s.io",
      kind,
      namespace,
      name,
      label: namespace === "" ? name : `${namespace}/${name}`,
    },
    verdict: "drifted",
    severity: "critical",
    cause: "live-edit",
    who: "kubectl-edit",
    contentHash: hash,
    changes: [
      {
        op: "changed",
        path: ".spec.replicas",
        pointer: "/spec/replicas",
        desired: 2,
        live: 5,
        owner: { manager: "kubectl-\u001b[31medit" },
      },
    ],
    changesTotal: 3,
    remediation: {
      state: "waiting",
      ...(told.waitingFor === undefined ? {} : { waitingFor: told.waitingFor }),
      message: "approval is HighRisk",
      plan: { kind: "patch", operations: [{ op: "replace", path: "/spec/replicas" }], operationsTotal: 1 },
    },
  };
}

const target = { kind: "deploy", name: "web" };

describe("which record", () => {
  const web = record();
  const platform = record({ baseline: "base", in: "platform" });
  const api = record({ name: "api" });
  const elsewhere = record({ namespace: "other" });
  const role = record({ kind: "ClusterRole", namespace: "", name: "web" });

  test("the one of that kind, name and namespace", () => {
    expect(chooseRecord([api, elsewhere, web, role], { target, namespace: "shop" })).toBe(web);
  });
  test("cluster-scoped objects are found in any namespace", () => {
    expect(chooseRecord([web, role], { target: { kind: "clusterrole", name: "web" }, namespace: "shop" })).toBe(role);
  });
  test("two Baselines: --baseline tells them apart", () => {
    expect(() => chooseRecord([web, platform], { target, namespace: "shop" })).toThrow(
      "deploy/web drifted from more than one Baseline (records shop/shop-1, platform/base-1)",
    );
    const baseline = { namespace: "platform", name: "base" };
    expect(chooseRecord([web, platform], { target, namespace: "shop", baseline })).toBe(platform);
  });
  test("none: said with its name", () => {
    expect(() => chooseRecord([api], { target, namespace: "shop" })).toThrow(/deploy\/web in shop .* no Drift record/);
  });
});

test("--all takes what waits for a yes and has none", () => {
  const waits = record({ waitingFor: "approval" });
  const stale = record({ waitingFor: "approval", approve: "h0" });
  const given = record({ waitingFor: "approval", approve: "h1" });
  const paused = record({ waitingFor: "pause" });
  expect(waitingForApproval([waits, stale, given, paused, record()])).toEqual([waits, stale]);
  const [low, first] = [{ ...waits, severity: "low" }, record({ waitingFor: "approval", name: "a" })];
  expect(waitingForApproval([low, waits, first])).toEqual([first, waits, low]);
  expect([isApproved(stale), isApproved(given)]).toEqual([false, true]);
});

test("an approval names the content; without one there is nothing to name", () => {
  expect(approvalOf(record({ hash: "abc" }))).toBe("abc");
  expect(() => approvalOf(record({ hash: "" }))).toThrow("Deployment shop/web cannot be approved now");
  expect(isApproved(record({ hash: "", approve: "" }))).toBe(false);
});

test("a person sees what, how bad, who, what would be written and why it waits; nothing acts on the terminal", () => {
  expect(formatDrift(record({ waitingFor: "approval" }))).toBe(
    [
      "Deployment shop/web  drifted critical live-edit by kubectl-edit  Baseline shop/shop",
      "  changed .spec.replicas: 2 -> 5 by kubectl-\\u001b[31medit",
      "  … and 2 more",
      "would patch it:",
      "  replace /spec/replicas",
      "waits for approval: approval is HighRisk",
      "",
    ].join("\n"),
  );
});

test("of a recreation it is said why, and what does not come back", () => {
  const plan = { kind: "recreate", operations: [], immutable: ["/spec/selector"], destroys: "its Pods" };
  const text = formatDrift({ ...record(), remediation: { state: "waiting", plan } });
  expect(text).toContain(
    "would recreate it, for /spec/selector cannot be changed\nwith it goes, and does not come back: its Pods\n",
  );
});

test.each([
  [undefined, undefined],
  [{ reason: "Shrunk", commit: "", message: "x" }, undefined],
  [{ reason: "Shrunk", commit: "a".repeat(40), message: "9 of 10 objects gone" }, "a".repeat(40)],
])("the guard of %o", (guard, expected) => {
  const source = guard === undefined ? {} : { guard: guard as JsonObject };
  expect(guardOf({ status: { source } })?.commit).toBe(expected);
});

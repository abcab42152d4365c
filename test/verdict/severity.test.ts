import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { parsePath } from "../../src/compare/selector.ts";
import type { SeverityRow } from "../../src/model/baseline.ts";
import type { Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { raise, weighChange, weighObject, type SeverityContext } from "../../src/verdict/severity.ts";

function context(kind: string, changes: Partial<SeverityContext> = {}): SeverityContext {
  const [apiVersion = "", name = ""] = kind.split(" ");
  const desired: KubeObject = { apiVersion, kind: name, metadata: { name: "x", namespace: "shop" } };
  return { desired, rows: [], ...changes };
}

function difference(path: string, live: Json = "x"): Difference {
  const parsed = parsePath(path);
  if (!parsed.ok) throw new Error(parsed.message);
  const steps = parsed.value.steps.map((step) => {
    if (step.type === "any" || step.type === "token") throw new Error(path);
    return step;
  });
  return { op: "added", path: steps, tokens: [], live };
}

/** Kind, path, `severity class`, and what live has there. */
type ChangeCase = [kind: string, path: string, expected: string, live?: Json];

const pod = '.spec.template.spec.containers[name="web"]';
const d = "apps/v1 Deployment";
const rbac = "rbac.authorization.k8s.io/v1";

describe("of a change", () => {
  test.each([
    // critical
    [`${rbac} Role`, ".rules[0].verbs", "critical security"],
    [`${rbac} RoleBinding`, ".subjects", "critical security"],
    [`${rbac} ClusterRoleBinding`, ".roleRef.name", "critical security"],
    [`${rbac} ClusterRole`, '.metadata.labels["rbac.authorization.k8s.io/aggregate-to-admin"]', "critical security"],
    [
      "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
      '.webhooks[name="a"].failurePolicy',
      "critical security",
    ],
    ["networking.k8s.io/v1 NetworkPolicy", ".spec.ingress", "critical security"],
    [d, `${pod}.securityContext.privileged`, "critical security", true],
    [d, `${pod}.securityContext.capabilities.drop`, "critical security"],
    [d, ".spec.template.spec.hostNetwork", "critical security", true],
    ["v1 Pod", ".spec.hostPID", "critical security", true],
    ["batch/v1 CronJob", ".spec.jobTemplate.spec.template.spec.hostIPC", "critical security", true],
    [d, '.spec.template.spec.volumes[name="h"]', "critical security", { name: "h", hostPath: { path: "/" } }],
    [
      d,
      '.spec.template.spec.containers[name="evil"]',
      "critical security",
      { image: "x", securityContext: { privileged: true } },
    ],
    ["argoproj.io/v1alpha1 Rollout", `${pod}.securityContext.privileged`, "critical security", true],
    // high
    [d, `${pod}.image`, "high workload"],
    [d, `${pod}.command`, "high workload"],
    [d, `${pod}.env[name="A"].value`, "high workload"],
    [d, '.spec.template.spec.initContainers[name="i"].image', "high workload"],
    [
      d,
      '.spec.template.spec.containers[name="side"]',
      "high workload",
      { image: "x", securityContext: { privileged: false }, resources: { limits: { cpu: "1" } } },
    ],
    [d, ".spec.template.spec.serviceAccountName", "high security"],
    [d, `${pod}.securityContext.runAsUser`, "high security", 0],
    [d, ".spec.selector.matchLabels.app", "high workload"],
    ["v1 Service", ".spec.selector.app", "high workload"],
    ["v1 Service", ".spec.type", "high security"],
    ["v1 Secret", ".data.password", "high security"],
    ["v1 ServiceAccount", ".automountServiceAccountToken", "high security", true],
    ["v1 Namespace", '.metadata.labels["pod-security.kubernetes.io/enforce"]', "high security"],
    // medium
    [d, ".spec.replicas", "medium workload", 5],
    [d, `${pod}.resources.limits.cpu`, "medium workload"],
    [d, `${pod}.livenessProbe.periodSeconds`, "medium workload", 3],
    [d, `${pod}.livenessProbe.exec.command`, "medium workload", ["x"]],
    ["v1 Service", ".spec.ports[port=80].targetPort", "medium workload", 1],
    ["v1 ConfigMap", ".data.hostNetwork", "medium config"],
    ["v1 ConfigMap", '.data["app.yaml"]', "medium config"],
    ["example.com/v1 Widget", ".spec.size", "medium config", 3],
    [d, ".metadata.finalizers", "medium metadata"],
    [
      "autoscaling/v1 HorizontalPodAutoscaler",
      '.metadata.annotations["autoscaling.alpha.kubernetes.io/behavior"]',
      "medium workload",
    ],
    [d, '.metadata.annotations["plumbline.dev/detect"]', "medium metadata"],
    // low
    [d, ".metadata.labels.team", "low metadata"],
    [d, '.metadata.annotations["example.com/x"]', "low metadata"],
    [`${rbac} Role`, ".metadata.labels.team", "low metadata"],
  ] as readonly ChangeCase[])("%s %s: %s", (kind, path, expected, live = "x") => {
    const weight = weighChange(difference(path, live), context(kind));
    expect(`${weight.severity} ${weight.class}`).toBe(expected);
  });
});

describe("of a whole object", () => {
  test.each([
    ["v1 Namespace", "critical workload"],
    ["apiextensions.k8s.io/v1 CustomResourceDefinition", "critical workload"],
    ["networking.k8s.io/v1 NetworkPolicy", "critical security"],
    [`${rbac} RoleBinding`, "critical security"],
    [d, "high workload"],
    ["batch/v1 CronJob", "high workload"],
    ["v1 Service", "high workload"],
    ["v1 Secret", "high security"],
    ["v1 ConfigMap", "medium config"],
    ["example.com/v1 Widget", "medium config"],
  ])("%s: %s", (kind, expected) => {
    const weight = weighObject(context(kind));
    expect(`${weight.severity} ${weight.class}`).toBe(expected);
  });
});

describe("who has the say", () => {
  const rows: readonly SeverityRow[] = [
    { target: { kind: "ConfigMap" }, paths: [".data.key"], severity: "critical" },
    { target: { kind: "ConfigMap" }, paths: [], severity: "low" },
  ];
  const map = "v1 ConfigMap";
  const severity = (path: string, changes: Partial<SeverityContext>): string =>
    weighChange(difference(path), context(map, changes)).severity;

  test("the Baseline's first row that matches, then the annotation in Git, then ours", () => {
    expect(severity(".data.key", { rows, annotated: "high" })).toBe("critical");
    expect(severity(".data.other", { rows, annotated: "high" })).toBe("low");
    expect(severity(".data.other", { annotated: "high" })).toBe("high");
    expect(severity(".data.other", {})).toBe("medium");
  });

  test("a row of paths says nothing of the whole object, one without does", () => {
    expect(weighObject(context(map, { rows: rows.slice(0, 1) })).severity).toBe("medium");
    expect(weighObject(context(map, { rows })).severity).toBe("low");
    expect(weighObject(context(map, { annotated: "critical" })).severity).toBe("critical");
  });

  test("the class stays what it is: security cannot be lowered out of sight", () => {
    const weight = weighChange(difference(".data.k"), context("v1 Secret", { annotated: "low" }));
    expect(weight).toEqual({ severity: "low", class: "security" });
  });

  test("rows nobody can read are used for nothing", () => {
    const broken: readonly SeverityRow[] = [
      { target: { labelSelector: "a in" }, paths: [], severity: "low" },
      { target: {}, paths: [".a..b"], severity: "low" },
    ];
    expect(severity(".data.k", { rows: broken })).toBe("medium");
  });
});

test("one step worse, and no further than critical", () => {
  expect((["low", "medium", "high", "critical"] as const).map(raise)).toEqual([
    "medium",
    "high",
    "critical",
    "critical",
  ]);
});

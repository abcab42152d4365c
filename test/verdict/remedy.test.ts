import { describe, expect, test } from "vitest";
import type { Baseline, RemediationSettings } from "../../src/model/baseline.ts";
import type { Cause, Change, ChangeClass, Severity, Verdict } from "../../src/model/verdict.ts";
import { decideRemedy, type RemedyInput } from "../../src/verdict/remedy.ts";
import { optOutRows } from "../../src/verdict/other-tools.ts";
import { NOW, baseline } from "./pair-fixture.ts";

const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };

function change(cause: Cause, severity: Severity = "medium", kind: ChangeClass = "workload"): Change {
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

function drift(first: Change, ...others: Change[]): Verdict {
  const { severity, cause } = first;
  return { kind: "drifted", changes: [first, ...others], severity, class: first.class, cause, ownershipWiped: false };
}

const edited = drift(change("live-edit"));
const missing: Verdict = { kind: "missing", severity: "high", class: "workload", cause: "deletion" };
const unmanaged: Verdict = { kind: "unmanaged", severity: "medium", class: "workload", cause: "dropped-from-git" };
const on = { "plumbline.dev/remediate": "enabled" };
const off = { "plumbline.dev/remediate": "disabled" };
const pause = (until: string) => ({ "plumbline.dev/pause-until": until });

function rules(changes: Partial<RemediationSettings>, others: Partial<Baseline> = {}): Baseline {
  return baseline({ mode: "Remediate", remediation: { ...baseline().remediation, ...changes }, ...others });
}

/** Opted in by Git, everything allowed, nothing in the way: heals. Each row changes what it is about. */
const open: RemedyInput = {
  baseline: rules({}),
  id,
  verdict: edited,
  gitAnnotations: on,
  liveAnnotations: {},
  namespaceAnnotations: {},
  liveOptIn: true,
  settled: true,
  now: NOW,
};

const silent: Partial<RemedyInput> = { gitAnnotations: {} };
const prune: Partial<RemedyInput> = {
  verdict: unmanaged,
  gitAnnotations: undefined,
  baseline: rules({ prune: true, causes: ["dropped-from-git"], scope: "OptOut" }),
};

const table: readonly (readonly [string, Partial<RemedyInput>, string])[] = [
  ["opted in by Git, nothing in the way", {}, "heal"],
  // the ladder
  ["mode Observe", { baseline: baseline({ mode: "Observe" }) }, "never mode"],
  ["mode Alert", { baseline: baseline({ mode: "Alert" }) }, "never mode"],
  ["suspended", { baseline: rules({}, { suspend: true }) }, "never suspended"],
  // verdicts
  ["in sync", { verdict: { kind: "in-sync" } }, "never nothing-to-do"],
  ["pending", { verdict: { kind: "pending", reason: "changed", until: NOW } }, "never nothing-to-do"],
  ["unknown", { verdict: { kind: "unknown", problem: { code: "forbidden", message: "" } } }, "never nothing-to-do"],
  ["excluded", { verdict: { kind: "excluded", rule: "exempt", reason: "" } }, "never nothing-to-do"],
  [
    "terminating",
    { verdict: { kind: "terminating", since: "", finalizers: [], severity: "high", class: "workload" } },
    "never nothing-to-do",
  ],
  ["missing, opted in by Git", { verdict: missing, liveAnnotations: undefined }, "heal"],
  // scope: Git × live × namespace
  ["scope OptIn, nobody speaks", silent, "never not-opted-in"],
  ["scope OptOut, nobody speaks", { ...silent, baseline: rules({ scope: "OptOut" }) }, "heal"],
  ["live opts in, Git silent", { ...silent, liveAnnotations: on }, "heal"],
  [
    "live opts in, Git silent, the operator forbids it",
    { ...silent, liveAnnotations: on, liveOptIn: false },
    "never not-opted-in",
  ],
  ["live opts in, Git disabled", { gitAnnotations: off, liveAnnotations: on }, "wait opt-out"],
  ["live disabled, Git opts in", { liveAnnotations: off }, "wait opt-out"],
  [
    "live disabled, scope OptOut",
    { ...silent, liveAnnotations: off, baseline: rules({ scope: "OptOut" }) },
    "wait opt-out",
  ],
  ["Git disabled, scope OptOut", { gitAnnotations: off, baseline: rules({ scope: "OptOut" }) }, "wait opt-out"],
  ["namespace opts in, object silent", { ...silent, namespaceAnnotations: on }, "heal"],
  ["namespace opts in, Git disabled", { gitAnnotations: off, namespaceAnnotations: on }, "wait opt-out"],
  ["namespace opts in, live disabled", { ...silent, liveAnnotations: off, namespaceAnnotations: on }, "wait opt-out"],
  [
    "namespace disabled, object silent, scope OptOut",
    { ...silent, namespaceAnnotations: off, baseline: rules({ scope: "OptOut" }) },
    "wait opt-out",
  ],
  ["namespace disabled, Git opts in", { namespaceAnnotations: off }, "heal"],
  ["namespace disabled, live opts in", { ...silent, liveAnnotations: on, namespaceAnnotations: off }, "heal"],
  // malformed: the safest reading
  ["Git says `yes`", { gitAnnotations: { "plumbline.dev/remediate": "yes" } }, "wait opt-out"],
  ["live says `yes`", { liveAnnotations: { "plumbline.dev/remediate": "yes" } }, "wait opt-out"],
  [
    "namespace says `yes`, scope OptOut",
    { ...silent, namespaceAnnotations: { "plumbline.dev/remediate": "yes" }, baseline: rules({ scope: "OptOut" }) },
    "wait opt-out",
  ],
  // causes
  ["rollout, not listed", { verdict: drift(change("rollout")) }, "never cause"],
  ["rollout, listed", { verdict: drift(change("rollout")), baseline: rules({ causes: ["rollout"] }) }, "heal"],
  ["dropped from Git, not listed", { verdict: drift(change("dropped-from-git")) }, "never cause"],
  ["an edit beside a rollout", { verdict: drift(change("rollout"), change("live-edit")) }, "heal"],
  ["deletion, not listed", { verdict: missing, baseline: rules({ causes: ["live-edit"] }) }, "never cause"],
  ["missing by rollout, not listed", { verdict: { ...missing, cause: "rollout" } }, "never cause"],
  // a new revision goes to the deployer first
  ["not settled", { settled: false }, "wait rollout"],
  ["not settled, rollout listed", { settled: false, baseline: rules({ causes: ["live-edit", "rollout"] }) }, "heal"],
  ["not settled, missing", { settled: false, verdict: missing }, "wait rollout"],
  // pauses
  ["paused by Git", { gitAnnotations: { ...on, ...pause("2026-11-21T13:00:00Z") } }, "wait pause 3600"],
  ["paused by live", { liveAnnotations: pause("2026-11-21T14:00:00+01:00") }, "wait pause 3600"],
  [
    "paused by both: the longer",
    { gitAnnotations: { ...on, ...pause("2026-11-21T13:00:00Z") }, liveAnnotations: pause("2026-11-21T14:00:00Z") },
    "wait pause 7200",
  ],
  ["pause over", { gitAnnotations: { ...on, ...pause("2026-11-21T12:00:00Z") } }, "heal"],
  ["pause nobody can read", { gitAnnotations: { ...on, ...pause("tomorrow") } }, "wait pause"],
  ["pause without a time zone", { gitAnnotations: { ...on, ...pause("2026-11-21T10:00:00") } }, "wait pause"],
  // what keeps it
  ["a verb is missing", { missingPermission: "patch deployments.apps in shop" }, "wait permission"],
  ["another claimant", { otherClaimants: ["team/web"] }, "wait fight"],
  ["window closed", { held: { reason: "window", until: NOW + 1_000, message: "opens at 02:00" } }, "wait window 1"],
  ["breaker open", { held: { reason: "fight", message: "with hpa-operator" } }, "wait fight"],
  ["limit reached", { held: { reason: "limit", message: "30 a minute" } }, "wait limit"],
  // approval
  ["approval Always", { baseline: rules({ approval: "Always" }) }, "wait approval"],
  ["approval Always, approved", { baseline: rules({ approval: "Always" }), approved: true }, "heal"],
  ["approval HighRisk, medium workload", { baseline: rules({ approval: "HighRisk" }) }, "heal"],
  [
    "approval HighRisk, critical",
    { baseline: rules({ approval: "HighRisk" }), verdict: drift(change("live-edit", "critical")) },
    "wait approval",
  ],
  [
    "approval HighRisk, security",
    { baseline: rules({ approval: "HighRisk" }), verdict: drift(change("live-edit", "high", "security")) },
    "wait approval",
  ],
  [
    "approval HighRisk, security not the worst",
    {
      baseline: rules({ approval: "HighRisk" }),
      verdict: drift(change("live-edit", "high"), change("live-edit", "medium", "security")),
    },
    "wait approval",
  ],
  [
    "approval HighRisk, security, live opts in: no way round",
    {
      ...silent,
      liveAnnotations: on,
      baseline: rules({ approval: "HighRisk" }),
      verdict: drift(change("live-edit", "high", "security")),
    },
    "wait approval",
  ],
  [
    "approval HighRisk, critical, approved",
    { baseline: rules({ approval: "HighRisk" }), verdict: drift(change("live-edit", "critical")), approved: true },
    "heal",
  ],
  // deletes
  ["prune, allowed and opted out of nothing", prune, "heal"],
  ["prune off", { ...prune, baseline: rules({ causes: ["dropped-from-git"], scope: "OptOut" }) }, "never prune-off"],
  ["prune, cause not listed", { ...prune, baseline: rules({ prune: true, scope: "OptOut" }) }, "never cause"],
  [
    "prune, live opts in only",
    { ...prune, liveAnnotations: on, baseline: rules({ prune: true, causes: ["dropped-from-git"] }) },
    "never not-opted-in",
  ],
  ["prune, live disabled", { ...prune, liveAnnotations: off }, "wait opt-out"],
  [
    "prune under HighRisk",
    { ...prune, baseline: rules({ prune: true, causes: ["dropped-from-git"], scope: "OptOut", approval: "HighRisk" }) },
    "wait approval",
  ],
  // which answer comes first
  ["mode before opt-out", { baseline: baseline(), gitAnnotations: off }, "never mode"],
  ["opt-out before permission", { gitAnnotations: off, missingPermission: "patch" }, "wait opt-out"],
  [
    "pause before rollout",
    { gitAnnotations: { ...on, ...pause("2026-11-21T13:00:00Z") }, settled: false },
    "wait pause 3600",
  ],
  ["rollout before approval", { settled: false, baseline: rules({ approval: "Always" }) }, "wait rollout"],
];

function gist(changes: Partial<RemedyInput>): string {
  const remedy = decideRemedy({ ...open, ...changes });
  if (remedy.do === "heal") return "heal";
  const until = remedy.do === "wait" && remedy.until !== undefined ? ` ${(remedy.until - NOW) / 1_000}` : "";
  return `${remedy.do} ${remedy.reason}${until}`;
}

describe("truth table of remedies", () => {
  test.each(table)("%s", (_, changes, expected) => {
    expect(gist(changes)).toBe(expected);
  });
});

const actOf = { patch: edited, create: missing, delete: unmanaged } as const;

describe("other tools' switches", () => {
  for (const row of optOutRows)
    for (const act of ["patch", "create", "delete"] as const)
      test(`${row.name} = ${row.values?.[0] ?? "(anything)"} and a ${act}`, () => {
        const marks = { [row.name]: row.values?.[0] ?? "anything" };
        const baselineOf = rules({ prune: true, causes: ["live-edit", "deletion", "dropped-from-git"] });
        const asked = {
          verdict: actOf[act],
          baseline: baselineOf,
          gitAnnotations: row.on === "annotation" ? { ...on, ...marks } : on,
          gitLabels: row.on === "label" ? marks : {},
        };
        const stops = optOutRows.some(
          (one) =>
            one.name === row.name &&
            one.stops.includes(act) &&
            (one.values ?? ["anything"]).includes(marks[row.name] ?? ""),
        );
        expect(gist(asked)).toBe(stops ? "wait opt-out" : "heal");
        // On the live object alone it stops nothing: there it is drift.
        if (row.on === "annotation")
          expect(gist({ ...asked, gitAnnotations: on, liveAnnotations: marks })).toBe("heal");
      });

  test("one of several values in a list, whatever its case", () => {
    const gitAnnotations = { ...on, "argocd.argoproj.io/sync-options": "ServerSideApply=true, Prune=False" };
    const baselineOf = rules({ prune: true, causes: ["dropped-from-git"] });
    expect(gist({ verdict: unmanaged, baseline: baselineOf, gitAnnotations })).toBe("wait opt-out");
  });

  test("another value of the same switch stops nothing", () => {
    expect(gist({ gitAnnotations: { ...on, "kustomize.toolkit.fluxcd.io/reconcile": "enabled" } })).toBe("heal");
  });
});

test("malformed switches are reported, each once", () => {
  const { warnings } = decideRemedy({
    ...open,
    gitAnnotations: { "plumbline.dev/remediate": "yes", "plumbline.dev/pause-until": "soon" },
    liveAnnotations: { "plumbline.dev/remediate": "maybe" },
    namespaceAnnotations: { "plumbline.dev/remediate": "no", "plumbline.dev/pause-until": "soon" },
  });
  expect(warnings.map((one) => one.code)).toEqual(Array.from({ length: 4 }, () => "invalid-annotation"));
});

import { describe, expect, test } from "vitest";
import type { RemediationSettings } from "../../src/model/baseline.ts";
import { optOutRows } from "../../src/verdict/other-tools.ts";
import { decideRemedy, type RemedyInput } from "../../src/verdict/remedy.ts";
import { NOW, baseline } from "./pair-fixture.ts";
import { change, drift, edited, id, missing, off, on, open, rules, unmanaged } from "./remedy-fixture.ts";

const keep = { "plumbline.dev/prune": "disabled" };
const own = {
  namespaces: ["plumbline"],
  objects: new Set(["ClusterRole/plumbline", "Deployment/plumbline/plumbline"]),
};
const pause = (until: string) => ({ "plumbline.dev/pause-until": until });

const silent: Partial<RemedyInput> = { gitAnnotations: {} };
const prune: Partial<RemedyInput> = {
  verdict: unmanaged,
  gitAnnotations: undefined,
  claimed: true,
  baseline: rules({ prune: true, causes: ["dropped-from-git"], scope: "OptOut" }),
};

const blind: Partial<RemedyInput> = { autoscalersUnseen: true };
const replicas = { ...change("live-edit"), pointer: "/spec/replicas" };
const scaled = { ...change("live-edit"), owner: { ...change("live-edit").owner, subresource: "scale" } };
const recreation: Partial<RemedyInput> = { plan: "recreate", baseline: rules({ recreate: true }) };
/** NOW is noon in UTC. */
const windows = (schedule: string, kind: "Allow" | "Deny" = "Allow"): Partial<RemediationSettings> => ({
  windows: [{ schedule, duration: 3_600_000, timeZone: "UTC", kind }],
});
const shrunk = { reason: "Shrunk", commit: "c".repeat(40), message: "12 of 20 objects are gone" } as const;
const rewritten = { ...shrunk, reason: "Rewritten" } as const;
const MANY: Partial<RemedyInput> = { mass: { standing: 30, total: 100 } };
const risky = rules({ approval: "HighRisk" });
const critical = drift(change("live-edit", "critical"));

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
  ["namespace disabled, nobody asked", { ...silent, namespaceAnnotations: off }, "never not-opted-in"],
  [
    "the Baseline disabled, nobody asked",
    { ...silent, baseline: rules({}, { remediate: "disabled" }) },
    "never not-opted-in",
  ],
  ["another tool's switch, nobody asked", { gitAnnotations: { "helm.sh/hook": "post-install" } }, "never not-opted-in"],
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
  // replicas may be an autoscaler's, and nobody sees whether there is one
  ["replicas, autoscalers not seen", { ...blind, verdict: drift(replicas) }, "wait rollout 5"],
  ["replicas, autoscalers seen", { verdict: drift(replicas) }, "heal"],
  ["replicas by scale, autoscalers not seen", { ...blind, verdict: drift(scaled) }, "wait rollout 5"],
  ["something else, autoscalers not seen", blind, "heal"],
  ["missing, autoscalers not seen", { ...blind, verdict: missing }, "heal"],
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
  ["a tenant's Baseline without an account", { lacksAccount: true }, "wait permission"],
  ["another claimant", { otherClaimants: ["team/web"] }, "wait fight"],
  ["breaker open", { held: { reason: "fight", message: "with hpa-operator" } }, "wait fight"],
  ["dropped, while documents cannot be read", { ...prune, unreadable: true }, "wait rollout"],
  ["edited, while documents cannot be read", { unreadable: true }, "heal"],
  ["dropped, and declared by another Baseline", { ...prune, alsoDeclared: ["team/web"] }, "never not-claimed"],
  ["dropped, while others were not asked since", { ...prune, stale: ["team/web"] }, "wait rollout 5"],
  ["edited, while others were not asked since", { stale: ["team/web"] }, "heal"],
  ["missing, and so is its namespace", { verdict: missing, namespaceAbsent: true }, "wait rollout 5"],
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
  ["prune of what this Baseline never declared", { ...prune, claimed: false }, "never not-claimed"],
  ["prune, nobody knows whether it declared it", { ...prune, claimed: undefined }, "never not-claimed"],
  ["prune, `prune: disabled` in Git", { ...prune, gitAnnotations: keep }, "wait opt-out"],
  ["prune, `prune: disabled` on live", { ...prune, liveAnnotations: keep }, "wait opt-out"],
  ["prune, `prune: never` on live", { ...prune, liveAnnotations: { "plumbline.dev/prune": "never" } }, "wait opt-out"],
  [
    "prune, `prune: enabled` opts in to nothing",
    { ...prune, liveAnnotations: { "plumbline.dev/prune": "enabled" } },
    "heal",
  ],
  [
    "prune off, `prune: enabled` in Git",
    {
      ...prune,
      gitAnnotations: { "plumbline.dev/prune": "enabled" },
      baseline: rules({ causes: ["dropped-from-git"], scope: "OptOut" }),
    },
    "never prune-off",
  ],
  ["`prune: disabled` stops no patch", { gitAnnotations: { ...on, ...keep } }, "heal"],
  [
    "prune, Git's last word opted in",
    { ...prune, gitAnnotations: on, baseline: rules({ prune: true, causes: ["dropped-from-git"] }) },
    "heal",
  ],
  [
    "prune of a Namespace asks even where approval is Never",
    { ...prune, id: { group: "", kind: "Namespace", namespace: "", name: "shop" } },
    "wait approval",
  ],
  [
    "prune of a claim on storage",
    { ...prune, id: { ...id, group: "", kind: "PersistentVolumeClaim" } },
    "wait approval",
  ],
  ["prune of what has finalizers", { ...prune, liveFinalizers: ["acme.io/bucket"] }, "wait approval"],
  ["prune of what has finalizers, approved", { ...prune, liveFinalizers: ["acme.io/bucket"], approved: true }, "heal"],
  ["a patch of what has finalizers", { liveFinalizers: ["acme.io/bucket"] }, "heal"],
  // recreations
  ["recreation, allowed", recreation, "heal"],
  ["recreation off", { ...recreation, baseline: rules({}) }, "never recreate-off"],
  [
    "recreation without the cause deletion",
    { ...recreation, baseline: rules({ recreate: true, causes: ["live-edit"] }) },
    "never cause",
  ],
  [
    "recreation of what also rolls out",
    { ...recreation, verdict: drift(change("live-edit"), change("rollout")) },
    "never cause",
  ],
  ["recreation, live opts in only", { ...recreation, ...silent, liveAnnotations: on }, "never not-opted-in"],
  [
    "recreation, live and namespace opt in",
    { ...recreation, ...silent, liveAnnotations: on, namespaceAnnotations: on },
    "heal",
  ],
  [
    "recreation under HighRisk",
    { ...recreation, baseline: rules({ recreate: true, approval: "HighRisk" }) },
    "wait approval",
  ],
  [
    "recreation of a CRD asks always",
    {
      ...recreation,
      id: { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", namespace: "", name: "tills.acme.io" },
    },
    "wait approval",
  ],
  ["recreation that destroys", { ...recreation, destroys: "its claims and their data" }, "wait approval"],
  ["recreation that destroys, approved", { ...recreation, destroys: "its claims", approved: true }, "heal"],
  [
    "recreation where another tool keeps it",
    { ...recreation, gitAnnotations: { ...on, "helm.sh/resource-policy": "keep" } },
    "wait opt-out",
  ],
  ["recreation, not settled", { ...recreation, settled: false }, "wait rollout"],
  ["`prune: disabled` stops no recreation", { ...recreation, gitAnnotations: { ...on, ...keep } }, "heal"],
  // the Baseline as a whole
  ["the Baseline is paused", { baseline: rules({}, { pauseUntil: NOW + 60_000 }) }, "wait pause 60"],
  ["the Baseline was paused", { baseline: rules({}, { pauseUntil: NOW }) }, "heal"],
  [
    "the Baseline is paused, until when nobody can read",
    { baseline: rules({}, { pauseUntil: Number.POSITIVE_INFINITY }) },
    "wait pause",
  ],
  ["a pause on the namespace is none", { namespaceAnnotations: pause("2026-11-21T13:00:00Z") }, "heal"],
  [
    "paused by the Baseline, longer by live",
    { baseline: rules({}, { pauseUntil: NOW + 60_000 }), liveAnnotations: pause("2026-11-21T13:00:00Z") },
    "wait pause 3600",
  ],
  [
    "the Baseline is disabled, scope OptOut",
    { ...silent, baseline: rules({ scope: "OptOut" }, { remediate: "disabled" }) },
    "wait opt-out",
  ],
  [
    "the Baseline is disabled, the namespace opts in",
    { ...silent, namespaceAnnotations: on, baseline: rules({}, { remediate: "disabled" }) },
    "heal",
  ],
  ["the Baseline is disabled, Git opts in", { baseline: rules({}, { remediate: "disabled" }) }, "heal"],
  // what is never touched
  ["in kube-system", { id: { ...id, namespace: "kube-system" } }, "never protected"],
  [
    "in kube-system, named",
    { id: { ...id, namespace: "kube-system" }, baseline: rules({ allowProtected: ["kube-system"] }) },
    "heal",
  ],
  [
    "in kube-system, only another object named",
    { id: { ...id, namespace: "kube-system" }, baseline: rules({ allowProtected: ["Deployment/kube-system/dns"] }) },
    "never protected",
  ],
  [
    "in kube-system, this object named",
    { id: { ...id, namespace: "kube-system" }, baseline: rules({ allowProtected: ["Deployment/kube-system/web"] }) },
    "heal",
  ],
  ["in kube-public", { id: { ...id, namespace: "kube-public" } }, "never protected"],
  ["in kube-node-lease", { id: { ...id, namespace: "kube-node-lease" } }, "never protected"],
  ["in a namespace like it", { id: { ...id, namespace: "kube-system-tools" } }, "heal"],
  [
    "the namespace kube-system itself",
    { id: { group: "", kind: "Namespace", namespace: "", name: "kube-system" } },
    "never protected",
  ],
  ["in the operator's namespace", { id: { ...id, namespace: "plumbline" }, own }, "never protected"],
  [
    "in the operator's namespace, named",
    { id: { ...id, namespace: "plumbline" }, own, baseline: rules({ allowProtected: ["plumbline"] }) },
    "heal",
  ],
  [
    "the operator's role",
    { id: { group: "rbac.authorization.k8s.io", kind: "ClusterRole", namespace: "", name: "plumbline" }, own },
    "never protected",
  ],
  [
    "the operator's role, named",
    {
      id: { group: "rbac.authorization.k8s.io", kind: "ClusterRole", namespace: "", name: "plumbline" },
      own,
      baseline: rules({ allowProtected: ["ClusterRole/plumbline"] }),
    },
    "heal",
  ],
  [
    "its workload, only its namespace named",
    {
      id: { ...id, namespace: "plumbline", name: "plumbline" },
      own,
      baseline: rules({ allowProtected: ["plumbline"] }),
    },
    "never protected",
  ],
  [
    "its own CRD",
    {
      id: {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        namespace: "",
        name: "baselines.plumbline.dev",
      },
    },
    "never protected",
  ],
  [
    "its own CRD, named",
    {
      id: {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        namespace: "",
        name: "baselines.plumbline.dev",
      },
      baseline: rules({ allowProtected: ["CustomResourceDefinition/baselines.plumbline.dev"] }),
    },
    "heal",
  ],
  [
    "a CRD whose name only ends alike",
    {
      id: {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        namespace: "",
        name: "tills.notplumbline.dev",
      },
    },
    "heal",
  ],
  [
    "a Baseline, with which people stop it",
    { id: { group: "plumbline.dev", kind: "Baseline", namespace: "shop", name: "web" } },
    "never protected",
  ],
  [
    "a Baseline, named",
    {
      id: { group: "plumbline.dev", kind: "Baseline", namespace: "shop", name: "web" },
      baseline: rules({ allowProtected: ["Baseline/shop/web"] }),
    },
    "heal",
  ],
  ["the namespace is being deleted", { namespaceTerminating: true }, "never namespace-terminating"],
  [
    "the namespace is being deleted, missing",
    { namespaceTerminating: true, verdict: missing },
    "never namespace-terminating",
  ],
  // the revision is in doubt
  ["a shrunk source", { guard: shrunk }, "wait approval"],
  ["a shrunk source, the Drift approved", { guard: shrunk, approved: true }, "wait approval"],
  [
    "a shrunk source, another commit approved",
    { guard: shrunk, baseline: rules({}, { approvedCommit: "d".repeat(40) }) },
    "wait approval",
  ],
  [
    "a shrunk source, its commit approved",
    { guard: shrunk, baseline: rules({}, { approvedCommit: "c".repeat(40) }) },
    "heal",
  ],
  ["a shrunk source, a prune", { ...prune, guard: shrunk }, "wait approval"],
  ["a rewritten history", { guard: rewritten }, "wait approval"],
  [
    "a rewritten history, a high risk approved by itself",
    { guard: rewritten, baseline: risky, verdict: critical, approved: true },
    "wait approval",
  ],
  [
    "a rewritten history, its commit approved, the risk not",
    {
      guard: rewritten,
      verdict: critical,
      baseline: rules({ approval: "HighRisk" }, { approvedCommit: "c".repeat(40) }),
    },
    "wait approval",
  ],
  // many at once
  ["30 of 100 at once", { ...MANY, baseline: risky }, "wait approval"],
  ["30 of 100 at once, approved", { ...MANY, baseline: risky, approved: true }, "heal"],
  ["30 of 100 at once, approval Never", MANY, "heal"],
  ["20 of 100 at once: no more than the share", { mass: { standing: 20, total: 100 }, baseline: risky }, "heal"],
  ["21 of 100 at once", { mass: { standing: 21, total: 100 }, baseline: risky }, "wait approval"],
  ["4 of 5 at once: too few for a mass", { mass: { standing: 4, total: 5 }, baseline: risky }, "heal"],
  ["5 of 6 at once", { mass: { standing: 5, total: 6 }, baseline: risky }, "wait approval"],
  ["30 of 100 where half is allowed", { ...MANY, baseline: rules({ approval: "HighRisk", maxPercent: 50 }) }, "heal"],
  // the last heal did harm
  ["its last heal made it worse", { worsened: "2 of 3 replicas are gone since" }, "wait approval"],
  [
    "its last heal made it worse, approved again",
    { worsened: "2 of 3 replicas are gone since", approved: true },
    "heal",
  ],
  // windows
  ["no window opens now", { baseline: rules(windows("0 2 * * *")) }, "wait window 50400"],
  [
    "no window opens now, and it is owed",
    { baseline: rules(windows("0 2 * * *")), verdict: missing, owed: true },
    "heal",
  ],
  ["within a window", { baseline: rules(windows("30 11 * * *")) }, "heal"],
  ["within a Deny", { baseline: rules(windows("30 11 * * *", "Deny")) }, "wait window 1800"],
  ["outside a Deny", { baseline: rules(windows("0 2 * * *", "Deny")) }, "heal"],
  ["a window nobody can read", { baseline: rules(windows("99 2 * * *")) }, "wait window"],
  [
    "no window opens now, opened by hand",
    { baseline: rules(windows("0 2 * * *"), { windowsOpenUntil: NOW + 1 }) },
    "heal",
  ],
  [
    "no window opens now, opened by hand till now",
    { baseline: rules(windows("0 2 * * *"), { windowsOpenUntil: NOW }) },
    "wait window 50400",
  ],
  [
    "within a Deny, opened by hand",
    { baseline: rules(windows("30 11 * * *", "Deny"), { windowsOpenUntil: NOW + 1 }) },
    "heal",
  ],
  // which answer comes first
  [
    "approval before a window, for it opens at night",
    { baseline: rules({ ...windows("0 2 * * *"), approval: "Always" }) },
    "wait approval",
  ],
  [
    "approval before a limit",
    { baseline: rules({ approval: "Always" }), held: { reason: "limit", message: "30 a minute" } },
    "wait approval",
  ],
  [
    "a fight before approval",
    { baseline: rules({ approval: "Always" }), held: { reason: "fight", message: "with hpa" } },
    "wait fight",
  ],
  [
    "a window before a limit",
    { baseline: rules(windows("0 2 * * *")), held: { reason: "limit", message: "30 a minute" } },
    "wait window 50400",
  ],
  ["protected before opt-in", { ...silent, id: { ...id, namespace: "kube-system" } }, "never protected"],
  ["mode before protected", { baseline: baseline(), id: { ...id, namespace: "kube-system" } }, "never mode"],
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
          claimed: true,
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
        // On the live object alone it is drift, and stops nothing but what nobody can take back.
        const liveAnnotations = row.on === "annotation" ? marks : {};
        const onlyLive = { ...asked, gitAnnotations: on, gitLabels: {}, liveAnnotations };
        const liveLabels = row.on === "label" ? marks : {};
        expect(gist({ ...onlyLive, liveLabels })).toBe(stops && act === "delete" ? "wait opt-out" : "heal");
      });

  test("one of several values in a list, whatever its case", () => {
    const gitAnnotations = { ...on, "argocd.argoproj.io/sync-options": "ServerSideApply=true, Prune=False" };
    const baselineOf = rules({ prune: true, causes: ["dropped-from-git"] });
    expect(gist({ verdict: unmanaged, claimed: true, baseline: baselineOf, gitAnnotations })).toBe("wait opt-out");
  });

  test("another value of the same switch stops nothing", () => {
    expect(gist({ gitAnnotations: { ...on, "kustomize.toolkit.fluxcd.io/reconcile": "enabled" } })).toBe("heal");
  });
});

describe("who asked for it, for evidence", () => {
  const opened = { baseline: rules(windows("0 2 * * *"), { windowsOpenUntil: NOW + 1 }) };
  const rows: readonly (readonly [string, Partial<RemedyInput>, string])[] = [
    ["Git", {}, "git annotation"],
    ["Git before live and namespace", { liveAnnotations: on, namespaceAnnotations: on }, "git annotation"],
    ["live", { ...silent, liveAnnotations: on }, "live annotation"],
    ["live before its namespace", { ...silent, liveAnnotations: on, namespaceAnnotations: on }, "live annotation"],
    ["the namespace", { ...silent, namespaceAnnotations: on }, "namespace annotation"],
    ["nobody but the scope", { ...silent, baseline: rules({ scope: "OptOut" }) }, "scope OptOut"],
    ["a person too", { baseline: rules({ approval: "Always" }), approved: true }, "git annotation, approval"],
    [
      "a person who is on record",
      {
        baseline: rules({ approval: "Always" }),
        approved: true,
        approvedBy: "kubectl-annotate at 2026-11-21T03:22:18Z",
      },
      "git annotation, approval by kubectl-annotate at 2026-11-21T03:22:18Z",
    ],
    ["an approval that nobody needed", { approved: true, approvedBy: "kubectl-annotate" }, "git annotation"],
    [
      "what we deleted ourselves",
      { verdict: missing, owed: true, approved: true },
      "git annotation, owed since it was deleted to be made anew",
    ],
    ["a person, after harm", { worsened: "degraded since", approved: true }, "git annotation, approval"],
    [
      "a person, of the commit",
      { guard: shrunk, baseline: rules({}, { approvedCommit: shrunk.commit }) },
      "git annotation, approval of the commit",
    ],
    [
      "a person on record, of the commit",
      { guard: shrunk, baseline: rules({}, { approvedCommit: shrunk.commit, approvedBy: "kubectl-annotate" }) },
      "git annotation, approval of the commit by kubectl-annotate",
    ],
    ["a person who opened the windows", opened, "git annotation, windows opened by hand"],
    [
      "a person who opened what was open",
      { baseline: rules(windows("30 11 * * *"), { windowsOpenUntil: NOW + 1 }) },
      "git annotation",
    ],
  ];
  test.each(rows)("%s", (_, changes, expected) => {
    expect(decideRemedy({ ...open, ...changes })).toMatchObject({ do: "heal", asked: expected });
  });
});

describe("the risk of what is healed, approved or not", () => {
  const rows: readonly (readonly [string, Partial<RemedyInput>, string])[] = [
    ["an edit", {}, "ordinary"],
    ["critical", { verdict: critical }, "high"],
    ["security", { verdict: drift(change("live-edit", "low", "security")) }, "high"],
    ["missing", { verdict: missing }, "ordinary"],
    ["missing, critical", { verdict: { ...missing, severity: "critical" } }, "high"],
    ["a delete", prune, "high"],
    ["a recreation", recreation, "high"],
    ["one of many", MANY, "high"],
  ];
  test.each(rows)("%s", (_, changes, expected) => {
    expect(decideRemedy({ ...open, ...changes })).toMatchObject({ do: "heal", risk: expected });
  });
});

describe("what people read", () => {
  const rows: readonly (readonly [string, Partial<RemedyInput>, string])[] = [
    [
      "a pause says until when, where and why",
      { gitAnnotations: { ...on, ...pause("2026-11-21T14:00:00+01:00"), "plumbline.dev/pause-reason": "audit" } },
      "paused until 2026-11-21T13:00:00Z, in Git: audit",
    ],
    [
      "a pause that cannot be read",
      { liveAnnotations: pause("tomorrow") },
      "paused until its time can be read, on the live object",
    ],
    [
      "a guard names what to annotate",
      { guard: shrunk },
      `12 of 20 objects are gone: nothing is written until the Baseline is annotated plumbline.dev/approve: ${shrunk.commit}`,
    ],
    [
      "a mass says how many",
      { ...MANY, baseline: risky },
      "30 of 100 objects are not as declared at once: annotate the Drift with plumbline.dev/approve",
    ],
    [
      "a delete with more in it",
      { ...prune, id: { group: "", kind: "Namespace", namespace: "", name: "shop" } },
      "it would be deleted, and everything in it with it: annotate the Drift with plumbline.dev/approve",
    ],
    [
      "what is protected names what to allow",
      { id: { ...id, namespace: "kube-system" } },
      "Deployment kube-system/web belongs to the platform and is never touched unless remediation.allowProtected names kube-system",
    ],
    [
      "a window says when the next opens",
      { baseline: rules(windows("0 2 * * *")) },
      "outside every Allow window: healing is allowed again at 2026-11-22T02:00:00Z",
    ],
  ];
  test.each(rows)("%s", (_, changes, expected) => {
    expect(decideRemedy({ ...open, ...changes })).toMatchObject({ message: expected });
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

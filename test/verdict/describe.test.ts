import { expect, test } from "vitest";
import type { Owner, Verdict } from "../../src/model/verdict.ts";
import { describe, describeChanges, describeOwner } from "../../src/verdict/describe.ts";
import { decide } from "../../src/verdict/decide.ts";
import { declared, deployment, managedEntry, present, situation } from "./pair-fixture.ts";

const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const managedFields = JSON.stringify([managedEntry("kubectl-scale", { "f:spec": { "f:replicas": {} } })]);
const drifted = decide(situation({ live: present(deployment({ replicas: 5 }), { managedFields }) })).verdict;
const weight = { severity: "high", class: "workload" } as const;

test.each<readonly [Verdict, string]>([
  [{ kind: "in-sync" }, "Deployment shop/web is as Git says"],
  [drifted, "Deployment shop/web has drifted (medium, live-edit): 1 change at .spec.replicas, by kubectl-scale"],
  [{ kind: "pending", reason: "new", until: 0 }, "Deployment shop/web is new in Git and not deployed yet"],
  [{ kind: "missing", cause: "deletion", ...weight }, "Deployment shop/web is missing (high, deletion)"],
  [
    { kind: "terminating", since: "2026-01-01T00:00:00Z", finalizers: ["a/b"], ...weight },
    "Deployment shop/web is being deleted since 2026-01-01T00:00:00Z, held by a/b",
  ],
  [
    { kind: "unmanaged", cause: "dropped-from-git", ...weight },
    "Deployment shop/web is live and not in Git (high, dropped-from-git)",
  ],
  [{ kind: "excluded", rule: "exempt", reason: "a lab" }, "Deployment shop/web is left out: a lab"],
  [
    { kind: "unknown", problem: { code: "forbidden", message: "may not list deployments" } },
    "Deployment shop/web cannot be judged: may not list deployments",
  ],
])("%j", (verdict, expected) => {
  expect(describe({ id, verdict })).toBe(expected);
});

test("each change on a line of its own, with values and who", () => {
  expect(describeChanges({ verdict: drifted })).toEqual([
    ".spec.replicas: 2 -> 5 [medium] by kubectl-scale (Update), 2026-11-21T11:00:00Z at the latest",
  ]);
});

test("at most so many, and how many more; long values are cut, escapes are made visible", () => {
  const annotations = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`k${index}`, "\u001b[31m".repeat(99)]),
  );
  const { verdict } = decide(situation({ live: present(deployment({}, { annotations })) }));
  const lines = describeChanges({ verdict }, 10);
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe("and 2 more");
  for (const line of lines) {
    expect(line.length).toBeLessThan(200);
    expect(line).not.toContain("\u001b");
  }
});

test("a Secret's value is in no line", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "shop" } };
  const { verdict } = decide(
    situation({
      desired: declared({ ...secret, data: { a: btoa("CANARY") } }),
      previous: undefined,
      live: present({ ...secret, data: { a: "QQ==" } }),
    }),
  );
  expect(describeChanges({ verdict })).toEqual(['.data.a: "<redacted>" -> "<redacted>" [high]']);
});

const owner: Owner = { manager: "m", operation: "Apply", subresource: "", confidence: "exact" };
test.each<readonly [Owner, string]>([
  [owner, "by m (Apply)"],
  [{ ...owner, operation: "Update", subresource: "scale" }, "by m (Update of scale)"],
  [{ ...owner, confidence: "ancestor" }, "by m, it seems (Apply)"],
  [{ ...owner, manager: "", confidence: "unknown" }, ""],
  [{ ...owner, manager: "", confidence: "unknown", previous: { manager: "p" } }, "owned before by p"],
])("owner %j", (given, expected) => {
  expect(describeOwner(given)).toBe(expected);
});

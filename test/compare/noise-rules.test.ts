import { describe, expect, test } from "vitest";
import { noiseRules } from "../../src/compare/noise-rules.ts";
import type { NoiseRule } from "../../src/compare/noise-rule.ts";
import { matchesGlob } from "../../src/compare/target.ts";
import { type NoiseCases, type RuleCases, ruleOn } from "./noise-cases/case.ts";
import { clusterCases } from "./noise-cases/cluster.ts";
import { networkCases } from "./noise-cases/network.ts";
import { platformCases } from "./noise-cases/platforms.ts";
import { storageCases } from "./noise-cases/storage.ts";
import { toolMarkCases } from "./noise-cases/tool-marks.ts";
import { webhookCases } from "./noise-cases/webhooks.ts";

const cases: NoiseCases = {
  ...toolMarkCases,
  ...clusterCases,
  ...storageCases,
  ...networkCases,
  ...webhookCases,
  ...platformCases,
};
const none: RuleCases = { holds: [], counts: [] };
const casesOf = (rule: NoiseRule): RuleCases => cases[rule.name] ?? none;
const named = noiseRules.map((rule) => [rule.name, rule] as const);

test("there are no cases without a rule, and no name is used twice", () => {
  const names = noiseRules.map((rule) => rule.name);
  expect(Object.keys(cases).filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(named)("%s", (name, rule) => {
  test("has what every row must have, and a case of either kind", () => {
    for (const text of [rule.reason, rule.safe, rule.abuse, rule.source]) expect(text).toMatch(/^\S.{8,}\S$/);
    expect(casesOf(rule).holds.length).toBeGreaterThan(0);
    expect(casesOf(rule).counts.length).toBeGreaterThan(0);
  });

  test.each(casesOf(rule).holds.map((given) => [given.path, given] as const))("holds: %s", (_, given) => {
    expect(ruleOn(given)).toBe(name);
  });

  test.each(casesOf(rule).counts.map((given) => [given.path, given] as const))("counts: %s", (_, given) => {
    expect(ruleOn(given)).toBe("counts");
  });
});

/** Names a client may choose to be taken for somebody else. */
const borrowed = ["kube-controller-manager", "argocd-controller", "cert-manager", "anything"];

describe("a borrowed manager name hides nothing that another name would not", () => {
  const abuses = noiseRules.flatMap((rule) =>
    casesOf(rule)
      .counts.filter((given) => given.byOwner !== true)
      .flatMap((given) =>
        borrowed.map(
          (manager) => [`${rule.name}: ${given.path} by ${manager}`, { ...given, managers: [manager] }] as const,
        ),
      ),
  );
  test.each(abuses)("%s", (_, given) => {
    expect(ruleOn(given)).toBe("counts");
  });

  test("what counts for its owner's sake alone is refused by a row that asks for an owner", () => {
    const rows = noiseRules.filter((rule) => casesOf(rule).counts.some((given) => given.byOwner === true));
    expect(rows.filter((rule) => rule.owner === "anyone").map((rule) => rule.name)).toEqual([]);
    expect(
      noiseRules.filter((rule) => rule.owner !== "anyone" && !rows.includes(rule)).map((rule) => rule.name),
    ).toEqual([]);
  });

  test("on every kind at once, rows look at marks alone: no spec, no data, no finalizers, no owner references", () => {
    const broad = noiseRules.filter((rule) =>
      rule.kinds.some((kind) => matchesGlob(kind, "apps/Deployment") && kind.startsWith("*")),
    );
    const beyond = broad.filter((rule) => !rule.paths.every((path) => /^\.metadata\.(labels|annotations)$/.test(path)));
    expect(beyond.map((rule) => rule.name)).toEqual(["replicas-owned-by-autoscaler"]);
  });
});

import { describe, expect, test } from "vitest";
import { matchesGlob, matchesLabels, parseLabelSelector, readTarget } from "../../src/compare/target.ts";
import type { Target } from "../../src/model/baseline.ts";

const web = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web-1", namespace: "shop", labels: { tier: "web", env: "prod" } },
};

describe("targets", () => {
  test.each<readonly [Target, boolean]>([
    [{}, true],
    [{ group: "apps", kind: "Deployment", name: "web-*", namespace: "shop", labelSelector: "tier=web" }, true],
    [{ group: "" }, false],
    [{ group: "core" }, false],
    [{ kind: "deployment" }, false],
    [{ name: "web" }, false],
    [{ name: "*" }, true],
    [{ namespace: "sh*p" }, true],
    [{ labelSelector: "tier=db" }, false],
  ])("%j: %s", (target, expected) => {
    const read = readTarget(target);
    expect(read.ok && read.value.matches(web)).toBe(expected);
  });

  test("`core` means the core group, as people write it", () => {
    const read = readTarget({ group: "core", kind: "ConfigMap" });
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    expect(read.ok && read.value.matches(object)).toBe(true);
  });

  test("a selector nobody can read is refused", () => {
    expect(readTarget({ labelSelector: "a in b" }).ok).toBe(false);
  });
});

describe("label selectors", () => {
  const labels = { tier: "web", env: "prod", "example.com/x": "" };
  test.each([
    ["", true],
    ["tier=web", true],
    ["tier==web", true],
    ["tier!=web", false],
    ["none!=web", true],
    ["tier=web,env=prod", true],
    ["tier=web, env=dev", false],
    ["env in (prod, stage)", true],
    ["env notin (prod)", false],
    ["none notin (prod)", true],
    ["tier", true],
    ["!tier", false],
    ["!none", true],
    ["example.com/x=", true],
    ["constructor", false],
  ])("%s: %s", (text, expected) => {
    const parsed = parseLabelSelector(text);
    expect(parsed.ok && matchesLabels(parsed.value, labels)).toBe(expected);
  });

  test.each(["a=b=c", "=b", "a in (b", "a,", "a b", "-a=b", "a=b c"])("%s is refused", (text) => {
    expect(parseLabelSelector(text).ok).toBe(false);
  });
});

test.each([
  ["*", "", true],
  ["a*", "a", true],
  ["a*a", "a", false],
  ["a*b*c", "aXbYc", true],
  ["a*b*c", "acb", false],
  ["*-token-*", "web-token-x1", true],
  ["", "", true],
  ["", "a", false],
])("glob %s and %s: %s", (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test("a glob of many asterisks is matched in no time", () => {
  expect(matchesGlob("*a".repeat(500), `${"a".repeat(5_000)}b`)).toBe(false);
});

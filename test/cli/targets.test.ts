/** How objects are called on the command line: as kubectl takes it. */
import { describe, expect, test } from "vitest";
import { namesKind, parseTargets, readBaselineName } from "../../src/cli/targets.ts";

const deployment = { group: "apps", kind: "Deployment" };
const policy = { group: "networking.k8s.io", kind: "NetworkPolicy" };
const ingress = { group: "networking.k8s.io", kind: "Ingress" };

test.each([
  ["deployment", deployment, true],
  ["Deployments", deployment, true],
  ["deploy", deployment, true],
  ["deployments.apps", deployment, true],
  ["deploy.apps", deployment, true],
  ["deployment.extensions", deployment, false],
  ["networkpolicies", policy, true],
  ["netpol", policy, true],
  ["ingresses", ingress, true],
  ["ing", ingress, true],
  ["deploys", deployment, false],
  ["service", deployment, false],
  ["", deployment, false],
] as const)("%s names %o: %s", (said, kind, expected) => {
  expect(namesKind(said, kind)).toBe(expected);
});

describe("words", () => {
  test.each([
    [["deployment/web"], [["deployment", "web"]]],
    [
      ["deployment/web", "svc/web"],
      [
        ["deployment", "web"],
        ["svc", "web"],
      ],
    ],
    [
      ["deploy", "web", "api"],
      [
        ["deploy", "web"],
        ["deploy", "api"],
      ],
    ],
  ] as const)("%o", (words, expected) => {
    expect(parseTargets(words).map(({ kind, name }) => [kind, name])).toEqual(expected);
  });

  test.each([[["baseline/platform/shop"]], [["bl", "platform/shop"]]])("%o: a Baseline with its namespace", (words) => {
    expect(parseTargets(words)).toMatchObject([{ name: "shop", namespace: "platform" }]);
  });

  test.each([[["deployment"]], [["deployment/"]], [["/web"]], [["a/b/c"]], [["deploy", "svc/web"]]])(
    "%o is refused, and named",
    (words) => {
      expect(() => parseTargets(words)).toThrow(words.at(-1));
    },
  );
});

describe("a Baseline", () => {
  test.each([
    ["shop", "here", "shop"],
    ["platform/shop", "platform", "shop"],
    ["baseline/shop", "here", "shop"],
    ["bl/platform/shop", "platform", "shop"],
    ["baselines.plumbline.dev/platform/shop", "platform", "shop"],
    ["baseline", "here", "baseline"],
  ])("%s", (text, namespace, name) => {
    expect(readBaselineName(text, "here")).toEqual({ namespace, name });
  });

  test.each([[""], ["/shop"], ["a/b/c"], ["baseline/"], ["baseline/a/b/c"], ["a/.."]])("%s is refused", (text) => {
    expect(() => readBaselineName(text, "here")).toThrow("the name of a Baseline is needed");
  });
});

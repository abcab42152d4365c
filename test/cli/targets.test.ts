/** How objects are called on the command line: as kubectl takes it. */
import { describe, expect, test } from "vitest";
import { namesKind, parseTargets } from "../../src/cli/targets.ts";

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

  test.each([[["deployment"]], [["deployment/"]], [["/web"]], [["a/b/c"]], [["deploy", "svc/web"]]])(
    "%o is refused, and named",
    (words) => {
      expect(() => parseTargets(words)).toThrow(words.at(-1));
    },
  );
});

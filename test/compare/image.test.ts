import { expect, test } from "vitest";
import { pullPolicyOf } from "../../src/compare/defaults/image.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["nginx", "Always"],
  ["nginx:latest", "Always"],
  ["nginx:1.2", "IfNotPresent"],
  ["host:5000/nginx", "Always"],
  ["host:5000/nginx:1", "IfNotPresent"],
  [`nginx@${digest}`, "IfNotPresent"],
  [`nginx:latest@${digest}`, "Always"],
  ["nginx@sha256:abc", "IfNotPresent"],
  ["HOST/nginx", "Always"],
  ["Nginx", "IfNotPresent"],
  ["", "IfNotPresent"],
  ["a".repeat(64), "IfNotPresent"],
  ["localhost/a/b", "Always"],
  [undefined, "IfNotPresent"],
])("%s is pulled %s", (image, policy) => {
  expect(pullPolicyOf(image)).toBe(policy);
});

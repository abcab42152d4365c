/** No path that `adopt` and `ignore` name spells out what the Baseline hides. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { listOf } from "../samples.ts";
import { createFolder, plumbline, type Run } from "../terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());

const items = { type: "object", properties: { token: { type: "string" }, role: { type: "string" } } };
const list = (rest: object): object => ({ type: "array", ...rest });
const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gates.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Gate", plural: "gates" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  size: { type: "integer" },
                  tokens: list({ items: { type: "string" }, "x-kubernetes-list-type": "set" }),
                  auth: list({
                    items: { ...items, required: ["token"] },
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["token"],
                  }),
                },
              },
            },
          },
        },
      },
    ],
  },
};
const gate = (spec: object): object => ({
  apiVersion: "example.com/v1",
  kind: "Gate",
  metadata: { name: "it", namespace: "shop" },
  spec,
});

let common: readonly string[] = [];
beforeAll(() => {
  const baseline = {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: "b", namespace: "shop" },
    spec: {
      source: { git: { url: "https://git.example/a.git", ref: { branch: "main" } } },
      compare: { addedFields: "Strict", sensitive: [".spec.tokens", ".spec.auth[*].token"] },
    },
  };
  const declared = gate({ size: 1, tokens: ["canary-git"], auth: [{ token: "canary-git", role: "view" }] });
  const live = gate({
    size: 2,
    tokens: ["canary-live"],
    auth: [{ token: "canary-git", role: "admin" }],
  });
  common = [
    "-n",
    "shop",
    "-f",
    folder.put("gate.json", declared),
    "--live",
    folder.put("live.json", listOf(crd, live)),
    "--baseline",
    folder.put("baseline.json", baseline),
  ];
});

const silent = ({ stdout, stderr }: Run): void => expect(stdout + stderr).not.toContain("canary");

test("what is taken over, and what is left out", async () => {
  const found = await plumbline(["adopt", "gate/it", ...common, "--write"]);
  expect(found.status).toBe(0);
  expect(found.stderr).toContain('changed .spec.auth[token="<redacted>"].role is taken over');
  expect(found.stderr).toContain('.spec.tokens[="<redacted>"]');
  silent(found);
});

test("what differs elsewhere than asked", async () => {
  const found = await plumbline(["adopt", "gate/it", ...common, "--path", ".spec.nope"]);
  expect([found.status, found.stderr]).toEqual([2, expect.stringContaining("it differs at")]);
  silent(found);
});

test("what is hidden only", async () => {
  const found = await plumbline(["adopt", "gate/it", ...common, "--path", ".spec.tokens"]);
  expect([found.status, found.stderr]).toEqual([
    2,
    expect.stringContaining("values that the Baseline calls sensitive"),
  ]);
  silent(found);
});

test("what a rule would hide, and what still counts", async () => {
  const words = [...common, "--reason", "because", "--write"];
  const found = await plumbline(["ignore", "gate/it", ".spec.auth", ...words]);
  expect(found.status).toBe(0);
  expect(found.stderr).toContain("still counts: ");
  silent(found);
});

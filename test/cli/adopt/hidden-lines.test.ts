/** Which lines of a file a patch must not show, whatever the file is. */
import { describe, expect, test } from "vitest";
import { hiddenLines } from "../../../src/cli/adopt/hidden-lines.ts";
import { bringsHidden } from "../../../src/cli/adopt/kustomized.ts";

const hidden = (text: string, sensitive: readonly string[] = []): readonly string[] => {
  const lines = hiddenLines(text, sensitive);
  return text.split("\n").filter((line, at) => lines.has(at) && line.trim() !== "");
};

describe("a kustomization", () => {
  test.each([
    [
      "literals of a Secret, and no more",
      "resources: [web.yaml]\nsecretGenerator:\n  - name: db\n    literals:\n      - password=canary\n      - b=canary\n    type: Opaque\nimages: []\n",
      ["    literals:", "      - password=canary", "      - b=canary"],
    ],
    [
      "in braces, of a kind that is said",
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator: [{ name: db, literals: [p=canary] }]\nnamespace: a\n",
      ["secretGenerator: [{ name: db, literals: [p=canary] }]"],
    ],
    [
      "an inline patch of a Secret; that of another kind is shown",
      "patches:\n  - patch: |-\n      kind: Secret\n      stringData:\n        p: canary\n  - patch: |-\n      kind: Deployment\n      spec: {}\n",
      ["  - patch: |-", "      kind: Secret", "      stringData:", "        p: canary"],
    ],
    [
      "operations on who knows what; those on another kind are shown",
      'patches:\n  - patch: \'[{"op":"add","path":"/data/p","value":"canary"}]\'\n    target: { name: db }\n  - patch: \'[{"op":"add","path":"/spec/p","value":1}]\'\n    target: { kind: Deployment }\n',
      ['  - patch: \'[{"op":"add","path":"/data/p","value":"canary"}]\''],
    ],
    [
      "a patch that says Deployment and is put on Secrets",
      "patches:\n  - target: { kind: Secret }\n    patch: |\n      kind: Deployment\n      data: { p: canary }\n",
      ["    patch: |", "      kind: Deployment", "      data: { p: canary }"],
    ],
    [
      "what cannot be read",
      "patchesStrategicMerge:\n  - a.yaml\n  - |\n    {kind: Secret\n    p: canary\n",
      ["  - |", "    {kind: Secret", "    p: canary"],
    ],
    [
      "a chart's values",
      "helmCharts:\n  - name: db\n    valuesInline:\n      password: canary\n",
      ["    valuesInline:", "      password: canary"],
    ],
    [
      "what stands elsewhere: all of it",
      "x: &x [p=canary]\nsecretGenerator:\n  - literals: *x\n",
      ["x: &x [p=canary]", "secretGenerator:", "  - literals: *x"],
    ],
    ["plain: nothing", "resources:\n  - web.yaml\npatches:\n  - path: a.yaml\n    target: { kind: Secret }\n", []],
  ])("%s", (_, text, expected) => {
    expect(hidden(text)).toEqual(expected);
  });

  test("what the Baseline calls sensitive may be in any inline patch", () => {
    const text = "patches:\n  - patch: |-\n      kind: Deployment\n      spec: { token: canary }\n";
    expect(hidden(text)).toEqual([]);
    expect(hidden(text, [".spec.token"])).toHaveLength(3);
  });
});

test("a Secret without a name is one nevertheless", () => {
  expect(hidden("kind: Secret\napiVersion: v1\nstringData:\n  p: canary\n")).toEqual(["  p: canary"]);
});

test("comments between the values of a Secret are hidden with them; those around it are not", () => {
  const text =
    "# above\napiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData:\n  p: canary\n  # was: canary-old\n  q: canary\n# below\n";
  expect(hidden(text)).toEqual(["  p: canary", "  # was: canary-old", "  q: canary"]);
});

describe("an operation that writes down what nobody may see", () => {
  const gate = { group: "example.com", kind: "Gate" };
  const secret = { group: "", kind: "Secret" };
  const token = [".spec.auth[*].token"];
  test.each([
    ["the value itself", gate, token, "/spec/auth/0/token", "canary", true],
    ["an item that holds it", gate, token, "/spec/auth/-", { role: "a", token: "canary" }, true],
    ["what stands beside it", gate, token, "/spec/auth/0/role", "a", false],
    ["all of it", gate, token, "/spec", { auth: [{ token: "canary" }] }, true],
    ["a key of a Secret", secret, [], "/stringData/p", "canary", true],
    ["what goes", gate, token, "/spec/auth/0/token", undefined, false],
  ] as const)("%s", (_, kind, sensitive, path, value, expected) => {
    const operation = { op: "add", path, ...(value === undefined ? {} : { value }) };
    expect(bringsHidden(operation, kind, sensitive)).toBe(expected);
  });
});

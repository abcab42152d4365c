import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { decodeManagedFields } from "../../src/compare/managed-fields.ts";
import { parsePath, type PathPattern } from "../../src/compare/selector.ts";
import { suppress, type NoiseContext } from "../../src/compare/suppress.ts";
import type { AddedFields, IgnoreRow } from "../../src/model/baseline.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { field, type Path } from "../../src/model/path.ts";
import { builtIn, custom, managedEntry } from "../verdict/pair-fixture.ts";

const widget = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "shop", labels: { tier: "web" } },
  spec: { size: 1, list: [{ name: "a" }] },
};
const path: Path = [field("spec"), field("extra")];
const added: Difference = { op: "added", path, tokens: ["spec", "extra"], live: "x" };
const changed: Difference = { ...added, op: "changed", desired: "y" };

const owns = (fields: JsonObject): JsonObject => ({ "f:spec": fields });
const operator = managedEntry("my-operator", owns({ "f:extra": {} }));
const person = managedEntry("kubectl-edit", owns({ "f:extra": {} }));
const ci = managedEntry("acme-ci", owns({ "f:extra": {}, "f:size": {} }));

function context(
  changes: Partial<NoiseContext> & {
    entries?: readonly JsonObject[];
    addedFields?: AddedFields;
    ignore?: readonly IgnoreRow[];
  },
): NoiseContext {
  const { entries = [operator], addedFields = "TrustControllers", ignore = [], ...others } = changes;
  return {
    desired: widget,
    live: widget,
    managed: decodeManagedFields(JSON.stringify(entries)),
    schema: custom,
    settings: { addedFields, ignore, sensitive: [] },
    desiredIgnore: [],
    facts: noFacts,
    now: 1_000,
    ...others,
  };
}

const ruleOn = (difference: Difference, given: Parameters<typeof context>[0]): string =>
  suppress([difference], context(given)).suppressed[0]?.rule ?? "counts";

describe("additions to custom resources", () => {
  test.each<readonly [string, Difference, Parameters<typeof context>[0], string]>([
    ["by a controller", added, {}, "controller-owned"],
    ["by a controller, Strict", added, { addedFields: "Strict" }, "counts"],
    ["by a controller, over a default", { ...added, defaulted: "d" }, {}, "controller-owned"],
    ["by a person", added, { entries: [person] }, "counts"],
    ["by a person and a controller", added, { entries: [operator, person] }, "counts"],
    ["by nobody known", added, { entries: [] }, "counts"],
    ["by `unknown`", added, { entries: [{ ...operator, manager: "unknown" }] }, "counts"],
    ["by `before-first-apply`", added, { entries: [{ ...operator, manager: "before-first-apply" }] }, "counts"],
    ["by a deployer, known by what it owns", added, { entries: [ci] }, "counts"],
    [
      "by a deployer, in another of its entries",
      added,
      { entries: [operator, { ...operator, fieldsV1: owns({ "f:size": {} }) }] },
      "counts",
    ],
    [
      "by a controller that had to state the key of an item it touched",
      added,
      {
        entries: [
          {
            ...operator,
            fieldsV1: owns({ "f:extra": {}, "f:list": { 'k:{"name":"a"}': { "f:name": {}, "f:more": {} } } }),
          },
        ],
      },
      "controller-owned",
    ],
    [
      "by somebody who owns only the map around it",
      added,
      { entries: [{ ...operator, fieldsV1: owns({ ".": {} }) }] },
      "counts",
    ],
    ["by a controller, to a built-in kind", added, { schema: builtIn }, "counts"],
    ["a change by a controller", changed, {}, "counts"],
    ["by a person, Ignore", added, { entries: [person], addedFields: "Ignore" }, "added-fields-ignored"],
    ["dropped from Git, Ignore", { ...added, droppedFromGit: true }, { addedFields: "Ignore" }, "counts"],
    ["a change, Ignore", changed, { addedFields: "Ignore" }, "counts"],
    ["to a built-in kind, Ignore", added, { schema: builtIn, addedFields: "Ignore" }, "counts"],
  ])("%s", (_, difference, given, expected) => {
    expect(ruleOn(difference, given)).toBe(expected);
  });
});

const row = (changes: Partial<IgnoreRow>): readonly IgnoreRow[] => [
  { target: {}, paths: [".spec.extra"], managers: [], reason: "scaled by the batch window", ...changes },
];

describe("rows of the Baseline", () => {
  test.each<readonly [string, readonly IgnoreRow[], string]>([
    ["the path", row({}), "baseline-ignore"],
    ["a path around it", row({ paths: [".spec"] }), "baseline-ignore"],
    ["a pointer", row({ paths: ["/spec/extra"] }), "baseline-ignore"],
    ["one of several paths", row({ paths: [".spec.other", ".spec.extra"] }), "baseline-ignore"],
    ["another path", row({ paths: [".spec.extras"] }), "counts"],
    ["a path below it", row({ paths: [".spec.extra.deep"] }), "counts"],
    ["the target", row({ target: { kind: "Widget", name: "w*", labelSelector: "tier=web" } }), "baseline-ignore"],
    ["another target", row({ target: { kind: "Gadget" } }), "counts"],
    ["its owner", row({ managers: ["kubectl-edit"] }), "baseline-ignore"],
    ["another owner", row({ managers: ["my-operator"] }), "counts"],
    ["until later", row({ until: 1_001 }), "baseline-ignore"],
    ["until now: over", row({ until: 1_000 }), "counts"],
    ["a path nobody can read", row({ paths: [".spec..extra"] }), "counts"],
    ["a selector nobody can read", row({ target: { labelSelector: "a in" } }), "counts"],
  ])("%s", (_, ignore, expected) => {
    expect(ruleOn(changed, { ignore, entries: [person] })).toBe(expected);
  });

  test("the row's reason is the one listed", () => {
    expect(suppress([changed], context({ ignore: row({}) })).suppressed).toEqual([
      { pointer: "/spec/extra", path, rule: "baseline-ignore", reason: "scaled by the batch window" },
    ]);
  });

  test("labels count as Git has them: an edit on live moves no object under a row", () => {
    const live = { ...widget, metadata: { ...widget.metadata, labels: { tier: "db" } } };
    expect(ruleOn(changed, { live, ignore: row({ target: { labelSelector: "tier=db" } }) })).toBe("counts");
  });

  test.each([
    ["expired", row({ until: 5 }), ["expired-rule"]],
    ["not to be read", row({ paths: [".a..b"] }), ["invalid-baseline"]],
    ["not to be read, of another object", row({ paths: [".a..b"], target: { kind: "Gadget" } }), []],
    ["in force", row({ until: 5_000 }), []],
  ])("%s: warnings %j", (_, ignore, codes) => {
    const { warnings } = suppress([], context({ ignore }));
    expect(warnings.map((one) => one.code)).toEqual(codes);
    for (const one of warnings) expect(one.object).toBe("Widget shop/w");
  });
});

function patterns(...texts: string[]): readonly PathPattern[] {
  return texts.flatMap((text) => {
    const parsed = parsePath(text);
    return parsed.ok ? [parsed.value] : [];
  });
}

test("the annotation in Git is named as the rule", () => {
  expect(ruleOn(changed, { desiredIgnore: patterns(".spec.extra") })).toBe("annotation");
  expect(ruleOn(changed, { desiredIgnore: patterns(".spec.other") })).toBe("counts");
});

test("every difference is either counted or listed", () => {
  const differences = [added, changed, { ...changed, path: [field("spec"), field("size")] }];
  const { counting, suppressed } = suppress(differences, context({ desiredIgnore: patterns(".spec.size") }));
  expect(counting.length + suppressed.length).toBe(3);
  expect(counting).toEqual([changed]);
});

describe("what the server allocates: a node port", () => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "shop" },
    spec: { type: "NodePort", ports: [{ port: 80, protocol: "TCP" }] },
  };
  const live = { ...service, spec: { ...service.spec, ports: [{ port: 80, protocol: "TCP", nodePort: 30_080 }] } };
  const nodePort: Difference = {
    op: "added",
    path: [field("spec"), field("ports"), { type: "key", keys: { port: 80, protocol: "TCP" } }, field("nodePort")],
    tokens: ["spec", "ports", 0, "nodePort"],
    live: 30_080,
  };
  const item = 'k:{"port":80,"protocol":"TCP"}';
  const chooses = (manager: string): JsonObject =>
    managedEntry(manager, { "f:spec": { "f:ports": { [item]: { "f:nodePort": {} } } } });
  const deploys = (fields: JsonObject): JsonObject =>
    managedEntry("acme-ci", { "f:spec": { "f:type": {}, "f:ports": { [item]: { ".": {}, ...fields } } } });

  test.each<readonly [string, readonly JsonObject[], string]>([
    ["owned by nobody: allocated", [deploys({})], "allocated"],
    ["owned by whoever deployed: allocated", [deploys({ "f:nodePort": {} })], "allocated"],
    [
      "owned by somebody who calls himself a controller: chosen, and counts",
      [deploys({}), chooses("kube-controller-manager")],
      "counts",
    ],
    ["owned by somebody's kubectl edit: chosen, and counts", [deploys({}), chooses("kubectl-edit")], "counts"],
  ])("%s", (_, entries, expected) => {
    const rule = ruleOn(nodePort, { desired: service, live, schema: builtIn, entries });
    expect(rule === "counts" ? "counts" : "allocated").toBe(expected);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveBaseline, type ResolvedBaseline } from "../../src/model/baseline-settings.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

const git = { url: "https://git.example/shop.git", ref: { branch: "main" } };

function object(spec: Json, more: JsonObject = {}): KubeObject {
  const metadata = { name: "web", namespace: "shop", uid: "u1", generation: 3, annotations: {} };
  return { apiVersion: "plumbline.dev/v1alpha1", kind: "Baseline", metadata, spec, ...more };
}

const withSpec = (more: JsonObject): KubeObject => object({ source: { git }, ...more });

function resolved(from: KubeObject): Extract<ResolvedBaseline, { baseline: unknown }> {
  const result = resolveBaseline(from);
  if ("problem" in result) throw new Error(result.problem.message);
  return result;
}

test("the least Baseline gets every default", () => {
  const { baseline, problems } = resolved(withSpec({}));
  expect(problems).toEqual([]);
  expect(baseline).toEqual({
    key: "shop/web",
    namespace: "shop",
    name: "web",
    uid: "u1",
    generation: 3,
    git: {
      url: git.url,
      ref: { kind: "branch", name: "main" },
      interval: 60_000,
      timeout: 60_000,
      submodules: false,
    },
    path: "",
    exclude: [],
    render: "Auto",
    mode: "Alert",
    gracePeriod: 600_000,
    compare: { addedFields: "TrustControllers", ignore: [], sensitive: [] },
    severity: [],
    remediation: {
      scope: "OptIn",
      causes: ["live-edit", "deletion"],
      approval: "HighRisk",
      maxPerMinute: 30,
      maxObjectsPerRevision: 100,
      retries: 5,
      maxPercent: 20,
      prune: false,
      recreate: false,
      onUnhealthy: "None",
      windows: [],
      allowProtected: [],
    },
    exempt: [],
    minCompliance: 0.99,
    suspend: false,
  });
});

describe("a full Baseline", () => {
  const { baseline, problems } = resolved(
    object({
      source: {
        git: {
          url: "git@git.example:shop.git",
          ref: { semver: "1.x" },
          interval: "1m30s",
          timeout: "20s",
          secretRef: { name: "shop-git" },
          submodules: true,
        },
      },
      path: "./clusters//prod/",
      exclude: ["**/test/**"],
      render: { kind: "Kustomize" },
      targetNamespace: "shop-prod",
      serviceAccountName: "deployer",
      mode: "Remediate",
      gracePeriod: "0s",
      compare: {
        addedFields: "Ignore",
        ignore: [
          {
            target: { group: "apps", name: "web-*" },
            paths: [".spec.replicas"],
            managers: ["scaler"],
            reason: "batch",
            until: "2027-01-01T00:00:00Z",
          },
        ],
        sensitive: [".spec.password"],
      },
      severity: [{ target: { kind: "ConfigMap" }, severity: "high" }],
      remediation: {
        scope: "OptOut",
        causes: ["rollout"],
        approval: "Never",
        limits: { maxPerMinute: 0 },
        prune: true,
      },
      exempt: [{ namespaceSelector: "env=lab", reason: "lab" }],
      minCompliance: 0.5,
      suspend: true,
    }),
  );

  test("has no problems", () => expect(problems).toEqual([]));

  test.each<[string, unknown, unknown]>([
    ["ref", baseline.git.ref, { kind: "semver", range: "1.x" }],
    ["interval", baseline.git.interval, 90_000],
    ["timeout", baseline.git.timeout, 20_000],
    ["secretName", baseline.git.secretName, "shop-git"],
    ["path", baseline.path, "clusters/prod"],
    ["gracePeriod", baseline.gracePeriod, 0],
    [
      "ignore",
      baseline.compare.ignore,
      [
        {
          target: { group: "apps", name: "web-*" },
          paths: [".spec.replicas"],
          managers: ["scaler"],
          reason: "batch",
          until: Date.UTC(2027, 0, 1),
        },
      ],
    ],
    ["severity", baseline.severity, [{ target: { kind: "ConfigMap" }, paths: [], severity: "high" }]],
    ["exempt", baseline.exempt, [{ namespaceSelector: "env=lab", reason: "lab" }]],
    ["limits", baseline.remediation.maxPerMinute, 0],
    ["limits left out", baseline.remediation.retries, 5],
    ["causes", baseline.remediation.causes, ["rollout"]],
  ])("%s", (_, found, expected) => expect(found).toEqual(expected));
});

describe("refs", () => {
  test.each<[JsonObject, unknown]>([
    [{ branch: "main" }, { kind: "branch", name: "main" }],
    [{ tag: "v1" }, { kind: "tag", name: "v1" }],
    [{ name: "refs/pull/1/head" }, { kind: "name", name: "refs/pull/1/head" }],
    [{ commit: "0".repeat(40) }, { kind: "commit", commit: "0".repeat(40) }],
    [
      { branch: "main", tag: null },
      { kind: "branch", name: "main" },
    ],
  ])("%j", (ref, expected) => {
    expect(resolved(object({ source: { git: { ...git, ref } } })).baseline.git.ref).toEqual(expected);
  });
});

describe("refused whole, with the reason", () => {
  test.each<[string, KubeObject, string]>([
    ["no spec", object(null), "spec.source.git.url is missing"],
    ["no url", object({ source: { git: { ref: git.ref } } }), "spec.source.git.url is missing"],
    ["no ref", object({ source: { git: { url: git.url } } }), "exactly one of branch"],
    ["two refs", object({ source: { git: { ...git, ref: { branch: "a", tag: "b" } } } }), "exactly one of branch"],
    ["an unknown ref", object({ source: { git: { ...git, ref: { bookmark: "a" } } } }), "exactly one of branch"],
    ["a Secret without name", object({ source: { git: { ...git, secretRef: {} } } }), "secretRef.name is missing"],
    ["an absolute path", withSpec({ path: "/etc" }), "spec.path leads out"],
    ["a path that climbs", withSpec({ path: "a/../.." }), "spec.path leads out"],
    ["a path into .git", withSpec({ path: ".git/hooks" }), "spec.path leads out"],
    ["a path that is a number", withSpec({ path: 7 }), "spec.path leads out"],
    ["an empty ServiceAccount", withSpec({ serviceAccountName: "" }), "spec.serviceAccountName is empty"],
    ["a blank ServiceAccount", withSpec({ serviceAccountName: " \t" }), "spec.serviceAccountName is empty"],
    ["a ServiceAccount that is a list", withSpec({ serviceAccountName: [] }), "spec.serviceAccountName is empty"],
    ["no namespace", { ...withSpec({}), metadata: { name: "web" } }, "no namespace or no name"],
  ])("%s", (_, from, message) => {
    const result = resolveBaseline(from);
    expect(result).toHaveProperty("problem.code", "invalid-baseline");
    expect(result).toHaveProperty("problem.message", expect.stringContaining(message));
  });
});

describe("malformed, read the safest way, and said", () => {
  type Pick = (from: ReturnType<typeof resolved>["baseline"]) => unknown;
  test.each<[JsonObject, Pick, unknown]>([
    [{ mode: "remediate" }, (b) => b.mode, "Observe"],
    [{ gracePeriod: "soon" }, (b) => b.gracePeriod, 600_000],
    [{ gracePeriod: "900h" }, (b) => b.gracePeriod, 604_800_000],
    [{ minCompliance: "0.5" }, (b) => b.minCompliance, 1],
    [{ minCompliance: 7 }, (b) => b.minCompliance, 1],
    [{ suspend: "yes" }, (b) => b.suspend, true],
    [{ compare: { addedFields: "none" } }, (b) => b.compare.addedFields, "Strict"],
    [{ compare: { ignore: "all" } }, (b) => b.compare.ignore, []],
    [{ compare: { ignore: [{ target: {}, paths: [], reason: "x" }] } }, (b) => b.compare.ignore, []],
    [{ compare: { ignore: [{ target: { name: 7 }, paths: [".a"] }] } }, (b) => b.compare.ignore, []],
    [{ compare: { ignore: [{ target: {}, paths: [".a"], until: "tomorrow" }] } }, (b) => b.compare.ignore, []],
    [{ compare: { ignore: [{ target: {}, paths: [".a"], managers: "x" }] } }, (b) => b.compare.ignore, []],
    [{ severity: [{ target: {}, severity: "fatal" }] }, (b) => b.severity, []],
    [{ exempt: [{ reason: "everything" }] }, (b) => b.exempt, []],
    [{ exclude: ["a", 7] }, (b) => b.exclude, ["a"]],
    [{ remediation: { scope: "All" } }, (b) => b.remediation.scope, "OptIn"],
    [{ remediation: { approval: "no" } }, (b) => b.remediation.approval, "Always"],
    [{ remediation: { causes: ["boredom", "deletion"] } }, (b) => b.remediation.causes, ["deletion"]],
    [{ remediation: { limits: { maxPerMinute: 1e9 } } }, (b) => b.remediation.maxPerMinute, 0],
    [{ remediation: { limits: { retries: -1 } } }, (b) => b.remediation.retries, 0],
    [{ remediation: { prune: "true" } }, (b) => b.remediation.prune, false],
    [{ mode: "Remediate", remediation: { windows: [{ kind: "Allow" }] } }, (b) => b.mode, "Alert"],
    [{ mode: "Remediate", remediation: { windows: {} } }, (b) => b.mode, "Alert"],
    [{ unmanaged: { scope: "Everything" } }, (b) => b.unmanaged, undefined],
    [{ unmanaged: { scope: "Selector" } }, (b) => b.unmanaged, undefined],
    [{ unmanaged: { scope: "Selector", labelSelector: " " } }, (b) => b.unmanaged, undefined],
  ])("%j", (more, pick, expected) => {
    const { baseline, problems } = resolved(withSpec(more));
    expect(pick(baseline)).toEqual(expected);
    expect(problems.map((problem) => problem.code)).toContain("invalid-baseline");
    expect(problems[0]).toHaveProperty("object", "Baseline shop/web");
  });
});

test.each([
  [undefined, undefined],
  [{}, undefined],
  [{ scope: "None", labelSelector: "team=shop" }, undefined],
  [{ scope: "Namespaces" }, { scope: "Namespaces" }],
  [
    { scope: "Selector", labelSelector: "team=shop" },
    { scope: "Selector", labelSelector: "team=shop" },
  ],
])("spec.unmanaged %j is read", (unmanaged, expected) => {
  const { baseline, problems } = resolved(withSpec(unmanaged === undefined ? {} : { unmanaged }));
  expect(baseline.unmanaged).toEqual(expected);
  expect(problems).toEqual([]);
});

test("a request is read from its annotation", () => {
  const metadata = { name: "web", namespace: "shop", annotations: { "plumbline.dev/requested-at": "7" } };
  expect(resolved({ ...withSpec({}), metadata }).baseline.requestedAt).toBe("7");
});

test("any JSON whatever is answered, never thrown over", () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
  const names = fc.constantFrom("source", "path", "compare", "severity", "remediation", "exempt", "mode", "suspend");
  fc.assert(
    fc.property(fc.dictionary(names, json), json, (spec, status) => {
      resolveBaseline(object({ source: { git }, ...spec }, { status }));
    }),
  );
});

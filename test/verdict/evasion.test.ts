/** Ways to make a detector look away, each of which must be told. */
import { describe, expect, test } from "vitest";
import type { IgnoreRow } from "../../src/model/baseline.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { decide, type Decision } from "../../src/verdict/decide.ts";
import { baseline, declared, deployment, present, situation } from "./pair-fixture.ts";

const containers = (...items: readonly JsonObject[]): JsonObject => ({ template: { spec: { containers: items } } });
const web = { name: "web", image: "web:1.4" };
const plain = baseline();
const ignoring = (...rows: readonly Partial<IgnoreRow>[]) =>
  baseline({
    compare: {
      ...plain.compare,
      ignore: rows.map((row) => ({ target: {}, paths: [], managers: [], reason: "because", ...row })),
    },
  });

function judge(live: KubeObject, desired = deployment(), rules = plain): Decision {
  return decide(
    situation({ baseline: rules, desired: declared(desired), previous: declared(desired), live: present(live) }),
  );
}

const changesOf = ({ verdict }: Decision): readonly string[] =>
  verdict.kind === "drifted" ? verdict.changes.map(({ op, path }) => `${op} ${formatPath(path)}`) : [verdict.kind];
const warningsOf = ({ warnings }: Decision): readonly string[] =>
  warnings.map(({ code, message }) => `${code}: ${message}`);

describe("a switch that only live has", () => {
  const edited = { replicas: 9 };
  test.each([
    ["detect", { "plumbline.dev/detect": "disabled" }],
    ["ignore", { "plumbline.dev/ignore": ".spec" }],
    ["severity", { "plumbline.dev/severity": "low" }],
  ])("%s: is drift itself, and switches nothing off", (name, annotations) => {
    const decision = judge(deployment(edited, { annotations }));
    expect(changesOf(decision)).toEqual([
      `added .metadata.annotations["plumbline.dev/${name}"]`,
      "changed .spec.replicas",
    ]);
    expect(decision.verdict).toMatchObject({ changes: [{}, { severity: "medium" }] });
  });

  test.each(["argocd.argoproj.io/compare-options", "kustomize.toolkit.fluxcd.io/reconcile", "kapp.k14s.io/noop"])(
    "%s: another tool's switch set live counts",
    (name) => {
      const decision = judge(deployment(edited, { annotations: { [name]: "disabled" } }));
      expect(changesOf(decision)).toHaveLength(2);
    },
  );
});

describe("a rule by index means the item as Git has it", () => {
  const rules = ignoring({ paths: ["/spec/template/spec/containers/0/image"] });
  const spy = { name: "spy", image: "spy:1" };

  test("its own item, wherever it stands now: hidden", () => {
    expect(changesOf(judge(deployment(containers({ ...web, image: "web:9" })), deployment(), rules))).toEqual([
      "in-sync",
    ]);
  });

  test("an item put in front of it: counts", () => {
    const live = deployment(containers(spy, { ...web, image: "web:9" }));
    const decision = judge(live, deployment(), rules);
    expect(changesOf(decision)).toEqual(['added .spec.template.spec.containers[name="spy"]']);
    expect(decision.suppressed.map(({ path }) => formatPath(path))).toEqual([
      '.spec.template.spec.containers[name="web"].image',
    ]);
  });

  test("another item that moved to its place: counts", () => {
    const git = deployment(containers(web, { name: "side", image: "side:1" }));
    const live = deployment(containers({ name: "side", image: "side:9" }, web));
    expect(changesOf(judge(live, git, rules))).toContain('changed .spec.template.spec.containers[name="side"].image');
  });
});

describe("an ignore that hides what it does not name", () => {
  const live = deployment({ ...containers({ ...web, image: "web:9", args: ["-x"] }), replicas: 9 });

  test("by the Baseline: how many, how bad, and what", () => {
    const decision = judge(live, deployment(), ignoring({ paths: [".spec.template"] }));
    expect(changesOf(decision)).toEqual(["changed .spec.replicas"]);
    expect(warningsOf(decision)).toEqual([
      'broad-ignore: compare.ignore: .spec.template hides 2 changes that it does not name, the worst high: .spec.template.spec.containers[name="web"].args, .spec.template.spec.containers[name="web"].image',
    ]);
  });

  test("by the annotation in Git", () => {
    const git = deployment({}, { annotations: { "plumbline.dev/ignore": "/spec" } });
    const edited = { ...live, metadata: git.metadata };
    expect(warningsOf(judge(edited, git))).toEqual([
      expect.stringMatching(
        /^broad-ignore: plumbline.dev\/ignore: \/spec hides 3 changes that it does not name, the worst high: /,
      ),
    ]);
  });

  test.each([
    ["names the very path", [".spec.replicas"], ["in-sync"]],
    ["hides nothing", [".spec.strategy"], ["changed .spec.replicas"]],
  ])("no word of one that %s", (_, paths, expected) => {
    const decision = judge(deployment({ replicas: 9 }), deployment(), ignoring({ paths }));
    expect(changesOf(decision)).toEqual(expected);
    expect(decision.warnings).toEqual([]);
  });

  test("nor of one that names a map which is merged as a whole: nobody can name it more closely", () => {
    const selecting = (nodeSelector: JsonObject): KubeObject =>
      deployment({ template: { spec: { containers: [web], nodeSelector } } });
    const rules = ignoring({ paths: [".spec.template.spec.nodeSelector"] });
    const decision = judge(selecting({ disk: "ssd" }), selecting({ disk: "hdd" }), rules);
    expect(changesOf(decision)).toEqual(["in-sync"]);
    expect(decision.warnings).toEqual([]);
  });

  test("names no secret: the keys of a map that the Baseline calls sensitive stay hidden", () => {
    const rules = ignoring({ paths: [".spec"] });
    const decision = judge(deployment({ replicas: 9 }), deployment(), rules);
    expect(decision.warnings.map(({ message }) => message).join()).not.toContain("9");
  });
});

describe("an ignore that cannot be used is named, and hides nothing", () => {
  test.each<readonly [string, Partial<IgnoreRow>, RegExp]>([
    ["a path nobody can read", { paths: [".spec..replicas"] }, /^invalid-baseline: .*no path/],
    [
      "an expression of another tool",
      { paths: ['.spec.containers[] | select(.name == "web")'] },
      /^invalid-baseline: /,
    ],
    ["an empty path", { paths: [""] }, /^invalid-baseline: .*empty path/],
    [
      "a selector nobody can read",
      { paths: [".spec.replicas"], target: { labelSelector: "a in" } },
      /^invalid-baseline: /,
    ],
    ["one that has expired", { paths: [".spec.replicas"], until: 1 }, /^expired-rule: /],
  ])("%s", (_, row, expected) => {
    const decision = judge(deployment({ replicas: 9 }), deployment(), ignoring(row));
    expect(changesOf(decision)).toEqual(["changed .spec.replicas"]);
    expect(warningsOf(decision)).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ["core", ["in-sync"]],
    ["", ["in-sync"]],
    ["apps", ["changed .data.a"]],
  ])("the core group may be written as people write it: %j", (group, expected) => {
    const map = (a: string): KubeObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "web", namespace: "shop" },
      data: { a },
    });
    const rules = ignoring({ target: { group, kind: "ConfigMap" }, paths: [".data.a"] });
    expect(changesOf(judge(map("2"), map("1"), rules))).toEqual(expected);
  });
});

test("a restart by hand counts, and one row that names its mark allows it", () => {
  const template = (annotations: JsonObject): KubeObject =>
    deployment({ template: { metadata: { labels: { app: "web" }, annotations }, spec: { containers: [web] } } });
  const restarted = template({ "kubectl.kubernetes.io/restartedAt": "2026-11-21T12:00:00Z" });
  const path = '.spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]';
  expect(changesOf(judge(restarted, template({})))).toEqual([`added ${path}`]);
  const allowed = judge(restarted, template({}), ignoring({ paths: [path] }));
  expect(changesOf(allowed)).toEqual(["in-sync"]);
  expect(allowed.warnings).toEqual([]);
});

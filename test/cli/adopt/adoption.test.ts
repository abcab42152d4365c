/**
 * Hotfixes of every kind, on objects written in every layout: taken over into the file, it is in sync with what runs, and
 * what the server fills in is not written down.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { adopt, asWritten } from "../../../src/cli/adopt/adoption.ts";
import { editFile } from "../../../src/cli/adopt/file-edit.ts";
import { readSettings } from "../../../src/cli/diff/settings.ts";
import { factsOf } from "../../../src/cli/diff/world.ts";
import { readBuiltInSchema } from "../../../src/cli/schema-files.ts";
import { trim } from "../../../src/cluster/stored-object.ts";
import { createSchemaIndex } from "../../../src/compare/schema-index.ts";
import { parsePath } from "../../../src/compare/selector.ts";
import { declare } from "../../../src/model/desired.ts";
import { canonicalJson } from "../../../src/model/canonical.ts";
import { type Json, parseJson } from "../../../src/model/json.ts";
import { formatPath } from "../../../src/model/path.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import { readManifests } from "../../../src/sources/yaml.ts";
import { countDifferences, type PairInput } from "../../../src/verdict/counting.ts";
import { healthOf } from "../../../src/verdict/health.ts";
import { layout, write } from "./layouts.ts";

const index = createSchemaIndex();
for (const [groupVersion, document] of readBuiltInSchema().documents) index.addOpenApi(groupVersion, document);
const schema = index.schemaFor({ group: "apps", version: "v1", kind: "Deployment" });
if (schema === undefined || "code" in schema) throw new Error("no schema of a Deployment");
const { baseline } = readSettings(undefined);

/* oxlint-disable typescript/no-explicit-any -- a hotfix reaches everywhere */
type Any = any;

const declared = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web", team: "shop" }, annotations: { "example.com/note": "a: b" } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          { name: "side", image: "side:1", args: ["-v"] },
          {
            name: "web",
            image: "web:1.4",
            command: ["run", "fast"],
            env: [
              { name: "A", value: "1" },
              { name: "B", value: "yes" },
              { name: "C", value: "3" },
            ],
            ports: [{ name: "http", containerPort: 8080 }],
            resources: { requests: { cpu: "100m", memory: "64Mi" } },
          },
        ],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  },
};

const container = (live: Any): Any => live.spec.template.spec.containers.find((one: Any) => one.name === "web");
const text = fc.constantFrom("x", "yes", "a: b", "#1", "0644", "two\nlines\n", "it's", 'say "so"', "- x", "*a");

/** What people do to an object at night. */
const hotfix: fc.Arbitrary<(live: Any) => void> = fc.oneof(
  fc.nat(9).map((count) => (live: Any) => void (live.spec.replicas = count)),
  fc
    .constantFrom("web:2", "web@sha256:0", "web:1e3")
    .map((image) => (live: Any) => void (container(live).image = image)),
  fc.tuple(fc.constantFrom("A", "B", "NEW", "Z"), text).map(([name, value]) => (live: Any) => {
    const found = container(live).env.find((one: Any) => one.name === name);
    if (found === undefined) container(live).env.push({ name, value });
    else found.value = value;
  }),
  fc.constantFrom("A", "B", "C").map((name) => (live: Any) => {
    container(live).env = container(live).env.filter((one: Any) => one.name !== name);
  }),
  fc.tuple(fc.constantFrom("team", "on", "a/b"), text).map(
    ([name]) =>
      (live: Any) =>
        void (live.metadata.labels[name] = "ops"),
  ),
  fc.constant((live: Any) => void delete live.metadata.labels.team),
  fc.tuple(fc.constantFrom("note", "example.com/note", "b c"), text).map(([name, value]) => (live: Any) => {
    live.metadata.annotations[name] = value;
  }),
  fc.constant((live: Any) => void delete live.metadata.annotations["example.com/note"]),
  fc
    .array(text, { minLength: 1, maxLength: 3 })
    .map((command) => (live: Any) => void (container(live).command = command)),
  fc.constant((live: Any) => void delete container(live).command),
  fc.constantFrom(9090, 9091).map((port) => (live: Any) => {
    const { ports } = container(live);
    if (!ports.some((one: Any) => one.containerPort === port)) ports.push({ containerPort: port, protocol: "TCP" });
  }),
  fc.constant((live: Any) => void (container(live).ports = [])),
  fc
    .constantFrom("200m", "1")
    .map((cpu) => (live: Any) => void (container(live).resources = { requests: { cpu }, limits: { cpu } })),
  fc.constant((live: Any) => {
    if (live.spec.template.spec.containers.some(({ name }: Any) => name === "debug")) return;
    live.spec.template.spec.containers.splice(1, 0, {
      name: "debug",
      image: "debug:1",
      resources: {},
      imagePullPolicy: "IfNotPresent",
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
    });
  }),
  fc.constant((live: Any) => {
    const all: readonly Any[] = live.spec.template.spec.containers;
    live.spec.template.spec.containers = all.filter(({ name }) => name !== "side");
  }),
  fc.constant((live: Any) => void (live.spec.template.spec.volumes = [])),
  fc.constant((live: Any) => {
    live.spec.template.spec.tolerations = [{ key: "k", operator: "Exists", effect: "NoSchedule" }];
  }),
  fc.constant((live: Any) => void (live.spec.strategy = { type: "Recreate" })),
);

function pairOf(desired: KubeObject, live: Any): PairInput {
  const object = { ...live, metadata: { ...live.metadata, namespace: "shop", uid: "u", resourceVersion: "1" } };
  const source = { file: "it.yaml", line: 1, index: 0 };
  const placed = { ...desired, metadata: { ...desired.metadata, namespace: "shop" } };
  const kind = schema as Exclude<typeof schema, undefined>;
  return {
    baseline,
    desired: declare(placed, source),
    live: trim(object as KubeObject, 0, healthOf),
    schema: kind as PairInput["schema"],
    facts: factsOf([]),
    now: 0,
  };
}

const copy = (): Any => parseJson(JSON.stringify(declared));
const counting = (pair: PairInput): readonly string[] =>
  countDifferences(pair).counting.map(({ op, path }) => `${op} ${formatPath(path)}`);

test("any number of hotfixes, in any layout: the file is edited, and in sync", () => {
  let paths = 0;
  fc.assert(
    fc.property(fc.array(hotfix, { minLength: 1, maxLength: 5 }), layout, (fixes, how) => {
      const live = copy();
      for (const fix of fixes) fix(live);
      const written = write(declared as Json, how);
      const before = readManifests(written.text, "it.yaml").objects[written.index]!.object;
      fc.pre(canonicalJson(before) === canonicalJson(declared as Json));
      const pair = pairOf(before, live);
      const adoption = adopt({ pair, paths: [] });
      paths += adoption.adopted.length;
      expect(adoption.left.map(({ path }) => formatPath(path))).toEqual([]);
      const edit = editFile({ ...written, expand: true, change: (one) => asWritten(one, adoption.target) });
      expect(edit).toMatchObject({ ok: true });
      if (!edit.ok) return;
      const after = readManifests(edit.text, "it.yaml").objects[written.index]!.object;
      expect(counting(pairOf(after, live))).toEqual([]);
      expect(edit.text).not.toContain("terminationMessagePath");
    }),
    { numRuns: Number(process.env["EDIT_RUNS"] ?? 300) },
  );
  expect(paths).toBeGreaterThan(300);
}, 120_000);

test("only what was chosen: the rest counts on, and nothing else changes", () => {
  const live = copy();
  live.spec.replicas = 5;
  container(live).image = "web:2";
  delete live.metadata.labels.team;
  const pattern = parsePath(".spec.template");
  const adoption = adopt({
    pair: pairOf(declared as unknown as KubeObject, live),
    paths: pattern.ok ? [pattern.value] : [],
  });
  expect(adoption.adopted.map(({ path }) => formatPath(path))).toEqual([
    '.spec.template.spec.containers[name="web"].image',
  ]);
  expect(adoption.left.map(({ path }) => formatPath(path))).toEqual([".metadata.labels.team", ".spec.replicas"]);
  expect(adoption.target["spec"]).toMatchObject({ replicas: 2 });
});

test("an order that changed is taken over as an order; what only Git says of an item stays", () => {
  const live = copy();
  live.spec.template.spec.containers.reverse();
  const adoption = adopt({ pair: pairOf(declared as unknown as KubeObject, live), paths: [] });
  expect(adoption.left).toEqual([]);
});

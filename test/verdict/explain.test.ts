/** Which rule, default, allocation or owner decided each path of one object. */
import { describe, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { countDifferences, type PairInput } from "../../src/verdict/counting.ts";
import { explainObject, type ExplainedPath } from "../../src/verdict/explain.ts";
import { edited, type Edits } from "../compare/edited.ts";
import { deployment, object, sample, schemaOf } from "../compare/schemas.ts";
import { baseline, declared, liveOf, managedEntry } from "./pair-fixture.ts";

/** The pair as the server would store it, with some of it changed by hand. */
function pair(desired: KubeObject, edits: Edits, changes: Partial<PairInput> = {}): PairInput {
  const live = liveOf(edited(desired, edits));
  const schema = schemaOf(desired);
  return { baseline: baseline(), desired: declared(desired), live, schema, facts: noFacts, now: 0, ...changes };
}

function explained(input: PairInput): Readonly<Record<string, ExplainedPath>> {
  return Object.fromEntries(explainObject(input).paths.map((one) => [formatPath(one.path), one]));
}

const container = '.spec.template.spec.containers[name="c"]';
const web = deployment({ image: "a:1", resources: { limits: { cpu: "1000m" } } });

describe("who decided", () => {
  const c = "/spec/template/spec/containers/0";
  const input = pair(web, {
    "/spec/replicas": 3,
    "/spec/strategy": { type: "Recreate" },
    [`${c}/image`]: "evil",
    [`${c}/resources/limits/cpu`]: "1",
    "/metadata/annotations": { "deployment.kubernetes.io/revision": "1" },
  });
  const paths = explained(input);

  test.each([
    [`${container}.name`, "equal", /what Git says/],
    [`${container}.resources.limits.cpu`, "equal", /what Git says/],
    [`${container}.image`, "drift", /something else than Git/],
    [".spec.replicas", "drift", /overrides what Git leaves to its default/],
    [".spec.strategy.type", "drift", /default/],
    [".spec.strategy.rollingUpdate", "default", /the API server fills in/],
    [".spec.revisionHistoryLimit", "default", /the API server fills in/],
    [`${container}.imagePullPolicy`, "default", /tag at creation/],
    ['.metadata.annotations["deployment.kubernetes.io/revision"]', "noise", /rollouts/],
    [".metadata.uid", "never-compared", /set by the server/],
    [".kind", "never-compared", /found by/],
  ])("%s: %s", (path, decidedBy, reason) => {
    expect(paths[path]).toMatchObject({ decidedBy, reason: expect.stringMatching(reason) as string });
  });

  test("both values and whether Git says it", () => {
    expect(paths[".spec.replicas"]).toMatchObject({
      desired: 1,
      live: 3,
      stated: false,
      op: "added",
      pointer: "/spec/replicas",
    });
    expect(paths[`${container}.image`]).toMatchObject({ desired: "a:1", live: "evil", stated: true, op: "changed" });
  });

  test("each path once, in their order, and drift is what counts", () => {
    const all = explainObject(input).paths;
    expect(new Set(all.map(({ path }) => formatPath(path))).size).toBe(all.length);
    const drift = all.filter((one) => one.decidedBy === "drift").map(({ pointer }) => pointer);
    expect(drift).toEqual(countDifferences(input).counting.map(({ tokens }) => `/${tokens.join("/")}`));
  });
});

test("the owner of what live has", () => {
  const managedFields = JSON.stringify([managedEntry("kubectl-scale", { "f:spec": { "f:replicas": {} } })]);
  const input = pair(web, { "/spec/replicas": 3 });
  const owned = explained({ ...input, live: { ...input.live, managedFields } });
  expect(owned[".spec.replicas"]?.owner).toMatchObject({ manager: "kubectl-scale", confidence: "exact" });
  expect(owned[".spec.revisionHistoryLimit"]?.owner).toMatchObject({ confidence: "unknown" });
});

test("allocation, a rule of the Baseline, and the annotation in Git are told apart", () => {
  const service = object("v1", "Service", {
    metadata: { annotations: { "plumbline.dev/ignore": ".metadata.labels.mine" } },
    spec: { ports: [{ port: 80 }] },
  });
  const ignore = [{ target: {}, paths: [".spec.externalName"], managers: [], reason: "told by the mesh" }];
  const input = pair(
    service,
    {
      "/spec/clusterIP": "10.0.0.7",
      "/spec/externalName": "x",
      "/metadata/labels": { mine: "x", other: "x" },
    },
    { baseline: baseline({ compare: { addedFields: "Strict", ignore, sensitive: [] } }) },
  );
  const paths = explained(input);
  expect(paths[".spec.clusterIP"]).toMatchObject({ decidedBy: "allocated", live: "10.0.0.7" });
  expect(paths[".spec.externalName"]).toMatchObject({
    decidedBy: "ignore",
    rule: "baseline-ignore",
    reason: "told by the mesh",
  });
  expect(paths[".metadata.labels.mine"]).toMatchObject({ decidedBy: "ignore", rule: "annotation" });
  expect(paths[".metadata.labels.other"]).toMatchObject({ decidedBy: "drift" });
});

test("a custom resource's default is the schema's", () => {
  const paths = explained(pair(sample({}), {}));
  expect(paths[".spec.number"]).toMatchObject({
    decidedBy: "default",
    reason: expect.stringContaining("schema") as string,
  });
});

test("a field that the server did not keep", () => {
  const desired = deployment({ future: 1 });
  const input = pair(desired, { "/spec/template/spec/containers/0/future": undefined });
  expect(explained(input)[`${container}.future`]).toMatchObject({ decidedBy: "pruned", desired: 1 });
});

test("no value of a Secret, neither equal nor changed", () => {
  const secret = object("v1", "Secret", { stringData: { one: "hunter2", two: "hunter3" } });
  const input = pair(secret, { "/data/two": "aHVudGVyNA==" });
  const text = JSON.stringify(explainObject(input));
  for (const value of ["hunter", "aHVudGVy"]) expect(text).not.toContain(value);
  expect(explained(input)[".data.two"]).toMatchObject({ decidedBy: "drift", sensitive: true });
  expect(explained(input)[".data.one"]).toMatchObject({ decidedBy: "equal", sensitive: true });
});

test("anything at all is explained without a throw", () => {
  const odd: readonly Json[] = [null, 1, "x", [], [null], {}, { a: null }];
  for (const spec of odd)
    for (const live of odd) {
      const desired = object("apps/v1", "Deployment", { spec } as JsonObject);
      const input = { ...pair(desired, {}), live: liveOf({ ...desired, spec: live } as KubeObject) };
      expect(() => explainObject(input)).not.toThrow();
    }
});

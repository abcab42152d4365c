/** What a Drift record says of the plan and of what it waits for, and what of it survives a restart. */
import { expect, test } from "vitest";
import { driftDefinition } from "../../src/model/drift-schema.ts";
import { getIn, getString, isArray } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { driftBody } from "../../src/sinks/drift-body.ts";
import { readRemembered } from "../../src/sinks/drift-seeds.ts";
import { stands } from "../../src/sinks/episodes.ts";
import type { RemediationState } from "../../src/sinks/ports.ts";
import type { ShownPlan } from "../../src/verdict/shown-plan.ts";
import { baselineOf, driftedVerdict, judgementOf, start } from "./sink-fixtures.ts";

const replicas = { op: "replace", path: "/spec/replicas" } as const;
const patch: ShownPlan = { kind: "patch", operations: [replicas], total: 1, immutable: [] };
const waiting: RemediationState = {
  state: "waiting",
  attempts: 0,
  waitingFor: "window",
  message: "the window is shut",
};

function bodyOf(over: Partial<Parameters<typeof driftBody>[0]>): KubeObject {
  const judgement = judgementOf(driftedVerdict());
  if (!stands(judgement)) throw new Error("it must stand");
  const baseline = baselineOf({ mode: "Remediate" });
  return driftBody({ baseline, judgement, contentHash: "h1", remediation: undefined, ...over }) as KubeObject;
}
const planOf = (over: Partial<Parameters<typeof driftBody>[0]>) => getIn(bodyOf(over), "remediation", "plan");

test.each<readonly [string, Partial<Parameters<typeof driftBody>[0]>, boolean]>([
  ["in mode Remediate, before anything was decided", { plan: patch }, true],
  ["while it waits", { plan: patch, remediation: waiting }, true],
  ["after attempts that failed", { plan: patch, remediation: { state: "failed", attempts: 6 } }, true],
  ["where it is never done", { plan: patch, remediation: { state: "not-allowed", attempts: 0 } }, false],
  ["in mode Alert", { plan: patch, baseline: baselineOf({ mode: "Alert" }) }, false],
  ["in mode Observe", { plan: patch, baseline: baselineOf({ mode: "Observe" }) }, false],
  ["where nothing can be planned", { remediation: waiting }, false],
])("the plan %s", (_, over, isShown) => {
  const expected = { kind: "patch", operations: [replicas], operationsTotal: 1 };
  expect(planOf(over)).toEqual(isShown ? expected : undefined);
});

test("where remediation has nothing to say there is no block of it", () => {
  expect(bodyOf({})).not.toHaveProperty("remediation");
  expect(bodyOf({ plan: patch, baseline: baselineOf({ mode: "Alert" }) })).not.toHaveProperty("remediation");
});

test("a create and a delete are their kind, a recreation says what forces it and what it destroys", () => {
  expect(planOf({ plan: { kind: "delete", operations: [], total: 0, immutable: [] } })).toEqual({ kind: "delete" });
  const recreate: ShownPlan = {
    ...patch,
    kind: "recreate",
    immutable: ["/spec/storageClassName"],
    destroys: "the data of its volume",
  };
  expect(planOf({ plan: recreate })).toEqual({
    kind: "recreate",
    operations: [replicas],
    operationsTotal: 1,
    immutable: ["/spec/storageClassName"],
    destroys: "the data of its volume",
  });
});

test("of many operations fifty, and how many there are; of many who contest, as many as the record takes", () => {
  const operations = Array.from({ length: 60 }, (_, index) => ({ op: "add", path: `/data/${index}` }) as const);
  const immutable = operations.map(({ path }) => path);
  const plan = planOf({ plan: { kind: "recreate", operations, total: 60, immutable } });
  const { properties } = driftDefinition.schema.properties.remediation.properties.plan;
  const lengths = ["operations", "immutable"].map((name) => {
    const listed = getIn(plan, name);
    return isArray(listed) ? listed.length : 0;
  });
  expect(lengths).toEqual([properties.operations.maxItems, properties.immutable.maxItems]);
  expect(getIn(plan, "operationsTotal")).toBe(60);
  const many = Array.from({ length: 30 }, (_, index) => `manager-${index}`);
  const fought = bodyOf({ remediation: { ...waiting, contested: { managers: many, paths: many } } });
  expect(getIn(fought, "remediation", "contested")).toEqual({ managers: many.slice(0, 20), paths: many.slice(0, 20) });
});

test("what it waits for and who contests it survive being written and read", () => {
  const state: RemediationState = {
    ...waiting,
    waitingFor: "fight",
    waitsUntil: start + 60_000,
    worsened: true,
    owed: "9c41",
    contested: { managers: ["kube-controller-manager"], paths: [".spec.replicas"] },
  };
  const body = bodyOf({ plan: patch, remediation: state });
  expect(getString(body, "remediation", "waitsUntil")).toBe(new Date(start + 60_000).toISOString());
  const [seed] = readRemembered([{ ...body, metadata: { ...body.metadata, uid: "r1" } }], () => "b-uid");
  expect(seed?.remediation).toEqual(state);
});

test("after a heal that made its health worse, a drift is one step more severe", () => {
  const severities = [undefined, { ...waiting }, { ...waiting, worsened: true } as const].map((remediation) => {
    const { severity, metadata } = bodyOf({ remediation });
    return [severity, getString(metadata, "labels", "plumbline.dev/severity")];
  });
  expect(severities).toEqual([
    ["medium", "medium"],
    ["medium", "medium"],
    ["high", "high"],
  ]);
});

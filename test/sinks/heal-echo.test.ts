import { expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { declare } from "../../src/model/desired.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { changedBack, changedBackText } from "../../src/sinks/heal-echo.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { planHeal } from "../../src/verdict/heal-plan.ts";
import { deployment, pairOf } from "../bench/pairs.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";

const { desired, live, schema, managedFields } = pairOf(deployment("web"), false);
const plain = plainBaseline();
const baseline = { ...plain, remediation: { ...plain.remediation, causes: ["live-edit"] as const } };
const declared = declare(desired, { file: "a.yaml", line: 1, index: 0 });
const specOf = (object: KubeObject): JsonObject => object["spec"] as JsonObject;
const withSpec = (over: JsonObject): KubeObject => ({ ...live, spec: { ...specOf(live), ...over } });

function drift(object: KubeObject) {
  const input: DecideInput = {
    baseline,
    id: idOf(desired),
    version: "v1",
    desired: declared,
    previous: declared,
    live: {
      state: "present",
      live: { object, uid: "u", resourceVersion: "7", managedFields, health: { state: "healthy" }, receivedAt: 0 },
    },
    schema,
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: 0,
  };
  const plan = planHeal(input);
  if (plan === undefined) throw new Error("nothing to do");
  return (stored: KubeObject): readonly string[] => changedBack(plan, stored, decide(input).verdict, input);
}

test("stored as it was sent: nothing was changed back", () => {
  expect(drift(withSpec({ replicas: 7, paused: true }))(live)).toEqual([]);
});

test("stored with one of two paths as it was: that one", () => {
  expect(drift(withSpec({ replicas: 7, paused: true }))(withSpec({ replicas: 7 }))).toEqual([".spec.replicas"]);
});

test("stored with a third value: changed back too, for it is not what was sent", () => {
  expect(drift(withSpec({ replicas: 7 }))(withSpec({ replicas: 9 }))).toEqual([".spec.replicas"]);
});

test("what admission changes elsewhere is not changed back", () => {
  expect(drift(withSpec({ replicas: 7 }))(withSpec({ minReadySeconds: 4 }))).toEqual([]);
});

test("what admission changes besides what it changed back is not named: that is for the next judgement", () => {
  const stored = withSpec({ replicas: 7, minReadySeconds: 4 });
  expect(drift(withSpec({ replicas: 7 }))(stored)).toEqual([".spec.replicas"]);
});

test("a removed field that its default fills in again is as it should be", () => {
  expect(drift(withSpec({ revisionHistoryLimit: 3 }))(withSpec({ revisionHistoryLimit: 10 }))).toEqual([]);
});

test("many paths are cut, and without a name nobody is accused", () => {
  const paths = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `.data.${name}`);
  expect(changedBackText(paths, [])).toBe(
    "admission changed it back: .data.a, .data.b, .data.c, .data.d, .data.e and 2 more",
  );
});

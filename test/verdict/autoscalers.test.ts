import { describe, expect, test } from "vitest";
import { noFacts, type Facts } from "../../src/compare/facts.ts";
import type { Change, Verdict } from "../../src/model/verdict.ts";
import { areAutoscalersUnseen, mayBeAutoscaled } from "../../src/verdict/autoscalers.ts";
import { change, drift, missing } from "./remedy-fixture.ts";

const by = (manager: string, subresource = "", pointer = "/spec/replicas"): Change => ({
  ...change("live-edit"),
  pointer,
  owner: { manager, subresource, operation: "Update", confidence: "exact" },
});
const scaled = by("kube-controller-manager", "scale");
const keda = by("keda-operator", "scale");
const person = by("kubectl", "scale");
const edited = by("kubectl-edit");
const image = by("kube-controller-manager", "", "/spec/template/spec/containers/0/image");

const blind: Facts = { ...noFacts, autoscalersSeen: () => false, autoscalersSettled: () => false };
const settling: Facts = { ...noFacts, autoscalersSeen: () => true, autoscalersSettled: () => false };
const settled: Facts = { ...noFacts, autoscalersSeen: () => true, autoscalersSettled: () => true };

/** Whether it waits to be written while blind, settling, settled; and whether it is no drift yet while it settles. */
const rows: readonly (readonly [string, Verdict, boolean, boolean, boolean, boolean])[] = [
  ["scaled by the controller of autoscalers", drift(scaled), true, true, false, true],
  ["scaled by another controller", drift(keda), true, true, false, true],
  ["scaled by a person", drift(person), true, false, false, false],
  ["edited by a person", drift(edited), true, false, false, false],
  ["scaled, and something else beside it", drift(image, scaled), true, true, false, false],
  ["something else, by a controller", drift(image), false, false, false, false],
  ["not there", missing, false, false, false, false],
];

describe.each(rows)("%s", (_, verdict, whileBlind, whileSettling, whenSettled, notYet) => {
  test("is written only when nothing more can be heard of", () => {
    const unseen = [blind, settling, settled, noFacts].map((facts) => areAutoscalersUnseen(verdict, facts));
    expect(unseen).toEqual([whileBlind, whileSettling, whenSettled, false]);
  });
  test("is drift only when nothing more can be heard of", () => {
    const held = [blind, settling, settled, noFacts].map((facts) => mayBeAutoscaled(verdict, facts));
    expect(held).toEqual([notYet, notYet, false, false]);
  });
});

import { describe, expect, test } from "vitest";
import { boundsLinger, FactStore } from "../../src/engine/fact-store.ts";
import { idKey } from "../../src/model/resource.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { FakeLive } from "../support/scenario/fake-live.ts";
import { autoscaler, idIn, deployment, inNamespace, namespace, plainSchema } from "../support/scenario/samples.ts";

const target = idIn(deployment("web", 1));
const keda = "keda.sh/v1alpha1/ScaledObject";

function make(): { live: FakeLive; facts: FactStore; clock: ManualClock } {
  const clock = new ManualClock();
  const live = new FakeLive(clock);
  const facts = new FactStore(live, { schemaFor: () => plainSchema, scopeOf: (kind) => live.scopeOf(kind) }, clock);
  live.ensure(facts.contextKinds(true));
  facts.watchesChanged();
  return { live, facts, clock };
}

const scaledObject = (spec: Record<string, unknown>) =>
  inNamespace({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "queue" },
    spec: spec as never,
  });

describe("kinds watched although nobody declares them", () => {
  test("namespaces always, autoscalers where something can be scaled and they are served", () => {
    const { live, facts } = make();
    expect(facts.contextKinds(false).map(({ kind }) => kind)).toEqual(["Namespace"]);
    expect(facts.contextKinds(true).map(({ kind }) => kind)).toEqual(["Namespace", "HorizontalPodAutoscaler"]);
    live.serve(keda, "Namespaced");
    expect(facts.contextKinds(true).map(({ kind }) => kind)).toContain("ScaledObject");
  });
});

describe("autoscalers", () => {
  test("are found by their target, in its namespace only", () => {
    const { live, facts } = make();
    live.write(inNamespace(autoscaler("web", "web", 2, 9)));
    live.write(inNamespace(autoscaler("web", "web", 1, 3), "elsewhere"));
    expect(facts.facts.autoscalers(target)).toEqual([{ name: "web", kind: "HorizontalPodAutoscaler", min: 2, max: 9 }]);
    expect(facts.facts.autoscalers(idIn(deployment("other", 1)))).toEqual([]);
  });

  test.each([
    [
      "with its own defaults",
      { scaleTargetRef: { name: "web" } },
      [{ name: "queue", kind: "ScaledObject", min: 0, max: 100 }],
    ],
    [
      "as it says",
      { scaleTargetRef: { name: "web" }, minReplicaCount: 2, maxReplicaCount: 4 },
      [{ name: "queue", kind: "ScaledObject", min: 2, max: 4 }],
    ],
    ["for another kind", { scaleTargetRef: { name: "web", kind: "StatefulSet", apiVersion: "apps/v1" } }, []],
    ["without a target", {}, []],
  ])("KEDA's count %s", (_, spec, expected) => {
    const { live, facts } = make();
    live.serve(keda, "Namespaced");
    live.ensure(facts.contextKinds(true));
    facts.watchesChanged();
    live.write(scaledObject(spec));
    expect(facts.facts.autoscalers(target)).toEqual(expected);
  });

  test("one that turns to another target concerns both", () => {
    const { live, facts } = make();
    const id = idIn(autoscaler("web", "web", 1, 9));
    live.write(inNamespace(autoscaler("web", "web", 1, 9)));
    expect(facts.autoscalerChanged(id)).toEqual([idKey(target)]);
    live.write(inNamespace(autoscaler("web", "api", 1, 9)));
    expect(facts.autoscalerChanged(id)).toEqual([idKey(target), idKey(idIn(deployment("api", 1)))]);
    live.remove(id);
    expect(facts.autoscalerChanged(id)).toEqual([idKey(idIn(deployment("api", 1)))]);
    expect(facts.autoscalerChanged(target), "no autoscaler").toEqual([]);
  });

  test("bounds that moved count beside the new ones until the autoscaler has had time to follow", async () => {
    const { live, facts, clock } = make();
    const id = idIn(autoscaler("web", "web", 2, 9));
    const bounds = () => facts.facts.autoscalers(target).map(({ min, max }) => [min, max]);
    live.write(inNamespace(autoscaler("web", "web", 2, 9)));
    facts.autoscalerChanged(id);
    expect(bounds(), "first seen").toEqual([[2, 9]]);
    live.write(inNamespace(autoscaler("web", "web", 4, 6)));
    facts.autoscalerChanged(id);
    expect(bounds()).toEqual([[2, 9]]);
    await clock.advance(boundsLinger - 1);
    expect(bounds()).toEqual([[2, 9]]);
    await clock.advance(1);
    expect(bounds()).toEqual([[4, 6]]);
    live.write(inNamespace(autoscaler("web", "api", 1, 3)));
    facts.autoscalerChanged(id);
    expect(facts.facts.autoscalers(idIn(deployment("api", 1))).map(({ min, max }) => [min, max])).toEqual([[1, 3]]);
  });

  test("one that is heard of is known, also before anybody is told that its watch is live again", () => {
    const { live, facts } = make();
    const hpa = "autoscaling/v2/HorizontalPodAutoscaler";
    live.force(hpa, "stalled");
    facts.watchesChanged();
    live.force(hpa, undefined);
    live.write(inNamespace(autoscaler("web", "web", 2, 9)));
    facts.autoscalerChanged(idIn(autoscaler("web", "web", 2, 9)));
    expect(facts.facts.autoscalers(target)).toHaveLength(1);
  });

  test.each([
    ["syncing", true],
    ["live", false],
    ["stalled", false],
    ["forbidden", false],
  ] as const)("a %s watch is waited for: %s", (state, waits) => {
    const { live, facts } = make();
    live.force("autoscaling/v2/HorizontalPodAutoscaler", state);
    facts.watchesChanged();
    expect(facts.awaitsAutoscalers()).toBe(waits);
  });

  test.each([
    ["syncing", false],
    ["live", true],
    ["stalled", false],
    ["forbidden", true],
    ["absent", true],
  ] as const)("while a watch is %s, all there is to know is seen: %s", (state, seen) => {
    const { live, facts } = make();
    live.force("autoscaling/v2/HorizontalPodAutoscaler", state);
    // At once, not when the change of its state is told.
    expect(facts.facts.autoscalersSeen?.()).toBe(seen);
    live.force("autoscaling/v2/HorizontalPodAutoscaler", "live");
    live.force("v1/Namespace", state);
    expect(facts.facts.autoscalersSeen?.()).toBe(true);
  });
});

describe("namespaces", () => {
  const id = { group: "", kind: "Namespace", namespace: "", name: "shop" };

  test("not seen: nothing is known; unseen for a while: what was known", () => {
    const { live, facts } = make();
    expect(facts.facts.namespaceLabels("shop")).toBeUndefined();
    live.write(namespace("shop", { stage: "prod" }));
    expect(facts.facts.namespaceLabels("shop")).toEqual({ stage: "prod" });
    live.force("v1/Namespace", "forbidden");
    expect(facts.facts.namespaceLabels("shop")).toEqual({ stage: "prod" });
    live.force("v1/Namespace", undefined);
    live.remove(id);
    expect(facts.facts.namespaceLabels("shop")).toBeUndefined();
  });

  test("changed: labels or annotations only", () => {
    const { live, facts } = make();
    live.write(namespace("shop", { stage: "prod" }));
    expect(facts.namespaceChanged(id)).toBe(true);
    live.write({ ...namespace("shop", { stage: "prod" }), spec: { finalizers: ["kubernetes"] } });
    expect(facts.namespaceChanged(id)).toBe(false);
    live.write(namespace("shop", { stage: "test" }));
    expect(facts.namespaceChanged(id)).toBe(true);
    expect(facts.namespaceChanged(target)).toBe(false);
  });
});

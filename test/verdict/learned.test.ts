/** A verdict, and a heal, with what a dry run told of admission. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { decide } from "../../src/verdict/decide.ts";
import { learn, recall } from "../../src/verdict/learn.ts";
import { planOperations } from "../../src/verdict/operations.ts";
import { baseline, builtIn, declared, deployment, liveOf, present, situation } from "./pair-fixture.ts";

const web = { name: "web", image: "web:1.4" };
const proxy = { name: "proxy", image: "proxy:1.0", env: [{ name: "LEVEL", value: "info" }] };
const by = ["MutatingWebhookConfiguration sidecars"];

const withContainers = (...containers: readonly JsonObject[]): KubeObject =>
  deployment({ template: { spec: { containers } } });
const plain = deployment();
const learned = { answer: withContainers(web, proxy), by };
const judge = (live: KubeObject, more: Parameters<typeof situation>[0] = {}) =>
  decide(situation({ live: present(live), learned, ...more }));

describe("a verdict", () => {
  test("is in sync where only admission added something, and lists it", () => {
    expect(judge(withContainers(web, proxy))).toMatchObject({
      verdict: { kind: "in-sync" },
      suppressed: [{ rule: "learned-default" }],
    });
  });

  test("without an answer is drifted by the same live object", () => {
    expect(judge(withContainers(web, proxy), { learned: undefined }).verdict.kind).toBe("drifted");
  });

  test("hides what admission sets at a sensitive path", () => {
    const settings = baseline();
    const compare = { ...settings.compare, sensitive: [".spec.template.spec.containers[*].image"] };
    const { verdict } = judge(withContainers(web, { ...proxy, image: "CANARY" }), {
      baseline: { ...settings, compare },
      learned: { answer: withContainers(web, { ...proxy, image: "CANARY-TOO" }), by },
    });
    expect(verdict).toMatchObject({ kind: "drifted", changes: [{ sensitive: true }] });
    expect(JSON.stringify(verdict)).not.toContain("CANARY");
  });

  test("is pending where live is what Git said before, with what admission makes of that", () => {
    const before = deployment({ replicas: 1 });
    const live = { ...withContainers(web, proxy), spec: { ...(learned.answer["spec"] as JsonObject), replicas: 1 } };
    const moved = { previous: declared(before), changedAt: situation().now - 1 };
    const learnedBefore = { answer: live, by };
    expect(judge(live, { ...moved, learnedBefore }).verdict.kind).toBe("pending");
    expect(judge(live, moved).verdict.kind, "nobody asked about the revision before").toBe("drifted");
  });
});

describe("a heal", () => {
  const planFor = (live: KubeObject): readonly JsonObject[] => {
    const { baseline: settings, facts, now } = situation();
    const pair = { baseline: settings, desired: declared(plain), live: liveOf(live), schema: builtIn, facts, now };
    return planOperations({ ...pair, learned }).slice(1);
  };
  const at = "/spec/template/spec/containers/1";

  test.each<readonly [string, KubeObject, readonly JsonObject[]]>([
    [
      "puts back the value that admission sets",
      withContainers(web, { ...proxy, image: "proxy:evil" }),
      [{ op: "replace", path: `${at}/image`, value: "proxy:1.0" }],
    ],
    [
      "puts back what was taken out of the injected container",
      withContainers(web, { name: "proxy", image: "proxy:1.0", env: [] }),
      [{ op: "add", path: `${at}/env/0`, value: { name: "LEVEL", value: "info" } }],
    ],
    [
      "takes out what was added to the injected container, and leaves the rest of it",
      withContainers(web, { ...proxy, securityContext: { privileged: true } }),
      [{ op: "remove", path: `${at}/securityContext` }],
    ],
    ["leaves alone what admission sets", withContainers(web, proxy), []],
  ])("%s", (_, live, operations) => {
    expect(planFor(live)).toEqual(operations);
  });
});

describe("what is kept of an answer", () => {
  const managed = [{ manager: "plumbline" }];
  const answered = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, managedFields: managed },
    status: { replicas: 3 },
  });

  test("nothing, where it says what Git says", () => {
    expect(learn(plain, builtIn, { answer: answered(plain), by })).toBeUndefined();
  });
  test("the object, without status and ownership", () => {
    const kept = learn(plain, builtIn, { answer: answered(learned.answer), by });
    expect(kept && recall(kept)).toEqual({ answer: learned.answer, by });
    expect(kept && recall({ ...kept, repeated: kept.answer }).repeated).toEqual(learned.answer);
  });
  test("nothing, where only an address was given out", () => {
    const service: KubeObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "shop" },
      spec: { tags: [] },
    };
    const answer = { ...service, spec: { tags: [], clusterIP: "10.0.0.7" } };
    expect(learn(service, builtIn, { answer, by })).toBeUndefined();
  });
});

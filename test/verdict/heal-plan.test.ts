/** Which plan each pair makes, what a recreation takes along, and what an approval of one is worth for another. */
import { expect, test } from "vitest";
import { annotations } from "../../src/model/annotations.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import type { DecideInput } from "../../src/verdict/decide.ts";
import { hashOfPlan, planHeal, type HealPlan } from "../../src/verdict/heal-plan.ts";
import { recordOfPlan, shownPlan } from "../../src/verdict/shown-plan.ts";
import { schemaOf } from "../compare/schemas.ts";
import { baseline, declared, facts, present, situation } from "./pair-fixture.ts";

const key = new TextEncoder().encode("install-time key");

/** Both sides of one built-in object, with its real schema. */
function between(desired: KubeObject, live: KubeObject | undefined, changes: Partial<DecideInput> = {}): DecideInput {
  return situation({
    id: idOf(desired),
    desired: declared(desired),
    previous: declared(desired),
    live: live === undefined ? { state: "absent" } : present(live),
    schema: schemaOf(desired),
    ...changes,
  });
}

const configMap = (data: JsonObject, more: JsonObject = {}, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop", ...metadata },
  data,
  ...more,
});

const web = (spec: JsonObject = {}, selector = "web"): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: selector } },
    template: {
      metadata: { labels: { app: selector, tier: "web" } },
      spec: { containers: [{ name: "web", image: "web:1.4" }] },
    },
    ...spec,
  },
});

const secret = (type: string, data: JsonObject, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "key", namespace: "shop", ...metadata },
  type,
  data,
});

const isGoing = { deletionTimestamp: "2026-11-21T11:59:00Z", finalizers: ["a.b/c"] };
const a = configMap({ a: "1" });
const kinds: readonly (readonly [string, DecideInput, HealPlan["kind"] | undefined])[] = [
  ["as declared", between(a, a), undefined],
  ["edited", between(a, configMap({ a: "2" })), "patch"],
  ["missing", between(a, undefined), "create"],
  ["edited, and sealed", between(a, configMap({ a: "2" }, { immutable: true })), "recreate"],
  ["sealed by hand, and nothing else", between(a, configMap({ a: "1" }, { immutable: true })), "recreate"],
  [
    "sealed in Git and live, a label edited",
    between(
      configMap({ a: "1" }, { immutable: true }),
      configMap({ a: "1" }, { immutable: true }, { labels: { x: "y" } }),
    ),
    "patch",
  ],
  ["edited, and being deleted", between(a, configMap({ a: "2" }, {}, isGoing)), undefined],
  ["dropped from Git", between(a, a, { desired: undefined }), "delete"],
  ["dropped from Git, and being deleted", between(a, configMap({}, {}, isGoing), { desired: undefined }), undefined],
  ["dropped from Git, and gone", between(a, undefined, { desired: undefined }), undefined],
  [
    "dropped from Git, as far as a snapshot with bad documents tells",
    between(a, a, { desired: undefined, snapshotComplete: false }),
    undefined,
  ],
  [
    "not seen",
    between(a, undefined, { live: { state: "unseen", problem: { code: "not-synced", message: "" } } }),
    undefined,
  ],
  ["its kind not served", between(a, a, { schema: { code: "kind-not-served", message: "" } }), undefined],
];

test.each(kinds)("%s", (_, input, expected) => {
  expect(planHeal(input)?.kind).toBe(expected);
});

test("a delete names the very object and version", () => {
  expect(planHeal(between(a, a, { desired: undefined }))).toEqual({
    kind: "delete",
    uid: "u-1",
    resourceVersion: "41",
  });
});

function recreation(desired: KubeObject, live: KubeObject, changes: Partial<DecideInput> = {}) {
  const plan = planHeal(between(desired, live, changes));
  if (plan?.kind !== "recreate") throw new Error(`a ${plan?.kind ?? "nothing"} is planned`);
  return plan;
}

test("what can be changed and what cannot are one recreation, that has it all", () => {
  const plan = recreation(web(), web({ replicas: 5, paused: true }, "other"));
  expect(plan).toMatchObject({ uid: "u-1", resourceVersion: "41", cascade: "Background", body: web() });
  expect(plan.immutable).toEqual(["/spec/selector/matchLabels/app"]);
  expect(plan.operations.map(({ path }) => path)).toContain("/spec/replicas");
  expect(plan).not.toHaveProperty("destroys");
});

test("the number of replicas an autoscaler chose is in no patch, and a recreation keeps it", () => {
  const autoscaled = facts({ autoscalers: () => [{ name: "web", kind: "HorizontalPodAutoscaler", min: 2, max: 9 }] });
  const live = web({ replicas: 7, paused: true });
  const patch = planHeal(between(web(), live, { facts: autoscaled }));
  expect(patch?.kind === "patch" ? patch.operations.slice(1) : patch).toEqual([{ op: "remove", path: "/spec/paused" }]);
  const remade = recreation(web(), web({ replicas: 7 }, "other"), { facts: autoscaled });
  expect(remade.body).toEqual(web({ replicas: 7 }));
  expect(remade.operations.map(({ path }) => path)).not.toContain("/spec/replicas");
});

test("nor is it lost where Git says no number", () => {
  const autoscaled = facts({ autoscalers: () => [{ name: "web", kind: "HorizontalPodAutoscaler", min: 2, max: 9 }] });
  const { replicas: _, ...spec } = web()["spec"] as JsonObject;
  const silent: KubeObject = { ...web(), spec };
  expect(recreation(silent, web({ replicas: 7 }, "other"), { facts: autoscaled }).body).toEqual(web({ replicas: 7 }));
});

test("a value under an ignore runs on, a Secret's too, and never as its mark", () => {
  const ignored = baseline({
    compare: {
      addedFields: "Strict",
      ignore: [{ target: {}, paths: [".data.token"], managers: [], reason: "rotated" }],
      sensitive: [],
    },
  });
  const written = { ...secret("a.b/c", {}), data: undefined, stringData: { token: "old", user: "me" } } as never;
  const live = secret("Opaque", { token: btoa("rotated"), user: btoa("you") });
  expect(recreation(written, live, { baseline: ignored }).body["data"]).toEqual({
    token: btoa("rotated"),
    user: btoa("me"),
  });
});

test("a person's switches stay on what is made anew, and what else was only live does not", () => {
  const live = configMap(
    { a: "2" },
    { immutable: true },
    {
      annotations: { [annotations.pauseReason]: "soon", [annotations.remediate]: "enabled", other: "x" },
    },
  );
  const desired = configMap({ a: "1" }, {}, { annotations: { note: "n", [annotations.remediate]: "disabled" } });
  expect(recreation(desired, live).body["metadata"]).toEqual({
    name: "settings",
    namespace: "shop",
    annotations: { note: "n", [annotations.remediate]: "disabled", [annotations.pauseReason]: "soon" },
  });
});

const statefulSet = (spec: JsonObject): KubeObject => {
  const object = web(spec);
  return { ...object, kind: "StatefulSet" };
};
const template = (name: string): JsonObject => ({
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
});

test.each([
  ["claim templates: its Pods run on", { volumeClaimTemplates: [template("data")] }, "Orphan", undefined],
  ["the Service: its Pods bear that name", { serviceName: "other" }, "Background", undefined],
  [
    "both: what the Pods know decides",
    { serviceName: "other", volumeClaimTemplates: [template("data")] },
    "Background",
    undefined,
  ],
  [
    "the Service, and its claims would go with it",
    { serviceName: "other", persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" } },
    "Background",
    "its volume claims, and the data in them",
  ],
])("a StatefulSet remade for %s", (_, spec, cascade, destroys) => {
  const plan = recreation(statefulSet({ serviceName: "web" }), statefulSet({ serviceName: "web", ...spec }));
  expect([plan.cascade, plan.destroys]).toEqual([cascade, destroys]);
});

test("an approval of one plan approves of no other", () => {
  const open = configMap({ a: "2" });
  const sealed = configMap({ a: "2" }, { immutable: true });
  const inputs = [
    between(a, open),
    between(a, configMap({ a: "2", b: "1" })),
    between(a, sealed),
    between(a, configMap({ a: "2", b: "1" }, { immutable: true })),
    between(a, undefined),
    between(a, undefined, { desired: declared(configMap({ a: "9" })) }),
    between(a, a, { desired: undefined }),
    between(a, configMap({ a: "1" }, {}, isGoing), { desired: undefined }),
    between(a, a, { desired: undefined, live: present(a, { uid: "u-2" }) }),
    between(a, a),
  ];
  const hashes = inputs.map((input) => hashOfPlan(input, key));
  expect(new Set(hashes).size).toBe(inputs.length);
  for (const input of inputs) expect(recordOfPlan(input, key).contentHash).toBe(hashOfPlan(input, key));
});

test("an approval is for the very edit: what somebody wrote over it since is another one, in a Secret too", () => {
  const [right, one, other] = ["A", "B", "C"].map((value) => secret("Opaque", { a: btoa(value) }));
  if (right === undefined || one === undefined || other === undefined) throw new Error("three are made");
  expect(hashOfPlan(between(right, other), key)).not.toBe(hashOfPlan(between(right, one), key));
  expect(hashOfPlan(between(one, right), key)).not.toBe(hashOfPlan(between(other, right), key));
  expect(hashOfPlan(between(right, one), key)).toBe(hashOfPlan(between(right, one), key));
});

test("another version of the object that is to be remade, and nothing else: the same approval", () => {
  const sealed = configMap({ a: "2" }, { immutable: true });
  const later = present(sealed, { resourceVersion: "99" });
  expect(hashOfPlan(between(a, sealed, { live: later }), key)).toBe(hashOfPlan(between(a, sealed), key));
  expect(recordOfPlan(between(a, sealed, { live: later }), key)).toEqual(recordOfPlan(between(a, sealed), key));
});

test("a plan is shown without its guard and without a value, a recreation with what forces it", () => {
  const key1 = secret("Opaque", { "pass/word": btoa("right") });
  const edited = planHeal(between(key1, secret("Opaque", { "pass/word": btoa("wrong"), x: btoa("y") })));
  if (edited === undefined) throw new Error("nothing is planned");
  expect(shownPlan(edited)).toEqual({
    kind: "patch",
    operations: [
      { op: "remove", path: "/data/x" },
      { op: "replace", path: "/data/pass~1word" },
    ],
    total: 2,
    immutable: [],
  });
  expect(shownPlan(recreation(key1, secret("a.b/c", { "pass/word": btoa("right") })))).toEqual({
    kind: "recreate",
    operations: [{ op: "replace", path: "/type" }],
    total: 1,
    immutable: ["/type"],
  });
  const shown = [
    edited,
    recreation(key1, secret("a.b/c", { "pass/word": btoa("wrong") })),
    planHeal(between(key1, undefined)),
  ].map((plan) => JSON.stringify(plan === undefined ? "" : shownPlan(plan)));
  expect(shown.join()).not.toMatch(new RegExp(`${btoa("right")}|${btoa("wrong")}|${btoa("y")}`));
});

test("create and delete are shown by their kind alone", () => {
  expect(recordOfPlan(between(a, undefined), key).shown).toMatchObject({ kind: "create", operations: [], total: 0 });
  expect(recordOfPlan(between(a, a, { desired: undefined }), key).shown).toMatchObject({ kind: "delete", total: 0 });
  expect(recordOfPlan(between(a, a), key).shown).toBeUndefined();
});

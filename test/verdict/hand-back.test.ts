import { expect, test } from "vitest";
import type { Baseline } from "../../src/model/baseline.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { handBackAsDrift, isCoOwned, planHandBack } from "../../src/verdict/hand-back.ts";
import { decideRemedy, noOwnObjects } from "../../src/verdict/remedy.ts";
import {
  baseline,
  custom,
  NOW,
  declared,
  deployment,
  liveOf,
  managedEntry,
  present,
  situation,
} from "./pair-fixture.ts";

const replicas = { "f:spec": { "f:replicas": {} } };
const entries = (...list: readonly JsonObject[]): string => JSON.stringify(list);
const shared = entries(managedEntry("flux", replicas, { operation: "Apply" }), managedEntry("plumbline", replicas));

test("in sync, and the deployer owns it too: one patch, at the very version", () => {
  const live = present(deployment(), { managedFields: shared });
  expect(planHandBack(situation({ live }))).toEqual({
    uid: "u-1",
    resourceVersion: "41",
    fields: 1,
    operations: [
      { op: "replace", path: "/metadata/resourceVersion", value: "41" },
      { op: "test", path: "/metadata/managedFields/1/manager", value: "plumbline" },
      { op: "remove", path: "/metadata/managedFields/1" },
    ],
  });
});

test.each([
  ["it drifts", situation({ live: present(deployment({ paused: true }), { managedFields: shared }) })],
  ["it is not there", situation({ live: { state: "absent" } })],
  ["Git does not declare it", situation({ desired: undefined })],
  ["its schema is not known", situation({ schema: { code: "kind-not-served", message: "no" } })],
  [
    "only we own it",
    situation({ live: present(deployment(), { managedFields: entries(managedEntry("plumbline", replicas)) }) }),
  ],
  [
    "it is being deleted",
    situation({
      live: present(deployment({}, { deletionTimestamp: "2026-11-21T11:00:00Z" }), { managedFields: shared }),
    }),
  ],
])("no patch where %s", (_, input) => {
  expect(planHandBack(input)).toBeUndefined();
});

test("a Secret's stringData is declared under data", () => {
  const head = { apiVersion: "v1", kind: "Secret", metadata: { name: "web", namespace: "shop" } };
  const fields = (...names: readonly string[]): JsonObject => ({
    "f:data": Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
  });
  const v1 = { apiVersion: "v1" };
  const managedFields = entries(
    managedEntry("flux", fields("a"), { ...v1, operation: "Apply" }),
    managedEntry("plumbline", fields("a", "b"), v1),
  );
  const plan = planHandBack(
    situation({
      desired: declared({ ...head, stringData: { a: "1", b: "2" } }),
      live: present({ ...head, data: { a: "MQ==", b: "Mg==" } }, { managedFields }),
      schema: custom,
    }),
  );
  expect(plan?.operations.at(-1)).toEqual({
    op: "replace",
    path: "/metadata/managedFields/1/fieldsV1",
    value: fields("b"),
  });
});

test("worth a closer look only where somebody else owns what we do", () => {
  expect(isCoOwned(liveOf(deployment(), { managedFields: shared }))).toBe(true);
  expect(isCoOwned(liveOf(deployment(), { managedFields: entries(managedEntry("plumbline", replicas)) }))).toBe(false);
});

test("as a drift it is the mildest, of a cause that is healed: what forbids a heal forbids it too", () => {
  const ask = (changes: Partial<Baseline>, annotations: Readonly<Record<string, string>> = {}) => {
    const plain = baseline({ mode: "Remediate" });
    const one = { ...plain, remediation: { ...plain.remediation, causes: ["deletion"] as const }, ...changes };
    return decideRemedy({
      baseline: one,
      id: situation().id,
      verdict: handBackAsDrift(one),
      gitAnnotations: annotations,
      liveAnnotations: {},
      namespaceAnnotations: {},
      liveOptIn: false,
      settled: true,
      approved: true,
      own: noOwnObjects,
      now: NOW,
    }).do;
  };
  const enabled = { "plumbline.dev/remediate": "enabled" };
  expect(ask({}, enabled)).toBe("heal");
  expect(ask({})).toBe("never");
  expect(ask({ suspend: true }, enabled)).toBe("never");
  expect(ask({ mode: "Alert" }, enabled)).toBe("never");
  expect(ask({}, { "plumbline.dev/remediate": "disabled" })).toBe("wait");
  const none = baseline({ mode: "Remediate" });
  expect(ask({ remediation: { ...none.remediation, causes: [] } }, enabled)).toBe("never");
});

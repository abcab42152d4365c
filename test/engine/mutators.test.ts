/** Which webhooks and policies may change an object on its way in. */
import { describe, expect, test } from "vitest";
import { actingOn, isMutator, readMutators, type Subject } from "../../src/engine/mutators.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const rule = (more: JsonObject = {}): JsonObject => ({
  apiGroups: ["apps"],
  apiVersions: ["v1"],
  resources: ["deployments"],
  operations: ["CREATE"],
  ...more,
});

function webhooks(name: string, ...list: readonly JsonObject[]): KubeObject {
  return {
    apiVersion,
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: list.map((one) => ({ name: `${name}.example.com`, rules: [rule()], ...one })),
  };
}

function policy(name: string, more: JsonObject = {}): KubeObject {
  return {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule()], ...more } },
  };
}

function binding(name: string, policyName: string): KubeObject {
  return { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata: { name }, spec: { policyName } };
}

const deployment: Subject = {
  group: "apps",
  plural: "deployments",
  namespaceLabels: { "kubernetes.io/metadata.name": "shop", injection: "enabled" },
  labels: { app: "web" },
};

const by = (objects: readonly KubeObject[], subject: Partial<Subject> = {}): readonly string[] =>
  actingOn(readMutators(objects), { ...deployment, ...subject })?.by ?? [];

const one = (more: JsonObject): readonly KubeObject[] => [webhooks("inject", more)];
const inject = ["MutatingWebhookConfiguration inject"];
const selector = (key: string, operator: string, ...values: readonly string[]): Json => ({
  matchExpressions: [{ key, operator, values }],
});

describe("who may act", () => {
  test.each<readonly [string, readonly KubeObject[], Partial<Subject>, readonly string[]]>([
    ["nobody, where nothing is configured", [], {}, []],
    ["a webhook for the very kind", one({}), {}, inject],
    ["a webhook for every kind", one({ rules: [rule({ apiGroups: ["*"], resources: ["*"] })] }), {}, inject],
    ["a webhook for every kind and subresource", one({ rules: [rule({ resources: ["*/*"] })] }), {}, inject],
    ["a webhook of any version", one({ rules: [rule({ apiVersions: ["v1beta1"] })] }), {}, inject],
    ["not one for a subresource", one({ rules: [rule({ resources: ["deployments/scale"] })] }), {}, []],
    ["not one for another group", one({ rules: [rule({ apiGroups: [""] })] }), {}, []],
    ["not one for another kind", one({}), { plural: "statefulsets" }, []],
    ["not one for deletions", one({ rules: [rule({ operations: ["DELETE"] })] }), {}, []],
    ["a webhook for all operations", one({ rules: [rule({ operations: ["*"] })] }), {}, inject],
    [
      "one whose namespaces are these",
      one({ namespaceSelector: { matchLabels: { injection: "enabled" } } }),
      {},
      inject,
    ],
    ["not one for other namespaces", one({ namespaceSelector: { matchLabels: { injection: "no" } } }), {}, []],
    [
      "one for any namespace, where this one is not seen",
      one({ namespaceSelector: { matchLabels: { injection: "no" } } }),
      { namespaceLabels: undefined },
      inject,
    ],
    ["not one for other objects", one({ objectSelector: { matchLabels: { app: "db" } } }), {}, []],
    ["In holds", one({ objectSelector: selector("app", "In", "web", "db") }), {}, inject],
    ["In does not hold", one({ objectSelector: selector("app", "In", "db") }), {}, []],
    ["NotIn holds where the label lacks", one({ objectSelector: selector("tier", "NotIn", "db") }), {}, inject],
    ["NotIn does not hold", one({ objectSelector: selector("app", "NotIn", "web") }), {}, []],
    ["Exists holds", one({ objectSelector: selector("app", "Exists") }), {}, inject],
    ["DoesNotExist does not hold", one({ objectSelector: selector("app", "DoesNotExist") }), {}, []],
    ["an operator nobody knows holds", one({ objectSelector: selector("app", "Like", "w*") }), {}, inject],
    ["a policy that is bound", [policy("stamp"), binding("all", "stamp")], {}, ["MutatingAdmissionPolicy stamp"]],
    ["not a policy that nothing binds", [policy("stamp"), binding("all", "other")], {}, []],
    ["not a policy for other kinds", [policy("stamp"), binding("all", "stamp")], { plural: "pods" }, []],
    [
      "a policy with exceptions: it may act",
      [policy("stamp", { excludeResourceRules: [rule({ resourceNames: ["db"] })] }), binding("all", "stamp")],
      {},
      ["MutatingAdmissionPolicy stamp"],
    ],
    ["nothing that is broken", [{ ...webhooks("inject"), webhooks: [null, 3, { rules: "x" }] }], {}, []],
  ])("%s", (_, objects, subject, expected) => {
    expect(by(objects, subject)).toEqual(expected);
  });

  test("on creation, on update, or on both", () => {
    const acting = (...operations: readonly string[]) =>
      actingOn(readMutators(one({ rules: [rule({ operations })] })), deployment);
    expect(acting("CREATE")).toMatchObject({ create: true, update: false });
    expect(acting("UPDATE")).toMatchObject({ create: false, update: true });
    expect(acting("CREATE", "UPDATE")).toMatchObject({ create: true, update: true });
    expect(acting("*")).toMatchObject({ create: true, update: true });
  });
});

describe("whether what acts is another", () => {
  const print = (objects: readonly KubeObject[]): string | undefined =>
    actingOn(readMutators(objects), deployment)?.print;
  const withBundle = (caBundle: string): readonly KubeObject[] =>
    one({ clientConfig: { service: { name: "inject" }, caBundle } });

  test("another certificate is no other webhook", () => {
    expect(print(withBundle("YQ=="))).toBe(print(withBundle("Yg==")));
  });
  test("another service is", () => {
    expect(print(withBundle("YQ=="))).not.toBe(print(one({ clientConfig: { service: { name: "new" } } })));
  });
  test("another binding of a policy is", () => {
    const bound = [policy("stamp"), binding("one", "stamp")];
    expect(print(bound)).not.toBe(
      print([...bound, { ...binding("two", "stamp"), spec: { policyName: "stamp", x: 1 } }]),
    );
  });
});

test("only these kinds say what acts", () => {
  const group = "admissionregistration.k8s.io";
  expect(isMutator({ group, kind: "MutatingWebhookConfiguration" })).toBe(true);
  expect(isMutator({ group, kind: "MutatingAdmissionPolicyBinding" })).toBe(true);
  expect(isMutator({ group, kind: "ValidatingWebhookConfiguration" })).toBe(false);
  expect(isMutator({ group: "apps", kind: "MutatingWebhookConfiguration" })).toBe(false);
});

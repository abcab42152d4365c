/** Where order, duplicates, keys and defaults of lists and maps decide what is a difference. */
import { describe, expect, test } from "vitest";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { orderRows, unorderedRows } from "../../src/compare/list-order.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { deployment, object, sample, schemaOf } from "./schemas.ts";

/** The object as the server stores it, with the list at a path put into another order. */
function reordered(desired: KubeObject, path: readonly (string | number)[], order: readonly number[]): KubeObject {
  const change = (at: Json, [token, ...rest]: readonly (string | number)[]): Json => {
    if (token === undefined) return isArray(at) ? order.map((index) => at[index] as Json) : at;
    if (isArray(at)) return at.with(Number(token), change(at[Number(token)] as Json, rest));
    return { ...(at as JsonObject), [token]: change((at as JsonObject)[token] as Json, rest) };
  };
  return change(defaultedDesired(desired, schemaOf(desired)), path) as KubeObject;
}

function told(desired: KubeObject, live: KubeObject): readonly string[] {
  const { differences } = diffObjects({ desired, live, schema: schemaOf(desired) });
  return differences.map(({ op, path, note }) => `${op} ${formatPath(path)}${note === undefined ? "" : ` (${note})`}`);
}

const pod = ["spec", "template", "spec"] as const;
const pair = (name: string): JsonObject[] => ["a", "b"].map((one) => ({ name: `${name}-${one}`, image: "a:1" }));
const env = (...list: JsonObject[]): KubeObject => deployment({ env: list });
const variable = (name: string, value: string): JsonObject => ({ name, value });
const inEnv = [...pod, "containers", 0, "env"];
const at = ".spec.template.spec";
const webhooks = (kind: string): KubeObject => {
  const hook = (name: string): JsonObject => ({ name, clientConfig: { url: "https://x" }, sideEffects: "None" });
  const list = [hook("a.example.com"), hook("b.example.com")];
  return object("admissionregistration.k8s.io/v1", kind, { webhooks: list });
};
const ingress = object("networking.k8s.io/v1", "Ingress", {
  spec: {
    rules: [
      {
        http: {
          paths: ["/a", "/b"].map((path) => ({
            path,
            pathType: "Prefix",
            backend: { service: { name: path.slice(1), port: { number: 80 } } },
          })),
        },
      },
    ],
  },
});
const metric = (name: string, averageUtilization: number): JsonObject => ({
  type: "Resource",
  resource: { name, target: { type: "Utilization", averageUtilization } },
});
const autoscaler = (...metrics: JsonObject[]): KubeObject =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "it" }, maxReplicas: 3, metrics },
  });

type Row = readonly [name: string, desired: KubeObject, path: readonly (string | number)[], found: readonly string[]];

const rows: readonly Row[] = [
  [
    "containers",
    deployment({}, { containers: pair("c") }),
    [...pod, "containers"],
    [`changed ${at}.containers (the order differs)`],
  ],
  [
    "init containers",
    deployment({}, { initContainers: pair("i") }),
    [...pod, "initContainers"],
    [`changed ${at}.initContainers (the order differs)`],
  ],
  ["variables that use no other", env(variable("A", "1"), variable("B", "2")), inEnv, []],
  [
    "a variable and the one it uses",
    env(variable("A", "1"), variable("B", "$(A)")),
    inEnv,
    [`changed ${at}.containers[name="c"].env (the order differs)`],
  ],
  ["a dollar sign that only looks like a use", env(variable("A", "1"), variable("B", "$$(A)")), inEnv, []],
  ["a use of what is not there", env(variable("A", "1"), variable("B", "$(C)")), inEnv, []],
  ["a use of itself", env(variable("A", "$(A)"), variable("B", "2")), inEnv, []],
  [
    "arguments",
    deployment({ args: ["-a", "-b"] }),
    [...pod, "containers", 0, "args"],
    [`changed ${at}.containers[name="c"].args[0]`, `changed ${at}.containers[name="c"].args[1]`],
  ],
  ["volumes", deployment({}, { volumes: [{ name: "v" }, { name: "w" }] }), [...pod, "volumes"], []],
  [
    "mounts",
    deployment({
      volumeMounts: [
        { name: "v", mountPath: "/a" },
        { name: "v", mountPath: "/a/b" },
      ],
    }),
    [...pod, "containers", 0, "volumeMounts"],
    [],
  ],
  [
    "ports of a Service",
    object("v1", "Service", {
      spec: {
        ports: [
          { port: 1, name: "a" },
          { port: 2, name: "b" },
        ],
      },
    }),
    ["spec", "ports"],
    [],
  ],
  [
    "mutating webhooks",
    webhooks("MutatingWebhookConfiguration"),
    ["webhooks"],
    ["changed .webhooks (the order differs)"],
  ],
  ["validating webhooks", webhooks("ValidatingWebhookConfiguration"), ["webhooks"], []],
  [
    "paths of an Ingress",
    ingress,
    ["spec", "rules", 0, "http", "paths"],
    [
      "changed .spec.rules[0].http.paths[0].backend.service.name",
      "changed .spec.rules[0].http.paths[0].path",
      "changed .spec.rules[0].http.paths[1].backend.service.name",
      "changed .spec.rules[0].http.paths[1].path",
    ],
  ],
  ["metrics of an autoscaler", autoscaler(metric("memory", 70), metric("cpu", 80)), ["spec", "metrics"], []],
  [
    "finalizers",
    object("v1", "ConfigMap", { metadata: { finalizers: ["a/b", "c/d"] } }),
    ["metadata", "finalizers"],
    [],
  ],
];

describe("the other way round", () => {
  test.each(rows)("%s", (_, desired, path, found) => {
    expect(told(desired, reordered(desired, path, [1, 0]))).toEqual(found);
  });

  test("every row of the tables has a reason", () => {
    for (const { reason } of [...orderRows, ...unorderedRows]) expect(reason).not.toBe("");
  });
});

describe("a list without order that also changed", () => {
  const both = autoscaler(metric("memory", 70), metric("cpu", 80));
  test("is told at the item that has no equal, where live has it", () => {
    expect(told(both, autoscaler(metric("cpu", 80), metric("memory", 50)))).toEqual([
      "changed .spec.metrics[1].resource.target.averageUtilization",
    ]);
  });
  test("is told whole where an item more is there", () => {
    expect(told(both, autoscaler(metric("cpu", 80), metric("memory", 70), metric("cpu", 80)))).toEqual([
      "changed .spec.metrics",
    ]);
  });
});

describe("keys", () => {
  const ports = (...list: JsonObject[]): KubeObject => deployment({ ports: list });
  test("a key that an item leaves out is its default, on either side", () => {
    const [bare, full] = [ports({ containerPort: 80 }), ports({ containerPort: 80, protocol: "TCP" })];
    expect(told(bare, full)).toEqual([]);
    expect(told(full, bare)).toEqual([]);
    expect(told(full, ports({ containerPort: 80, protocol: "UDP" }))).toHaveLength(2);
  });
  test("an item without any key is told by where it stands", () => {
    const live = ports({ containerPort: 80 });
    const broken = deployment({ ports: [{ containerPort: 80 }] }, { volumes: [{ emptyDir: {} }] });
    expect(told(live, broken)).toEqual([`added ${at}.volumes[0]`]);
  });
  test("one name twice, in live alone: the list as a whole, and the report says so", () => {
    const live = env(variable("A", "1"), variable("A", "evil"));
    const desired = env(variable("A", "1"));
    const path = `${at}.containers[name="c"].env`;
    expect(told(desired, live)).toEqual([`changed ${path} (duplicate keys: compared in order)`]);
    const { warnings } = diffObjects({ desired, live, schema: schemaOf(desired) });
    expect(warnings).toMatchObject([{ code: "duplicate-list-key", message: expect.stringContaining(path) as string }]);
  });
});

describe("fields that no schema knows", () => {
  const future = (fields: JsonObject): KubeObject => {
    const base = deployment(fields);
    return { ...base, spec: { ...(base["spec"] as JsonObject), ...fields } };
  };
  const custom = (fields: JsonObject): KubeObject => sample({ nested: fields });
  test.each([
    ["a built-in, and an item of its lists", future],
    ["a custom resource", custom],
  ])("%s: equal where live has them, pruned where it has not, told where they differ", (_, make) => {
    const desired = make({ brandNew: { a: 1, b: ["x"] }, futureField: 3 });
    expect(told(desired, make({ brandNew: { a: 1, b: ["x"] }, futureField: 3 }))).toEqual([]);
    expect(told(desired, make({}))).toEqual([]);
    const found = told(desired, make({ brandNew: { a: 2, b: ["x"] }, futureField: 3, more: 1 }));
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(line).toMatch(/^(?:changed .*\.brandNew\.a|added .*\.more)$/);
  });
});

describe("part of a default that is gone", () => {
  test("counts in a list that is all default, for nothing is filled in there", () => {
    const desired = autoscaler();
    const live = autoscaler({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } });
    expect(told(desired, live)).toEqual([
      "removed .spec.metrics[0].resource.target.averageUtilization (part of a default, which the server does not fill in again)",
    ]);
  });
  test("is no difference where the server fills it in again", () => {
    const live = defaultedDesired(deployment(), schemaOf(deployment()));
    const { progressDeadlineSeconds: _, ...spec } = getIn(live, "spec") as JsonObject;
    expect(isObject(spec) && told(deployment(), { ...live, spec })).toEqual([]);
  });
});

test("a null or an empty list of a built-in that the server gives back is absence", () => {
  const role = object("rbac.authorization.k8s.io/v1", "Role", { rules: [{ verbs: ["get"], resources: ["pods"] }] });
  expect(told(role, { ...role, rules: null })).toEqual(["removed .rules"]);
  expect(told(role, { ...role, rules: [] })).toEqual(["removed .rules"]);
  expect(
    told(deployment(), { ...deployment(), spec: { ...(deployment()["spec"] as JsonObject), replicas: null } }),
  ).toEqual([]);
});

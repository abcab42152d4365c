/** What is left of a desired object before defaults: nulls, zeros, empties, stringData. */
import { describe, expect, test } from "vitest";
import { defaultRows } from "../../src/compare/defaults.ts";
import { normaliseDesired } from "../../src/compare/normalise.ts";
import { isNeverStored, isReplaced, isSilent, keepsZero, shortTypeName } from "../../src/compare/zeros.ts";
import { getIn, type Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { deployment, object, sample, schemaOf } from "./schemas.ts";

const spec = ["spec", "template", "spec"];
const container = [...spec, "containers", "0"];

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (from, key) => (Array.isArray(from) ? from[Number(key)] : getIn(from, key)),
    value,
  );
}

type Row = readonly [name: string, object: KubeObject, path: readonly string[], left: Json | undefined];

const rows: readonly Row[] = [
  ["null is absence", deployment({ env: null }), [...container, "env"], undefined],
  ["a zero that says nothing", deployment({ tty: false }), [...container, "tty"], undefined],
  [
    "a zero that is a value",
    deployment({}, { shareProcessNamespace: false }),
    [...spec, "shareProcessNamespace"],
    false,
  ],
  ["replicas 0", deployment({}, {}, { replicas: 0 }), ["spec", "replicas"], 0],
  [
    "a zero that a default replaces",
    deployment({ livenessProbe: { failureThreshold: 0 } }),
    [...container, "livenessProbe", "failureThreshold"],
    undefined,
  ],
  ["an empty list", deployment({ args: [] }), [...container, "args"], undefined],
  ["an empty struct that is always there", deployment({ resources: {} }), [...container, "resources"], undefined],
  [
    "an empty struct that is a value",
    deployment({}, { volumes: [{ name: "v", emptyDir: {} }] }),
    [...spec, "volumes", "0", "emptyDir"],
    {},
  ],
  ["an entry that is null", object("v1", "ConfigMap", { data: { a: null } }), ["data", "a"], ""],
  [
    "an amount that is null",
    deployment({ resources: { limits: { cpu: null } } }),
    [...container, "resources", "limits", "cpu"],
    "0",
  ],
  ["a zero amount", deployment({ resources: { limits: { cpu: 0 } } }), [...container, "resources", "limits", "cpu"], 0],
  [
    "an unknown field: live shows whether the server knows it",
    deployment({ nothing: 1 }),
    [...container, "nothing"],
    1,
  ],
  ["an unknown null", deployment({ nothing: null }), [...container, "nothing"], undefined],
  [
    "a zero that the server always writes",
    object("batch/v1", "CronJob", { spec: { schedule: "" } }),
    ["spec", "schedule"],
    "",
  ],
  [
    "a null among free values",
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
      spec: { versions: [{ schema: { openAPIV3Schema: { enum: ["a", null] } } }] },
    }),
    ["spec", "versions", "0", "schema", "openAPIV3Schema", "enum", "1"],
    null,
  ],
  [
    "stringData over data",
    object("v1", "Secret", { data: { a: "eA==" }, stringData: { a: "é" } }),
    ["data", "a"],
    "w6k=",
  ],
  ["stringData itself", object("v1", "Secret", { stringData: { a: "b" } }), ["stringData"], undefined],
  ["a custom resource's zero", sample({ flag: false }), ["spec", "flag"], false],
  ["a custom resource's empty", sample({ nested: {} }), ["spec", "nested"], {}],
  ["a custom resource's null", sample({ text: null }), ["spec", "text"], undefined],
  ["a null that may be", sample({ nullableText: null }), ["spec", "nullableText"], null],
  ["a custom resource's unknown field", sample({ nothing: 1 }), ["spec", "nothing"], 1],
  ["a null entry", sample({ labels: { a: null } }), ["spec", "labels", "a"], undefined],
  ["a null entry that may be", sample({ nullableLabels: { a: null } }), ["spec", "nullableLabels", "a"], null],
  ["a null that may not be, though it is free", sample({ free: null }), ["spec", "free"], undefined],
  ["free content", sample({ free: { a: null } }), ["spec", "free", "a"], null],
  [
    "empties in a custom resource's metadata",
    object("example.com/v1", "Sample", { metadata: { labels: {} } }),
    ["metadata", "labels"],
    undefined,
  ],
];

describe("normalised", () => {
  test.each(rows)("%s", (_, desired, path, left) => {
    expect(at(normaliseDesired(desired, schemaOf(desired)), path)).toEqual(left);
  });

  test("what needs no change is the same object", () => {
    const one = deployment();
    expect(normaliseDesired(one, schemaOf(one))).toBe(one);
  });

  test("the file's object is left as it was", () => {
    const one = object("v1", "Secret", { data: {}, stringData: { a: "b" }, metadata: { labels: { a: null } } });
    const before = JSON.stringify(one);
    normaliseDesired(one, schemaOf(one));
    expect(JSON.stringify(one)).toBe(before);
  });
});

describe("tables", () => {
  test("names of types are told without their version", () => {
    expect(shortTypeName("io.k8s.api.core.v1.PodSpec")).toBe("core.PodSpec");
    expect(shortTypeName("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector")).toBe("meta.LabelSelector");
    expect(shortTypeName("com.example.v1.Thing")).toBe("com.example.v1.Thing");
    expect(keepsZero("io.k8s.api.core.v1.SecurityContext", "privileged")).toBe(true);
    expect(keepsZero("io.k8s.api.core.v1.PodSpec", "hostNetwork")).toBe(false);
    expect(isSilent("io.k8s.api.core.v1.LocalObjectReference", "name")).toBe(true);
    expect(isReplaced("io.k8s.api.rbac.v1.RoleRef", "apiGroup")).toBe(true);
    expect(isNeverStored("io.k8s.api.discovery.v1.Endpoint", "deprecatedTopology")).toBe(true);
    expect(isNeverStored("io.k8s.api.discovery.v1.Endpoint", "addresses")).toBe(false);
  });

  test("a default that is not one plain value says why", () => {
    const bare = defaultRows.filter((row) => typeof row.value === "function" || row.when !== undefined);
    expect(bare.filter((row) => row.reason === undefined)).toEqual([]);
  });

  test("a row that overrides computes its value", () => {
    expect(defaultRows.filter((row) => row.over === true && typeof row.value !== "function")).toEqual([]);
  });
});

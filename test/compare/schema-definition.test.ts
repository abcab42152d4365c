/** Definitions of custom kinds: what they may embed, and those that no server would take. */
import { describe, expect, test } from "vitest";
import { diffObjects } from "../../src/compare/diff.ts";
import { createSchemaIndex, type SchemaIndex } from "../../src/compare/schema-index.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { kindRef, type KindRef, type KubeObject } from "../../src/model/resource.ts";
import type { TypeNode } from "../../src/model/schema.ts";

const kind: KindRef = kindRef("example.com/v1", "A");

function definition(spec: JsonObject, rest: JsonObject = {}): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "a.example.com" },
    spec: { group: "example.com", names: { kind: "A", plural: "a" }, ...spec },
    ...rest,
  };
}

const version = (openAPIV3Schema: Json, name = "v1"): JsonObject => ({ name, schema: { openAPIV3Schema } });

function indexOf(schema: Json): SchemaIndex {
  const index = createSchemaIndex();
  index.addCrd(definition({ versions: [version(schema)] }));
  return index;
}

const typed = (properties: JsonObject): JsonObject => ({ type: "object", properties });
const text: JsonObject = { type: "string" };
const number: JsonObject = { type: "integer" };
const list = (items: Json): JsonObject => ({ type: "array", items });
const mapOf = (values: Json): JsonObject => ({ type: "object", additionalProperties: values });
const free: JsonObject = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const untypedFree: JsonObject = { "x-kubernetes-preserve-unknown-fields": true };

function compare(spec: JsonObject, one: JsonObject, other: JsonObject): readonly string[] {
  const schema = indexOf(typed({ spec: typed(spec) })).schemaFor(kind);
  if (schema === undefined) throw new Error("no schema");
  const make = (content: JsonObject): KubeObject => ({
    apiVersion: "example.com/v1",
    kind: "A",
    metadata: { name: "a" },
    spec: content,
  });
  const { differences } = diffObjects({ desired: make(one), live: make(other), schema });
  return differences.map(({ op, path }) => `${op} ${formatPath(path)}`);
}

describe("a built-in type inside a custom resource is known by its fields, and its amounts are amounts", () => {
  const resources = (amounts: JsonObject): JsonObject => ({ resources: typed(amounts) });
  const wrap =
    (name: string) =>
    (value: Json): JsonObject => ({ resources: { [name]: { cpu: value } } });
  test.each<readonly [string, JsonObject, (value: Json) => JsonObject]>([
    ["limits beside requests", resources({ limits: mapOf(text), requests: mapOf(text) }), wrap("limits")],
    ["limits beside requests, left free", resources({ limits: free, requests: free }), wrap("requests")],
    ["limits without a type", resources({ limits: untypedFree, requests: untypedFree }), wrap("limits")],
    ["requests alone", resources({ requests: mapOf(text) }), wrap("requests")],
    [
      "keys written out",
      resources({ limits: typed({ cpu: text, memory: text }), requests: mapOf(text) }),
      wrap("limits"),
    ],
    [
      "emptyDir",
      { emptyDir: typed({ medium: text, sizeLimit: text }) },
      (value) => ({ emptyDir: { sizeLimit: value } }),
    ],
    [
      "resourceFieldRef",
      { ref: typed({ containerName: text, divisor: text, resource: text }) },
      (value) => ({ ref: { divisor: value } }),
    ],
    [
      "overhead of a PodSpec",
      { pod: typed({ containers: list(free), overhead: mapOf(text), nodeSelector: mapOf(text) }) },
      (value) => ({ pod: { overhead: { cpu: value } } }),
    ],
    [
      "capacity of a claim's status",
      { status: typed({ accessModes: list(text), capacity: mapOf(text), phase: text }) },
      (value) => ({ status: { capacity: { storage: value } } }),
    ],
    [
      "target of a metric",
      { target: typed({ averageUtilization: number, averageValue: text, type: text, value: text }) },
      (value) => ({ target: { averageValue: value } }),
    ],
    [
      "a text with the pattern of old",
      { size: { type: "string", pattern: "^([0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$" } },
      (value) => ({ size: value }),
    ],
  ])("%s", (_, spec, make) => {
    expect(compare(spec, make("1000m"), make("1"))).toEqual([]);
    expect(compare(spec, make("1000m"), make("2"))).toHaveLength(1);
  });

  test.each<readonly [string, JsonObject, readonly [JsonObject, JsonObject], string]>([
    [
      "limits of another kind",
      { limits: typed({ channels: text, connections: text }) },
      [{ limits: { channels: "1000m" } }, { limits: { channels: "1" } }],
      "changed .spec.limits.channels",
    ],
    [
      "sizeLimit in a struct that is no emptyDir",
      { cache: typed({ sizeLimit: text, path: text }) },
      [{ cache: { sizeLimit: "1000m" } }, { cache: { sizeLimit: "1" } }],
      "changed .spec.cache.sizeLimit",
    ],
    ["a text", { size: text }, [{ size: "1000m" }, { size: "1" }], "changed .spec.size"],
    [
      "a finer amount, which only built-ins round",
      { resources: typed({ limits: mapOf(text), requests: mapOf(text) }) },
      [{ resources: { limits: { cpu: "0.0005" } } }, { resources: { limits: { cpu: "1m" } } }],
      "changed .spec.resources.limits.cpu",
    ],
  ])("not so %s", (_, spec, [one, other], expected) => {
    expect(compare(spec, one, other)).toEqual([expected]);
  });

  const certificate = typed({ duration: text, issuerRef: free, renewBefore: text, secretName: text });
  const units = (pattern: string): JsonObject => ({ every: { type: "string", pattern } });
  test.each<readonly [string, JsonObject, (value: Json) => JsonObject]>([
    ["by its format", { every: { type: "string", format: "duration" } }, (value) => ({ every: value })],
    ["by a pattern of units", units("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"), (value) => ({ every: value })],
    ["by the pattern of the Gateway API", units("^([0-9]{1,5}(h|m|s|ms)){1,4}$"), (value) => ({ every: value })],
    ["by the type it stands in", { certificate }, (value) => ({ certificate: { duration: value } })],
  ])("a duration %s", (_, spec, make) => {
    expect(compare(spec, make("1h"), make("60m"))).toEqual([]);
    expect(compare(spec, make("1h"), make("61m"))).toHaveLength(1);
  });

  test.each(["", "^[0-9]+(s|m)$", "^(s|m|h)+$"])("a text with the pattern %j is no duration", (pattern) => {
    expect(compare(units(pattern), { every: "1h" }, { every: "60m" })).toEqual(["changed .spec.every"]);
  });

  test("the default and the nullability of an amount stay its own", () => {
    const amounts = { ...mapOf(text), default: { cpu: "1" }, nullable: true };
    const schema = indexOf(typed({ resources: typed({ limits: amounts, requests: mapOf(text) }) })).schemaFor(kind);
    const at = (node: TypeNode | undefined, name: string) => (node?.type === "struct" ? node.field(name) : undefined);
    const limits = at(at(schema?.root, "resources"), "limits");
    expect([limits?.type, limits?.default, limits?.nullable]).toEqual(["map", { cpu: "1" }, true]);
  });
});

describe("a definition that no server would take is a problem with a place, never a throw", () => {
  let deep: JsonObject = { type: "string" };
  for (let level = 0; level < 10_000; level += 1) deep = typed({ a: deep });
  const circle: Record<string, Json> = { type: "object" };
  circle["properties"] = { one: circle, other: circle };
  let aliases: JsonObject = { type: "string" };
  for (let level = 0; level < 60; level += 1) aliases = typed({ a: aliases, b: aliases, c: aliases });

  test.each<readonly [string, Json, string]>([
    ["null", null, "the schema: is no object"],
    ["a number", 1, "the schema: is no object"],
    ["a list", [], "the schema: is no object"],
    ["properties that are none", typed({ spec: { properties: 1 } }), '.spec: "properties" is no object'],
    ["a property that is none", typed({ spec: typed({ a: true }) }), ".spec.a: is no object"],
    ["items as a list", typed({ spec: list([text, number]) }), '.spec: "items" is not one schema'],
    ["items that are none", typed({ spec: list("a") }), '.spec: "items" is not one schema'],
    ["additionalProperties that are none", typed({ spec: mapOf("a") }), '.spec: "additionalProperties" is no schema'],
    ["a type that is a list", typed({ spec: { type: ["string", "null"] } }), '.spec: "type" is no text'],
    [
      "a list type that nobody knows",
      typed({ spec: { ...list(text), "x-kubernetes-list-type": "bag" } }),
      '.spec: "x-kubernetes-list-type" is of no known kind',
    ],
    [
      "a map list without keys",
      typed({ spec: { ...list(free), "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": 7 } }),
      ".spec: a list of the type map has no keys",
    ],
    ["nesting of 10,000", deep, "is nested deeper than 100"],
    ["a circle", circle, "is nested deeper than 100"],
    ["aliases that make much out of little", aliases, "makes more than 300000 schemas"],
  ])("%s", (_, schema, expected) => {
    const index = indexOf(schema);
    expect(index.schemaFor(kind)).toBeUndefined();
    expect(index.problemFor(kind)).toMatchObject({
      code: "schema-failed",
      object: "CustomResourceDefinition a.example.com",
      message: expect.stringContaining(expected) as string,
    });
  });

  test.each<readonly [string, KubeObject]>([
    ["no schema", definition({ versions: [{ name: "v1" }] })],
    ["a schema that is null", definition({ versions: [{ name: "v1", schema: null }] })],
  ])("%s", (_, crd) => {
    const index = createSchemaIndex();
    index.addCrd(crd);
    expect([index.schemaFor(kind), index.problemFor(kind)?.message]).toEqual([
      undefined,
      "the schema of example.com/v1/A is missing",
    ]);
  });

  test.each<readonly [string, KubeObject]>([
    ["no spec", { ...definition({}), spec: null } as KubeObject],
    ["versions that are none", definition({ versions: 7 })],
    ["a version that is null", definition({ versions: [null, 1, "a", []] })],
    ["names that are none", definition({ names: 1, group: [], versions: [version(typed({}))] })],
    ["no metadata", { ...definition({ versions: [version(typed({}))] }), metadata: {} }],
  ])("%s defines nothing that anybody asks for", (_, crd) => {
    const index = createSchemaIndex();
    index.addCrd(crd);
    index.addCrd(crd);
    expect(index.schemaFor(kindRef("example.com/v2", "A"))).toBeUndefined();
    index.removeCrd("a.example.com");
    expect(index.schemaFor(kind)).toBeUndefined();
  });

  test("a broken version leaves the other one alone, and the published document stands in for it", () => {
    const index = createSchemaIndex();
    index.addCrd(definition({ versions: [version(typed({ a: text })), version(1, "v2")] }));
    const second = kindRef("example.com/v2", "A");
    expect(index.schemaFor(kind)?.root.type).toBe("struct");
    expect(index.schemaFor(second)).toBeUndefined();
    const published = {
      ...typed({ spec: typed({ b: text }) }),
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v2", kind: "A" }],
    };
    index.addOpenApi("example.com/v2", { components: { schemas: { "com.example.v2.A": published } } });
    const root = index.schemaFor(second)?.root;
    expect(root?.type === "struct" ? root.fields() : []).toContain("spec");
    index.addCrd(definition({ versions: [version(typed({ a: text })), version(typed({ c: text }), "v2")] }));
    expect([index.problemFor(second), index.schemaFor(second)?.builtIn]).toEqual([undefined, false]);
  });
});

describe("definitions of old, and of the same kind", () => {
  test("schemas that are alike but for their keys or default stay apart, and equal ones are the same node", () => {
    const keyed = (key: string) => ({
      ...list(typed({ a: text, b: text })),
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": [key],
    });
    const fields = {
      one: keyed("a"),
      other: keyed("b"),
      low: { ...number, default: 1 },
      high: { ...number, default: 2 },
    };
    const root = indexOf(typed({ spec: typed({ ...fields, again: keyed("a") }) })).schemaFor(kind)?.root;
    const spec = root?.type === "struct" ? root.field("spec") : undefined;
    const at = (name: string) => (spec?.type === "struct" ? spec.field(name) : undefined);
    const keysOf = (node: TypeNode | undefined) => (node?.type === "list" ? node.keys : undefined);
    expect([keysOf(at("one")), keysOf(at("other")), at("low")?.default, at("high")?.default]).toEqual([
      ["a"],
      ["b"],
      1,
      2,
    ]);
    expect(at("again")).toBe(at("one"));
  });

  test("preserveUnknownFields keeps every field, however deep", () => {
    const index = createSchemaIndex();
    index.addCrd(definition({ preserveUnknownFields: true, versions: [version(typed({ spec: typed({ a: text }) }))] }));
    const root = index.schemaFor(kind)?.root;
    const spec = root?.type === "struct" ? root.field("spec") : undefined;
    expect([root?.type === "struct" && root.keepsUnknown, spec?.type === "struct" && spec.keepsUnknown]).toEqual([
      true,
      true,
    ]);
    index.addCrd(definition({ preserveUnknownFields: true, versions: [{ name: "v1" }] }));
    const bare = index.schemaFor(kind)?.root;
    expect(bare?.type === "struct" && bare.keepsUnknown).toBe(true);
  });

  test("two versions each have their own fields", () => {
    const index = createSchemaIndex();
    index.addCrd(definition({ versions: [version(typed({ a: text })), version(typed({ b: text }), "v2")] }));
    const names = (apiVersion: string): readonly string[] => {
      const root = index.schemaFor(kindRef(apiVersion, "A"))?.root;
      return root?.type === "struct" ? root.fields() : [];
    };
    expect([names("example.com/v1"), names("example.com/v2")]).toEqual([
      ["apiVersion", "kind", "metadata", "a"],
      ["apiVersion", "kind", "metadata", "b"],
    ]);
  });

  test("one whose names another has already changes nothing", () => {
    const index = createSchemaIndex();
    index.addCrd(definition({ versions: [version(typed({ a: text }))] }));
    const refused = { conditions: [{ type: "NamesAccepted", status: "False" }] };
    const second = definition({ versions: [version(typed({ b: text }))] }, { status: refused });
    index.addCrd({ ...second, metadata: { name: "as.example.com" } });
    const root = index.schemaFor(kind)?.root;
    expect(root?.type === "struct" ? root.fields() : []).toContain("a");
    index.removeCrd("as.example.com");
    expect(index.schemaFor(kind)).toBeDefined();
  });
});

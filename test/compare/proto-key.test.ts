/** `__proto__` is a key like any other: never lost, never a prototype. */
import { describe, expect, test } from "vitest";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { createSchemaIndex, kindOf } from "../../src/compare/schema-index.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { object, schemaOf } from "./schemas.ts";

function found(desired: KubeObject, live: KubeObject): readonly string[] {
  const { differences } = diffObjects({ desired, live, schema: schemaOf(desired) });
  return differences.map(({ op, path }) => `${op} ${formatPath(path)}`);
}

describe("a key that is called __proto__", () => {
  const named = (value: Json): JsonObject =>
    JSON.parse(`{"__proto__": ${JSON.stringify(value)}, "a": "b"}`) as JsonObject;

  test("is a key like any other, in maps, labels, stringData and what a schema declares", () => {
    const map = (value: string): KubeObject =>
      object("v1", "ConfigMap", { data: named(value), metadata: { labels: named(value) } });
    expect(found(map("x"), map("x"))).toEqual([]);
    expect(found(map("x"), map("y"))).toEqual(["changed .data.__proto__", "changed .metadata.labels.__proto__"]);
    const secret = object("v1", "Secret", { stringData: named("x") });
    const stored = object("v1", "Secret", { data: { ...named("eA=="), a: "Yg==" } });
    expect(found(secret, stored)).toEqual([]);
    expect(found(secret, object("v1", "Secret", { data: { a: "Yg==" } }))).toEqual(["removed .data.__proto__"]);
  });

  test("is no prototype where a definition gives it a default", () => {
    const index = createSchemaIndex();
    const properties = JSON.parse('{"__proto__": {"type": "object", "default": {"polluted": 1}}}') as JsonObject;
    const schema = { type: "object", properties: { spec: { type: "object", properties } } };
    index.addCrd(
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
        metadata: { name: "as.example.com" },
        spec: {
          group: "example.com",
          names: { kind: "A" },
          versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }],
        },
      }),
    );
    const desired = object("example.com/v1", "A", { spec: {} });
    const kind = index.schemaFor(kindOf(desired));
    if (kind === undefined) throw new Error("no schema");
    const filled = defaultedDesired(desired, kind)["spec"] as JsonObject;
    expect([Object.keys(filled), filled["polluted"]]).toEqual([["__proto__"], undefined]);
  });
});

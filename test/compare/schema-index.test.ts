import { describe, expect, test } from "vitest";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { kindRef, type KubeObject } from "../../src/model/resource.ts";
import type { TypeNode } from "../../src/model/schema.ts";
import { customDefinition } from "./custom-objects.ts";
import { schemas } from "./schemas.ts";

function walk(apiVersion: string, kind: string, ...steps: readonly string[]): TypeNode | undefined {
  let at: TypeNode | undefined = schemas.schemaFor(kindRef(apiVersion, kind))?.root;
  for (const step of steps) {
    if (at?.type === "struct") at = at.field(step);
    else if (at?.type === "map") at = at.values();
    else if (at?.type === "list") at = at.items();
    else return undefined;
  }
  return at;
}

const podSpec = ["spec", "template", "spec"];
const container = [...podSpec, "containers", "*"];

function tell(node: TypeNode | undefined): string {
  if (node === undefined) return "nothing";
  if (node.type === "scalar") return node.scalar;
  if (node.type === "list") return [node.list, "list", ...node.keys].join(" ");
  return `${"atomic" in node && node.atomic ? "atomic " : ""}${node.type}`;
}

describe("built-in kinds", () => {
  test.each<readonly [string, string, readonly string[], string]>([
    ["apps/v1", "Deployment", ["metadata", "labels"], "map"],
    ["apps/v1", "Deployment", ["metadata", "finalizers"], "set list"],
    ["apps/v1", "Deployment", ["spec", "selector"], "atomic struct"],
    ["apps/v1", "Deployment", [...podSpec, "nodeSelector"], "atomic map"],
    ["apps/v1", "Deployment", [...podSpec, "containers"], "map list name"],
    ["apps/v1", "Deployment", [...container, "args"], "atomic list"],
    ["apps/v1", "Deployment", [...container, "ports"], "map list containerPort protocol"],
    ["apps/v1", "Deployment", [...container, "resources", "limits", "cpu"], "quantity"],
    ["apps/v1", "Deployment", [...container, "livenessProbe", "httpGet", "port"], "int-or-string"],
    ["apps/v1", "Deployment", [...podSpec, "tolerations"], "atomic list"],
    ["v1", "Secret", ["data", "k"], "bytes"],
    [
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      ["spec", "versions", "*", "schema", "openAPIV3Schema", "properties", "a", "properties", "b"],
      "struct",
    ],
    ["apps/v1", "Deployment", ["nothing"], "nothing"],
  ])("%s %s %j is a %s", (apiVersion, kind, steps, expected) => {
    expect(tell(walk(apiVersion, kind, ...steps))).toBe(expected);
  });

  test("are told from custom ones", () => {
    expect(schemas.schemaFor(kindRef("v1", "Pod"))?.builtIn).toBe(true);
    expect(schemas.schemaFor(kindRef("example.com/v1", "Sample"))?.builtIn).toBe(false);
    expect(schemas.schemaFor(kindRef("v1", "Nothing"))).toBeUndefined();
  });

  test("are the same nodes each time", () => {
    expect(schemas.schemaFor(kindRef("v1", "Pod"))).toBe(schemas.schemaFor(kindRef("v1", "Pod")));
  });
});

describe("custom kinds", () => {
  test.each<readonly [readonly string[], string]>([
    [["metadata", "annotations"], "map"],
    [["spec", "size"], "quantity"],
    [["spec", "port"], "int-or-string"],
    [["spec", "keyed"], "map list port protocol"],
    [["spec", "set"], "set list"],
    [["spec", "plain"], "atomic list"],
    [["spec", "free"], "untyped"],
    [["spec", "selector"], "atomic struct"],
    [["spec", "embedded", "metadata", "labels"], "map"],
    [["spec", "template", "resources", "limits", "cpu"], "quantity"],
  ])("%j is a %s", (steps, expected) => {
    expect(tell(walk("example.com/v1", "Sample", ...steps))).toBe(expected);
  });

  test("limits beside requests are amounts also where the schema leaves them free", () => {
    const free: JsonObject = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const resources: JsonObject = { type: "object", properties: { limits: free, requests: free } };
    const index = createSchemaIndex();
    index.addCrd(definition("a.example.com", { type: "object", properties: { resources } }));
    const root = index.schemaFor(kindRef("example.com/v1", "A"))?.root;
    const limits = root?.type === "struct" ? root.field("resources") : undefined;
    expect(limits?.type === "struct" ? tell(limits.field("limits")) : "").toBe("map");
  });
});

function definition(name: string, schema: JsonObject): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group: "example.com",
      names: { kind: "A", plural: "a" },
      versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }],
    },
  };
}

describe("the index", () => {
  test("forgets a CRD that is removed, and takes a new one at once", () => {
    const index = createSchemaIndex();
    const kind = kindRef("example.com/v1", "A");
    index.addCrd(definition("a.example.com", { type: "object", properties: { a: { type: "string" } } }));
    const first = index.schemaFor(kind);
    index.addCrd(definition("a.example.com", { type: "object", properties: { b: { type: "string" } } }));
    const second = index.schemaFor(kind);
    expect(first?.root.type === "struct" && first.root.fields().includes("a")).toBe(true);
    expect(second?.root.type === "struct" && second.root.fields().includes("b")).toBe(true);
    index.removeCrd("a.example.com");
    expect(index.schemaFor(kind)).toBeUndefined();
  });

  test("a CRD beats the published document", () => {
    const index = createSchemaIndex();
    const published = {
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Sample" }],
    };
    index.addOpenApi("example.com/v1", { components: { schemas: { "com.example.v1.Sample": published } } });
    expect(index.schemaFor(kindRef("example.com/v1", "Sample"))?.builtIn).toBe(false);
    index.addCrd(customDefinition);
    const root = index.schemaFor(kindRef("example.com/v1", "Sample"))?.root;
    expect(root?.type === "struct" && root.fields().includes("config")).toBe(true);
  });

  test("types have names within a document: neither an extension server nor a CRD's name changes a built-in", () => {
    const index = createSchemaIndex();
    const spec = "io.k8s.api.apps.v1.DeploymentSpec";
    const own = (kind: string, group: string, fields: JsonObject): JsonObject => ({
      components: {
        schemas: {
          [`io.k8s.api.apps.v1.${kind}`]: {
            type: "object",
            properties: { spec: { $ref: `#/components/schemas/${spec}` } },
            "x-kubernetes-group-version-kind": [{ group, version: "v1", kind }],
          },
          [spec]: { type: "object", properties: fields },
        },
      },
    });
    index.addOpenApi("apps/v1", own("Deployment", "apps", { replicas: { type: "integer" } }));
    index.addOpenApi("ext.example.com/v1", own("Other", "ext.example.com", { old: { type: "string" } }));
    const fieldsOf = (apiVersion: string, kind: string): readonly string[] => {
      const root = index.schemaFor(kindRef(apiVersion, kind))?.root;
      const node = root?.type === "struct" ? root.field("spec") : undefined;
      return node?.type === "struct" ? node.fields() : [];
    };
    expect(fieldsOf("apps/v1", "Deployment")).toEqual(["replicas"]);
    expect(fieldsOf("ext.example.com/v1", "Other")).toEqual(["old"]);
  });

  test("a document that is published again replaces what it said", () => {
    const index = createSchemaIndex();
    const document = (kind: string): JsonObject => {
      const gvk = [{ group: "apps", version: "v1", kind }];
      const schema = { type: "object", "x-kubernetes-group-version-kind": gvk };
      return { components: { schemas: { [`io.k8s.api.apps.v1.${kind}`]: schema } } };
    };
    for (let round = 0; round < 500; round += 1) index.addOpenApi("apps/v1", document(`Kind${round}`));
    expect(index.schemaFor(kindRef("apps/v1", "Kind498"))).toBeUndefined();
    expect(index.schemaFor(kindRef("apps/v1", "Kind499"))).toBeDefined();
    index.addOpenApi("apps/v1", null);
    expect(index.schemaFor(kindRef("apps/v1", "Kind499"))).toBeUndefined();
  });

  test("a document that is published again says what it said until all of the new one is read", () => {
    const index = createSchemaIndex();
    const gvk = [{ group: "apps", version: "v1", kind: "Kind" }];
    const type = (field: string): JsonObject => ({ type: "object", properties: { [field]: { type: "string" } } });
    const document = (field: string): JsonObject => ({
      components: { schemas: { Kind: { ...type(field), "x-kubernetes-group-version-kind": gvk }, Other: type("any") } },
    });
    const fields = (): readonly string[] => {
      const root = index.schemaFor(kindRef("apps/v1", "Kind"))?.root;
      return root?.type === "struct" ? [...root.fields()].filter((name) => ["old", "new"].includes(name)) : [];
    };
    index.addOpenApi("apps/v1", document("old"));
    const said: (readonly string[])[] = [];
    for (const _ of index.addingOpenApi("apps/v1", document("new"))) said.push(fields());
    expect([...said, fields()]).toEqual([["old"], ["old"], ["new"]]);
  });

  test("a broken type of a document is no schema, never a throw", () => {
    const index = createSchemaIndex();
    const broken: readonly Json[] = [null, 1, [], { properties: 1 }, { items: [] }, { allOf: [null] }, { $ref: 1 }];
    for (const schema of broken) {
      const gvk = [null, 1, { group: 1 }, { group: "", version: "v1", kind: "X" }];
      const root = { type: "object", properties: { a: schema }, "x-kubernetes-group-version-kind": gvk };
      index.addOpenApi("v1", {
        components: { schemas: { "io.k8s.api.core.v1.X": root, "io.k8s.api.core.v1.Y": schema } },
      });
      const node = index.schemaFor(kindRef("v1", "X"))?.root;
      const field = node?.type === "struct" ? node.field("a") : undefined;
      expect(field?.type === "struct" ? field.fields() : []).toEqual([]);
      expect(index.problemFor(kindRef("v1", "X"))).toBeUndefined();
    }
  });
});

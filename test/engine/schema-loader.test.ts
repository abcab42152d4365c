import { expect, test } from "vitest";
import type { KindsConcerned } from "../../src/engine/ports.ts";
import { createSchemaLoader, type SchemaLoaderPorts } from "../../src/engine/schema-loader.ts";
import type { Json } from "../../src/model/json.ts";
import type { Problem } from "../../src/model/problem.ts";
import { type KindRef, kindKey, type KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

const deployment: KindRef = { group: "apps", version: "v1", kind: "Deployment" };
const schema: KindSchema = { root: { type: "untyped" }, builtIn: true };
const brokenSchema: Problem = { code: "schema-failed", message: "the schema of apps/v1/Broken cannot be used" };
const widgets = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: { group: "example.com", names: { kind: "Widget" } },
} as KubeObject;

function open(fetchDocument: SchemaLoaderPorts["fetchDocument"], served = true, types = 0) {
  const known = new Set<string>();
  const told: (KindsConcerned | undefined)[] = [];
  const clock = new ManualClock();
  const loader = createSchemaLoader({
    index: {
      *addingOpenApi(groupVersion) {
        for (let type = 0; type < types; type += 1) yield;
        if (groupVersion === "apps/v1") known.add(kindKey(deployment));
      },
      addCrd: () => {},
      removeCrd: () => {},
      schemaFor: (kind) => (known.has(kindKey(kind)) ? schema : undefined),
      problemFor: (kind) => (kind.kind === "Broken" ? brokenSchema : undefined),
    },
    fetchDocument,
    scopeOf: () => (served ? "Namespaced" : undefined),
    changed: (kind) => void told.push(kind),
    clock,
    log: silentLog,
  });
  return { loader, told, clock };
}

test("nothing is judged before the definitions are known; then a document is fetched once, and told", async () => {
  let fetched = 0;
  const { loader, told } = open(() => Promise.resolve(((fetched += 1), {})));
  expect(loader.schemaFor(deployment)).toBe("loading");
  expect(fetched).toBe(0);
  loader.crdsSynced();
  expect([loader.schemaFor(deployment), loader.schemaFor(deployment)]).toEqual(["loading", "loading"]);
  await settle();
  expect(loader.schemaFor(deployment)).toBe(schema);
  expect(fetched).toBe(1);
  expect(told).toEqual([undefined, { group: "apps", version: "v1" }]);
});

test("a document of many types is read over several turns of the loop, and in force when it is read", async () => {
  const { loader, told } = open(() => Promise.resolve({}), true, 1_000);
  loader.crdsSynced();
  const turns: unknown[] = [];
  while (loader.schemaFor(deployment) === "loading") {
    turns.push(told.length);
    await settle();
  }
  expect(loader.schemaFor(deployment)).toBe(schema);
  expect(turns.length).toBeGreaterThan(2);
  expect(new Set(turns)).toEqual(new Set([1]));
});

test("a document that cannot be had is a problem that says why, and is asked for again", async () => {
  let answer: () => Promise<Json | undefined> = () => Promise.reject(new Error("no route"));
  const { loader, clock } = open(() => answer());
  loader.crdsSynced();
  loader.schemaFor(deployment);
  await settle();
  expect(loader.schemaFor(deployment)).toMatchObject({
    code: "schema-failed",
    message: expect.stringContaining("no route"),
  });
  answer = () => Promise.resolve({});
  await clock.advance(1_000);
  expect(loader.schemaFor(deployment)).toBe(schema);
});

test("a kind nobody serves is said to be just that", async () => {
  const { loader } = open(() => Promise.resolve(undefined), false);
  loader.crdsSynced();
  loader.schemaFor(deployment);
  await settle();
  expect(loader.schemaFor(deployment)).toMatchObject({ code: "kind-not-served" });
});

test("a definition concerns its own kind, and nobody while they are still being listed", () => {
  const { loader, told } = open(() => Promise.resolve({}));
  loader.crdApplied(widgets);
  expect(told).toEqual([]);
  loader.crdsSynced();
  loader.crdApplied(widgets);
  expect(told).toEqual([undefined, { group: "example.com", kind: "Widget" }]);
});

test("a definition that cannot be used is named, where the server has no document either", async () => {
  const { loader } = open(() => Promise.resolve({}));
  loader.crdsSynced();
  const broken = { ...deployment, kind: "Broken" };
  loader.schemaFor(broken);
  await settle();
  expect(loader.schemaFor(broken)).toBe(brokenSchema);
});

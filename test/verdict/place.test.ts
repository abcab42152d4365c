import { expect, test } from "vitest";
import { digestOf } from "../../src/model/canonical.ts";
import { declaredAt } from "../../src/model/desired.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { formatId, type KindRef, type KubeObject } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { placeObjects } from "../../src/verdict/place.ts";
import { declared } from "./pair-fixture.ts";

const scopes: Readonly<Record<string, "Namespaced" | "Cluster">> = { ConfigMap: "Namespaced", ClusterRole: "Cluster" };
const scopeOf = (kind: KindRef): "Namespaced" | "Cluster" | undefined => scopes[kind.kind];

function make(kind: string, metadata: JsonObject, others: JsonObject = {}): KubeObject {
  return { apiVersion: "v1", kind, metadata, ...others };
}

const place = (...objects: DesiredObject[]) => placeObjects(objects, { targetNamespace: "shop", scopeOf });
const placed = (...objects: KubeObject[]): readonly string[] =>
  place(...objects.map(declared)).objects.map((one) => formatId(one.id));

test.each([
  ["namespaced, names none: filled in", make("ConfigMap", { name: "a" }), "ConfigMap shop/a"],
  ["namespaced, names an empty one: filled in", make("ConfigMap", { name: "a", namespace: "" }), "ConfigMap shop/a"],
  ["namespaced, names another: kept", make("ConfigMap", { name: "a", namespace: "dev" }), "ConfigMap dev/a"],
  ["cluster-scoped, names none", make("ClusterRole", { name: "a" }), "ClusterRole a"],
  ["cluster-scoped, names one: dropped", make("ClusterRole", { name: "a", namespace: "dev" }), "ClusterRole a"],
  ["not served: as it stands", make("Widget", { name: "a" }), "Widget a"],
])("%s", (_, object, expected) => {
  expect(placed(object)).toEqual([expected]);
});

test("a CRD among the objects gives the scope of its kind", () => {
  const spec = { group: "", names: { kind: "Widget" }, scope: "Namespaced" };
  const crd = make("CustomResourceDefinition", { name: "widgets" }, { spec });
  expect(placed(crd, make("Widget", { name: "a" }))).toContain("Widget shop/a");
});

test("the object and its hash say where it will live; nothing else changes", () => {
  const object = make("ConfigMap", { name: "a", labels: { b: "c" } }, { data: { d: "e" } });
  const [one] = place(declared(object)).objects;
  const expected = { ...object, metadata: { name: "a", labels: { b: "c" }, namespace: "shop" } };
  expect(one?.object).toEqual(expected);
  expect(one?.hash).toBe(digestOf([digestOf(object), "shop"]));
});

test("the same id twice: both places are named, neither is judged, the others are", () => {
  const first = declaredAt(declared(make("ConfigMap", { name: "a" })), { file: "a.yaml", line: 3, index: 0 });
  const second = declaredAt(declared(make("ConfigMap", { name: "a", namespace: "shop" })), {
    file: "b.yaml",
    line: 7,
    index: 1,
  });
  const { objects, problems } = place(first, declared(make("ConfigMap", { name: "b" })), second);
  expect(objects.map((one) => one.id.name)).toEqual(["b"]);
  expect(problems).toEqual([
    {
      code: "duplicate-id",
      message: "declared 2 times: a.yaml:3, b.yaml:7; none of them is judged",
      file: "a.yaml",
      line: 3,
      object: "ConfigMap shop/a",
    },
  ]);
});

test("the same name in another group, kind or namespace is no duplicate", () => {
  const names = placed(
    make("ConfigMap", { name: "a" }),
    make("ConfigMap", { name: "a", namespace: "dev" }),
    make("ClusterRole", { name: "a" }),
    { ...make("ConfigMap", { name: "a" }), apiVersion: "example.com/v1" },
  );
  expect(names).toHaveLength(4);
});

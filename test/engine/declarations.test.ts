import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Declarations, single, type Placing } from "../../src/engine/declarations.ts";
import { idKey, type IdKey, type KindRef, type KubeObject } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { placeObjects, type Scope } from "../../src/verdict/place.ts";
import { configMap, declared } from "../support/scenario/samples.ts";

const scopes: Readonly<Record<string, Scope>> = { ConfigMap: "Namespaced", ClusterRole: "Cluster" };
const scopeOf = ({ kind }: KindRef): Scope | undefined => scopes[kind];
const shop: Placing = { targetNamespace: "shop", scopeOf };

function run<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/** What a store would hold after each snapshot. */
class Held {
  readonly declarations = new Declarations();
  readonly objects = new Map<IdKey, DesiredObject>();

  take(objects: readonly DesiredObject[], placing = shop): number {
    const touched = run(this.declarations.advance(objects, placing, (id) => this.objects.get(id)));
    for (const [id, now] of touched) {
      const object = single(now);
      if (object === undefined) this.objects.delete(id);
      else this.objects.set(id, object);
    }
    return touched.size;
  }

  expectAsPlaced(objects: readonly DesiredObject[], placing = shop): void {
    const { objects: kept, problems } = placeObjects(objects, placing);
    const held = [...this.objects].map(([id, { hash, source }]) => [id, hash, source] as const);
    expect(new Set(held.map((one) => JSON.stringify(one)))).toEqual(
      new Set(kept.map((one) => JSON.stringify([idKey(one.id), one.hash, one.source]))),
    );
    expect(new Set(this.declarations.problems().map(({ object }) => object))).toEqual(
      new Set(problems.map(({ object }) => object)),
    );
  }
}

const role = (name: string): KubeObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, namespace: "nowhere" },
});
const widget = (name: string): KubeObject => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name } });
const crd = (scope: Scope): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: { group: "example.com", names: { kind: "Widget" }, scope },
});

const pool: readonly DesiredObject[] = [
  ...["a", "b", "c", "d"].flatMap((name, at) => [
    declared(configMap(name, { size: "1" }), 10 * at),
    declared(configMap(name, { size: "2" }), 10 * at + 1),
    declared(configMap(name, { size: "1" }, "shop"), 10 * at + 2),
    declared(configMap(name, { size: "1" }, "other"), 10 * at + 3),
  ]),
  declared(role("r"), 50),
  declared(widget("w"), 51),
  declared(crd("Namespaced"), 52),
  declared(crd("Cluster"), 53),
];

test("whatever snapshots follow each other: what is declared is what placing the last one by itself gives", () => {
  const snapshot = fc.array(fc.constantFrom(...pool), { maxLength: 14, size: "max" });
  fc.assert(
    fc.property(fc.array(fc.tuple(snapshot, fc.constantFrom("shop", "other")), { maxLength: 6 }), (snapshots) => {
      const held = new Held();
      for (const [drawn, targetNamespace] of snapshots) {
        // Of two that define one kind, which one counts is not told by the order they come in.
        const definition = drawn.find(({ id }) => id.kind === "CustomResourceDefinition");
        const objects = drawn.filter((one) => one.id.kind !== "CustomResourceDefinition" || one === definition);
        held.take(objects, { targetNamespace, scopeOf });
        held.expectAsPlaced(objects, { targetNamespace, scopeOf });
      }
    }),
    { numRuns: 500 },
  );
});

test("the same instances touch nothing, wherever they stand; one other instance touches its id", () => {
  const held = new Held();
  const objects = Array.from({ length: 20 }, (_, at) => declared(configMap(`m${at}`, { size: "1" }), at));
  expect(held.take(objects)).toBe(20);
  expect(held.take([...objects])).toBe(0);
  expect(held.take(objects.toReversed())).toBe(0);
  expect(held.take(objects.toReversed().with(3, declared(configMap("m16", { size: "2" }), 16)))).toBe(1);
});

test("a scope that is another places anew what it concerns; it is known before anything is taken", () => {
  const held = new Held();
  const objects = [declared(widget("w"), 1), declared(configMap("a", {}), 2)];
  held.take(objects);
  expect([...held.objects.keys()]).toEqual(["example.com/Widget//w", "/ConfigMap/shop/a"]);
  const served: Placing = { targetNamespace: "shop", scopeOf: (kind) => scopeOf(kind) ?? "Namespaced" };
  expect(held.declarations.moved(shop)).toBe(false);
  expect(held.declarations.moved(served)).toBe(true);
  held.take(objects, served);
  held.expectAsPlaced(objects, served);
  expect(held.declarations.moved(served)).toBe(false);
});

test("several of one id are nobody's and are named in the order they stand in; one of them alone is declared again", () => {
  const held = new Held();
  const [first, second] = [
    declared(configMap("a", { size: "1" }), 1),
    declared(configMap("a", { size: "2" }, "shop"), 2),
  ];
  held.take([second, first]);
  expect([...held.objects]).toEqual([]);
  expect(held.declarations.problems()).toMatchObject([{ code: "duplicate-id", object: "ConfigMap shop/a" }]);
  expect(held.declarations.problems()[0]?.message).toMatch(
    /^declared 2 times: configmap-a\.yaml:1, configmap-a\.yaml:1;/,
  );
  held.take([second]);
  expect(held.objects.get(idKey(second.id))).toBe(second);
  expect(held.declarations.problems()).toEqual([]);
});

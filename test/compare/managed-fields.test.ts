import { describe, expect, test } from "vitest";
import { decodeManagedFields, managersOf, ownersOf, wiped } from "../../src/compare/managed-fields.ts";
import { isController, kindOfManager, managerRows } from "../../src/compare/managers.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { field, type Path, type PathElement } from "../../src/model/path.ts";

const item = (keys: JsonObject): PathElement => ({ type: "key", keys });
const at = (...parts: readonly (string | PathElement)[]): Path =>
  parts.map((part) => (typeof part === "string" ? field(part) : part));

function entry(manager: string, fieldsV1: JsonObject, changes: JsonObject = {}): JsonObject {
  const time = "2026-01-02T03:04:05Z";
  return { manager, operation: "Update", apiVersion: "apps/v1", time, fieldsType: "FieldsV1", fieldsV1, ...changes };
}

const decode = (...entries: JsonObject[]) => decodeManagedFields(JSON.stringify(entries), "apps/v1");

const containers = (name: string, fields: JsonObject): JsonObject => ({
  "f:spec": { "f:containers": { [`k:{"name":"${name}"}`]: { ".": {}, "f:name": {}, ...fields } } },
});
const web = at("spec", "containers", item({ name: "web" }));

function best(entries: readonly JsonObject[], path: Path, atomicDepth?: number): string {
  const [owner] = ownersOf(decode(...entries), path, atomicDepth);
  return owner === undefined ? "nobody" : `${owner.manager} ${owner.confidence}`;
}

describe("the grammar of field sets", () => {
  const port = item({ containerPort: 80, protocol: "TCP" });
  const tcp = 'k:{"containerPort":80,"protocol":"TCP"}';
  const udp = 'k:{"containerPort":80,"protocol":"UDP"}';
  test.each<readonly [string, JsonObject, Path, string]>([
    ["f: a field", { "f:spec": { "f:replicas": {} } }, at("spec", "replicas"), "exact"],
    ["f: a key with dots, slashes and colons", { "f:data": { "f:a.b/c:d": {} } }, at("data", "a.b/c:d"), "exact"],
    ["k: an item", containers("web", {}), web, "exact"],
    ["k: a field of an item", containers("web", { "f:image": {} }), [...web, field("image")], "exact"],
    ["k: keys in another order", { "f:p": { 'k:{"protocol":"TCP","containerPort":80}': {} } }, at("p", port), "exact"],
    [
      "k: an older entry without the key that got a default",
      { "f:p": { 'k:{"containerPort":80}': {} } },
      at("p", port),
      "ancestor",
    ],
    [
      "k: an entry with a key that the path lacks",
      { "f:p": { [tcp]: {} } },
      at("p", item({ containerPort: 80 })),
      "ancestor",
    ],
    [
      "k: two that agree in what both state are neither",
      { "f:p": { [tcp]: {}, [udp]: {} } },
      at("p", item({ containerPort: 80 })),
      "nobody",
    ],
    [
      "k: the exact one before the one that lacks a key",
      { "f:p": { 'k:{"containerPort":80}': {}, [tcp]: {} } },
      at("p", port),
      "exact",
    ],
    [
      "k: a number is not its text",
      { "f:p": { 'k:{"containerPort":"80","protocol":"TCP"}': {} } },
      at("p", port),
      "nobody",
    ],
    ["v: a set value", { "f:s": { 'v:"a"': {} } }, at("s", { type: "value", value: "a" }), "exact"],
    ["v: a number", { "f:s": { "v:7": {} } }, at("s", { type: "value", value: 7 }), "exact"],
    ["v: a number is not its text", { "f:s": { "v:7": {} } }, at("s", { type: "value", value: "7" }), "nobody"],
    [
      "v: an object, its fields in another order",
      { "f:s": { 'v:{"b":1,"a":null}': {} } },
      at("s", { type: "value", value: { a: null, b: 1 } }),
      "exact",
    ],
    ["v: true", { "f:s": { "v:true": {} } }, at("s", { type: "value", value: true }), "exact"],
    ["v: another set value", { "f:s": { 'v:"b"': {} } }, at("s", { type: "value", value: "a" }), "nobody"],
    ["i: an index", { "f:l": { "i:1": {} } }, at("l", { type: "index", index: 1 }), "exact"],
    ["a struct by all that is in it", { "f:spec": { "f:a": { "f:b": {} } } }, at("spec", "a"), "exact"],
    ["an empty set", {}, at("spec"), "nobody"],
    ["a prototype's name", { "f:data": { ".": {} } }, at("data", "constructor"), "ancestor"],
    ["broken keys", { "f:p": { "k:{": {}, "v:": {}, "x:": 3 } }, at("p", port), "nobody"],
  ])("%s", (_, fields, path, expected) => {
    expect(best([entry("m", fields)], path)).toBe(expected === "nobody" ? "nobody" : `m ${expected}`);
  });
});

describe("who owns a path", () => {
  test("the deepest: an entry for the map does not own what is in it", () => {
    const map = entry("creator", { "f:data": { ".": {} } });
    const key = entry("editor", { "f:data": { "f:a": {} } }, { time: "2025-01-01T00:00:00Z" });
    expect(best([map, key], at("data", "a"))).toBe("editor exact");
    expect(best([map], at("data", "a"))).toBe("creator ancestor");
  });

  test("of several exact owners the one that wrote last", () => {
    const fields = { "f:spec": { "f:replicas": {} } };
    const old = entry("old", fields, { time: "2025-01-01T00:00:00Z" });
    const late = entry("late", fields, { time: "2026-05-01T00:00:00Z" });
    expect(managersOf(decode(old, late), at("spec", "replicas"))).toEqual(["late", "old"]);
  });

  test("inside an atomic thing its owner, as an ancestor", () => {
    const owner = entry("m", { "f:spec": { "f:nodeSelector": {} } });
    expect(best([owner], at("spec", "nodeSelector", "disk"), 2)).toBe("m ancestor");
    expect(best([owner], at("spec", "nodeSelector"), 2)).toBe("m exact");
  });

  test("subresource and time as the entry has them; scale has no time", () => {
    const { time: _, ...scale } = entry("hpa", { "f:spec": { "f:replicas": {} } }, { subresource: "scale" });
    expect(ownersOf(decode(scale), at("spec", "replicas"))).toEqual([
      { manager: "hpa", operation: "Update", subresource: "scale", confidence: "exact" },
    ]);
  });

  test("an entry in another version is believed only roughly", () => {
    const foreign = entry("m", { "f:spec": { "f:replicas": {} } }, { apiVersion: "apps/v1beta1" });
    expect(best([foreign], at("spec", "replicas"))).toBe("m ancestor");
  });

  test.each([
    "",
    "[",
    "{}",
    "null",
    "[null, 3, {}]",
    '[{"manager":"m","fieldsType":"FieldsV2","fieldsV1":{"f:spec":{}}}]',
  ])("text that owns nothing: %s", (text) => {
    expect(ownersOf(decodeManagedFields(text), at("spec"))).toEqual([]);
  });
});

test("an entry of nobody's name, written at the same time, gives way to one with a name", () => {
  const fields = { "f:spec": { "f:replicas": {} } };
  expect(
    managersOf(decode(entry("before-first-apply", fields), entry("argocd-controller", fields)), at("spec", "replicas")),
  ).toEqual(["argocd-controller", "before-first-apply"]);
});

test("an entry with a hundred thousand items is read once: ten thousand questions do not read it again", () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `k:${JSON.stringify({ name: `n${index}` })}`);
  const items: JsonObject = Object.fromEntries(names.map((name) => [name, {}]));
  const managed = decode(entry("m", { "f:l": items }));
  const asked = Array.from({ length: 10_000 }, (_, index) =>
    ownersOf(managed, at("l", item({ name: `other${index}` }))),
  );
  expect(asked.filter((owners) => owners.length > 0)).toEqual([]);
});

describe("wiped", () => {
  const some = decode(entry("m", { "f:spec": {} }));
  test.each([
    ["[{}]", true],
    ["[]", true],
    ["", true],
    ['[{"manager":"x","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{}}]', true],
    ['[{"manager":"x","operation":"Update"}]', true],
    ['[{"manager":"x","operation":"Update","fieldsType":"FieldsV9","fieldsV9":{"f:spec":{}}}]', true],
  ])("from some to %j: %s", (text, expected) => {
    expect(wiped(decodeManagedFields(text), some)).toBe(expected);
  });

  test("from some to others, and from none to none: no", () => {
    expect(wiped(some, some)).toBe(false);
    expect(wiped(decodeManagedFields(""), decodeManagedFields("[]"))).toBe(false);
  });
});

describe("managers", () => {
  test.each(managerRows.map((row) => [row.name, row.kind] as const))("%s is a %s", (name, kind) => {
    const example = name.replace("*", "-x");
    expect(kindOfManager(example)).toBe(kind);
    expect(isController(example, "")).toBe(false);
  });

  test.each(["kube-controller-manager", "cert-manager-cainjector", "my-operator", "manager", "keda"])(
    "%s is a controller",
    (name) => {
      expect(isController(name, "")).toBe(true);
    },
  );

  test("a name in capitals is the same client", () => {
    expect(kindOfManager("Helm")).toBe("deployer");
    expect(kindOfManager("Mozilla")).toBe("person");
  });
});

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
      "exact",
    ],
    [
      "k: a number is not its text",
      { "f:p": { 'k:{"containerPort":"80","protocol":"TCP"}': {} } },
      at("p", port),
      "nobody",
    ],
    ["v: a set value", { "f:s": { 'v:"a"': {} } }, at("s", { type: "value", value: "a" }), "exact"],
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

describe("wiped", () => {
  const some = decode(entry("m", { "f:spec": {} }));
  test.each([
    ["[{}]", true],
    ["[]", true],
    ["", true],
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

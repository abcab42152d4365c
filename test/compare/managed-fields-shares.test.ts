import fastJsonPatch, { type Operation } from "fast-json-patch";
import { describe, expect, test } from "vitest";
import { letGo, sharesFields } from "../../src/compare/managed-fields-shares.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";

const ours = (fieldsV1: JsonObject, changes: JsonObject = {}): JsonObject => ({
  manager: "plumbline",
  operation: "Update",
  apiVersion: "v1",
  time: "2026-01-02T03:04:05Z",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...changes,
});
const deployer = (fieldsV1: JsonObject, changes: JsonObject = {}): JsonObject =>
  ours(fieldsV1, { manager: "flux", operation: "Apply", ...changes });

/** What is left of the managed fields, by patching an object of them; "nothing to do" where no patch is made. */
function after(entries: readonly JsonObject[], declared: Json): readonly Json[] | "nothing to do" {
  const plan = letGo(JSON.stringify(entries), "plumbline", declared);
  if (plan === undefined) return "nothing to do";
  const object = { metadata: { managedFields: structuredClone(entries) } };
  const patched = fastJsonPatch.applyPatch(object, plan.operations as unknown as Operation[], true).newDocument;
  return patched.metadata.managedFields;
}

const data = (...names: readonly string[]): JsonObject => ({
  "f:data": Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
});
const of = (...names: readonly string[]): JsonObject => ({
  data: Object.fromEntries(names.map((name) => [name, "x"])),
});
const web = 'k:{"name":"web"}';
const inWeb = (fields: JsonObject): JsonObject => ({ "f:containers": { [web]: fields } });
const probe = {
  ".": {},
  "f:failureThreshold": {},
  "f:httpGet": { ".": {}, "f:path": {}, "f:port": {}, "f:scheme": {} },
};
const declaredProbe = { httpGet: { path: "/", port: 80 } };

describe("what stays ours", () => {
  test.each<readonly [string, JsonObject, JsonObject, Json, JsonObject | "gone" | "nothing to do"]>([
    ["a field that the deployer owns too: let go of", data("a"), data("a"), of("a"), "gone"],
    ["one that nobody else owns: kept", data("a"), data("b"), of("a", "b"), "nothing to do"],
    ["of two the one that is shared: only it is let go of", data("a", "b"), data("a"), of("a", "b"), data("b")],
    [
      "a map in which the deployer has something: the map too",
      { "f:data": { ".": {}, "f:a": {} } },
      data("a"),
      of("a"),
      "gone",
    ],
    [
      "a map in which others have other things: the map alone is no reason to write",
      { "f:data": { ".": {}, "f:a": {} } },
      { "f:data": { ".": {}, "f:b": {} } },
      of("a", "b"),
      "nothing to do",
    ],
    [
      "a map that is let go of beside a field that is not",
      { "f:data": { ".": {}, "f:a": {}, "f:b": {} } },
      data("a"),
      of("a", "b"),
      data("b"),
    ],
    [
      "what Git does not declare was filled in by the server within our write: let go of with the rest",
      { "f:livenessProbe": probe },
      { "f:livenessProbe": { "f:httpGet": { "f:path": {}, "f:port": {} } } },
      { livenessProbe: declaredProbe },
      "gone",
    ],
    [
      "but alone it is no reason to write",
      { "f:data": { "f:a": {} }, "f:immutable": {} },
      { "f:immutable": {} },
      of("a"),
      "nothing to do",
    ],
    [
      "an item of a list by its keys",
      inWeb({ ".": {}, "f:name": {}, "f:image": {}, "f:imagePullPolicy": {} }),
      inWeb({ ".": {}, "f:name": {}, "f:image": {} }),
      { containers: [{ name: "web", image: "x" }] },
      "gone",
    ],
    [
      "an item in which another manager has a field, and which it does not own: kept",
      inWeb({ ".": {}, "f:name": {}, "f:image": {} }),
      inWeb({ "f:image": {} }),
      { containers: [{ name: "web", image: "x" }] },
      inWeb({ ".": {}, "f:name": {} }),
    ],
    [
      "another item of the same list",
      inWeb({ ".": {}, "f:name": {} }),
      { "f:containers": { 'k:{"name":"db"}': { ".": {}, "f:name": {} } } },
      { containers: [{ name: "web" }, { name: "db" }] },
      "nothing to do",
    ],
    ["a value of a set", { "f:s": { 'v:"a"': {} } }, { "f:s": { 'v:"a"': {} } }, { s: ["a"] }, "gone"],
    ["a list that is one whole", { "f:args": {} }, { "f:args": {} }, { args: ["a"] }, "gone"],
    [
      "a whole of the deployer's is not the parts of ours",
      { "f:args": { "f:a": {} } },
      { "f:args": {} },
      { args: { a: 1 } },
      "nothing to do",
    ],
    [
      "an index: found again by nothing, so kept unless it is shared",
      { "f:l": { "i:0": {} } },
      data("a"),
      { l: [1] },
      "nothing to do",
    ],
    ["a key that is the name of a prototype", data("constructor"), data("a"), of("a"), "nothing to do"],
    ["nothing that Git declares", data("a"), data("a"), of("b"), "nothing to do"],
  ])("%s", (_, own, other, declared, expected) => {
    const left = after([deployer(other), ours(own)], declared);
    const wanted =
      expected === "nothing to do"
        ? expected
        : [deployer(other), ...(expected === "gone" ? [] : [ours(expected as JsonObject)])];
    expect(left).toEqual(wanted);
  });
});

describe("whose entries count", () => {
  test.each<readonly [string, readonly JsonObject[], boolean]>([
    ["another manager's, by Apply", [ours(data("a")), deployer(data("a"))], true],
    ["another manager's, by Update", [ours(data("a")), deployer(data("a"), { operation: "Update" })], true],
    ["another manager's, of a subresource", [ours(data("a")), deployer(data("a"), { subresource: "scale" })], true],
    ["our own, by Apply: not another's", [ours(data("a")), ours(data("a"), { operation: "Apply" })], false],
    [
      "our own of a subresource is not touched",
      [ours(data("a"), { subresource: "status" }), deployer(data("a"))],
      false,
    ],
    ["our own Apply is not touched", [ours(data("a"), { operation: "Apply" }), deployer(data("a"))], false],
    ["in another version it names other fields", [ours(data("a")), deployer(data("a"), { apiVersion: "v2" })], false],
    ["of another kind than FieldsV1", [ours(data("a")), deployer(data("a"), { fieldsType: "FieldsV2" })], false],
    ["a name that only begins as ours", [ours(data("a"), { manager: "plumbline2" }), deployer(data("a"))], false],
  ])("%s", (_, entries, shared) => {
    expect(sharesFields(JSON.stringify(entries), "plumbline")).toBe(shared);
    expect(letGo(JSON.stringify(entries), "plumbline", of("a")) !== undefined).toBe(shared);
  });
});

test("several entries of ours, each in its version: each patched at its own place, from the last", () => {
  const v2 = { apiVersion: "v2" };
  const entries = [
    ours(data("a")),
    deployer(data("a", "b")),
    ours(data("a", "b"), v2),
    deployer(data("b"), v2),
    deployer(data("z"), { manager: "hpa", subresource: "scale" }),
  ];
  expect(after(entries, of("a", "b"))).toEqual([entries[1], ours(data("a"), v2), entries[3], entries[4]]);
  const plan = letGo(JSON.stringify(entries), "plumbline", of("a", "b"));
  expect(plan?.operations.map(({ op, path }) => `${String(op)} ${String(path)}`)).toEqual([
    "test /metadata/managedFields/2/manager",
    "replace /metadata/managedFields/2/fieldsV1",
    "test /metadata/managedFields/0/manager",
    "remove /metadata/managedFields/0",
  ]);
  expect(plan?.fields).toBe(2);
});

test.each(["", "[", "{}", "null", "[null]", "[{}]", '[3, {"manager":"plumbline"}]'])(
  "text that owns nothing: %s",
  (text) => {
    expect(sharesFields(text, "plumbline")).toBe(false);
    expect(letGo(text, "plumbline", of("a"))).toBeUndefined();
  },
);

test("an entry that is none makes each index doubtful: nothing is done", () => {
  const text = JSON.stringify([null, ours(data("a")), deployer(data("a"))]);
  expect(letGo(text, "plumbline", of("a"))).toBeUndefined();
});

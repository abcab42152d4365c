import { expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { decodeManagedFields } from "../../src/compare/managed-fields.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { field } from "../../src/model/path.ts";
import { attribute } from "../../src/verdict/attribute.ts";
import { managedEntry } from "./pair-fixture.ts";

const decode = (...entries: JsonObject[]) => decodeManagedFields(JSON.stringify(entries));
const owned = (manager: string): JsonObject => managedEntry(manager, { "f:spec": { "f:paused": {}, "f:list": {} } });
const at: Difference = { op: "changed", path: [field("spec"), field("paused")], tokens: [], desired: 1, live: 2 };
const removed: Difference = { op: "removed", path: at.path, tokens: [], desired: 1 };
const before = { managed: decode(owned("deployer")), resourceVersion: "40" };
const nobody = { manager: "", operation: "", subresource: "", confidence: "unknown" };

test("a change: its deepest owner", () => {
  expect(attribute(at, { managed: decode(owned("editor")), resourceVersion: "41", before })).toMatchObject({
    manager: "editor",
    confidence: "exact",
  });
});

test("a change nobody owns: unknown", () => {
  expect(attribute(at, { managed: decode(), resourceVersion: "41", before })).toEqual(nobody);
});

test("a removal: unknown, with the owner before and the two versions between which it went", () => {
  // The editor owns other things; that says nothing about who took this away.
  const managed = decode(managedEntry("editor", { "f:spec": { "f:other": {} } }));
  expect(attribute(removed, { managed, resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
});

test("a removal, nothing remembered: unknown, and nobody is named", () => {
  expect(attribute(removed, { managed: decode(owned("editor")), resourceVersion: "41" })).toEqual(nobody);
});

test("a removal out of an atomic thing: whoever wrote the thing", () => {
  const inside: Difference = { ...removed, path: [field("spec"), field("list"), field("k")], atomicDepth: 2 };
  expect(attribute(inside, { managed: decode(owned("editor")), resourceVersion: "41" })).toMatchObject({
    manager: "editor",
    confidence: "ancestor",
  });
});

test("another order of a merged list: unknown; of an atomic one: its owner", () => {
  const order: Difference = { ...at, path: [field("spec"), field("list")], desired: ["a", "b"], live: ["b", "a"] };
  const evidence = { managed: decode(owned("editor")), resourceVersion: "41" };
  expect(attribute(order, evidence)).toEqual(nobody);
  expect(attribute({ ...order, atomicDepth: 2 }, evidence)).toMatchObject({ manager: "editor", confidence: "exact" });
});

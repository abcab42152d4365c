import { expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { duplicatesNote } from "../../src/compare/finding.ts";
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

test("a change nobody is on record for: unknown, with the owner before", () => {
  expect(attribute(at, { managed: decode(), resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
  expect(attribute(at, { managed: decode(), resourceVersion: "41" })).toEqual(nobody);
});

test("an addition nobody is on record for: unknown, and nobody owned it before", () => {
  const added: Difference = { op: "added", path: at.path, tokens: [], live: 2 };
  expect(attribute(added, { managed: decode(), resourceVersion: "41", before })).toEqual(nobody);
});

test("owning what is around it is no ownership: whoever made the map did not own what went from it", () => {
  const map = managedEntry("maker", { "f:spec": { ".": {} } });
  const around = { managed: decode(map), resourceVersion: "40" };
  expect(attribute(removed, { managed: decode(), resourceVersion: "41", before: around })).toEqual(nobody);
});

test("the last entry of an atomic map goes with the map: unknown, with the map's owner before", () => {
  const inside: Difference = { ...removed, path: [field("spec"), field("list"), field("k")], atomicDepth: 2 };
  expect(attribute(inside, { managed: decode(), resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
});

test("an atomic map that went as a whole: whoever owns what encloses it did not take it", () => {
  const inside: Difference = { ...removed, path: [field("spec"), field("list"), field("k")], atomicDepth: 2 };
  const rest = managedEntry("deployer", { "f:spec": { ".": {}, "f:paused": {} } });
  expect(attribute(inside, { managed: decode(rest), resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
});

test("an entry that went from an atomic map: whoever wrote the map since", () => {
  const inside: Difference = { ...removed, path: [field("spec"), field("list"), field("k")], atomicDepth: 2 };
  expect(attribute(inside, { managed: decode(owned("editor")), resourceVersion: "41", before })).toMatchObject({
    manager: "editor",
    confidence: "ancestor",
  });
});

test("another item in a merged list: whoever wrote in it last, and not for sure", () => {
  const twice: Difference = { ...at, path: [field("spec"), field("list")], desired: ["a"], live: ["a", "b"] };
  const maker = managedEntry("maker", { "f:spec": { "f:list": { ".": {}, 'v:"a"': {} } } });
  const later = managedEntry("editor", { "f:spec": { "f:list": { 'v:"b"': {} } } }, { time: "2026-11-21T11:30:00Z" });
  expect(attribute(twice, { managed: decode(maker, later), resourceVersion: "41" })).toMatchObject({
    manager: "editor",
    confidence: "ancestor",
  });
});

test("inside a list with duplicate keys: whoever wrote in the list last, and not for sure", () => {
  const port: Difference = {
    ...at,
    path: [field("spec"), field("list"), { type: "index", index: 0 }, field("port")],
    atomicDepth: 2,
    note: duplicatesNote,
  };
  const maker = managedEntry("maker", {
    "f:spec": { "f:list": { ".": {}, 'k:{"port":80}': { ".": {}, "f:port": {} } } },
  });
  const edited = { "f:spec": { "f:list": { 'k:{"port":81}': { ".": {}, "f:port": {} } } } };
  const later = managedEntry("editor", edited, { time: "2026-11-21T11:30:00Z" });
  expect(attribute(port, { managed: decode(maker, later), resourceVersion: "41" })).toMatchObject({
    manager: "editor",
    confidence: "ancestor",
  });
});

test("an entry that stands for nobody is named, and believed for nothing", () => {
  for (const manager of ["before-first-apply", "unknown", "ancient-changes"])
    expect(attribute(at, { managed: decode(owned(manager)), resourceVersion: "41" })).toMatchObject({
      manager,
      confidence: "unknown",
    });
});

test("a removal: unknown, with the owner before and the two versions between which it went", () => {
  // The editor owns other things; that says nothing about who took this away.
  const managed = decode(managedEntry("editor", { "f:spec": { "f:other": {} } }));
  expect(attribute(removed, { managed, resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
});

test("a removal by applying a zero, which the server drops: whoever applied it holds the path still", () => {
  const applied = managedEntry("team-b", { "f:spec": { "f:paused": {} } }, { operation: "Apply" });
  expect(attribute(removed, { managed: decode(applied), resourceVersion: "41", before })).toMatchObject({
    manager: "team-b",
    confidence: "exact",
  });
  const around = managedEntry("team-b", { "f:spec": { ".": {} } }, { operation: "Apply" });
  expect(attribute(removed, { managed: decode(around), resourceVersion: "41" })).toEqual(nobody);
});

test("a removal that leaves an empty list behind: whoever emptied it holds the path still", () => {
  expect(attribute(removed, { managed: decode(owned("editor")), resourceVersion: "41", before })).toMatchObject({
    manager: "editor",
    confidence: "exact",
  });
});

test("a removal that an entry from before outlived: whoever deployed is not accused", () => {
  expect(attribute(removed, { managed: before.managed, resourceVersion: "41", before })).toEqual({
    ...nobody,
    previous: { manager: "deployer", after: "40", before: "41" },
  });
});

test("a removal, nothing remembered: unknown, and nobody is named", () => {
  const managed = decode(managedEntry("editor", { "f:spec": { "f:other": {} } }));
  expect(attribute(removed, { managed, resourceVersion: "41" })).toEqual(nobody);
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

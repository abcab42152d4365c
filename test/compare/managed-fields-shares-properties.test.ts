/** Whatever is owned by whom: others keep what they have, nothing that Git declares loses its last owner, and it ends. */
import fastJsonPatch, { type Operation } from "fast-json-patch";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { letGo, sharesFields } from "../../src/compare/managed-fields-shares.ts";
import { isObject, type Json, type JsonObject } from "../../src/model/json.ts";

const manager = "plumbline";

/** An object of nested maps, a keyed list and a set, small enough that managers meet. */
const leaf: fc.Arbitrary<Json> = fc.constantFrom<Json>("x", 1, true, ["one", "whole"]);
const objectOf = (inner: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.record({ a: inner, b: inner, c: inner }, { requiredKeys: [] });
const items = fc
  .uniqueArray(fc.constantFrom("p", "q", "r"), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) => fc.record({ name: fc.constant(name), a: leaf, b: leaf }, { requiredKeys: ["name"] })),
    ),
  );
const object: fc.Arbitrary<JsonObject> = fc.record(
  { a: leaf, m: objectOf(fc.oneof(leaf, objectOf(leaf))), items, s: fc.uniqueArray(fc.constantFrom("u", "v")) },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

type Keys = readonly string[];

/** Every place of an object that can be owned: fields, items and values. Items are `k:`, values of the set `v:`. */
function placesOf(value: Json, at: Keys = []): readonly Keys[] {
  if (isObject(value))
    return Object.entries(value).flatMap(([name, below]) => [
      [...at, `f:${name}`],
      ...placesOf(below, [...at, `f:${name}`]),
    ]);
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item) => {
    if (isObject(item)) {
      const key = [...at, `k:${JSON.stringify({ name: item["name"] })}`];
      return [key, ...placesOf(item, key)];
    }
    return at.at(-1) === "f:s" ? [[...at, `v:${JSON.stringify(item)}`]] : [];
  });
}

type Draft = { [key: string]: Draft };

function treeOf(members: readonly Keys[]): JsonObject {
  const root: Draft = {};
  const nodeAt = (keys: Keys): Draft => {
    let node = root;
    for (const key of keys) node = node[key] ??= {};
    return node;
  };
  for (const keys of members) nodeAt(keys);
  for (const keys of members) {
    const node = nodeAt(keys);
    if (Object.keys(node).some((key) => key !== ".")) node["."] = {};
  }
  return root;
}

function membersOf(node: Json | undefined, at: Keys = []): readonly string[] {
  if (!isObject(node)) return [];
  const names = Object.keys(node).filter((name) => name !== ".");
  const own = at.length > 0 && (names.length === 0 || Object.hasOwn(node, ".")) ? [at.join("\n")] : [];
  return [...own, ...names.flatMap((name) => membersOf(node[name], [...at, name]))];
}

const entryOf = (name: string, members: readonly Keys[], operation: string): JsonObject => ({
  manager: name,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1: treeOf(members),
});

const scene = fc.tuple(object, object).chain(([declared, extra]) => {
  const live = { ...extra, ...declared };
  const places = [...placesOf(live)];
  const owned = places.length === 0 ? fc.constant([]) : fc.subarray(places);
  const other = fc.tuple(fc.constantFrom("flux", "kubectl-edit", "hpa"), owned, fc.constantFrom("Apply", "Update"));
  return fc.record({
    declared: fc.constant(declared),
    own: owned,
    others: fc.array(other, { maxLength: 3 }),
    at: fc.nat(3),
  });
});

function stage({
  own,
  others,
  at,
}: {
  own: readonly Keys[];
  others: readonly (readonly [string, readonly Keys[], string])[];
  at: number;
}): JsonObject[] {
  const entries = others.map(([name, members, operation]) => entryOf(name, members, operation));
  entries.splice(Math.min(at, entries.length), 0, entryOf(manager, own, "Update"));
  return entries;
}

const patch = (entries: readonly JsonObject[], operations: readonly JsonObject[]): readonly JsonObject[] =>
  fastJsonPatch.applyPatch(
    { metadata: { managedFields: structuredClone(entries) } },
    operations as unknown as Operation[],
    true,
  ).newDocument.metadata.managedFields;

const isOurs = (entry: JsonObject): boolean => entry["manager"] === manager;
const fieldsOf = (entries: readonly JsonObject[]): readonly string[] =>
  entries.flatMap((entry) => [...membersOf(entry["fieldsV1"])]);

test("others keep all they have, nothing declared loses its last owner, and once is enough", () => {
  let done = 0;
  fc.assert(
    fc.property(scene, (found) => {
      const entries = stage(found);
      const text = JSON.stringify(entries);
      const plan = letGo(text, manager, found.declared);
      if (plan === undefined) return;
      done += 1;
      expect(sharesFields(text, manager)).toBe(true);
      const left = patch(entries, plan.operations);
      expect(left.filter((entry) => !isOurs(entry))).toEqual(entries.filter((entry) => !isOurs(entry)));
      const before = fieldsOf(entries.filter(isOurs));
      const after = fieldsOf(left.filter(isOurs));
      expect(before).toEqual(expect.arrayContaining([...after]));
      expect(after.length).toBe(before.length - plan.fields);
      expect(plan.fields).toBeGreaterThan(0);
      const owned = new Set(fieldsOf(left));
      const declared = new Set(placesOf(found.declared).map((keys) => keys.join("\n")));
      for (const one of before) {
        if (!declared.has(one)) continue;
        // A field is there, and its owner's, as long as something in it is; an item has to be owned itself.
        const within =
          one.slice(one.lastIndexOf("\n") + 1).startsWith("f:") &&
          [...owned].some((other) => other.startsWith(`${one}\n`));
        expect(owned.has(one) || within, one).toBe(true);
      }
      expect(letGo(JSON.stringify(left), manager, found.declared)).toBeUndefined();
    }),
    { numRuns: 3_000 },
  );
  // The scenes are such that managers do meet.
  expect(done).toBeGreaterThan(500);
});

const junk = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    fc.dictionary(
      fc.oneof(fc.constantFrom(".", "f:a", "k:{", "k:{}", "v:", "i:0", "f:__proto__", "__proto__"), fc.string()),
      tie("node"),
      {
        maxKeys: 4,
      },
    ),
  ),
})).node;

test("whatever the entries are: an answer that patches them, and never a throw", () => {
  const entry = fc.record(
    {
      manager: fc.oneof(fc.constantFrom(manager, "flux"), junk),
      operation: fc.oneof(fc.constantFrom("Apply", "Update"), junk),
      apiVersion: fc.oneof(fc.constant("v1"), junk),
      subresource: fc.oneof(fc.constant(""), junk),
      fieldsType: fc.oneof(fc.constant("FieldsV1"), junk),
      fieldsV1: junk,
    },
    { requiredKeys: ["manager"] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(entry, junk), { maxLength: 4 }), junk, (entries, declared) => {
      const text = JSON.stringify(entries);
      sharesFields(text, manager);
      const plan = letGo(text, manager, declared);
      if (plan === undefined) return;
      const parsed = JSON.parse(text) as JsonObject[];
      const left = patch(parsed, plan.operations);
      expect(left.length).toBeGreaterThan(0);
      expect(left.length).toBeLessThanOrEqual(parsed.length);
    }),
    { numRuns: 2_000 },
  );
});

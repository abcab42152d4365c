/**
 * What holds for every built-in kind, whatever its fields: objects are made from the schemas that Plumbline was released
 * with, and every place of each is changed once. Nothing of the comparison is used to say where a change must be found.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDefaults, prepareDesired } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { normaliseDesired } from "../../src/compare/normalise.ts";
import { hasPath } from "../../src/compare/place.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { canonicalJson } from "../../src/model/canonical.ts";
import { isArray, isObject, type Json } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { builtInObjects } from "./built-in-objects.ts";
import { customObjects } from "./custom-objects.ts";
import { mutationsOf, type Mutation } from "./mutations.ts";
import { builtInKinds, drawFrom, objectOf, type KnownKind } from "./schema-objects.ts";
import { schemas } from "./schemas.ts";

const kinds = builtInKinds();
const name = ({ kind }: KnownKind): string => `${kind.group}/${kind.version} ${kind.kind}`;
const objectsOf = ({ kind, schema }: KnownKind): fc.Arbitrary<KubeObject> =>
  fc.gen().map((gen) => objectOf(kind, schema, drawFrom(gen, fc.nat)));

const told = (desired: KubeObject, live: KubeObject, schema: KnownKind["schema"]): readonly string[] =>
  diffObjects({ desired, live, schema }).differences.map(({ op, path }) => `${op} ${formatPath(path)}`);

/** The same with the keys of every map the other way round, and lists as they are. */
function reversed(value: Json): Json {
  if (isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, entry]) => [key, reversed(entry)]));
}

test("there are schemas of more than sixty kinds", () => {
  expect(kinds.length).toBeGreaterThan(60);
});

describe.each(kinds.map((known) => [name(known), known] as const))("%s", (_, known) => {
  const { schema } = known;

  test("is in sync with its defaults, normalised once, filled in once, whatever the order of keys", () => {
    fc.assert(
      fc.property(objectsOf(known), (desired) => {
        const { stated, defaulted } = prepareDesired(desired, schema);
        expect(told(desired, defaulted, schema), "as the server stores it").toEqual([]);
        expect(told(defaulted, defaulted, schema), "taken from the server into Git").toEqual([]);
        expect(told(desired, reversed(defaulted) as KubeObject, schema), "in another order").toEqual([]);
        expect(canonicalJson(normaliseDesired(stated, schema))).toBe(canonicalJson(stated));
        expect(canonicalJson(applyDefaults(defaulted, schema))).toBe(canonicalJson(defaulted));
      }),
      { numRuns: 8 },
    );
  });

  test("a change at any place is found there, and nowhere else", () => {
    fc.assert(
      fc.property(objectsOf(known), (desired) => {
        expect(missed(desired, schema)).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});

/** Found as it must be: at its path, or below where something with parts came or went. */
function isFound({ what, path, found }: Mutation, differences: readonly string[]): boolean {
  const at = formatPath(path);
  const paths = differences.map((line) => line.slice(line.indexOf(" ") + 1));
  if (what === "key edited") return paths.length >= 2 && paths.includes(at);
  return found === "exactly" ? paths.join() === at : paths.length > 0 && paths.every((one) => one.startsWith(at));
}

/** What live loses counts only where Git states it, and where the server would not fill the same in again. */
function counts({ loses, path, live }: Mutation, stated: KubeObject, schema: KnownKind["schema"]): boolean {
  if (!loses) return true;
  return hasPath(stated, path) && !hasPath(applyDefaults(live, schema), path);
}

function missed(desired: KubeObject, schema: KnownKind["schema"]): readonly string[] {
  const { stated, defaulted } = prepareDesired(desired, schema);
  return mutationsOf(defaulted, schema).flatMap((mutation) => {
    if (!counts(mutation, stated, schema)) return [];
    const found = told(desired, mutation.live, schema);
    return isFound(mutation, found) ? [] : [`${mutation.what} ${formatPath(mutation.path)}: ${found.join()}`];
  });
}

describe("real objects", () => {
  const known = [...builtInObjects, ...customObjects].flatMap(([title, object]) => {
    const schema = schemas.schemaFor(kindOf(object));
    return schema === undefined ? [] : [[title, object, schema] as const];
  });
  test.each(known)("%s: a change at any place is found there", (_, object, schema) => {
    expect(missed(object, schema)).toEqual([]);
  });
});

describe("sets", () => {
  const values = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
  const sample = (set: readonly string[]): KubeObject => ({
    apiVersion: "example.com/v1",
    kind: "Sample",
    metadata: { name: "it", finalizers: set.map((one) => `example.com/${one}`) },
    spec: { set },
  });
  const schema = schemas.schemaFor({ group: "example.com", version: "v1", kind: "Sample" });
  const swapped = (line: string): string =>
    line.startsWith("added ") ? line.replace("added", "removed") : line.replace("removed", "added");

  test("what one side has, the other lacks, and their order is none", () => {
    if (schema === undefined) throw new Error("no schema");
    fc.assert(
      fc.property(values, values, (one, other) => {
        const there = told(sample(one), sample(other), schema);
        const back = told(sample(other), sample(one), schema);
        expect(back.map(swapped).toSorted()).toEqual(there.toSorted());
        expect(told(sample(one), sample(one.toReversed()), schema)).toEqual([]);
      }),
    );
  });
});

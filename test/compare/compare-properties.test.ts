/** What holds for every object: reflexive, idempotent, order of keys and of keyed items without meaning, never a throw. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDefaults, defaultedDesired } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { normaliseDesired } from "../../src/compare/normalise.ts";
import { sameJson } from "../../src/compare/same-json.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { isArray, isObject, type Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { builtInObjects } from "./built-in-objects.ts";
import { customObjects } from "./custom-objects.ts";
import { deployment, schemaOf, schemas } from "./schemas.ts";

const known = [...builtInObjects, ...customObjects].filter(([, one]) => schemas.schemaFor(kindOf(one)) !== undefined);

function reversed(value: Json): Json {
  if (isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, entry]) => [key, reversed(entry)]),
  );
}

describe.each(known)("%s", (_, desired) => {
  const schema = schemaOf(desired);
  test("with its defaults is in sync", () => {
    const live = defaultedDesired(desired, schema);
    expect(diffObjects({ desired, live, schema }).differences).toEqual([]);
    expect(diffObjects({ desired, live: reversed(live) as KubeObject, schema }).differences).toEqual([]);
  });
  test("is normalised once, and filled in once", () => {
    const normal = normaliseDesired(desired, schema);
    expect(sameJson(normaliseDesired(normal, schema), normal)).toBe(true);
    const filled = applyDefaults(normal, schema);
    expect(sameJson(applyDefaults(filled, schema), filled)).toBe(true);
  });
});

describe("any JSON", () => {
  const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>;
  const kinds = [
    ["apps/v1", "Deployment"],
    ["v1", "Secret"],
    ["v1", "Service"],
    ["example.com/v1", "Sample"],
  ] as const;
  const names = [
    "spec",
    "data",
    "stringData",
    "template",
    "containers",
    "env",
    "ports",
    "name",
    "labels",
    "selector",
    "keyed",
  ];
  const keyed = fc.dictionary(fc.constantFrom(...names), json) as fc.Arbitrary<Record<string, Json>>;
  const anything = fc.tuple(fc.constantFrom(...kinds), keyed, keyed).map(([[apiVersion, kind], spec, rest]) => {
    return { ...rest, apiVersion, kind, metadata: { name: "a", ...spec }, spec } as unknown as KubeObject;
  });

  test("is compared without a throw, and is in sync with itself", () => {
    fc.assert(
      fc.property(anything, anything, (desired, other) => {
        const schema = schemaOf(desired);
        diffObjects({ desired, live: other, schema, previous: other });
        const live = defaultedDesired(desired, schema);
        return diffObjects({ desired, live, schema }).differences.length === 0;
      }),
      { numRuns: 300 },
    );
  }, 20_000);

  test("a thousand times too deep is a difference, not a stack overflow", () => {
    const nest = (end: Json): Json => {
      let value: Json = end;
      for (let level = 0; level < 10_000; level += 1) value = { spec: value, list: [1] };
      return value;
    };
    for (const kind of ["Deployment", "ConfigMap"]) {
      const base =
        kind === "Deployment" ? deployment() : ({ apiVersion: "v1", kind, metadata: { name: "a" } } as const);
      const schema = schemaOf(base);
      const deep = (end: Json): KubeObject => ({ ...base, spec: nest(end), data: nest(end) }) as unknown as KubeObject;
      expect(() => diffObjects({ desired: deep(1), live: deep(2), schema })).not.toThrow();
    }
  });

  test("a map of a hundred thousand entries is compared entry by entry", () => {
    const data = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, "v"]));
    const desired: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data };
    const live = { ...desired, data: { ...data, k7: "x" } };
    expect(diffObjects({ desired, live, schema: schemaOf(desired) }).differences).toHaveLength(1);
  });
});

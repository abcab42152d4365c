/** Input that breaks its schema, its size or its shape: differences or a named problem, in bounded depth, never a throw. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { diffObjects, type Comparison } from "../../src/compare/diff.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { decodeManagedFields } from "../../src/compare/managed-fields.ts";
import { redactPath } from "../../src/compare/redact.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { suppress } from "../../src/compare/suppress.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import { builtInObjects } from "./built-in-objects.ts";
import { customObjects } from "./custom-objects.ts";
import { deployment, object, sample, schemaOf, schemas } from "./schemas.ts";

function compare(desired: KubeObject, live: KubeObject): Comparison {
  return diffObjects({ desired, live, schema: schemaOf(desired) });
}

function found(desired: KubeObject, live: KubeObject): readonly string[] {
  return compare(desired, live).differences.map(({ op, path }) => `${op} ${formatPath(path)}`);
}

function withSpec(live: KubeObject, spec: Json): KubeObject {
  return { ...live, spec };
}

const wrong: readonly (readonly [string, Json])[] = [
  ["null", null],
  ["a text", "text"],
  ["a number", 7],
  ["a truth", true],
  ["a list", [1, null, [2]]],
  ["an object", { a: { b: null } }],
];

describe("a live object that breaks its schema", () => {
  const desired = deployment(
    { env: [{ name: "A", value: "1" }], ports: [{ containerPort: 80, protocol: "TCP" }] },
    { hostNetwork: true },
  );

  test.each(wrong)("%s where the spec should be is told at the spec or in it", (name, value) => {
    const told = found(desired, withSpec(desired, value));
    expect(told.length).toBeGreaterThan(0);
    expect(
      told.every((line) => line.includes(" .spec")),
      name,
    ).toBe(true);
  });

  test.each(wrong)("%s where the containers should be is told at the list or in it", (_, value) => {
    const template = { metadata: { labels: { app: "it" } }, spec: { containers: value, hostNetwork: true } };
    const told = found(desired, withSpec(desired, { selector: { matchLabels: { app: "it" } }, template }));
    expect(told.length).toBeGreaterThan(0);
    expect(told.every((line) => line.includes(" .spec.template.spec.containers"))).toBe(true);
  });

  test.each(wrong.filter(([, value]) => typeof value !== "object"))(
    "%s where an item should be is told",
    (_, value) => {
      const live = deployment({ env: [value], ports: [{ containerPort: 80, protocol: "TCP" }] }, { hostNetwork: true });
      expect(found(desired, live)).toEqual(['changed .spec.template.spec.containers[name="c"].env[0]']);
    },
  );

  test.each(wrong.filter(([name]) => name !== "null"))(
    "%s where labels should be is told, there or in them",
    (_, value) => {
      const labelled = { ...desired, metadata: { ...desired.metadata, labels: { a: "b" } } };
      const told = found(labelled, { ...labelled, metadata: { ...labelled.metadata, labels: value } });
      expect(told.length).toBeGreaterThan(0);
      expect(told.every((line) => line.includes(".metadata.labels"))).toBe(true);
    },
  );

  test.each(wrong.filter(([name]) => name !== "an object"))(
    "%s where a quantity should be is told at its key",
    (_, value) => {
      const wanted = deployment({ resources: { limits: { cpu: "1" } } });
      const live = deployment({ resources: { limits: { cpu: value } } });
      expect(found(wanted, live)).toHaveLength(1);
    },
  );

  test("what Git writes against the schema is told too", () => {
    for (const [, value] of wrong) {
      const odd = { ...desired, spec: value, metadata: { ...desired.metadata, labels: value } } as KubeObject;
      expect(() => compare(odd, desired)).not.toThrow();
      expect(found(odd, defaultedDesired(odd, schemaOf(odd)))).toEqual([]);
    }
  });
});

describe("null everywhere", () => {
  function nulled(value: Json): Json {
    if (isArray(value)) return value.map(() => null);
    if (!isObject(value)) return null;
    return Object.fromEntries(Object.keys(value).map((key) => [key, null]));
  }

  test.each([...builtInObjects, ...customObjects].filter(([, one]) => schemas.schemaFor(kindOf(one)) !== undefined))(
    "%s",
    (_, one) => {
      const empty = Object.fromEntries(
        Object.entries(one).map(([key, value]) => [
          key,
          key === "apiVersion" || key === "kind" ? value : nulled(value),
        ]),
      ) as unknown as KubeObject;
      const bare: KubeObject = { ...empty, metadata: { name: "it" } };
      expect(() => [compare(one, bare), compare(bare, one), compare(empty, one)]).not.toThrow();
      expect(found(bare, bare).every((line) => / [.[]/.test(line))).toBe(true);
    },
  );
});

describe("duplicate keys", { timeout: 60_000 }, () => {
  test("in a keyed list make it one that is compared in order, and are named", () => {
    const twice = (value: string) => [
      { name: "A", value: "1" },
      { name: "A", value },
    ];
    const same = compare(deployment({ env: twice("2") }), deployment({ env: twice("2") }));
    const { differences, warnings } = compare(deployment({ env: twice("2") }), deployment({ env: twice("3") }));
    expect(same.differences).toEqual([]);
    expect(differences.map(({ path }) => formatPath(path))).toEqual([
      '.spec.template.spec.containers[name="c"].env[1].value',
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["duplicate-list-key"]);
  });

  test("a hundred thousand of them are no more than a long list", () => {
    const many = (value: string): JsonObject[] => Array.from({ length: 100_000 }, () => ({ name: "A", value }));
    const { differences, warnings } = compare(deployment({ env: many("1") }), deployment({ env: many("1") }));
    expect([differences.length, warnings.length]).toEqual([0, 1]);
  });
});

// Not a timing: the slack of a machine that does other things too.
describe("a hundred thousand entries", { timeout: 60_000 }, () => {
  const entries = (change: (index: number) => Json): JsonObject =>
    Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, change(index)]));

  test.each<readonly [string, KubeObject, KubeObject, readonly string[]]>([
    [
      "of a ConfigMap",
      object("v1", "ConfigMap", { data: entries(() => "v") }),
      object("v1", "ConfigMap", { data: entries((index) => (index === 7 ? "x" : "v")) }),
      ["changed .data.k7"],
    ],
    [
      "of the labels",
      object("v1", "ConfigMap", { metadata: { labels: entries(() => "v") } }),
      object("v1", "ConfigMap", { metadata: { labels: entries((index) => (index === 7 ? "x" : "v")) } }),
      ["changed .metadata.labels.k7"],
    ],
    [
      "of a keyed list",
      deployment({ env: Array.from({ length: 100_000 }, (_, at) => ({ name: `A${at}`, value: "1" })) }),
      deployment({ env: Array.from({ length: 99_999 }, (_, at) => ({ name: `A${at}`, value: "1" })) }),
      ['removed .spec.template.spec.containers[name="c"].env[name="A99999"]'],
    ],
    [
      "of a set",
      object("v1", "ConfigMap", { metadata: { finalizers: Array.from({ length: 100_000 }, (_, at) => `f/${at}`) } }),
      object("v1", "ConfigMap", { metadata: { finalizers: Array.from({ length: 99_999 }, (_, at) => `f/${at + 1}`) } }),
      ['removed .metadata.finalizers[="f/0"]'],
    ],
    [
      "of an atomic list",
      deployment({ args: Array.from({ length: 100_000 }, (_, at) => `a${at}`) }),
      deployment({ args: Array.from({ length: 99_999 }, (_, at) => `a${at}`) }),
      ['changed .spec.template.spec.containers[name="c"].args'],
    ],
    ["that a schema does not know", sample({ free: entries(() => 1) }), sample({ free: entries(() => 1) }), []],
  ])("%s", (_, desired, live, expected) => {
    expect(found(desired, live)).toEqual(expected);
  });
});

describe("nesting of 10,000", { timeout: 60_000 }, () => {
  function nest(end: Json, step: (inner: Json) => Json): Json {
    let value = end;
    for (let level = 0; level < 10_000; level += 1) value = step(value);
    return value;
  }
  const steps: readonly (readonly [string, (inner: Json) => Json])[] = [
    ["of objects", (inner) => ({ a: inner })],
    ["of lists", (inner) => [inner]],
    ["of schemas", (inner) => ({ properties: { a: inner } })],
  ];
  test.each(
    steps.flatMap(([name, step]) =>
      (["Deployment", "ConfigMap", "Sample"] as const).map((kind) => [name, kind, step] as const),
    ),
  )("%s in a %s is a difference where it differs, and none where it does not", (_, kind, step) => {
    const apiVersion = { Deployment: "apps/v1", ConfigMap: "v1", Sample: "example.com/v1" }[kind];
    const make = (end: Json): KubeObject =>
      object(apiVersion, kind, { spec: { free: nest(end, step) }, data: { a: nest(end, step) } });
    const desired = make(1);
    expect(found(desired, defaultedDesired(make(1), schemaOf(desired)))).toEqual([]);
    expect(found(desired, make(2)).length).toBeGreaterThan(0);
  });

  test("of a schema within a definition", () => {
    const crd = (end: Json): KubeObject =>
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
        spec: {
          group: "example.com",
          versions: [{ name: "v1", schema: { openAPIV3Schema: nest(end, (inner) => ({ properties: { a: inner } })) } }],
        },
      });
    expect(found(crd({ type: "string" }), crd({ type: "string" }))).toEqual([]);
    expect(found(crd({ type: "string" }), crd({ type: "integer" }))).toHaveLength(1);
  });
});

describe("any JSON under any kind", { timeout: 60_000 }, () => {
  const json = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>;
  const samples = [...builtInObjects, ...customObjects].map(([, one]) => one);
  const known = samples.filter((one) => schemas.schemaFor(kindOf(one)) !== undefined);

  /** A real object with anything in any one place, or another kind's fields. */
  const broken = fc
    .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(40), json), { maxLength: 4 }))
    .map(([one, edits]) => {
      let made: Json = one;
      for (const [at, value] of edits) made = replaceAt(made, { left: at }, value);
      return { ...(made as KubeObject), apiVersion: one.apiVersion, kind: one.kind, metadata: metadataOf(made) };
    });

  test("is compared, suppressed and shown without a throw, and is in sync with itself", () => {
    fc.assert(
      fc.property(broken, broken, json, (desired, other, entry) => {
        const schema = schemaOf(desired);
        const { differences } = diffObjects({ desired, live: other, schema, previous: other });
        const managed = decodeManagedFields(JSON.stringify([entry, entry]), desired.apiVersion);
        const settings = { addedFields: "TrustControllers", ignore: [], sensitive: [] } as const;
        const facts = noFacts;
        suppress(differences, { desired, live: other, managed, schema, facts, settings, desiredIgnore: [], now: 0 });
        for (const { path } of differences) redactPath(kindOf(desired), path, []);
        return inSyncWithItself(desired, schema);
      }),
      { numRuns: 400 },
    );
  });

  function inSyncWithItself(desired: KubeObject, schema: KindSchema): boolean {
    const live = defaultedDesired(desired, schema);
    return diffObjects({ desired, live, schema }).differences.length === 0;
  }
});

function metadataOf(made: Json): JsonObject {
  const metadata = getIn(made, "metadata");
  return isObject(metadata) ? metadata : {};
}

/** The value with one of its places, counted depth first, put to another. */
function replaceAt(value: Json, place: { left: number }, other: Json): Json {
  if (place.left === 0) {
    place.left -= 1;
    return other;
  }
  place.left -= 1;
  if (isArray(value)) return value.map((item) => (place.left < 0 ? item : replaceAt(item, place, other)));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, place.left < 0 ? entry : replaceAt(entry, place, other)]),
  );
}

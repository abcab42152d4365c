import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { decodeManagedFields, holdersOf, ownsNothing } from "../../src/compare/managed-fields.ts";
import { ownersDeclare } from "../../src/compare/deployers.ts";
import type { Json } from "../../src/model/json.ts";
import { field, type Path, type PathElement } from "../../src/model/path.ts";
import { attribute } from "../../src/verdict/attribute.ts";
import { deployment } from "../verdict/pair-fixture.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const key = fc.oneof(
  fc.constantFrom(
    "f:spec",
    "f:a.b/c",
    ".",
    "k:{}",
    'k:{"name":"a"}',
    'k:{"name":',
    "v:",
    "v:1",
    'v:"x"',
    "i:0",
    "f:",
    "x",
  ),
  fc.string(),
);
const tree: fc.Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof({ maxDepth: 5 }, json, fc.dictionary(key, tie("node"), { maxKeys: 4 })),
})).node;
const entry = fc.oneof(
  json,
  fc.record(
    {
      manager: json,
      operation: fc.oneof(fc.constantFrom("Apply", "Update", "Create"), json),
      apiVersion: fc.oneof(fc.constant("apps/v1"), json),
      time: fc.oneof(fc.constant("2026-01-01T00:00:00Z"), json),
      subresource: json,
      fieldsType: fc.oneof(fc.constantFrom("FieldsV1", "FieldsV2"), json),
      fieldsV1: tree,
    },
    { requiredKeys: [] },
  ),
);
const text = fc.oneof(
  fc.array(entry, { maxLength: 4 }).map((list) => JSON.stringify(list)),
  fc.array(entry, { maxLength: 4 }).chain((list) => {
    const whole = JSON.stringify(list);
    return fc.nat(whole.length).map((length) => whole.slice(0, length));
  }),
  fc.string(),
);
const element: fc.Arbitrary<PathElement> = fc.oneof(
  fc.oneof(fc.constantFrom("spec", "a.b/c", "__proto__", "constructor"), fc.string()).map(field),
  fc.dictionary(fc.string(), json, { maxKeys: 2 }).map((keys): PathElement => ({ type: "key", keys })),
  json.map((value): PathElement => ({ type: "value", value })),
  fc.nat(3).map((index): PathElement => ({ type: "index", index })),
);
const path: fc.Arbitrary<Path> = fc.array(element, { maxLength: 5 });
const difference: fc.Arbitrary<Difference> = fc.record(
  {
    op: fc.constantFrom("added", "changed", "removed"),
    path,
    tokens: fc.constant([]),
    desired: json,
    live: json,
    atomicDepth: fc.nat(5),
  },
  { requiredKeys: ["op", "path", "tokens"] },
) as fc.Arbitrary<Difference>;

test("whatever ownership says, truncated or made up: an answer, and never a throw", () => {
  fc.assert(
    fc.property(text, text, difference, (now, before, one) => {
      const managed = decodeManagedFields(now, "apps/v1");
      const owner = attribute(one, { managed, resourceVersion: "2", before: { managed: decodeManagedFields(before) } });
      expect(["exact", "ancestor", "unknown"]).toContain(owner.confidence);
      if (owner.manager === "") expect(owner.confidence).toBe("unknown");
      expect(typeof ownersDeclare(holdersOf(managed, one.path), managed, deployment())).toBe("boolean");
      expect(typeof ownsNothing(managed)).toBe("boolean");
    }),
    { numRuns: 2_000 },
  );
});

test("a set and a value nested ten thousand deep: an answer in bounded time", () => {
  const deep = (open: string, close: string): string => `${open.repeat(10_000)}{}${close.repeat(10_000)}`;
  const managed = decodeManagedFields(`[{"manager":"m","fieldsType":"FieldsV1","fieldsV1":${deep('{"f:a":', "}")}}]`);
  const long: Path = Array.from({ length: 10_000 }, () => field("a"));
  expect(() =>
    attribute({ op: "added", path: long, tokens: [], live: 1 }, { managed, resourceVersion: "1" }),
  ).not.toThrow();
});

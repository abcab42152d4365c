import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesPath, parsePath, splitPaths } from "../../src/compare/selector.ts";
import { field, formatPath, type Path, type PathElement } from "../../src/model/path.ts";

const item = (name: string): PathElement => ({ type: "key", keys: { name } });
const value = (of: string): PathElement => ({ type: "value", value: of });
const at = (...parts: readonly (string | PathElement)[]): Path =>
  parts.map((part) => (typeof part === "string" ? field(part) : part));

const image = at("spec", "containers", item("web"), "image");
const desired = { spec: { containers: [{ name: "web" }, { name: "side" }], tags: ["a", "b"] } };

function matches(text: string, path: Path): boolean {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return matchesPath(parsed.value, path, desired);
}

describe("matching", () => {
  test.each<readonly [string, Path, boolean]>([
    [".spec.replicas", at("spec", "replicas"), true],
    ["spec.replicas", at("spec", "replicas"), true],
    [".spec", at("spec", "replicas"), true],
    [".spec.replicas", at("spec"), false],
    [".spec.replica", at("spec", "replicas"), false],
    ['.spec.containers[name="web"].image', image, true],
    [".spec.containers[name=web].image", image, true],
    [".spec.containers[name='web'].image", image, true],
    ['.spec.containers[name="side"].image', image, false],
    [".spec.containers[*].image", image, true],
    [".spec.containers.*.image", image, true],
    [".spec.containers[*].args", image, false],
    ['.metadata.annotations["a.b/c"]', at("metadata", "annotations", "a.b/c"), true],
    ['.metadata.annotations["a.b/c"]', at("metadata", "annotations", "a.b/d"), false],
    ["/metadata/annotations/a.b~1c", at("metadata", "annotations", "a.b/c"), true],
    ["/metadata/annotations/a~0b", at("metadata", "annotations", "a~b"), true],
    ['.spec.tags[="a"]', at("spec", "tags", value("a")), true],
    ['.spec.tags[="a"]', at("spec", "tags", value("x")), false],
    ["/spec/tags/0", at("spec", "tags", value("a")), true],
    ["/spec/tags/0", at("spec", "tags", value("x")), false],
    [".spec.args[1]", at("spec", "args", { type: "index", index: 1 }), true],
    [".spec.args[1]", at("spec", "args", { type: "index", index: 0 }), false],
    [
      ".spec.ports[port=80].name",
      at("spec", "ports", { type: "key", keys: { port: 80, protocol: "TCP" } }, "name"),
      true,
    ],
    [
      '.spec.ports[port=80,protocol="UDP"].name',
      at("spec", "ports", { type: "key", keys: { port: 80, protocol: "TCP" } }, "name"),
      false,
    ],
  ])("%s and %j: %s", (text, path, expected) => {
    expect(matches(text, path)).toBe(expected);
  });

  // An index means the item as Git has it: an item put in front live takes no other's place under the rule.
  test.each([
    ["/spec/containers/0/image", "web", true],
    ["/spec/containers/0/image", "side", false],
    ["/spec/containers/1/image", "side", true],
    ["/spec/containers/0/image", "evil", false],
    ["/spec/containers/2/image", "evil", false],
    [".spec.containers[0].image", "web", true],
    [".spec.containers[0].image", "evil", false],
  ])("%s is about the item %s: %s", (text, name, expected) => {
    expect(matches(text, at("spec", "containers", item(name), "image"))).toBe(expected);
  });

  test("an own property only: __proto__ and constructor lead nowhere", () => {
    expect(matches("/spec/containers/0/__proto__", at("spec", "constructor"))).toBe(false);
  });
});

describe("bad paths are refused with a sentence", () => {
  test.each([
    "",
    "/",
    ".",
    "..a",
    ".a..b",
    ".a[",
    ".a[b",
    ".a[b=",
    ".a[=]",
    ".a['b]",
    ".a[*",
    ".a[-1]",
    "/a~2",
    "x".repeat(2_000),
  ])("%s", (text) => {
    expect(parsePath(text)).toMatchObject({ ok: false, message: expect.stringMatching(/^[^\n]+$/) });
  });

  test("no text at all makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parsePath(text).ok === "boolean"));
  });
});

test("property: what formatPath writes, parsePath reads back", () => {
  const element: fc.Arbitrary<PathElement> = fc.oneof(
    fc.string({ minLength: 1 }).map(field),
    fc.string().map(item),
    fc.nat(99).map((index): PathElement => ({ type: "index", index })),
    fc.oneof(fc.string(), fc.integer()).map((of): PathElement => ({ type: "value", value: of })),
  );
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), (path) => {
      const parsed = parsePath(formatPath(path));
      expect(parsed.ok && parsed.value.steps).toEqual(path);
    }),
  );
});

test.each([
  [".spec.replicas, /metadata/labels/a", [".spec.replicas", "/metadata/labels/a"]],
  ['.a["b,c"], .d[e=1,f=2]', ['.a["b,c"]', ".d[e=1,f=2]"]],
  [" , ,", []],
  ["", []],
])("splitPaths(%j)", (text, expected) => {
  expect(splitPaths(text)).toEqual(expected);
});

/** The parts of `npm run truth` that need no server: its chance, its oracle, its figures, and the README's table. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { otherAmount } from "./amounts.ts";
import { readDelta } from "./delta.ts";
import type { Case } from "./leg.ts";
import { holds } from "./ownership.ts";
import { chanceOf } from "./random.ts";
import { head, readMarked, tableOf } from "./readme.ts";
import { figuresOf, isWrong } from "./tally.ts";
import { readTypes } from "./types.ts";

const text = { type: "string" };
const schemas: JsonObject = {
  Thing: {
    type: "object",
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Thing" }],
    properties: {
      size: { type: "integer" },
      labels: { type: "object", additionalProperties: text },
      args: { type: "array", items: text },
      tags: { type: "array", items: text, "x-kubernetes-list-type": "set" },
      containers: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        items: { allOf: [{ $ref: "#/components/schemas/Container" }], default: {} },
      },
    },
  },
  Container: { type: "object", properties: { name: text, image: text, env: { type: "object" } } },
};
const types = readTypes(new Map([["v1", { components: { schemas } }]]));
const root = types.root({ apiVersion: "v1", kind: "Thing", metadata: {} });

function moved(before: JsonObject, after: JsonObject, native = true): readonly string[] {
  if (root === undefined) throw new Error("the kind is not known");
  return readDelta(types, root, before, after, native).map(({ path, before: one, after: other }) => {
    const sides: readonly (Json | undefined)[] = [one, other];
    return `${formatPath(path)} ${sides.map((side) => (side === undefined ? "-" : "x")).join("")}`;
  });
}

describe("the smallest whole thing that moved", () => {
  const two = [{ name: "a", image: "x" }, { name: "b" }];
  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ["nothing", { size: 1 }, { size: 1 }, []],
    ["a value", { size: 1 }, { size: 2 }, [".size xx"]],
    ["an entry of a map that was not there", {}, { labels: { a: "1" } }, [".labels.a -x"]],
    ["an entry of a map", { labels: { a: "1", b: "2" } }, { labels: { b: "2" } }, [".labels.a x-"]],
    [
      "a field of a keyed item",
      { containers: two },
      { containers: [{ name: "a", image: "y" }, { name: "b" }] },
      ['.containers[name="a"].image xx'],
    ],
    ["a keyed item", { containers: two }, { containers: [{ name: "b" }] }, ['.containers[name="a"] x-']],
    ["the order of containers", { containers: two }, { containers: two.toReversed() }, [".containers xx"]],
    ["a value of a set", { tags: ["a", "b"] }, { tags: ["b", "c"] }, ['.tags[="a"] x-', '.tags[="c"] -x']],
    ["the order of a set", { tags: ["a", "b"] }, { tags: ["b", "a"] }, []],
    ["an item of a list in order", { args: ["a", "b"] }, { args: ["a", "c"] }, [".args[1] xx"]],
    ["the length of a list in order", { args: ["a"] }, { args: ["a", "b"] }, [".args xx"]],
    ["a list twice the same key", { containers: two }, { containers: [two[0] ?? null, ...two] }, [".containers xx"]],
    ["an empty list of a built-in", {}, { args: [] }, []],
  ])("%s", (_, before, after, expected) => {
    expect(moved(before, after)).toEqual(expected);
  });

  test.each(["args", "tags", "containers"])("an empty list of a custom resource is a value: %s", (name) => {
    expect(moved({}, { [name]: [] }, false)).toEqual([`.${name} -x`]);
  });
});

test.each([
  ["100m", "0.100"],
  ["1500m", "1.500"],
  ["0.5", "500m"],
  ["2", "2000m"],
  ["1Gi", "1024Mi"],
  ["3k", "3000"],
  [1, "1000m"],
  ["many", undefined],
])("%s is %s", (amount, expected) => {
  expect(otherAmount(amount)).toBe(expected);
});

test("the same seed makes the same choices", () => {
  const choices = (seed: number): readonly number[] => {
    const chance = chanceOf(seed);
    return Array.from({ length: 20 }, () => chance.number(1000));
  };
  expect(choices(3)).toEqual(choices(3));
  expect(choices(3)).not.toEqual(choices(4));
  expect(chanceOf(3).shuffled([1, 2, 3, 4, 5]).toSorted()).toEqual([1, 2, 3, 4, 5]);
});

test.each([
  ["the very field", '{"f:spec":{"f:size":{}}}', 2, true],
  ["what is around it and merged as a whole", '{"f:spec":{}}', 1, true],
  ["what is around it", '{"f:spec":{}}', 2, false],
  ["something else", '{"f:spec":{"f:name":{}}}', 2, false],
  ["nothing", "{}", 2, false],
])("an entry for %s", (_, fields, whole, expected) => {
  const path = [
    { type: "field", name: "spec" },
    { type: "field", name: "size" },
  ] as const;
  expect(holds(JSON.parse(fields) as JsonObject, path, whole)).toBe(expected);
});

const asked = (expected: readonly string[], found: readonly string[]): Case => ({
  operator: "string changed",
  kind: "v1 ConfigMap",
  file: "a.yaml",
  object: "ConfigMap a",
  edit: "",
  expected,
  found,
});

describe("figures", () => {
  const cases = [
    asked([], []),
    asked(["a", "b"], ["b", "a"]),
    asked(["a"], ["a", "b"]),
    asked(["a"], []),
    asked(["a"], ["b"]),
  ];

  test("right where both say the same, in any order", () => {
    expect(cases.map(isWrong)).toEqual([false, false, true, true, true]);
  });

  test("what was not there is a false positive, what was missed a false negative", () => {
    expect(figuresOf(cases, [])).toEqual({
      cases: 5,
      refused: 0,
      wrong: 3,
      falsePositives: 2,
      falseNegatives: 2,
      expectedPaths: 5,
      foundPaths: 5,
      rightPaths: 3,
    });
  });
});

describe("the table of the README", () => {
  const readme = readMarked(readFileSync(new URL("../../README.md", import.meta.url), "utf8"));
  const report = { leg: "mutation", cases: [asked(["a"], ["a"])], refused: [], notes: [] };

  test("is made by the command beside it", () => {
    expect(readme?.command).toBe("npm run truth -- --readme");
  });

  test("has the form the command writes", () => {
    const lines = (readme?.table ?? "").trimEnd().split("\n");
    const made = tableOf({ version: "1.36.1", seeds: [1, 2], asked: ["--readme"], objects: 1234, reports: [report] })
      .trimEnd()
      .split("\n");
    expect(lines[0]).toMatch(
      /^`npm run truth -- [^`]*` on Kubernetes \d+\.\d+\.\d+, [\d,]+ objects, seeds? \d+(, \d+)*:$/,
    );
    expect(made[0]).toBe("`npm run truth -- --readme` on Kubernetes 1.36.1, 1,234 objects, seeds 1, 2:");
    expect(lines.slice(1, 4)).toEqual(made.slice(1, 4));
    const row = /^\| [a-z][^|]*( \| [\d,]+){4}( \| \d+\.\d\d %){2} \| [\d,]+ \|$/;
    expect(made[4]).toMatch(row);
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines.slice(4)) {
      expect(line).toMatch(row);
      expect(line.split("|")).toHaveLength(head.length + 2);
    }
  });
});

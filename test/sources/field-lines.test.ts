import { expect, test } from "vitest";
import { openFieldLines } from "../../src/sources/field-lines.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { readManifests } from "../../src/sources/yaml.ts";

const map = (name: string, key: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata:\n  ${key}: x\n`;
const text = `# first\n---\n${map("a", "one")}---\n\n${map("b", "two")}---
{ apiVersion: v1, kind: List, items: [ { apiVersion: v1, kind: ConfigMap, metadata: { name: c } },
  { apiVersion: v1, kind: ConfigMap, metadata: { name: d } }, { apiVersion: v1, kind: ConfigMap, metadata: { name: e },
  data: { three: x } } ] }
`;
const { objects, problems } = readManifests(text, "all.yaml");
const lines = openFieldLines(text, yamlLimits);
const lineOf = (name: string, ...tokens: (string | number)[]): number | undefined => {
  const found = objects.find(({ id }) => id.name === name);
  return found === undefined ? undefined : lines.lineOf(found, tokens);
};

test.each([
  ["a", ["data", "one"], 7],
  ["a", ["kind"], 4],
  ["b", ["data", "two"], 14],
  ["b", [], 10],
  ["d", ["metadata", "name"], 17],
  ["e", ["data", "three"], 18],
  ["e", ["data", "four"], undefined],
])("%s %j stands on line %s", (name, tokens, line) => {
  expect(problems).toEqual([]);
  expect(lineOf(name, ...tokens)).toBe(line);
});

test("asked out of order, and again after a namespace was filled in", () => {
  const [first, second] = objects;
  if (first === undefined || second === undefined) throw new Error("two are needed");
  expect(lines.lineOf(second, ["data"])).toBe(13);
  expect(lines.lineOf({ ...first, id: { ...first.id, namespace: "shop" } }, ["data"])).toBe(6);
});

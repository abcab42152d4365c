/** Fields that copy each other: set by hand they are set together, and then one of them must be found. */
import { describe, expect, test } from "vitest";
import { diffObjects } from "../../../src/compare/diff.ts";
import { defaultRows } from "../../../src/compare/defaults.ts";
import type { DefaultRow } from "../../../src/compare/defaults/row.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { formatPath } from "../../../src/model/path.ts";
import { deployment, object, schemaOf } from "../schemas.ts";

const found = (desired: ReturnType<typeof object>, live: ReturnType<typeof object>): readonly string[] =>
  diffObjects({ desired, live, schema: schemaOf(desired) }).differences.map(
    ({ op, path }) => `${op} ${formatPath(path)}`,
  );

const account = (name: string): JsonObject => ({ serviceAccountName: name, serviceAccount: name });
const claim = (spec: JsonObject) => object("v1", "PersistentVolumeClaim", { spec });
const source = (name: string): JsonObject => ({ kind: "PersistentVolumeClaim", name });
const sources = (name: string): JsonObject => ({ dataSource: source(name), dataSourceRef: source(name) });
const added = "added .spec.template.spec.serviceAccountName";

describe("a ServiceAccount", () => {
  test.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    ["set by hand where Git names none", {}, account("admin"), [added]],
    ["set by hand under its new name alone", {}, { serviceAccountName: "admin" }, [added]],
    ["as Git says, under both names", { serviceAccountName: "web" }, account("web"), []],
    ["as Git says under the old name", { serviceAccount: "web" }, account("web"), []],
    [
      "another than Git's",
      { serviceAccountName: "web" },
      account("admin"),
      ["changed .spec.template.spec.serviceAccountName"],
    ],
    [
      "another than Git's, which says it under the old name",
      { serviceAccount: "web" },
      account("admin"),
      ["changed .spec.template.spec.serviceAccount"],
    ],
    ["Git's gone", { serviceAccountName: "web" }, {}, ["removed .spec.template.spec.serviceAccountName"]],
  ])("%s", (_, git, live, expected) => {
    expect(found(deployment({}, git), deployment({}, live))).toEqual(expected);
  });
});

describe("the source of a claim", () => {
  test.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    ["set by hand where Git names none", {}, sources("other"), ["added .spec.dataSourceRef"]],
    ["as Git says, in both forms", { dataSource: source("one") }, sources("one"), []],
  ])("%s", (_, git, live, expected) => {
    expect(found(claim(git), claim(live))).toEqual(expected);
  });
});

/** True where the row gives its field just what the sibling holds. */
function copies(row: DefaultRow, sibling: string, value: Json): boolean {
  if (typeof row.value !== "function") return false;
  const parent = { [sibling]: value };
  const place = { root: { kind: "PersistentVolumeClaim" }, depth: 0 };
  if (row.when !== undefined && !row.when(parent, place)) return false;
  return JSON.stringify(row.value(parent, place)) === JSON.stringify(value);
}

test("of two rows that copy each other, one says so", () => {
  const probes: readonly Json[] = ["x", source("x")];
  const pairs = defaultRows.flatMap((one) =>
    defaultRows
      .filter((other) => other.type === one.type && other.field !== one.field)
      .filter((other) => probes.some((value) => copies(one, other.field, value) && copies(other, one.field, value)))
      .map((other) => [one, other] as const),
  );
  expect(pairs.length).toBeGreaterThan(3);
  for (const [one, other] of pairs)
    expect([one.mutual === other.field || other.mutual === one.field, one.type]).toEqual([true, one.type]);
});

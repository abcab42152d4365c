/** The tables of defaults, zeros and empties against what an API server was recorded to answer; no server needed. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { isAllocated } from "../../src/compare/allocated.ts";
import { defaultedDesired, defaultRows } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { getIn, isArray, isObject, parseJson, type Json } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { isKubeObject } from "../../src/model/resource.ts";
import { builtInObjects } from "./built-in-objects.ts";
import { schemas } from "./schemas.ts";

const packed = readFileSync(new URL("./fixtures/built-in-live.json.gz", import.meta.url));
const recorded = parseJson(gunzipSync(packed).toString("utf8"));
const known = builtInObjects.filter(([, object]) => schemas.schemaFor(kindOf(object)) !== undefined);

/** Fields that servers newer than the recorded one fill in. */
const newer = defaultRows.filter((row) => row.since !== undefined).map((row) => row.field);

test("there is a recording of every object", () => {
  expect(Object.keys(isObject(recorded) ? recorded : {})).toEqual(builtInObjects.map(([name]) => name));
});

/** Paths of what we fill in and the server does not; a default too many would hide an edit to that very value. */
function tooMany(filled: Json, live: Json | undefined, path: string): readonly string[] {
  if (live === undefined) return isObject(filled) && Object.keys(filled).length === 0 ? [] : [path];
  if (isArray(filled))
    return filled.flatMap((item, index) => tooMany(item, isArray(live) ? live[index] : undefined, `${path}/${index}`));
  if (!isObject(filled)) return [];
  return Object.entries(filled).flatMap(([key, value]) => tooMany(value, getIn(live, key), `${path}/${key}`));
}

test.each(known)("%s: no default too many", (name, desired) => {
  const schema = schemas.schemaFor(kindOf(desired));
  if (schema === undefined) throw new Error("no schema");
  const { status: _, ...filled } = defaultedDesired(desired, schema);
  const found = tooMany(filled, getIn(recorded, name), "");
  expect(found.filter((path) => !newer.some((field) => path.endsWith(`/${field}`)))).toEqual([]);
});

test.each(known)("%s", (name, desired) => {
  const live = getIn(recorded, name);
  const schema = schemas.schemaFor(kindOf(desired));
  if (!isKubeObject(live) || schema === undefined) throw new Error("not recorded");
  const { differences } = diffObjects({ desired, live, schema });
  const counting = differences.filter((difference) => isAllocated(difference, desired, live, schema) === undefined);
  expect(counting.map(({ op, path }) => `${op} ${formatPath(path)}`)).toEqual([]);
});

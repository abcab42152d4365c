/** The tables of defaults, zeros and empties against what an API server was recorded to answer; no server needed. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { isAllocated } from "../../src/compare/allocated.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { getIn, isObject, parseJson } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { isKubeObject } from "../../src/model/resource.ts";
import { mismatches, tellMismatch } from "../truth/defaults/exact.ts";
import { builtInObjects } from "./built-in-objects.ts";
import { schemaOf, schemas } from "./schemas.ts";

const packed = readFileSync(new URL("./fixtures/built-in-live.json.gz", import.meta.url));
const recorded = parseJson(gunzipSync(packed).toString("utf8"));
const known = builtInObjects.filter(([, object]) => schemas.schemaFor(kindOf(object)) !== undefined);

test("there is a recording of every object whose schema is recorded", () => {
  expect(Object.keys(isObject(recorded) ? recorded : {})).toEqual(known.map(([name]) => name));
});

test.each(known)("%s", (name, desired) => {
  const live = getIn(recorded, name);
  const schema = schemaOf(desired);
  if (!isKubeObject(live)) throw new Error("not recorded");
  expect(mismatches(schema, desired, live).map(tellMismatch)).toEqual([]);
  const { differences } = diffObjects({ desired, live, schema });
  const counting = differences.filter((difference) => isAllocated(difference, desired, live, schema) === undefined);
  expect(counting.map(({ op, path }) => `${op} ${formatPath(path)}`)).toEqual([]);
});

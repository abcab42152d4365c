/**
 * Our defaults against a record of what an API server 1.37 filled into the objects of the corpora: that server cannot
 * be built here, so its record, which lies beside the corpora, speaks for it. Values that the server derives or
 * allocates are no defaults and are held by the suites that have a server; values cut short in the record are passed over.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { isAllocated } from "../../src/compare/allocated.ts";
import { prepareDesired } from "../../src/compare/defaults.ts";
import { createSchemaIndex, kindOf } from "../../src/compare/schema-index.ts";
import { canonicalJson } from "../../src/model/canonical.ts";
import { isArray, isObject, parseJson, type Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { describeWith, leaveOut } from "../support/describe-with.ts";
import { readCorpus } from "./corpora.ts";

/** What differs between the two, as rows of the record spell it: kind, path with `[]` for items, canonical value. */
function filledIn(kind: string, stated: Json | undefined, defaulted: Json, at = ""): readonly string[] {
  if (stated === defaulted) return [];
  if (stated === undefined) return [`${kind}\t${at}\t${canonicalJson(defaulted)}`];
  if (isArray(stated) && isArray(defaulted))
    return defaulted.flatMap((item, index) => filledIn(kind, stated[index], item, `${at}[]`));
  if (!isObject(stated) || !isObject(defaulted)) return [];
  return Object.entries(defaulted).flatMap(([key, value]) => filledIn(kind, stated[key], value, `${at}.${key}`));
}

interface Recorded {
  readonly row: string;
  readonly kind: string;
  readonly path: string;
  readonly value: Json;
}

/**
 * Rows of `kind, path, value, times`, but for what was derived, changed from a value of Git, or cut short; and but for
 * requests, which copy the limits in the file's own spelling.
 */
function readRecord(text: string): readonly Recorded[] {
  return text.split("\n").flatMap((line) => {
    const [kind = "", at = "", value = ""] = line.split("\t");
    if (line.startsWith("#") || value === "" || value.startsWith("(") || value.endsWith("…")) return [];
    if (at.includes("(changed from") || at.endsWith(".resources.requests")) return [];
    const parsed = parseJson(value);
    return [{ row: `${kind}\t${at}\t${canonicalJson(parsed)}`, kind, path: at, value: parsed }];
  });
}

function allocates({ kind, path: at, value }: Recorded): boolean {
  const slash = kind.lastIndexOf("/");
  const live = {
    apiVersion: kind.slice(0, slash),
    kind: kind.slice(slash + 1),
    metadata: { name: "it" },
  } as KubeObject;
  const names = at.slice(1).split(".");
  // A key with dots in it: what is below annotations and labels is one name.
  const map = names.findIndex((name) => name === "annotations" || name === "labels");
  const whole =
    map < 0 || map === names.length - 1 ? names : [...names.slice(0, map + 1), names.slice(map + 1).join(".")];
  const entries = isObject(value) && map === names.length - 1 ? Object.entries(value) : [[undefined, value] as const];
  return entries.every(([key, entry]) => {
    const elements = (key === undefined ? whole : [...whole, key]).map((name) => ({ type: "field", name }) as const);
    const items = isArray(entry) ? entry : [entry];
    const schema = { builtIn: true } as never;
    const one = (item: Json, inside: boolean): boolean => {
      const element = inside ? [...elements, { type: "value", value: item } as const] : elements;
      return isAllocated({ op: "added", path: element, tokens: [], live: item }, live, live, schema) !== undefined;
    };
    return one(entry, false) || (isArray(entry) && items.every((item) => one(item, true)));
  });
}

describeWith(["corpora"], "defaults as 1.37 filled them in", ({ corpora }) => {
  const file = path.join(corpora, "../research/server-defaults-1.37.tsv");
  if (!existsSync(file)) {
    leaveOut("the record", { why: "it is not beside the corpora", optional: true });
    return;
  }
  test("each is one of ours, or allocated", () => {
    const index = createSchemaIndex();
    for (const [groupVersion, document] of readBuiltInSchema().documents) index.addOpenApi(groupVersion, document);
    const declared = readCorpus(corpora, readdirSync(path.join(corpora, "manifests")));
    const ours = new Set(
      declared.flatMap(({ object }) => {
        const schema = index.schemaFor(kindOf(object));
        if (schema === undefined) return [];
        const { stated, defaulted } = prepareDesired(object, schema);
        return filledIn(`${object.apiVersion}/${object.kind}`, stated, defaulted);
      }),
    );
    const recorded = readRecord(readFileSync(file, "utf8"));
    const missed = recorded.filter((one) => !ours.has(one.row) && !allocates(one)).map(({ row }) => row);
    console.log(`${recorded.length} recorded defaults, ${missed.length} missed`);
    expect(missed).toEqual([]);
    expect(recorded.length).toBeGreaterThan(200);
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Schema } from "../../src/model/schema-types.ts";
import { definitions, outputs } from "./outputs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("what is generated is not stale (npm run generate)", () => {
  test.each(outputs().map(({ path, text }) => [path, text] as const))("%s", (file, text) => {
    expect(readFileSync(path.join(root, file), "utf8")).toBe(text);
  });
});

function* nodes(schema: Schema, at: string): Generator<readonly [string, Schema]> {
  yield [at, schema];
  if (!("type" in schema)) return;
  if (schema.type === "array") yield* nodes(schema.items, `${at}[]`);
  if (schema.type === "object")
    for (const [name, child] of Object.entries(schema.properties)) yield* nodes(child, `${at}.${name}`);
}

const fields = definitions.flatMap((definition) => [...nodes(definition.schema, definition.kind)]);

describe("every field of our kinds", () => {
  test("is explained, for kubectl explain", () => {
    const silent = fields.filter(([at, schema]) => schema.description === undefined && !at.endsWith("[]"));
    expect(silent.map(([at]) => at)).toEqual([]);
  });

  test("is bounded: lists have maxItems, strings a maxLength or an enum", () => {
    const unbounded = fields.filter(
      ([, schema]) =>
        "type" in schema && schema.type === "string" && schema.maxLength === undefined && schema.enum === undefined,
    );
    expect(unbounded.map(([at]) => at)).toEqual([]);
  });

  test("has no default: defaults are in code, where they can improve", () => {
    expect(fields.filter(([, schema]) => "default" in schema).map(([at]) => at)).toEqual([]);
  });
});

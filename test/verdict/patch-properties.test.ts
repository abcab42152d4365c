/**
 * The patch brings live back to what Git says, byte for byte: every place of generated and of real objects is changed
 * once, the plan is applied by fast-json-patch, the server's defaults are filled in, and the texts are the same.
 */
import * as fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { describe, expect, test } from "vitest";
import { applyDefaults, defaultedDesired } from "../../src/compare/defaults.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { normaliseDesired } from "../../src/compare/normalise.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { canonicalJson } from "../../src/model/canonical.ts";
import { isArray, isObject, type Json } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import { countDifferences, type PairInput } from "../../src/verdict/counting.ts";
import { planOperations } from "../../src/verdict/operations.ts";
import { builtInObjects } from "../compare/built-in-objects.ts";
import { customObjects } from "../compare/custom-objects.ts";
import { mutationsOf } from "../compare/mutations.ts";
import { builtInKinds, drawFrom, objectOf } from "../compare/schema-objects.ts";
import { schemas } from "../compare/schemas.ts";
import { baseline, declared, liveOf } from "./pair-fixture.ts";

const strict = baseline({ compare: { addedFields: "Strict", ignore: [], sensitive: [] } });

function pair(desired: KubeObject, live: KubeObject, schema: KindSchema): PairInput {
  return { baseline: strict, desired: declared(desired), live: liveOf(live), schema, facts: noFacts, now: 0 };
}

/** A copy that shares nothing with itself, as what comes over the wire; the library writes into it. */
function copyOf(value: Json): Json {
  if (isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyOf(entry)]));
}

function patched({ live }: PairInput, operations: readonly Json[]): KubeObject {
  const document = copyOf(live.object) as unknown as object;
  fastJsonPatch.applyPatch(document, operations as unknown as fastJsonPatch.Operation[], true);
  return document as unknown as KubeObject;
}

/** The object as the server would store it, without what `liveOf` gave it. */
function stored(object: KubeObject, schema: KindSchema): string {
  const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
  return canonicalJson(applyDefaults(normaliseDesired({ ...object, metadata }, schema), schema));
}

/** What the plan does not put right, of single changes, every so many; what does not count is not asked of it. */
function notHealed(desired: KubeObject, schema: KindSchema, every = 1): readonly string[] {
  const wanted = defaultedDesired(desired, schema);
  const mutations = mutationsOf(wanted, schema).filter((_, index) => index % every === 0);
  return mutations.flatMap((mutation) => {
    const input = pair(desired, mutation.live, schema);
    const { counting, suppressed } = countDifferences(input);
    if (counting.length === 0 || suppressed.length > 0) return [];
    const after = patched(input, planOperations(input));
    // Values that were only spelled otherwise are nobody's to restore.
    const isWhole = mutation.what !== "items swapped";
    const left = countDifferences({ ...input, live: { ...input.live, object: after } }).counting;
    const same = left.length === 0 && (!isWhole || stored(after, schema) === stored(wanted, schema));
    return same ? [] : [`${mutation.what} ${formatPath(mutation.path)}`];
  });
}

describe("of one change", () => {
  test.each(
    builtInKinds().map(({ kind, schema }) => [`${kind.group}/${kind.version} ${kind.kind}`, kind, schema] as const),
  )(
    "%s, generated",
    (_, kind, schema) => {
      const objects = fc.gen().map((gen) => objectOf(kind, schema, drawFrom(gen, fc.nat)));
      fc.assert(
        fc.property(objects, (desired) => {
          expect(notHealed(desired, schema)).toEqual([]);
        }),
        { numRuns: 2, endOnFailure: true },
      );
    },
    20_000,
  );

  const known = [...builtInObjects, ...customObjects].flatMap(([title, object]) => {
    const schema = schemas.schemaFor(kindOf(object));
    return schema === undefined ? [] : [[title, object, schema] as const];
  });
  test.each(known)("%s", (_, object, schema) => expect(notHealed(object, schema, 5)).toEqual([]), 20_000);
});

describe("of several changes at once", () => {
  const pods = builtInKinds().filter(({ kind }) => kind.kind === "Deployment" || kind.kind === "Service");
  test.each(pods.map(({ kind, schema }) => [kind.kind, kind, schema] as const))(
    "%s made into another one of its kind",
    (_, kind, schema) => {
      const objects = fc.gen().map((gen) => objectOf(kind, schema, drawFrom(gen, fc.nat)));
      fc.assert(
        fc.property(objects, objects, (desired, other) => {
          const input = pair(desired, defaultedDesired(other, schema), schema);
          const after = patched(input, planOperations(input));
          const left = countDifferences({ ...input, live: { ...input.live, object: after } }).counting;
          expect(left.map(({ op, path }) => `${op} ${formatPath(path)}`)).toEqual([]);
        }),
        { numRuns: 40, endOnFailure: true },
      );
    },
    60_000,
  );
});

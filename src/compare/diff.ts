/**
 * Finds where a live object differs from the desired one: the field decision table, by schema type. Each difference is
 * the smallest whole thing that differs. Says nothing about whether it counts. Takes any JSON without throwing, in
 * bounded depth; neither side is altered.
 * Source: drift semantics, section 3 (docs/semantics.md).
 */
import type { Json } from "../model/json.ts";
import { formatPath, type Path } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, idOf, type KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import { prepareDesired } from "./defaults.ts";
import { compareObjects } from "./diff-walk.ts";
import type { Agreed, Finding } from "./finding.ts";
import type { Difference } from "./difference.ts";
import { comparePaths, hasPath, pathOf, tokensOf } from "./place.ts";
import { unknownFieldWarning } from "./unknown-field.ts";

export interface DiffInput {
  /** As rendered; normalising and defaults are done here. */
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** Desired of the last revision this object was in sync with. */
  readonly previous?: KubeObject;
  readonly schema: KindSchema;
}

export interface Comparison {
  /** In path order. */
  readonly differences: readonly Difference[];
  /** Codes `duplicate-list-key` and `unknown-field`. */
  readonly warnings: readonly Problem[];
  /** Something agrees only with what differs beside it: once that is put right, it may be found to differ. */
  readonly follows?: boolean;
}

const clean: Comparison = { differences: [], warnings: [] };

/** Tokens into the desired object as it was written: a Secret's data may stand in its `stringData`. */
function writtenTokens(tokens: readonly (string | number)[], desired: KubeObject): readonly (string | number)[] {
  const [first, key, ...rest] = tokens;
  if (first !== "data" || typeof key !== "string" || desired.kind !== "Secret") return tokens;
  const { stringData } = desired;
  const isThere = typeof stringData === "object" && stringData !== null && Object.hasOwn(stringData, key);
  return isThere ? ["stringData", key, ...rest] : tokens;
}

/** In the file, a value that Git leaves to its default is not changed but added. */
function opOf(finding: Finding): Difference["op"] {
  return finding.op === "changed" && !finding.stated ? "added" : finding.op;
}

function toDifference(finding: Finding, path: Path, input: DiffInput, previous: Json | undefined): Difference {
  const op = opOf(finding);
  const tokens =
    op === "removed"
      ? writtenTokens(tokensOf(finding.place, "desired"), input.desired)
      : tokensOf(finding.place, "live");
  const byDefault = op === "added" && finding.desired !== undefined;
  return {
    op,
    path,
    tokens,
    ...(finding.desired !== undefined && !byDefault && { desired: finding.desired }),
    ...(finding.live !== undefined && { live: finding.live }),
    ...(byDefault && { defaulted: finding.desired }),
    ...(op === "added" && previous !== undefined && hasPath(previous, path) && { droppedFromGit: true }),
    ...(finding.atomicDepth !== undefined && { atomicDepth: finding.atomicDepth }),
    ...(finding.note !== undefined && { note: finding.note }),
  };
}

/** @param trace hears of every place that agrees, and why; without it nothing is spent on those */
export function diffObjects(input: DiffInput, trace?: (agreed: Agreed) => void): Comparison {
  const { stated, defaulted } = prepareDesired(input.desired, input.schema);
  const sides = { stated, defaulted, live: input.live, schema: input.schema };
  const { findings, duplicates, unknown, followers } = compareObjects(sides, trace);
  if (findings.length === 0 && duplicates.length === 0 && unknown.length === 0) return clean;
  const previous = input.previous === undefined ? undefined : prepareDesired(input.previous, input.schema).stated;
  const differences = findings
    .map((finding) => toDifference(finding, pathOf(finding.place), input, previous))
    .toSorted((one, other) => comparePaths(one.path, other.path));
  const object = formatId(idOf(input.desired));
  const warnings = duplicates.map((place): Problem => {
    return {
      code: "duplicate-list-key",
      message: `${formatPath(pathOf(place))} holds items with the same key and is compared in order`,
      object,
    };
  });
  return {
    differences,
    warnings: [...warnings, ...unknown.map((field) => unknownFieldWarning(field, object))],
    ...(followers.length > 0 && { follows: true }),
  };
}

/** The smallest rule that leaves a path alone, and what it would hide. Pure. */
import type { Difference } from "../../compare/difference.ts";
import { parsePath, splitPaths } from "../../compare/selector.ts";
import { annotations } from "../../model/annotations.ts";
import type { Baseline } from "../../model/baseline.ts";
import { declare } from "../../model/desired.ts";
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { formatPath } from "../../model/path.ts";
import type { KubeObject, ResourceId } from "../../model/resource.ts";
import { countDifferences, type PairInput } from "../../verdict/counting.ts";
import { CliError } from "../cli-error.ts";
import { showPathsOf } from "../output/shown-path.ts";

/** @throws CliError where one of them is no path */
export function checkPaths(paths: readonly string[]): void {
  for (const path of paths) {
    const parsed = parsePath(path);
    if (!parsed.ok) throw new CliError(`${path}: ${parsed.message}`);
  }
}

/** The object with the paths added to its annotation; those it names already are named once. */
export function annotated(object: Json, paths: readonly string[]): Json {
  const said = splitPaths(getString(object, "metadata", "annotations", annotations.ignore) ?? "");
  const all = [...new Set([...said, ...paths.map((path) => path.trim())])];
  const metadata = getIn(object, "metadata");
  const marks = getIn(metadata, "annotations");
  return {
    ...(isObject(object) ? object : {}),
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      annotations: { ...(isObject(marks) ? marks : {}), [annotations.ignore]: all.join(", ") },
    },
  };
}

export interface IgnoreWords {
  readonly paths: readonly string[];
  readonly reason: string;
  readonly until: string | undefined;
}

/** A Baseline with one more row in `compare.ignore`, for this object only. */
export function withRow(baseline: Json, id: ResourceId, { paths, reason, until }: IgnoreWords): Json {
  const spec = getIn(baseline, "spec");
  const compare = getIn(spec, "compare");
  const rows = getIn(compare, "ignore");
  const { group, kind, namespace, name } = id;
  const target: JsonObject = {
    ...(group === "" ? {} : { group }),
    kind,
    name,
    ...(namespace === "" ? {} : { namespace }),
  };
  const row: JsonObject = { target, paths, reason, ...(until === undefined ? {} : { until }) };
  return {
    ...(isObject(baseline) ? baseline : {}),
    spec: {
      ...(isObject(spec) ? spec : {}),
      compare: { ...(isObject(compare) ? compare : {}), ignore: [...(isArray(rows) ? rows : []), row] },
    },
  };
}

const keyOf = ({ op, path }: Difference): string => `${op} ${formatPath(path)}`;
const countOf = (pair: PairInput): ReadonlyMap<string, Difference> =>
  new Map(countDifferences(pair).counting.map((one) => [keyOf(one), one]));

/** What counts now and would not any more, and whether anything new would count; as it may be shown. */
export interface Hidden {
  readonly hidden: readonly string[];
  readonly fresh: readonly string[];
  /** What counts still. */
  readonly left: readonly string[];
}

export function hiddenBy(
  pair: PairInput,
  rule: { readonly object?: KubeObject; readonly baseline?: Baseline },
): Hidden {
  const before = countOf(pair);
  const desired = rule.object === undefined ? pair.desired : declare(rule.object, pair.desired.source);
  const after = countOf({ ...pair, desired, baseline: rule.baseline ?? pair.baseline });
  const own = formatPath([
    { type: "field", name: "metadata" },
    { type: "field", name: "annotations" },
    { type: "field", name: annotations.ignore },
  ]);
  // The annotation itself is there with the next apply, as every commit is.
  const isOwn = (key: string): boolean => key.endsWith(own) || key === "removed .metadata.annotations";
  const show = showPathsOf(pair);
  const shown = (all: ReadonlyMap<string, Difference>, chosen: (key: string) => boolean): readonly string[] =>
    [...all].filter(([key]) => chosen(key)).map(([, { op, path }]) => `${op} ${show(path)}`);
  return {
    hidden: shown(before, (key) => !after.has(key)),
    fresh: shown(after, (key) => !before.has(key) && !isOwn(key)),
    left: shown(after, (key) => before.has(key)),
  };
}

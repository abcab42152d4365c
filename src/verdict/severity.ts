/**
 * How bad one change, or one object as a whole, is. Asked in this order: the Baseline's rows, the annotation in Git,
 * the built-in rows. The class always comes from the built-in rows: whoever lowers a severity does not change what
 * kind of thing was touched. Never looks at live labels, which whoever edits the object can set.
 */
import type { Difference } from "../compare/difference.ts";
import { matchesPath, parsePath, type PathPattern, patternOfRow } from "../compare/selector.ts";
import { matchesGlob, readTarget, type TargetMatcher } from "../compare/target.ts";
import type { SeverityRow } from "../model/baseline.ts";
import { isArray, isObject, type Json } from "../model/json.ts";
import { field, type Path } from "../model/path.ts";
import { kindRef, type KubeObject } from "../model/resource.ts";
import { severities, type ChangeClass, type Severity } from "../model/verdict.ts";
import { objectRules } from "./severity-object-rules.ts";
import { changeRules, otherwise, type SeverityRule } from "./severity-rules.ts";

export interface Weight {
  readonly severity: Severity;
  readonly class: ChangeClass;
}

export interface SeverityContext {
  /** As Git declares it (or did, for one that was dropped). */
  readonly desired: KubeObject;
  readonly rows: readonly SeverityRow[];
  /** `plumbline.dev/severity` in Git. */
  readonly annotated?: Severity | undefined;
}

/** One place that a change touches: its own path, or something in the value it adds or removes. */
interface Place {
  readonly path: Path;
  /** True below the change's own path. */
  readonly inside: boolean;
}

const MAX_PLACES = 2_000;

/** What a person would switch off, or leave out: inside something added whole, it is no access to the node. */
const isOff = (value: Json): boolean => value === false || value === null || value === "";

function collect(value: Json, path: Path, into: Place[]): void {
  if (into.length >= MAX_PLACES || path.length > 64) return;
  if (isArray(value))
    for (const [index, item] of value.entries()) collect(item, [...path, { type: "index", index }], into);
  else if (isObject(value))
    for (const [key, entry] of Object.entries(value)) collect(entry, [...path, field(key)], into);
  else if (!isOff(value)) into.push({ path, inside: true });
}

function placesOf(difference: Difference): readonly Place[] {
  const places: Place[] = [{ path: difference.path, inside: false }];
  for (const value of [difference.desired, difference.live])
    if (isObject(value) || isArray(value)) collect(value, difference.path, places);
  return places;
}

interface CompiledRule {
  readonly rule: SeverityRule;
  readonly patterns: readonly PathPattern[];
}

const patternOf = (text: string): PathPattern => patternOfRow("severity rules", text);

const compile = (rule: SeverityRule): CompiledRule => ({ rule, patterns: rule.paths.map(patternOf) });
const compiledChangeRules = changeRules.map(compile);

/** Where the pattern begins in the path: at its start, or anywhere; undefined where nowhere. */
function endOfMatch(pattern: PathPattern, path: Path, anywhere: boolean): number | undefined {
  const last = anywhere ? path.length - pattern.steps.length : 0;
  for (let start = 0; start <= last; start++)
    if (matchesPath(pattern, start === 0 ? path : path.slice(start), undefined)) return start + pattern.steps.length;
  return undefined;
}

function ruleMatches({ rule, patterns }: CompiledRule, places: readonly Place[]): boolean {
  return patterns.some((pattern) =>
    places.some(({ path }) => {
      const end = endOfMatch(pattern, path, rule.anywhere === true);
      if (end === undefined) return false;
      const next = path[end];
      return (
        rule.keys === undefined || (next?.type === "field" && rule.keys.some((key) => matchesGlob(key, next.name)))
      );
    }),
  );
}

const kindKeyOf = (object: KubeObject): string => `${kindRef(object.apiVersion, object.kind).group}/${object.kind}`;
const concerns = (rule: SeverityRule, kind: string): boolean => rule.kinds.some((one) => matchesGlob(one, kind));

interface UserRow {
  readonly row: SeverityRow;
  readonly target: TargetMatcher | undefined;
  readonly patterns: readonly PathPattern[];
}

const userRows = new WeakMap<readonly SeverityRow[], readonly UserRow[]>();

/** A row that cannot be read is used for nothing; the settings' reader has already told its author. */
function readRows(rows: readonly SeverityRow[]): readonly UserRow[] {
  const known = userRows.get(rows);
  if (known !== undefined) return known;
  const read = rows.map((row): UserRow => {
    const target = readTarget(row.target);
    const paths = row.paths.map(parsePath);
    return {
      row,
      target: target.ok ? target.value : undefined,
      patterns: paths.flatMap((path) => (path.ok ? [path.value] : [])),
    };
  });
  userRows.set(rows, read);
  return read;
}

function byBaseline(context: SeverityContext, places: readonly Place[] | undefined): Severity | undefined {
  return readRows(context.rows).find(({ row, target, patterns }) => {
    if (target?.matches(context.desired) !== true) return false;
    if (row.paths.length === 0) return true;
    return (
      places !== undefined &&
      patterns.some((pattern) => places.some(({ path }) => matchesPath(pattern, path, context.desired)))
    );
  })?.row.severity;
}

/** Of one change. */
export function weighChange(difference: Difference, context: SeverityContext): Weight {
  const places = placesOf(difference);
  const kind = kindKeyOf(context.desired);
  const found =
    compiledChangeRules.find((one) => concerns(one.rule, kind) && ruleMatches(one, places))?.rule ?? otherwise;
  return {
    severity: byBaseline(context, places) ?? context.annotated ?? found.severity,
    class: found.class,
  };
}

/** Of an object that is missing, terminating, or live and no longer declared. */
export function weighObject(context: SeverityContext): Weight {
  const kind = kindKeyOf(context.desired);
  const found = objectRules.find((rule) => concerns(rule, kind)) ?? otherwise;
  return {
    severity: byBaseline(context, undefined) ?? context.annotated ?? found.severity,
    class: found.class,
  };
}

/** One step worse; critical stays. */
export function raise(severity: Severity): Severity {
  return severities[Math.max(0, severities.indexOf(severity) - 1)] ?? severity;
}

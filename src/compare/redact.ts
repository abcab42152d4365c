/**
 * What may be shown of a value. Works by copy and never changes what it is given; equality was judged before, on the
 * true values. Values of a Secret's `data` and `stringData`, of what a Baseline lists as sensitive, and of any
 * last-applied annotation become one fixed mark, on both sides, also where they are inside or around the path that
 * differs. Whose values they are is told by the object itself, never by what a caller says it is.
 */
import { lastApplied, redactedMark } from "../model/annotations.ts";
import { isArray, isObject, type Json } from "../model/json.ts";
import type { Path, PathElement } from "../model/path.ts";
import type { Difference } from "./difference.ts";
import { sameJson } from "./same-json.ts";
import { parsePath, type PathPattern, type Step } from "./selector.ts";

export interface SensitiveKind {
  /** Without the version; empty for the core group. */
  readonly group: string;
  readonly kind: string;
}

/** What stands in place of a value. */
export type Mask = (value: Json) => Json;

const secretPatterns: readonly PathPattern[] = [
  { text: ".data", steps: [{ type: "field", name: "data" }, { type: "any" }] },
  { text: ".stringData", steps: [{ type: "field", name: "stringData" }, { type: "any" }] },
];

const NO_PATTERNS: readonly PathPattern[] = [];
const patternsOfTexts = new WeakMap<readonly string[], readonly PathPattern[]>();

/** A path that cannot be read hides its longest readable beginning: rather too much than a value shown. */
function readSensitive(text: string): readonly PathPattern[] {
  for (let end = text.length; end > 0; end--) {
    const parsed = parsePath(text.slice(0, end));
    if (parsed.ok) return [parsed.value];
  }
  return NO_PATTERNS;
}

function patternsFor(kind: SensitiveKind, sensitive: readonly string[]): readonly PathPattern[] {
  let listed = patternsOfTexts.get(sensitive);
  if (listed === undefined) {
    listed = sensitive.flatMap(readSensitive);
    patternsOfTexts.set(sensitive, listed);
  }
  return kind.group === "" && kind.kind === "Secret" ? [...secretPatterns, ...listed] : listed;
}

/** More generous than matching for a rule: an index or a list item's place never lets a value through. */
function mayMean(step: Step, element: PathElement): boolean {
  switch (step.type) {
    case "any":
      return true;
    case "field":
      return element.type === "field" && element.name === step.name;
    case "token":
      return element.type === "field" ? element.name === step.token : /^\d+$/.test(step.token);
    case "index":
      return element.type !== "field";
    case "value":
      return element.type === "index" || (element.type === "value" && sameJson(element.value, step.value));
    case "key":
      return (
        element.type === "index" ||
        (element.type === "key" &&
          Object.entries(step.keys).every(([key, value]) => {
            const found = Object.hasOwn(element.keys, key) ? element.keys[key] : undefined;
            return found === undefined || sameJson(found, value);
          }))
      );
  }
}

/** How many steps path and pattern agree on from the start; undefined where they part. */
function agreement(pattern: PathPattern, path: Path): number | undefined {
  const length = Math.min(pattern.steps.length, path.length);
  for (let depth = 0; depth < length; depth++) {
    const step = pattern.steps[depth];
    const element = path[depth];
    if (step === undefined || element === undefined || !mayMean(step, element)) return undefined;
  }
  return length;
}

function endsAtLastApplied(path: Path): boolean {
  return path.some((element) => element.type === "field" && element.name === lastApplied);
}

/** True where the path is, or is inside, something whose value may not be shown. */
export function isSensitive(kind: SensitiveKind, path: Path, sensitive: readonly string[]): boolean {
  if (endsAtLastApplied(path)) return true;
  return patternsFor(kind, sensitive).some((pattern) => agreement(pattern, path) === pattern.steps.length);
}

/** A copy of the value with everything that the remaining steps lead to put under the mask. */
function maskAt(value: Json, steps: readonly Step[], mask: Mask): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return mask(value);
  if (isArray(value)) return value.map((item) => (meansItem(step, item) ? maskAt(item, rest, mask) : item));
  // A scalar where the path goes on: the object is not what the path was written for. Show nothing of it.
  if (!isObject(value)) return value === null ? null : mask(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, meansKey(step, key) ? maskAt(entry, rest, mask) : entry]),
  );
}

function meansItem(step: Step, item: Json): boolean {
  if (step.type === "any" || step.type === "index" || step.type === "token") return true;
  if (step.type === "value") return sameJson(step.value, item);
  return (
    step.type === "key" &&
    isObject(item) &&
    Object.entries(step.keys).every(([key, value]) => !Object.hasOwn(item, key) || sameJson(item[key] ?? null, value))
  );
}

function meansKey(step: Step, key: string): boolean {
  return (
    step.type === "any" || (step.type === "field" && step.name === key) || (step.type === "token" && step.token === key)
  );
}

function maskLastApplied(value: Json, mask: Mask): Json {
  if (isArray(value)) return value.map((item) => maskLastApplied(item, mask));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      key === lastApplied ? mask(entry) : maskLastApplied(entry, mask),
    ]),
  );
}

/** The value at `path` of an object of this kind, with all that is sensitive in it under the mask. */
export function maskValue(
  value: Json,
  at: { readonly kind: SensitiveKind; readonly path: Path; readonly sensitive: readonly string[] },
  mask: Mask = () => redactedMark,
): Json {
  if (isSensitive(at.kind, at.path, at.sensitive)) return mask(value);
  let masked = maskLastApplied(value, mask);
  for (const pattern of patternsFor(at.kind, at.sensitive)) {
    if (agreement(pattern, at.path) === undefined) continue;
    masked = maskAt(masked, pattern.steps.slice(at.path.length), mask);
  }
  return masked;
}

/** A path without the values that it would spell out (`[="…"]`, `[token="…"]`) inside something sensitive. */
export function redactPath(kind: SensitiveKind, path: Path, sensitive: readonly string[]): Path {
  const patterns = patternsFor(kind, sensitive);
  return path.map((element, depth) => {
    if (element.type !== "value" && element.type !== "key") return element;
    const upTo = path.slice(0, depth + 1);
    const inside = patterns.some((pattern) => {
      const agreed = agreement(pattern, upTo);
      return (
        agreed !== undefined && (agreed === pattern.steps.length || spellsOut(element, pattern.steps.slice(agreed)))
      );
    });
    if (!inside) return element;
    if (element.type === "value") return { type: "value", value: redactedMark };
    return {
      type: "key",
      keys: Object.fromEntries(Object.keys(element.keys).map((key) => [key, redactedMark])),
    };
  });
}

/** True where the element's own keys hold what the rest of the pattern names. */
function spellsOut(element: PathElement, rest: readonly Step[]): boolean {
  const [next] = rest;
  return element.type === "key" && next !== undefined && Object.keys(element.keys).some((key) => meansKey(next, key));
}

export interface Shown {
  readonly path: Path;
  readonly desired?: Json;
  readonly live?: Json;
  readonly defaulted?: Json;
  /** True where something was put under the mask. */
  readonly sensitive: boolean;
}

/** What may be shown of a difference in an object of this kind. */
export function redact(difference: Difference, kind: SensitiveKind, sensitive: readonly string[]): Shown {
  let masked = isSensitive(kind, difference.path, sensitive);
  const mask: Mask = () => {
    masked = true;
    return redactedMark;
  };
  const at = { kind, path: difference.path, sensitive };
  const desired = difference.desired === undefined ? undefined : maskValue(difference.desired, at, mask);
  const live = difference.live === undefined ? undefined : maskValue(difference.live, at, mask);
  const defaulted = difference.defaulted === undefined ? undefined : maskValue(difference.defaulted, at, mask);
  return {
    path: redactPath(kind, difference.path, sensitive),
    ...(desired === undefined ? {} : { desired }),
    ...(live === undefined ? {} : { live }),
    ...(defaulted === undefined ? {} : { defaulted }),
    sensitive: masked,
  };
}

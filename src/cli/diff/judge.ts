/**
 * Judges declared objects against live ones, with the operator's own engine and without its memory: no grace period,
 * and an object that is not there is missing.
 */
import { isObject } from "../../model/json.ts";
import type { LiveObject } from "../../model/live.ts";
import { parsePointer } from "../../model/path.ts";
import type { Problem } from "../../model/problem.ts";
import { formatId, idKey, idOf, kindRef } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Change, Verdict } from "../../model/verdict.ts";
import { type FieldLines, openFieldLines } from "../../sources/field-lines.ts";
import type { PairInput } from "../../verdict/counting.ts";
import { decide } from "../../verdict/decide.ts";
import { explainObject, type Explanation } from "../../verdict/explain.ts";
import { locate } from "../../verdict/working-copy.ts";
import type { Comparison } from "./comparison.ts";
import { cliLimits } from "./parse-texts.ts";
import { planPatch } from "./plan-patch.ts";
import type { JudgedObject } from "./report.ts";
import type { World } from "./world.ts";

export interface JudgeOptions {
  /** Whether patches are wanted: they are planned only then. */
  readonly patches?: boolean;
  /** Whether it is wanted what decided each path. */
  readonly explanations?: boolean;
}

export interface Judged {
  readonly judged: JudgedObject;
  readonly warnings: readonly Problem[];
  /** Where explanations were asked for, and both sides are there. */
  readonly explanation?: Explanation;
}

/** How many objects are read at once. */
const CONCURRENCY = 16;

async function mapConcurrent<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, work));
  return results;
}

/** Where a path leads in the object as it was written: a Secret's data may stand in its `stringData`. */
function writtenTokens({ object }: DesiredObject, { path }: Change): readonly (string | number)[] {
  const { tokens } = locate(object, path);
  const [first, second] = path;
  if (object.kind !== "Secret" || first?.type !== "field" || first.name !== "data" || second?.type !== "field")
    return tokens;
  const written = object["stringData"];
  return isObject(written) && Object.hasOwn(written, second.name) ? ["stringData", second.name] : tokens;
}

/** Adds the line of the very field to each change; a field that only live has gets the line of what encloses it. */
function withLines(verdict: Verdict, desired: DesiredObject, lines: FieldLines | undefined): Verdict {
  if (verdict.kind !== "drifted" || lines === undefined) return verdict;
  const addLine = (change: Change): Change => {
    const line = lines.lineOf(desired, writtenTokens(desired, change));
    return line === undefined ? change : { ...change, source: { ...desired.source, line } };
  };
  const [first, ...rest] = verdict.changes;
  return { ...verdict, changes: [addLine(first), ...rest.map(addLine)] };
}

/** Line of the very field that a problem is about, else of its object. */
function lineOf({ pointer }: Problem, desired: DesiredObject, lines: FieldLines | undefined): number {
  const tokens = pointer === undefined ? undefined : parsePointer(pointer);
  return (tokens === undefined ? undefined : lines?.lineOf(desired, tokens)) ?? desired.source.line;
}

export async function judgeDeclared(
  declared: readonly DesiredObject[],
  { baseline, previous, read, world, now }: Comparison,
  options: JudgeOptions,
): Promise<readonly Judged[]> {
  const opened = new Map<string, FieldLines>();
  const linesOf = (file: string): FieldLines | undefined => {
    const text = read.texts.get(file)?.text;
    if (text === undefined) return undefined;
    const lines = opened.get(file) ?? openFieldLines(text, cliLimits);
    opened.set(file, lines);
    return lines;
  };
  return mapConcurrent(declared, async (desired): Promise<Judged> => {
    const { id, object, source } = desired;
    const kind = kindRef(object.apiVersion, object.kind);
    const before = previous?.get(idKey(id));
    const live = await world.view(id, kind.version);
    const schema = await world.schemaFor(kind);
    const { facts, tracked } = world;
    const decision = decide({
      baseline,
      id,
      version: kind.version,
      desired,
      previous: before,
      live,
      schema,
      facts,
      // Without a previous revision there is nothing to wait for.
      seenLive: previous === undefined || before !== undefined,
      changedAt: now,
      snapshotComplete: true,
      now,
      tracked,
    });
    const pair: PairInput | undefined =
      live.state === "present" && !("code" in schema)
        ? { baseline, desired, previous: before, live: live.live, schema, facts, now }
        : undefined;
    const planned =
      options.patches === true && pair !== undefined && decision.verdict.kind === "drifted" ? planPatch(pair) : {};
    return {
      judged: {
        id,
        version: kind.version,
        ...uidOf(live.state === "present" ? live.live : undefined),
        source,
        verdict: withLines(decision.verdict, desired, linesOf(source.file)),
        suppressed: decision.suppressed,
        ...planned,
      },
      ...(options.explanations === true && pair !== undefined && { explanation: explainObject(pair) }),
      warnings: decision.warnings.map((warning) => ({
        file: source.file,
        line: lineOf(warning, desired, linesOf(source.file)),
        object: formatId(id),
        ...warning,
      })),
    };
  });
}

function uidOf(live: LiveObject | undefined): { readonly uid?: string } {
  return live === undefined || live.uid === "" ? {} : { uid: live.uid };
}

/** Objects that are live, claimed, and not declared. */
export async function judgeUndeclared(
  objects: readonly LiveObject[],
  world: World,
  options: Pick<Comparison, "baseline" | "now"> & {
    /** False where something could not be read: then nothing is said to be gone from Git. */
    readonly complete: boolean;
  },
): Promise<readonly Judged[]> {
  const { baseline, now, complete } = options;
  return mapConcurrent(objects, async (live): Promise<Judged> => {
    const id = idOf(live.object);
    const kind = kindRef(live.object.apiVersion, live.object.kind);
    const { verdict, suppressed, warnings } = decide({
      baseline,
      id,
      version: kind.version,
      desired: undefined,
      previous: undefined,
      live: { state: "present", live },
      schema: await world.schemaFor(kind),
      facts: world.facts,
      seenLive: true,
      changedAt: now,
      snapshotComplete: complete,
      now,
      tracked: world.tracked,
    });
    return { judged: { id, version: kind.version, ...uidOf(live), verdict, suppressed }, warnings };
  });
}

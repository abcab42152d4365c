/**
 * Judges declared objects against live ones, with the operator's own engine and without its memory: no grace period,
 * and an object that is not there is missing.
 */
import type { Facts } from "../../compare/facts.ts";
import type { Baseline } from "../../model/baseline.ts";
import type { LiveView } from "../../model/live.ts";
import type { Problem } from "../../model/problem.ts";
import { formatId, type IdKey, idKey, type KindRef, kindRef, type ResourceId } from "../../model/resource.ts";
import type { KindSchema } from "../../model/schema.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Change, Verdict } from "../../model/verdict.ts";
import { locatePointers } from "../../sources/yaml.ts";
import { decide } from "../../verdict/decide.ts";
import type { JudgedObject } from "./report.ts";

export interface JudgePorts {
  schemaFor(kind: KindRef): Promise<KindSchema | Problem>;
  view(id: ResourceId, version: string): Promise<LiveView>;
  readonly facts: Facts;
  /** Text of a declared object's file, for the line of each field; undefined where it is no file. */
  fileText(file: string): string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** False for a dump: it may leave `managedFields` out without anyone having wiped them. */
  readonly tracked: boolean;
}

/** How many objects are read at once. */
const CONCURRENCY = 16;

async function mapConcurrent<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await map(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, work));
  return results;
}

/** Adds the line of the very field to each change; a field that only live has keeps the line of what encloses it. */
function withLines(verdict: Verdict, desired: DesiredObject, text: string | undefined): Verdict {
  if (verdict.kind !== "drifted" || text === undefined) return verdict;
  const lines = locatePointers(
    text,
    desired.source.index,
    verdict.changes.map(({ pointer }) => pointer),
  );
  const locate = (change: Change): Change => {
    const line = lines.get(change.pointer);
    return line === undefined ? change : { ...change, source: { ...desired.source, line } };
  };
  const [first, ...rest] = verdict.changes;
  return { ...verdict, changes: [locate(first), ...rest.map(locate)] };
}

export async function judgeObjects(
  declared: readonly DesiredObject[],
  previous: ReadonlyMap<IdKey, DesiredObject>,
  baseline: Baseline,
  ports: JudgePorts,
): Promise<readonly { readonly judged: JudgedObject; readonly warnings: readonly Problem[] }[]> {
  return mapConcurrent(declared, async (desired) => {
    const { id } = desired;
    const kind = kindRef(desired.object.apiVersion, desired.object.kind);
    const before = previous.get(idKey(id));
    const live = await ports.view(id, kind.version);
    const decision = decide({
      baseline,
      id,
      version: kind.version,
      desired,
      previous: before,
      live,
      schema: await ports.schemaFor(kind),
      facts: ports.facts,
      // Without a previous revision there is nothing to wait for.
      seenLive: previous.size === 0 || before !== undefined,
      changedAt: ports.now,
      snapshotComplete: true,
      now: ports.now,
      tracked: ports.tracked,
    });
    const verdict = withLines(decision.verdict, desired, ports.fileText(desired.source.file));
    const uid = live.state === "present" && live.live.uid !== "" ? { uid: live.live.uid } : {};
    const warnings = decision.warnings.map((warning) => ({
      file: desired.source.file,
      line: desired.source.line,
      object: formatId(id),
      ...warning,
    }));
    return {
      judged: { id, version: kind.version, ...uid, source: desired.source, verdict, suppressed: decision.suppressed },
      warnings,
    };
  });
}

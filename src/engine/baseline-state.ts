/** One Baseline summed up, from its record and what was kept count of. Reads only, and walks over no objects. */
import {
  pendingCap,
  type BaselineOutline,
  type BaselineState,
  type PendingObject,
  type SourceState,
  warningsCap,
} from "../model/state.ts";
import type { IdKey } from "../model/resource.ts";
import type { BaselineRecord } from "./baseline-store.ts";
import type { DesiredStore } from "./desired-store.ts";
import { guardOf } from "./guard.ts";
import { rememberedHash } from "./recall.ts";

export function readState(record: BaselineRecord, desired: DesiredStore): BaselineState {
  const { tally } = record;
  const { severity } = tally;
  return {
    baseline: record.baseline,
    source: sourceState(record),
    problems: record.problems,
    counts: { ...tally.counts },
    secretsNotGranted: tally.secretsNotGranted,
    health: { ...tally.health },
    suppressed: new Map(tally.suppressed),
    warnings: tally.warnings(warningsCap),
    unsearched: record.unsearched,
    ...(record.searched ? { coverage: { declared: desired.declared(record.baseline.key), strays: tally.strays } } : {}),
    ...(severity === undefined ? {} : { severity }),
    judged: isJudged(record),
    pending: record.snapshot === undefined ? (record.memory?.pending ?? []) : pendingOf(record, desired),
  };
}

const isJudged = ({ snapshot, lane, unjudged }: BaselineRecord): boolean =>
  snapshot !== undefined && lane === undefined && unjudged.size === 0;

/** The counts are those that go on counting: to be read at once. */
export function readOutline(record: BaselineRecord): BaselineOutline {
  const { baseline, tally, unsearched } = record;
  const source = sourceState(record);
  return { baseline, source, counts: tally.counts, strays: tally.strays, unsearched, judged: isJudged(record) };
}

function sourceState(record: BaselineRecord): SourceState {
  const { source, settledRevision, good, rollback } = record;
  const guard = guardOf(record);
  return {
    ...source,
    ...(settledRevision === undefined ? {} : { settledRevision }),
    ...(good === undefined ? {} : { goodRevision: good.revision }),
    ...(guard === undefined ? {} : { guard }),
    ...(rollback === undefined ? {} : { rollback }),
  };
}

function pendingOf(record: BaselineRecord, desired: DesiredStore): readonly PendingObject[] {
  const { pending, unmatched, baseline } = record;
  const waiting = longest(pending, pendingCap);
  // Whose grace period runs goes first; of the others a restart assumes the worst where not all are named.
  const never = longest(unmatched, pendingCap - waiting.length);
  return [...waiting, ...never].flatMap(([id, since]) => {
    const entry = desired.get(baseline.key, id);
    if (entry === undefined) return [];
    const hash = entry.desired?.hash.slice(0, rememberedHash) ?? "";
    return [{ id: entry.id, since, hash, ...(unmatched.has(id) ? { unmatched: true } : {}) }];
  });
}

type Pending = readonly [IdKey, number];

/** Those that wait longest, so many at most, longest first; of equals the one that came first. */
function longest(pending: Iterable<Pending>, cap: number): readonly Pending[] {
  const found: Pending[] = [];
  if (cap <= 0) return found;
  for (const one of pending) {
    const last = found.at(-1);
    if (found.length >= cap && last !== undefined && last[1] <= one[1]) continue;
    const place = found.findLastIndex(([, since]) => since <= one[1]) + 1;
    found.splice(place, 0, one);
    if (found.length > cap) found.pop();
  }
  return found;
}

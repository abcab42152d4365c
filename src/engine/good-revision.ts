/**
 * The last revision at which a Baseline was in sync and healthy: what a rollback goes to. A revision is on probation for
 * the length of the grace period: where health gets worse within it, it was not good, and the one before it is again.
 */
import { formatRevision } from "../model/snapshot.ts";
import type { BaselineRecord } from "./baseline-store.ts";
import { guardOf } from "./guard.ts";

/** How many of the objects that are not declared any more are degraded or progressing. Asked only where it matters. */
export type IllElsewhere = () => number;

/** Everything was judged, nothing waits or stands, and all of it could be seen; Secrets that may not be read left out. */
function isInSync({ tally, complete, unjudged, pending, gate }: BaselineRecord): boolean {
  const { counts, secretsNotGranted } = tally;
  if (!complete || gate !== undefined || unjudged.size > 0 || pending.size > 0) return false;
  return counts.drifted + counts.missing + counts.terminating + counts.pending + counts.unknown === secretsNotGranted;
}

/** Notes what is true now; true where that is news. */
export function noteGood(record: BaselineRecord, now: number, illElsewhere: IllElsewhere): boolean {
  const { snapshot, tally, good, baseline } = record;
  if (snapshot === undefined || record.gate !== undefined) return false;
  const { degraded, progressing } = tally.health;
  const revision = formatRevision(snapshot.revision);
  // Of what Git never declared nobody looks at the health.
  const dropped = tally.counts.unmanaged - tally.strays;
  const ill = (count: number): boolean => count > 0 && (dropped === 0 || count > illElsewhere());
  if (good?.revision === revision) {
    if (good.before === undefined || now - good.since >= baseline.gracePeriod) return false;
    if (!ill(degraded + progressing)) return false;
    record.good = { revision: good.before, since: now };
    return true;
  }
  if (!isInSync(record) || guardOf(record) !== undefined || ill(degraded + progressing)) return false;
  record.good = { revision, since: now, ...(good === undefined ? {} : { before: good.revision }) };
  return true;
}

/**
 * How much was written lately, in memory: the base of the limits. It answers whether a write is held back and never
 * writes. A restart forgets it, which lets at most one more round of writes through.
 */
import type { Baseline } from "../model/baseline.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { RemedyInput } from "../verdict/remedy.ts";

export type Held = NonNullable<RemedyInput["held"]>;

const MINUTE = 60_000;

export interface HealLog {
  /** Undefined where nothing holds it. */
  held(baseline: Baseline, key: string, commit: string): Held | undefined;
  /** A write is about to be sent. */
  sent(baseline: Baseline, key: string, commit: string): void;
  /** It was refused because somebody else was there first: nothing was written. */
  unsent(baseline: BaselineKey): void;
  forget(baseline: BaselineKey): void;
}

interface Kept {
  /** Monotonic moments of writes within the last minute. */
  readonly sends: number[];
  commit: string;
  readonly objects: Set<string>;
}

export function createHealLog(clock: Pick<Clock, "now" | "monotonic">): HealLog {
  const kept = new Map<BaselineKey, Kept>();
  const of = (key: BaselineKey): Kept => {
    const found = kept.get(key) ?? { sends: [], commit: "", objects: new Set<string>() };
    kept.set(key, found);
    return found;
  };
  /** A moment of the monotonic clock on the one people read. */
  const wall = (at: number): number => clock.now() + (at - clock.monotonic());

  return {
    held(baseline, key, commit) {
      const log = of(baseline.key);
      const { maxPerMinute, maxObjectsPerRevision } = baseline.remediation;
      const since = clock.monotonic() - MINUTE;
      while ((log.sends[0] ?? Infinity) <= since) log.sends.shift();
      const [first] = log.sends;
      if (log.sends.length >= maxPerMinute) {
        const message = `${maxPerMinute} writes a minute are the limit of this Baseline`;
        return { reason: "limit", until: wall((first ?? clock.monotonic()) + MINUTE), message };
      }
      if (log.commit === commit && !log.objects.has(key) && log.objects.size >= maxObjectsPerRevision) {
        const message = `${maxObjectsPerRevision} objects were put back at this revision, the limit of this Baseline`;
        return { reason: "limit", message };
      }
      return undefined;
    },
    sent(baseline, key, commit) {
      const log = of(baseline.key);
      log.sends.push(clock.monotonic());
      if (log.commit !== commit) log.objects.clear();
      log.commit = commit;
      log.objects.add(key);
    },
    unsent(baseline) {
      kept.get(baseline)?.sends.pop();
    },
    forget(baseline) {
      kept.delete(baseline);
    },
  };
}

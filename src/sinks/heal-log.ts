/**
 * What was done to whom lately, in memory: the base of the limits and of the fight guard. It answers whether a write is
 * held back and never writes. A restart forgets it, which lets at most one more round of writes through.
 */
import type { Baseline } from "../model/baseline.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { RemedyInput } from "../verdict/remedy.ts";

export type Held = NonNullable<RemedyInput["held"]>;

/** The same object put back so often within the window, and moved again by the same manager: a fight. */
export const fightHeals = 3;
/** Milliseconds. */
export const fightWindow = 600_000;
const MINUTE = 60_000;

interface Heal {
  readonly at: number;
  readonly managers: readonly string[];
}

export interface HealLog {
  /** Undefined where nothing holds it. `managers`: of the drift as it is now. */
  held(baseline: Baseline, key: string, commit: string, managers: readonly string[]): Held | undefined;
  /** A write is about to be sent. */
  sent(baseline: Baseline, key: string, commit: string): void;
  /** It was accepted and changed something. `managers`: of the drift it put back. */
  healed(baseline: BaselineKey, key: string, managers: readonly string[]): void;
  forget(baseline: BaselineKey): void;
}

interface Kept {
  /** Moments of writes within the last minute. */
  sends: number[];
  commit: string;
  readonly objects: Set<string>;
  readonly heals: Map<string, Heal[]>;
}

export function createHealLog(clock: Pick<Clock, "now" | "monotonic">): HealLog {
  const kept = new Map<BaselineKey, Kept>();
  const of = (key: BaselineKey): Kept => {
    const found = kept.get(key) ?? {
      sends: [],
      commit: "",
      objects: new Set<string>(),
      heals: new Map<string, Heal[]>(),
    };
    kept.set(key, found);
    return found;
  };
  const recent = (log: Kept, key: string): Heal[] => {
    const since = clock.monotonic() - fightWindow;
    const heals = (log.heals.get(key) ?? []).filter((heal) => heal.at > since);
    if (heals.length === 0) log.heals.delete(key);
    else log.heals.set(key, heals);
    return heals;
  };
  /** A moment of the monotonic clock on the one people read. */
  const wall = (at: number): number => clock.now() + (at - clock.monotonic());

  const fight = (log: Kept, key: string, managers: readonly string[]): Held | undefined => {
    const heals = recent(log, key);
    const against = managers.length === 0 ? [""] : managers;
    const by = against.find((manager) => heals.filter((heal) => heal.managers.includes(manager)).length >= fightHeals);
    const last = heals.at(-1);
    if (by === undefined || last === undefined) return undefined;
    const who = by === "" ? "somebody unknown" : by;
    const message = `${who} moved it again after it was put back ${heals.length} times in ten minutes`;
    return { reason: "fight", until: wall(last.at + fightWindow), message };
  };

  return {
    held(baseline, key, commit, managers) {
      const log = of(baseline.key);
      const fought = fight(log, key, managers);
      if (fought !== undefined) return fought;
      const { maxPerMinute, maxObjectsPerRevision } = baseline.remediation;
      log.sends = log.sends.filter((at) => at > clock.monotonic() - MINUTE);
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
    healed(baseline, key, managers) {
      const log = of(baseline);
      const by = managers.length === 0 ? [""] : managers;
      log.heals.set(key, [...recent(log, key), { at: clock.monotonic(), managers: by }]);
    },
    forget(baseline) {
      kept.delete(baseline);
    },
  };
}

/**
 * A breaker for each object that was put back: where somebody moves the same path back each time, Plumbline stands
 * down, tries once more after a while, and acts again when there was peace. In memory; what a restart forgets, the
 * object's Drift record remembers. It answers whether a write is held back and never writes.
 */
import type { DecideInput } from "../verdict/decide.ts";
import { fieldManager } from "../model/annotations.ts";
import { formatPath } from "../model/path.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Cause } from "../model/verdict.ts";
import { changesToHeal, type RemedyInput } from "../verdict/remedy.ts";
import {
  closed,
  crowdHeals,
  elapsed,
  fightHeals,
  fightWindow,
  moved,
  putBack,
  recalled,
  type BreakerState,
  type Contest,
  type Contested,
  type Move,
} from "./breaker-state.ts";
import type { Standing } from "./episodes.ts";

export type { Contest, Contested };

/** What holds a write back, with who else writes what. */
export type Fought = NonNullable<RemedyInput["held"]> & { readonly reason: "fight"; readonly contested: Contested };

export type BreakerKind = BreakerState["kind"];

/** It went from one state to another; told when it is noticed, which is at the next look. */
export interface BreakerChange {
  readonly baseline: BaselineKey;
  readonly object: string;
  readonly from: BreakerKind;
  readonly to: BreakerKind;
  /** Of the fight that began, goes on or ended. */
  readonly contested: Contested;
}

/** What a Drift record says of a fight. */
export interface RecordedFight {
  readonly waitingFor?: string | undefined;
  readonly contested?: Contested | undefined;
  /** Milliseconds since the epoch. */
  readonly waitsUntil?: number | undefined;
}

export interface Breaker {
  /** A drift stands, and is about to be put back: why not; undefined where nothing is against it. */
  held(baseline: BaselineKey, object: string, contest: Contest): Fought | undefined;
  /** The server took the write that puts it back, and it changed something. */
  healed(baseline: BaselineKey, object: string, contest: Contest): void;
  state(baseline: BaselineKey, object: string): BreakerKind;
  /** How many are not closed. */
  count(baseline: BaselineKey): Readonly<Record<Exclude<BreakerKind, "closed">, number>>;
  /** What is known already stays. */
  recall(baseline: BaselineKey, object: string, recorded: RecordedFight): void;
  forget(baseline: BaselineKey): void;
}

/** Our own field manager, on record for what this process did not write: a name costs nothing. */
const ownName = `${fieldManager} (not this process)`;
/** What moved in the cluster; all else is as Git said before, or says at another time, and may well be our own heal. */
const byHand: ReadonlySet<Cause> = new Set<Cause>(["live-edit", "recreation"]);
/** The path of an object as a whole: deleted, or made again, each time. */
export const wholeObject = ".";
const PATHS_TOLD = 5;
/** A record holds so many of either; also a bound on what one fight may keep. */
const MOST = 20;

const nobody: Contested = { managers: [], paths: [] };

/**
 * What may be fought over in a drift: what would be put back, and was not left so by our own write.
 * @param written the version that our last write of this object led to: what we are on record for there is our doing,
 * or was made of our write on its way in
 */
export function contestOf(
  { verdict, firstObserved }: Standing,
  { baseline, live, desired }: Pick<DecideInput, "baseline" | "live" | "desired">,
  written?: string,
): Contest {
  const isOurs = live.state === "present" && live.live.resourceVersion === written;
  const moves: readonly Move[] =
    verdict.kind === "drifted"
      ? changesToHeal(verdict, baseline)
          .filter(({ owner, cause }) => owner.manager !== fieldManager || (!isOurs && byHand.has(cause)))
          .map(({ path, owner }) => ({
            path: formatPath(path),
            // The entry that stands for nobody has a name too.
            manager: owner.confidence === "unknown" ? "" : owner.manager === fieldManager ? ownName : owner.manager,
          }))
      : verdict.kind === "terminating"
        ? []
        : [{ path: wholeObject, manager: "" }];
  // What is not there has no version; another absence began at another moment.
  const seen = live.state === "present" ? `${live.live.uid} ${live.live.resourceVersion}` : `absent ${firstObserved}`;
  return { moves, seen, desired: desired?.hash ?? "" };
}

/** `kube-controller-manager and kubectl-edit`. */
export function namesOf({ managers }: Contested): string {
  return managers.length === 0 ? "somebody unknown" : managers.join(" and ");
}

/** `.spec.replicas, .spec.paused`, or the object as a whole; cut where there are many. */
export function pathsOf({ paths }: Contested): string {
  const shown = paths.slice(0, PATHS_TOLD).map((path) => (path === wholeObject ? "the object as a whole" : path));
  const more = paths.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

function sentence({ contested, round, chased }: Extract<BreakerState, { kind: "open" }>): string {
  if (chased === true)
    return `${namesOf(contested)} moved something of it right after each of ${crowdHeals} heals, ${pathsOf(contested)} last`;
  const again = `${namesOf(contested)} moved ${pathsOf(contested)} again`;
  if (round > 0) return `${again} after a trial; nothing is written until the next one`;
  return `${again} each time it was put back, at least ${fightHeals} times in ${fightWindow / 60_000} minutes`;
}

const cut = ({ managers, paths }: Contested): Contested => ({
  managers: managers.slice(0, MOST),
  paths: paths.slice(0, MOST),
});

export function createBreaker(
  clock: Pick<Clock, "now" | "monotonic">,
  observe: (change: BreakerChange) => void = () => {},
): Breaker {
  const states = new Map<BaselineKey, Map<string, BreakerState>>();
  /** When each opening ends, on the clock people read: worked out once, so that what is shown of it stands still. */
  const ends = new WeakMap<BreakerState, number>();
  /** Of each object that is kept: what was seen of it last, and when first. */
  const sighted = new Map<string, { readonly seen: string; readonly at: number }>();
  let sweptAt = clock.monotonic();

  const contestedIn = (state: BreakerState): Contested => (state.kind === "closed" ? nobody : state.contested);

  /** Keeps what a step led to, and tells of it where it is another kind of state. */
  const keep = (baseline: BaselineKey, object: string, before: BreakerState, after: BreakerState): void => {
    const ofBaseline = states.get(baseline) ?? new Map<string, BreakerState>();
    states.set(baseline, ofBaseline);
    if (after.kind === "closed" && after.heals.length === 0) {
      ofBaseline.delete(object);
      sighted.delete(object);
    } else ofBaseline.set(object, after);
    if (before.kind === after.kind) return;
    const contested = contestedIn(after.kind === "closed" ? before : after);
    observe({ baseline, object, from: before.kind, to: after.kind, contested });
  };
  const find = (baseline: BaselineKey, object: string): BreakerState | undefined => states.get(baseline)?.get(object);

  /** As time alone has it. */
  const now = (baseline: BaselineKey, object: string): BreakerState => {
    const before = find(baseline, object);
    if (before === undefined) return closed;
    const after = elapsed(before, clock.monotonic());
    if (after !== before) keep(baseline, object, before, after);
    return after;
  };
  const refresh = (baseline: BaselineKey): void => {
    for (const object of states.get(baseline)?.keys() ?? []) now(baseline, object);
  };
  /** Objects that were put back once long ago are not kept; one look at all of them per window is enough. */
  const sweep = (): void => {
    if (clock.monotonic() - sweptAt < fightWindow) return;
    sweptAt = clock.monotonic();
    for (const baseline of states.keys()) refresh(baseline);
  };

  const since = (object: string, { seen }: Contest): number => {
    const known = sighted.get(object);
    if (known?.seen === seen) return known.at;
    const at = clock.monotonic();
    sighted.set(object, { seen, at });
    return at;
  };

  const endOf = (state: Extract<BreakerState, { kind: "open" }>): number => {
    const end = ends.get(state) ?? Math.ceil(clock.now() + (state.until - clock.monotonic()));
    ends.set(state, end);
    return end;
  };

  return {
    held(baseline, object, contest) {
      if (find(baseline, object) === undefined) return undefined;
      const before = now(baseline, object);
      const after = moved(before, contest, clock.monotonic(), since(object, contest));
      if (after !== before) keep(baseline, object, before, after);
      if (after.kind !== "open") return undefined;
      return {
        reason: "fight",
        until: endOf(after),
        message: sentence(after),
        contested: cut(after.contested),
      };
    },
    healed(baseline, object, contest) {
      sweep();
      const before = now(baseline, object);
      keep(baseline, object, before, putBack(before, contest, clock.monotonic(), since(object, contest)));
    },
    state: (baseline, object) => now(baseline, object).kind,
    count(baseline) {
      refresh(baseline);
      const found = { open: 0, "half-open": 0 };
      for (const { kind } of states.get(baseline)?.values() ?? []) if (kind !== "closed") found[kind] += 1;
      return found;
    },
    recall(baseline, object, { waitingFor, contested, waitsUntil }) {
      if (waitingFor !== "fight" || contested === undefined || contested.paths.length === 0) return;
      if (find(baseline, object) !== undefined) return;
      const monotonic = clock.monotonic();
      const until = monotonic + ((waitsUntil ?? clock.now()) - clock.now());
      // It was told when it opened: this is no news.
      const ofBaseline = states.get(baseline) ?? new Map<string, BreakerState>();
      states.set(baseline, ofBaseline.set(object, recalled(contested, until, monotonic)));
    },
    forget(baseline) {
      for (const object of states.get(baseline)?.keys() ?? []) sighted.delete(object);
      states.delete(baseline);
    },
  };
}

/**
 * The breaker of one object, as a pure state machine: closed, open (nothing is written), half open (one write is
 * allowed, and peace is waited for). What trips it is the same path moved back after each of several heals by those
 * who moved it before, one or several in turn; another path of the same object does not count, but where the same one
 * moves something of it right after each of very many heals. What Git moved never counts. Knows no clock: moments are
 * monotonic milliseconds.
 */

/** So many heals of one path within the window, each of them moved back, and somebody comes back to it. */
export const fightHeals = 3;
/** So many, and it is a fight even where each time somebody else is on record: a name costs nothing. */
export const crowdHeals = 10;
/** Milliseconds: who moves something so soon after it was put back does so because of that. */
export const rightAfter = 2_000;
/** Milliseconds: within which heals count together, and for which there must be peace. */
export const fightWindow = 600_000;
/** Milliseconds: the first time it stays open; each trial that fails doubles it. */
export const firstOpen = 600_000;
export const longestOpen = 7_200_000;

/** One path that is not as declared, and who is on record for it; "" where nobody is. */
export interface Move {
  readonly path: string;
  readonly manager: string;
}

/** One drift, as far as a fight may be seen in it. */
export interface Contest {
  readonly moves: readonly Move[];
  /** Names the state that was seen: the same one again is old news, however often it is looked at. */
  readonly seen: string;
  /** Hash of what Git declares: what moved because Git did is nobody's fight. */
  readonly desired: string;
}

/** Who writes the same paths as we do. */
export interface Contested {
  readonly managers: readonly string[];
  readonly paths: readonly string[];
}

interface Heal extends Contest {
  readonly at: number;
  /** When it was first seen, which may be long before it could be put back. */
  readonly since: number;
}

interface Quarrel {
  readonly heals: readonly Heal[];
  readonly contested: Contested;
  /** Undefined where a restart forgot it. */
  readonly desired: string | undefined;
  /** Trials that failed. */
  readonly round: number;
  /** Another path each time, right after it was put back. */
  readonly chased?: boolean;
}

export type BreakerState =
  | { readonly kind: "closed"; readonly heals: readonly Heal[] }
  | (Quarrel & { readonly kind: "open"; readonly until: number })
  | (Quarrel & { readonly kind: "half-open"; readonly since: number; readonly trial?: Heal });

export const closed: BreakerState = { kind: "closed", heals: [] };

export const openFor = (round: number): number => Math.min(longestOpen, firstOpen * 2 ** Math.min(round, 30));

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].filter((text) => text !== "");

function together(one: Contested, other: Contested): Contested {
  return {
    managers: unique([...one.managers, ...other.managers]),
    paths: unique([...one.paths, ...other.paths]),
  };
}

const recent = (heals: readonly Heal[], now: number): readonly Heal[] =>
  heals.every(({ at }) => at > now - fightWindow) ? heals : heals.filter(({ at }) => at > now - fightWindow);

/** Open gives way to a trial when its time is over, and that to closed when nothing contested was seen for the window. */
export function elapsed(state: BreakerState, now: number): BreakerState {
  if (state.kind === "open") {
    if (now < state.until) return state;
    const { until, heals, contested, desired, round } = state;
    return elapsed({ kind: "half-open", since: until, heals, contested, desired, round }, now);
  }
  const heals = recent(state.heals, now);
  if (state.kind === "half-open" && now >= state.since + fightWindow) return { kind: "closed", heals };
  return heals === state.heals ? state : { ...state, heals };
}

/** Paths that were put back so often under this very declaration, and are moved again; undefined where none is. */
function fought(heals: readonly Heal[], contest: Contest): Contested | undefined {
  const same = heals.filter(({ desired }) => desired === contest.desired);
  // Seen before and put back since: the watch has not brought our write yet.
  if (same.some(({ seen }) => seen === contest.seen)) return undefined;
  const before = (path: string): readonly Move[] =>
    same.flatMap(({ moves }) => moves.filter((move) => move.path === path).slice(0, 1));
  const again = contest.moves.filter(({ path, manager }) => {
    const earlier = before(path);
    if (earlier.length < fightHeals) return false;
    return earlier.length >= crowdHeals || earlier.some((move) => move.manager === manager);
  });
  if (again.length === 0) return undefined;
  const managers = again.flatMap((move) => [...before(move.path), move].map(({ manager }) => manager));
  return { managers: unique(managers), paths: unique(again.map(({ path }) => path)) };
}

/** Whoever moved something of the object right after each of so many heals in a row, another path each time perhaps. */
function chased(heals: readonly Heal[], contest: Contest, since: number): Contested | undefined {
  const row = heals.filter(({ desired }) => desired === contest.desired).slice(-crowdHeals);
  if (row.length < crowdHeals || row.some(({ seen }) => seen === contest.seen)) return undefined;
  const isSoon = row.every(({ at }, index) => (row[index + 1]?.since ?? since) - at <= rightAfter);
  if (!isSoon) return undefined;
  // The first of them may have been put back for somebody else.
  const chasing = contest.moves.filter(
    ({ manager }) => manager !== "" && row.slice(1).every(({ moves }) => moves.some((one) => one.manager === manager)),
  );
  if (chasing.length === 0) return undefined;
  return { managers: unique(chasing.map(({ manager }) => manager)), paths: unique(chasing.map(({ path }) => path)) };
}

function opened(quarrel: Quarrel, now: number): BreakerState {
  const { heals, contested, desired, round, chased: isChased } = quarrel;
  const how = isChased === true ? { chased: true } : {};
  return { kind: "open", until: now + openFor(round), heals, contested, desired, round, ...how };
}

/** Which of the moves are of contested paths. */
const touching = ({ contested }: Quarrel, { moves }: Contest): readonly Move[] =>
  moves.filter(({ path }) => contested.paths.includes(path));

/**
 * A drift stands. What it leads to says whether it may be put back: anything but open.
 * @param since when it was first seen
 */
export function moved(before: BreakerState, contest: Contest, now: number, since = now): BreakerState {
  const state = elapsed(before, now);
  if (state.kind === "open") {
    if (state.desired === contest.desired) return state;
    if (state.desired === undefined) return { ...state, desired: contest.desired };
    // What Git declares now may be what ends the fight: it gets its trial at once.
    const { heals, contested, round } = state;
    return { kind: "half-open", since: now, heals, contested, desired: contest.desired, round };
  }
  const again = fought(state.heals, contest);
  const anew = again ?? chased(state.heals, contest, since);
  const how = { chased: again === undefined };
  if (state.kind === "closed")
    return anew === undefined
      ? state
      : opened({ heals: state.heals, contested: anew, desired: contest.desired, round: 0, ...how }, now);
  const touched = touching(state, contest);
  const { trial, round } = state;
  if (touched.length === 0)
    return anew === undefined
      ? state
      : opened({ ...state, contested: together(state.contested, anew), round: round + 1, ...how }, now);
  if (trial?.seen === contest.seen) return state;
  if (trial === undefined || trial.desired !== contest.desired) {
    const { heals, contested } = state;
    return { kind: "half-open", since: now, heals, contested, desired: contest.desired, round };
  }
  const contested = together(state.contested, { managers: touched.map(({ manager }) => manager), paths: [] });
  return opened({ ...state, contested, desired: contest.desired, round: round + 1 }, now);
}

/** The drift was put back: the server took our write, and it changed something. */
export function putBack(before: BreakerState, contest: Contest, now: number, since = now): BreakerState {
  const state = elapsed(before, now);
  const heal: Heal = { ...contest, at: now, since };
  const heals = [...state.heals, heal];
  if (state.kind !== "half-open" || touching(state, contest).length === 0) return { ...state, heals };
  return { ...state, heals, trial: heal };
}

/** As a record of before a restart has it: how long it was to stay open tells how many trials had failed. */
export function recalled(contested: Contested, until: number, now: number): BreakerState {
  const left = Math.min(longestOpen, Math.max(0, until - now));
  let round = 0;
  while (openFor(round) < left) round += 1;
  return { kind: "open", until: now + left, heals: [], contested, desired: undefined, round };
}

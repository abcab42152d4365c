/**
 * How many requests may be under way at once, as a pure step: a little more while the server answers as usual (additive
 * increase), much less at each sign that it has too much to do (multiplicative decrease): a 429, or an answer that took
 * far longer than such answers take. Never below one. Reads no clock.
 */

export interface ConcurrencyLimit {
  /** At least 1; its whole part counts. */
  readonly limit: number;
  /** Milliseconds that an answer usually takes, by sort of request. */
  readonly usual: Readonly<Record<string, number>>;
  /** Monotonic milliseconds of the last decrease: what was sent before it tells nothing new. */
  readonly decreasedAt: number;
}

export interface Answered {
  /** What is compared with what: the verb. */
  readonly sort: string;
  readonly outcome: "answered" | "refused" | "unanswered";
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  readonly now: number;
  /** Whether the limit was used up. */
  readonly busy: boolean;
}

export const INITIAL_LIMIT = 16;
export const MOST = 32;
/** Milliseconds: as long may an answer take on top of four times the usual, for a loop or a disk may have been busy. */
const SLACK = 250;
/** Until it is known. */
const USUAL = 20;

export const initialLimit: ConcurrencyLimit = {
  limit: INITIAL_LIMIT,
  usual: {},
  decreasedAt: Number.NEGATIVE_INFINITY,
};

/** Milliseconds from which an answer is slow. */
export function slowFrom(state: ConcurrencyLimit, sort: string): number {
  return SLACK + 4 * (state.usual[sort] ?? USUAL);
}

function factorOf(answered: Answered, isSlow: boolean): number {
  if (answered.outcome === "refused") return 0.5;
  if (!isSlow) return 1;
  return answered.outcome === "unanswered" ? 0.5 : 0.75;
}

export function stepLimit(state: ConcurrencyLimit, answered: Answered): ConcurrencyLimit {
  const took = answered.now - answered.sentAt;
  const factor = factorOf(answered, took > slowFrom(state, answered.sort));
  if (factor < 1) {
    const next = learn(state, answered, took);
    if (answered.sentAt <= state.decreasedAt) return next;
    return { ...next, limit: Math.max(1, state.limit * factor), decreasedAt: answered.now };
  }
  if (answered.outcome !== "answered") return state;
  const next = learn(state, answered, took);
  return answered.busy ? { ...next, limit: Math.min(MOST, state.limit + 1 / state.limit) } : next;
}

/** Quick to learn that answers are fast, slow to get used to slow ones. */
function learn(state: ConcurrencyLimit, { sort, outcome }: Answered, took: number): ConcurrencyLimit {
  if (outcome !== "answered") return state;
  const before = state.usual[sort] ?? USUAL;
  const usual = before + (took - before) * (took < before ? 0.2 : 0.01);
  return { ...state, usual: { ...state.usual, [sort]: usual } };
}

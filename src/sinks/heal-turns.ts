/**
 * Whose turn it is when many objects of a Baseline are to be put back: what others need goes before them (a namespace
 * before what is in it, configuration before what reads it). An object alone goes at once; nobody waits for longer than
 * a moment, whatever becomes of those before it. It sends nothing and only says who waits.
 */
import type { Clock } from "../runtime/clock.ts";

/** Milliseconds for which one object waits for others at most. */
export const turnPatience = 2_000;

export interface HealTurns {
  /** It is to be looked at. Lower ranks go first. */
  enter(line: string, key: string, rank: number): void;
  /** Milliseconds for which it waits for others at most, and is released earlier where it can be; 0: its turn. */
  wait(line: string, key: string): number;
  /** It was looked at, whatever came of it. */
  leave(line: string, key: string): void;
  forget(line: string): void;
}

interface Turn {
  readonly rank: number;
  /** Monotonic milliseconds. */
  readonly until: number;
}

interface Line {
  readonly turns: Map<string, Turn>;
  /** How many are there of each rank. */
  readonly ranks: Map<number, number>;
  readonly waiting: Set<string>;
}

export function createHealTurns(clock: Pick<Clock, "monotonic">, release: (key: string) => void): HealTurns {
  const lines = new Map<string, Line>();

  const lowest = ({ ranks }: Line): number => Math.min(...ranks.keys());

  const take = (line: Line, key: string): void => {
    const turn = line.turns.get(key);
    if (turn === undefined) return;
    line.turns.delete(key);
    line.waiting.delete(key);
    const left = (line.ranks.get(turn.rank) ?? 1) - 1;
    if (left > 0) line.ranks.set(turn.rank, left);
    else line.ranks.delete(turn.rank);
  };

  /** Those whose turn it is now, because nobody is left before them. */
  const releaseNext = (line: Line): void => {
    if (line.waiting.size === 0) return;
    const next = lowest(line);
    for (const key of line.waiting) {
      if ((line.turns.get(key)?.rank ?? next) > next) continue;
      line.waiting.delete(key);
      release(key);
    }
  };

  return {
    enter(name, key, rank) {
      const line = lines.get(name) ?? { turns: new Map(), ranks: new Map(), waiting: new Set() };
      lines.set(name, line);
      take(line, key);
      line.turns.set(key, { rank, until: clock.monotonic() + turnPatience });
      line.ranks.set(rank, (line.ranks.get(rank) ?? 0) + 1);
    },
    wait(name, key) {
      const line = lines.get(name);
      const turn = line?.turns.get(key);
      if (line === undefined || turn === undefined || line.turns.size === 1 || lowest(line) >= turn.rank) return 0;
      const patience = Math.max(0, turn.until - clock.monotonic());
      if (patience > 0) line.waiting.add(key);
      return patience;
    },
    leave(name, key) {
      const line = lines.get(name);
      if (line === undefined) return;
      const rank = line.turns.get(key)?.rank;
      take(line, key);
      if (line.turns.size === 0) lines.delete(name);
      else if (rank !== undefined && !line.ranks.has(rank)) releaseNext(line);
    },
    forget(name) {
      lines.delete(name);
    },
  };
}

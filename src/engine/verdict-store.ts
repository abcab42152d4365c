/**
 * The last judgement per Baseline and object, and what was announced of it. It turns judgements into transitions: one
 * for each that means something else than what was announced, none otherwise. Not being able to see (`unknown`)
 * forgets nothing: when the sight comes back, what was standing before is neither new nor counted again.
 */
import { idKey, type IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { isStanding, type Judgement, type Transition } from "../model/verdict.ts";
import { type FreshJudgement, type Meaning, saysTheSame } from "./meaning.ts";

interface Said extends Meaning {
  readonly judgement: Judgement;
  /** From a record of before a restart: it has no meaning to compare, only what the record holds. */
  readonly seeded: boolean;
}

interface Verdicts {
  current: Judgement;
  /** What the sinks were told last; undefined where they were told nothing. */
  announced: Said | undefined;
  /** What stood when the object became unknown. */
  standing: Said | undefined;
}

export interface Recorded {
  readonly transition: Transition | undefined;
  /** True where something that a Baseline's state sums up changed. */
  readonly counts: boolean;
}

export class VerdictStore {
  readonly #baselines = new Map<BaselineKey, Map<IdKey, Verdicts>>();

  /** What was announced before a restart. Whatever is recorded already stays. */
  seed(judgements: readonly Judgement[]): void {
    for (const judgement of judgements) {
      const verdicts = this.#of(judgement.baseline);
      const id = idKey(judgement.id);
      if (!isStanding(judgement.verdict) || verdicts.has(id)) continue;
      const announced = { judgement, meaning: "", detail: "", seeded: true };
      verdicts.set(id, { current: judgement, announced, standing: undefined });
    }
  }

  /** Since when what stands stands, as another process recorded it: the earlier moment counts. Adds nothing. */
  adopt(judgements: readonly Judgement[]): void {
    for (const judgement of judgements) {
      const verdicts = this.#baselines.get(judgement.baseline)?.get(idKey(judgement.id));
      if (verdicts === undefined || isSeed(verdicts)) continue;
      verdicts.current = backdated(verdicts.current, judgement);
      const { announced } = verdicts;
      if (announced !== undefined)
        verdicts.announced = { ...announced, judgement: backdated(announced.judgement, judgement) };
    }
  }

  get(key: BaselineKey, id: IdKey): Judgement | undefined {
    return this.#baselines.get(key)?.get(id)?.current;
  }

  /** True where a judgement of this process is there. */
  isJudged(key: BaselineKey, id: IdKey): boolean {
    const known = this.#baselines.get(key)?.get(id);
    return known !== undefined && !isSeed(known);
  }

  *all(key: BaselineKey): Iterable<Judgement> {
    for (const { current } of this.#baselines.get(key)?.values() ?? []) yield current;
  }

  /**
   * Keeps a judgement; `now` in milliseconds since the epoch. `waiting`: it only says that we do not see yet, which is
   * no news about an object nothing was said of.
   */
  record(fresh: FreshJudgement, said: Meaning, now: number, waiting: boolean): Recorded {
    const verdicts = this.#of(fresh.baseline);
    const id = idKey(fresh.id);
    const known = verdicts.get(id);
    if (waiting && known !== undefined && isSeed(known)) return { transition: undefined, counts: false };
    const before = saidBefore(known, fresh);
    const same = before !== undefined && says(before, fresh, said);
    const judgement = dated(fresh, before?.judgement ?? known?.current, same, now);
    const next: Verdicts = known ?? { current: judgement, announced: undefined, standing: undefined };
    const counts = known === undefined || sums(known.current) !== sums(judgement);
    next.current = judgement;
    verdicts.set(id, next);
    const told = next.announced;
    const silent = told === undefined ? waiting : told.meaning === said.meaning && told.detail === said.detail;
    if (silent) return { transition: undefined, counts };
    announce(next, { judgement, ...said, seeded: false });
    const { baseline } = fresh;
    const transition = { baseline, id: fresh.id, before: before?.judgement, after: judgement, at: now, replayed: same };
    return { transition, counts };
  }

  /** The object left the Baseline. Undefined where nothing was announced of it. */
  leave(key: BaselineKey, id: IdKey, now: number): Transition | undefined {
    const verdicts = this.#baselines.get(key);
    const known = verdicts?.get(id);
    verdicts?.delete(id);
    const said = known?.standing ?? known?.announced;
    if (said === undefined) return undefined;
    const { judgement } = said;
    return { baseline: key, id: judgement.id, before: judgement, after: undefined, at: now, replayed: false };
  }

  /** Ids of one Baseline, those of seeds as well. */
  ids(key: BaselineKey): readonly IdKey[] {
    return [...(this.#baselines.get(key)?.keys() ?? [])];
  }

  remove(key: BaselineKey): void {
    this.#baselines.delete(key);
  }

  #of(key: BaselineKey): Map<IdKey, Verdicts> {
    const known = this.#baselines.get(key);
    if (known !== undefined) return known;
    const fresh = new Map<IdKey, Verdicts>();
    this.#baselines.set(key, fresh);
    return fresh;
  }
}

/** True while nothing but a record of before a restart is known. */
function isSeed({ current, announced }: Verdicts): boolean {
  return announced?.seeded === true && announced.judgement === current;
}

/** What a judgement is news against: seeing again, what stood before the sight was lost. */
function saidBefore(known: Verdicts | undefined, fresh: FreshJudgement): Said | undefined {
  const seesAgain = known?.standing !== undefined && fresh.verdict.kind !== "unknown";
  return seesAgain ? known.standing : known?.announced;
}

function announce(verdicts: Verdicts, said: Said): void {
  const before = verdicts.announced;
  if (said.judgement.verdict.kind !== "unknown") verdicts.standing = undefined;
  else if (before !== undefined && isStanding(before.judgement.verdict)) verdicts.standing = before;
  verdicts.announced = said;
}

function says(before: Said, fresh: FreshJudgement, said: Meaning): boolean {
  if (!before.seeded) return before.meaning === said.meaning;
  return saysTheSame(before.judgement, fresh);
}

function dated(fresh: FreshJudgement, before: Judgement | undefined, same: boolean, now: number): Judgement {
  const sameKind = before?.verdict.kind === fresh.verdict.kind;
  return {
    ...fresh,
    firstObserved: before !== undefined && sameKind ? before.firstObserved : now,
    lastChanged: before !== undefined && same ? before.lastChanged : now,
  };
}

function backdated(judgement: Judgement, recorded: Judgement): Judgement {
  if (judgement.verdict.kind !== recorded.verdict.kind) return judgement;
  return {
    ...judgement,
    firstObserved: Math.min(judgement.firstObserved, recorded.firstObserved),
    lastChanged: saysTheSame(recorded, judgement)
      ? Math.min(judgement.lastChanged, recorded.lastChanged)
      : judgement.lastChanged,
  };
}

/** What a Baseline's state sums up of one judgement. */
function sums({ verdict, health, warnings }: Judgement): string {
  const code = verdict.kind === "unknown" ? verdict.problem.code : "";
  const told = warnings.map(({ message }) => message).join(" ");
  return `${verdict.kind} ${isStanding(verdict) ? verdict.severity : ""} ${code} ${health?.state ?? ""} ${told}`;
}

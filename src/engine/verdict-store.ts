/**
 * The last judgement per Baseline and object, and what was announced of it. It turns judgements into transitions: one
 * for each that means something else than what was announced, none otherwise. Not being able to see (`unknown`)
 * forgets nothing: when the sight comes back, what was standing before is neither new nor counted again.
 */
import { idKey, type IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { isStanding, type Judgement, type Transition } from "../model/verdict.ts";
import { type FreshJudgement, inBrief, type Meaning, saysTheSame } from "./meaning.ts";

/** What the sinks were told. */
interface Said extends Meaning {
  readonly judgement: Judgement;
  /** From a record of before a restart: it has no meaning to compare, only what the record holds. */
  readonly seeded: boolean;
}

/** There are tens of thousands: what was told is part of it, and is the judgement in force where that says the same. */
interface Verdicts {
  current: Judgement;
  /** What the sinks were told last; undefined where they were told nothing. */
  told: Judgement | undefined;
  meaning: string;
  detail: string;
  seeded: boolean;
  /** What stood when the object became unknown. */
  standing: Said | undefined;
}

export interface Recorded {
  readonly transition: Transition | undefined;
  /** The judgement in force, and the one it replaces; the same where it was not taken. */
  readonly current: Judgement;
  readonly replaced: Judgement | undefined;
}

export interface RecordHow {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** It only says that we do not see yet, which is no news about an object nothing was said of. */
  readonly waiting: boolean;
  /** The text to keep it under, where there is one. */
  readonly id?: IdKey;
}

interface Shelf {
  readonly verdicts: Map<IdKey, Verdicts>;
  /** Those that are anything but in sync. */
  readonly open: Set<IdKey>;
}

export class VerdictStore {
  readonly #shelves = new Map<BaselineKey, Shelf>();

  /** What was announced before a restart. Whatever is recorded already stays: true where this was taken. */
  seed(judgement: Judgement): boolean {
    const shelf = this.#of(judgement.baseline);
    const id = idKey(judgement.id);
    if (!isStanding(judgement.verdict) || shelf.verdicts.has(id)) return false;
    const seed = { current: judgement, told: judgement, meaning: "", detail: "", seeded: true, standing: undefined };
    this.#put(shelf, id, seed);
    return true;
  }

  /** Since when what stands stands, as another process recorded it: its moment counts, unless ours is well before it. Adds nothing. */
  adopt(judgements: readonly Judgement[]): void {
    for (const judgement of judgements) {
      const verdicts = this.#shelves.get(judgement.baseline)?.verdicts.get(idKey(judgement.id));
      if (verdicts === undefined || isSeed(verdicts)) continue;
      const { current, told } = verdicts;
      verdicts.current = backdated(current, judgement);
      if (told !== undefined) verdicts.told = told === current ? verdicts.current : backdated(told, judgement);
    }
  }

  get(key: BaselineKey, id: IdKey): Judgement | undefined {
    return this.#shelves.get(key)?.verdicts.get(id)?.current;
  }

  /** True where a judgement of this process is there. */
  isJudged(key: BaselineKey, id: IdKey): boolean {
    const known = this.#shelves.get(key)?.verdicts.get(id);
    return known !== undefined && !isSeed(known);
  }

  *all(key: BaselineKey): Iterable<Judgement> {
    for (const { current } of this.#shelves.get(key)?.verdicts.values() ?? []) yield current;
  }

  /** Those that are anything but in sync. */
  *open(key: BaselineKey): Iterable<readonly [IdKey, Judgement]> {
    const shelf = this.#shelves.get(key);
    for (const id of shelf?.open ?? []) {
      const verdicts = shelf?.verdicts.get(id);
      if (verdicts !== undefined) yield [id, verdicts.current];
    }
  }

  /** Keeps a judgement. */
  record(fresh: FreshJudgement, said: Meaning, { now, waiting, id = idKey(fresh.id) }: RecordHow): Recorded {
    const shelf = this.#of(fresh.baseline);
    const known = shelf.verdicts.get(id);
    if (waiting && known !== undefined && isSeed(known))
      return { transition: undefined, current: known.current, replaced: known.current };
    const replaced = known?.current;
    const before = known === undefined ? undefined : saidBefore(known, fresh);
    const brief = { meaning: inBrief(said.meaning), detail: inBrief(said.detail) };
    const same = before !== undefined && says(before, fresh, brief);
    const current = dated(fresh, before?.judgement ?? replaced, same, now);
    const next = known ?? { current, told: undefined, meaning: "", detail: "", seeded: false, standing: undefined };
    next.current = current;
    this.#put(shelf, id, next);
    const isTold = next.told !== undefined && next.meaning === brief.meaning && next.detail === brief.detail;
    if (isTold) next.told = current;
    if (isTold || (next.told === undefined && waiting)) return { transition: undefined, current, replaced };
    announce(next, current, brief);
    const { baseline } = fresh;
    const transition = {
      baseline,
      id: fresh.id,
      before: before?.judgement,
      after: current,
      at: now,
      replayed: same,
    };
    return { transition, current, replaced };
  }

  /** The object left the Baseline. Undefined where nothing was announced of it. */
  leave(key: BaselineKey, id: IdKey, now: number): Transition | undefined {
    const shelf = this.#shelves.get(key);
    const known = shelf?.verdicts.get(id);
    shelf?.verdicts.delete(id);
    shelf?.open.delete(id);
    const judgement = known?.standing?.judgement ?? known?.told;
    if (judgement === undefined) return undefined;
    return { baseline: key, id: judgement.id, before: judgement, after: undefined, at: now, replayed: false };
  }

  /** Ids of one Baseline, those of seeds as well. */
  ids(key: BaselineKey): readonly IdKey[] {
    return [...(this.#shelves.get(key)?.verdicts.keys() ?? [])];
  }

  remove(key: BaselineKey): void {
    this.#shelves.delete(key);
  }

  #put({ verdicts, open }: Shelf, id: IdKey, next: Verdicts): void {
    verdicts.set(id, next);
    if (next.current.verdict.kind === "in-sync") open.delete(id);
    else open.add(id);
  }

  #of(key: BaselineKey): Shelf {
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const fresh = { verdicts: new Map<IdKey, Verdicts>(), open: new Set<IdKey>() };
    this.#shelves.set(key, fresh);
    return fresh;
  }
}

/** True while nothing but a record of before a restart is known. */
const isSeed = ({ current, told, seeded }: Verdicts): boolean => seeded && told === current;

function toldBy({ told, meaning, detail, seeded }: Verdicts): Said | undefined {
  return told === undefined ? undefined : { judgement: told, meaning, detail, seeded };
}

/** What a judgement is news against: seeing again, what stood before the sight was lost. */
function saidBefore(known: Verdicts, fresh: FreshJudgement): Said | undefined {
  const seesAgain = known.standing !== undefined && fresh.verdict.kind !== "unknown";
  return seesAgain ? known.standing : toldBy(known);
}

function announce(verdicts: Verdicts, judgement: Judgement, { meaning, detail }: Meaning): void {
  const before = verdicts.told;
  if (judgement.verdict.kind !== "unknown") verdicts.standing = undefined;
  else if (before !== undefined && isStanding(before.verdict)) verdicts.standing = toldBy(verdicts);
  Object.assign(verdicts, { told: judgement, meaning, detail, seeded: false });
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

/** Milliseconds by which two processes may see one change apart: records have whole seconds, and ours may begin earlier. */
const TOGETHER = 2_000;
const momentOf = (ours: number, recorded: number): number => (recorded < ours + TOGETHER ? recorded : ours);

function backdated(judgement: Judgement, recorded: Judgement): Judgement {
  if (judgement.verdict.kind !== recorded.verdict.kind) return judgement;
  const { firstObserved, lastChanged } = judgement;
  return {
    ...judgement,
    firstObserved: momentOf(firstObserved, recorded.firstObserved),
    lastChanged: saysTheSame(recorded, judgement) ? momentOf(lastChanged, recorded.lastChanged) : lastChanged,
  };
}

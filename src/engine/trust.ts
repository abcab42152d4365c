/**
 * Whether what Git says may be acted upon: much of what was declared may be gone at once, or a commit may rewrite what
 * came before. Either is judged and shown as it is, and guarded: nothing is written for it until somebody approves of
 * the very commit, or Git moves on to one that needs no guard. What a revision is held against is the last one that
 * could be acted upon. A rollback is chosen by its commit, and needs no guard. Writes nothing itself.
 */
import { messageOf, type Problem } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { IdKey } from "../model/resource.ts";
import { formatRevision, type DesiredObject, type Snapshot } from "../model/snapshot.ts";
import type { SourceGuard } from "../model/state.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import { single, type Declared } from "./declarations.ts";
import type { DesiredStore } from "./desired-store.ts";
import { guardOf, type Trust } from "./guard.ts";
import type { EnginePorts } from "./ports.ts";

/**
 * A source is shrunk where more than this share of a Baseline's objects is gone at once, and so many at least: of fewer
 * each delete is looked at for itself (it is of high risk), and a Baseline of ten would be held up by every clean-up.
 */
export const shrinkLimits = { percent: 20, objects: 5 } as const;

export const isShrunk = (gone: number, of: number): boolean =>
  gone >= shrinkLimits.objects && gone * 100 > of * shrinkLimits.percent;

export interface TrustKeeper {
  /** Before a snapshot of the ref is swapped in; `settled`: what was declared before a restart. */
  weigh(
    record: BaselineRecord,
    snapshot: Snapshot,
    touched: ReadonlyMap<IdKey, Declared>,
    settled?: ReadonlyMap<IdKey, DesiredObject>,
  ): Generator<void, void>;
  /** Before a rollback is swapped in: what is declared now, if anything is known yet, is what the ref will be held against. */
  setAside(record: BaselineRecord, isKnown: boolean): void;
  /** The ref's source was looked at again, or settings changed: what could not be asked is asked, approval is heeded. */
  again(record: BaselineRecord): void;
}

export interface TrustDeps {
  readonly ports: Pick<EnginePorts, "sources" | "log">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  /** Where the Baseline would have them. */
  placed(record: BaselineRecord, objects: readonly DesiredObject[]): Generator<void, ReadonlyMap<IdKey, DesiredObject>>;
  /** Runs steps to their end, when nothing else of the Baseline is being taken in. */
  inTurn(record: BaselineRecord, steps: () => Generator<void, void>): void;
  /** The guard is another now. */
  changed(record: BaselineRecord): void;
}

const short = (commit: string): string => commit.slice(0, 12);
const told = (revision: Trust["revision"]): { readonly before?: string } =>
  revision === undefined ? {} : { before: formatRevision(revision) };

export function createTrustKeeper({ ports, baselines, desired, placed, inTurn, changed }: TrustDeps): TrustKeeper {
  /** What the last revision that could be acted upon declared. */
  const inventoryOf = ({ baseline, trust }: BaselineRecord): ReadonlySet<IdKey> => {
    if (trust.inventory !== undefined) return trust.inventory;
    const { came, gone } = trust.moved ?? { came: new Set<IdKey>(), gone: new Set<IdKey>() };
    const found = new Set<IdKey>(gone);
    for (const { key, dropped } of desired.all(baseline.key)) if (!dropped && !came.has(key)) found.add(key);
    return found;
  };

  /** Before it is swapped in. */
  function* movedBy(
    { baseline: { key } }: BaselineRecord,
    touched: ReadonlyMap<IdKey, Declared>,
  ): Generator<void, NonNullable<Trust["moved"]>> {
    const [came, gone] = [new Set<IdKey>(), new Set<IdKey>()];
    for (const [id, now] of touched) {
      const known = desired.get(key, id);
      const was = known !== undefined && !known.dropped;
      if (was !== (single(now) !== undefined)) (was ? gone : came).add(id);
      yield;
    }
    return { came, gone };
  }

  const isApproved = ({ baseline }: BaselineRecord, { revision }: Snapshot): boolean =>
    baseline.approvedCommit === revision.commit;

  /** Nothing is held against the revision: the next one is held against it. */
  const advance = (record: BaselineRecord, { revision: { ref, commit } }: Snapshot): void => {
    const { trust, baseline } = record;
    if (trust.shrunk !== undefined || trust.rewritten !== undefined) return;
    // The same commit, taken in anew by other settings, came from where it came from.
    const url = trust.revision?.commit === commit ? (trust.url ?? baseline.git.url) : baseline.git.url;
    Object.assign(trust, { revision: { ref, commit }, url, inventory: undefined, moved: undefined, forgotten: false });
  };

  const shrunkGuard = ({ trust }: BaselineRecord, { revision }: Snapshot, gone: number, of: number): SourceGuard => ({
    reason: "Shrunk",
    commit: revision.commit,
    ...told(trust.revision),
    message: `${gone} of ${of} objects are gone at once at commit ${short(revision.commit)}`,
  });

  function* goneOf(
    record: BaselineRecord,
    inventory: Iterable<IdKey>,
    touched: ReadonlyMap<IdKey, Declared>,
  ): Generator<void, { readonly gone: number; readonly of: number }> {
    let [gone, of] = [0, 0];
    for (const id of inventory) {
      const isThere = touched.has(id)
        ? single(touched.get(id)) !== undefined
        : desired.get(record.baseline.key, id)?.desired !== undefined;
      of += 1;
      if (!isThere) gone += 1;
      yield;
    }
    return { gone, of };
  }

  /** Of the revision in the store, where nothing of it is uncertain: only what changed can be gone. */
  function* goneOfStore(
    record: BaselineRecord,
    touched: ReadonlyMap<IdKey, Declared>,
  ): Generator<void, { readonly gone: number; readonly of: number }> {
    const { key } = record.baseline;
    if (desired.uncertain(key) > 0) return yield* goneOf(record, inventoryOf(record), touched);
    let gone = 0;
    for (const [id, now] of touched) {
      if (single(now) === undefined && desired.get(key, id)?.desired !== undefined) gone += 1;
      yield;
    }
    return { gone, of: desired.declared(key) };
  }

  /** What the guarded revision was held against, rendered once more: a restart forgets it. */
  const recallInventory = (record: BaselineRecord): void => {
    const { trust, baseline } = record;
    const { revision } = trust;
    const isCurrent = (): boolean => baselines.get(baseline.key) === record && trust.revision === revision;
    const forget = (why: string): void =>
      ports.log.warn({ baseline: baseline.key, commit: revision?.commit, why }, "what the source had cannot be told");
    function* compare(objects: readonly DesiredObject[]): Generator<void, void> {
      const declared = yield* placed(record, objects);
      const inventory = new Set(declared.keys());
      const { snapshot } = record;
      if (!isCurrent() || !trust.forgotten || snapshot === undefined) return;
      Object.assign(trust, { inventory, forgotten: false });
      yield* desired.recallLast(baseline.key, declared);
      if (!record.complete || record.rollback?.phase === "in-force") return;
      const { gone, of } = yield* goneOf(record, inventory, new Map());
      trust.shrunk = isShrunk(gone, of) ? shrunkGuard(record, snapshot, gone, of) : undefined;
      advance(record, snapshot);
      changed(record);
    }
    if (revision === undefined) return forget("it is not on record");
    ports.sources.renderAt(baseline, revision.commit).then(
      (outcome: RenderOutcome) => {
        if (outcome.kind !== "rendered")
          return forget(outcome.kind === "failed" ? outcome.problem.message : "unchanged");
        const { objects } = outcome.snapshot;
        inTurn(record, () => compare(objects));
      },
      (error: unknown) => forget(messageOf(error)),
    );
  };

  /** Only a name that moves can be rewritten; a tag, a version or a commit is chosen. */
  const isAskedOf = ({ baseline, trust }: BaselineRecord, { revision }: Snapshot): boolean =>
    baseline.mode === "Remediate" &&
    (baseline.git.ref.kind === "branch" || baseline.git.ref.kind === "name") &&
    trust.revision !== undefined &&
    trust.revision.commit !== revision.commit &&
    trust.revision.ref === revision.ref &&
    (trust.url === undefined || trust.url === baseline.git.url);

  const ask = (record: BaselineRecord, snapshot: Snapshot): void => {
    const { trust, baseline } = record;
    const { commit } = snapshot.revision;
    const before = trust.revision;
    trust.unanswered = false;
    if (before === undefined) return;
    const guard = (message: string): SourceGuard => ({ reason: "Rewritten", commit, ...told(before), message });
    const pair = `commit ${short(commit)} descends from ${short(before.commit)}`;
    if (trust.rewritten?.commit !== commit)
      trust.rewritten = { ...guard(`Git is asked whether ${pair}`), asking: true };
    const answered = (answer: boolean | Problem): void => {
      const isCurrent = baselines.get(baseline.key) === record && trust.rewritten?.commit === commit;
      if (!isCurrent || trust.revision !== before || record.snapshot?.revision.commit !== commit) return;
      if (typeof answer === "object") {
        trust.unanswered = true;
        trust.rewritten = guard(
          `it cannot be told whether ${pair}: ${answer.message}; asked again with the next fetch`,
        );
      } else if (answer) {
        trust.rewritten = undefined;
        advance(record, snapshot);
      } else
        trust.rewritten = guard(
          `commit ${short(commit)} does not descend from ${short(before.commit)}: history was rewritten`,
        );
      changed(record);
    };
    ports.sources
      .descends(baseline, before.commit, commit)
      .then(answered, (error: unknown) => answered({ code: "internal-error", message: messageOf(error) }));
  };

  const approve = (record: BaselineRecord, snapshot: Snapshot): void => {
    Object.assign(record.trust, { shrunk: undefined, rewritten: undefined, unanswered: false });
    advance(record, snapshot);
  };

  return {
    *weigh(record, snapshot, touched, settled) {
      const { trust } = record;
      if (isApproved(record, snapshot)) return approve(record, snapshot);
      // Another one, before it was known of the last whether it counts.
      if (trust.moved !== undefined) trust.inventory = inventoryOf(record);
      trust.moved = undefined;
      // Guarded before a restart: what it was held against comes in a moment, and says whether it still is.
      if (trust.forgotten) recallInventory(record);
      else if (record.complete) {
        const { gone, of } =
          trust.inventory !== undefined
            ? yield* goneOf(record, trust.inventory, touched)
            : settled !== undefined
              ? yield* goneOf(record, settled.keys(), touched)
              : yield* goneOfStore(record, touched);
        const wasShrunk = isShrunk(gone, of);
        if (wasShrunk) trust.inventory ??= settled === undefined ? inventoryOf(record) : new Set(settled.keys());
        trust.shrunk = wasShrunk ? shrunkGuard(record, snapshot, gone, of) : undefined;
      }
      if (trust.shrunk !== undefined && trust.shrunk.commit !== snapshot.revision.commit)
        trust.shrunk = { ...trust.shrunk, commit: snapshot.revision.commit };
      if (isAskedOf(record, snapshot)) {
        if (settled !== undefined && !trust.forgotten) trust.inventory ??= new Set(settled.keys());
        else if (trust.inventory === undefined && !trust.forgotten) trust.moved = yield* movedBy(record, touched);
        ask(record, snapshot);
      } else trust.rewritten = undefined;
      advance(record, snapshot);
    },

    setAside(record, isKnown) {
      if (isKnown && !record.trust.forgotten) record.trust.inventory ??= inventoryOf(record);
    },

    again(record) {
      const { trust, head, rollback } = record;
      if (head === undefined || rollback?.phase === "in-force" || guardOf(record) === undefined) return;
      if (isApproved(record, head)) {
        approve(record, head);
        changed(record);
      } else if (trust.unanswered) ask(record, head);
    },
  };
}

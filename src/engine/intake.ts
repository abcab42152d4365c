/**
 * Takes in what the sources hand over: keeps the last good snapshot through every failure, finds out what a snapshot
 * changes, and swaps it in whole. That is done in slices: meanwhile what comes next for the Baseline waits its turn (of
 * several renders the last one counts), and nothing of the Baseline is judged, neither by what goes nor by half of what
 * comes. The first snapshot after a start waits until the settled revision is rendered too, so that nothing is judged
 * without its memory. An emptied repository is a failure, not an answer.
 */
import { formatProblem, messageOf, type Problem, traceOf } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { IdKey, KindRef, ResourceId } from "../model/resource.ts";
import { parseRevision, type BaselineKey, type DesiredObject, type Snapshot } from "../model/snapshot.ts";
import type { Judgement } from "../model/verdict.ts";
import type { Scope } from "../verdict/place.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import { Declarations, single, type Placing } from "./declarations.ts";
import type { DesiredStore, Swap } from "./desired-store.ts";
import { createLane } from "./lane.ts";
import type { EnginePorts } from "./ports.ts";
import { recallFrom, type Recall, type RecallInput } from "./recall.ts";
import { createRenderCheck } from "./render-check.ts";
import { createRollbacks } from "./rollback.ts";
import { createTrustKeeper } from "./trust.ts";

export interface Intake {
  outcome(key: BaselineKey, outcome: RenderOutcome): void;
  /** The settings changed: the same snapshot is placed anew. */
  replace(record: BaselineRecord): void;
  /** Annotations of the Baseline say something else, or a rollback ran out. */
  reconsider(record: BaselineRecord): void;
  /** What is served changed: snapshots whose objects now live elsewhere are placed anew. */
  scopesChanged(): void;
}

type Steps = Generator<void, void>;

export interface IntakeDeps {
  readonly ports: Pick<EnginePorts, "schemas" | "sources" | "log" | "clock">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  reported(key: BaselineKey): Iterable<Judgement>;
  /** Runs steps to their end, in slices; undefined where they ended at once. Never where the Baseline goes meanwhile. */
  inSlices(record: BaselineRecord, steps: Steps): Promise<void> | undefined;
  /** Nothing is to be begun any more. */
  stopped(): boolean;
  /** A snapshot is in force: `changed` are to be judged, `left` are not considered any more. The gate is closed still. */
  swapped(record: BaselineRecord, swap: Pick<Swap, "changed" | "left">, isFirst: boolean): Steps;
  /** Judging may go on. */
  openGate(record: BaselineRecord): void;
  /** All of it is to be judged again. */
  revisit(record: BaselineRecord): void;
  /** The Baseline's source fares otherwise than before. */
  sourceChanged(record: BaselineRecord): void;
}

const PROBLEMS_LOGGED = 200;

export function createIntake(deps: IntakeDeps): Intake {
  const { ports, baselines, desired, reported, swapped, sourceChanged } = deps;
  /** The last answer for each kind: a kind that is not served for now still lives where it did. */
  const lastScopes = new Map<string, Scope>();
  const scopeOf = (kind: KindRef): Scope | undefined => {
    const name = `${kind.group}/${kind.kind}`;
    const scope = ports.schemas.scopeOf(kind) ?? lastScopes.get(name);
    if (scope !== undefined) lastScopes.set(name, scope);
    return scope;
  };
  const placing = ({ baseline }: BaselineRecord): Placing => ({
    targetNamespace: baseline.targetNamespace ?? baseline.namespace,
    scopeOf,
  });

  const fail = (record: BaselineRecord, stage: "source" | "render", problem: Problem): void => {
    record.source = { ...record.source, state: "failed", stage, problem };
    sourceChanged(record);
  };

  const { inLine, run, inTurn } = createLane({
    baselines,
    inSlices: deps.inSlices,
    stopped: deps.stopped,
    ended: sourceChanged,
    failed(record, error) {
      const why = traceOf(error);
      ports.log.error({ baseline: record.baseline.key, error: why }, "taking in a snapshot failed");
      deps.openGate(record);
      fail(record, "render", {
        code: "internal-error",
        message: "taking it in failed; the log of the operator says where",
      });
    },
  });

  /** A condition has room for a few; here they all are. */
  const tellProblems = ({ baseline, problems }: BaselineRecord, { revision }: Snapshot): void => {
    const told = problems.slice(0, PROBLEMS_LOGGED).map(formatProblem);
    const { key } = baseline;
    ports.log.warn(
      { baseline: key, commit: revision.commit, count: problems.length, told },
      "documents cannot be used",
    );
  };

  interface How {
    /** The same snapshot, placed anew. */
    readonly replaced: boolean;
    readonly recall?: Recall;
    /** What was declared before a restart, where that is another revision. */
    readonly settled?: ReadonlyMap<IdKey, DesiredObject>;
  }

  function* apply(record: BaselineRecord, snapshot: Snapshot, { replaced, recall, settled }: How): Steps {
    const { key } = record.baseline;
    record.gate = new Set();
    const standing = (id: IdKey): DesiredObject | undefined => desired.get(key, id)?.desired;
    const touched = yield* record.declarations.advance(snapshot.objects, placing(record), standing);
    const before = { snapshot: record.snapshot, problems: record.problems.length };
    record.snapshot = snapshot;
    record.problems = [...snapshot.problems, ...record.declarations.problems()];
    record.complete = record.problems.length === 0;
    if (!record.complete && (!replaced || before.problems !== record.problems.length)) tellProblems(record, snapshot);
    if (record.rollback?.phase === "in-force") trust.setAside(record, before.snapshot !== undefined);
    else if (!replaced) yield* trust.weigh(record, snapshot, touched, settled);
    const swap = yield* desired.swap(key, {
      touched,
      at: snapshot.fetchedAt,
      complete: record.complete,
      watched: (id: ResourceId) => baselines.isWatched(record.baseline, id),
      replaced,
      ...(recall === undefined ? {} : { recall }),
    });
    yield* swapped(record, swap, before.snapshot === undefined);
    const isSame = before.snapshot !== snapshot && before.snapshot?.revision.commit === snapshot.revision.commit;
    if (isSame && swap.rewritten) renderCheck.again(record, snapshot);
  }

  function* applyFirst(record: BaselineRecord, snapshot: Snapshot, settled: readonly DesiredObject[]): Steps {
    const memory = record.memory ?? {};
    if (snapshot.objects.length === 0 && settled.length > 0) return emptied(record, snapshot);
    record.memory = undefined;
    const isSame = settled === snapshot.objects;
    const placed = isSame ? ("the snapshot" as const) : yield* placeSettled(record, settled);
    const recall = recallFrom({ memory, settled: placed, snapshot, reported: reported(record.baseline.key) });
    yield* apply(record, snapshot, { replaced: false, recall, ...(isSame ? {} : { settled: recall.settled }) });
  }

  function* placeSettled(
    record: BaselineRecord,
    settled: readonly DesiredObject[],
  ): Generator<void, Exclude<RecallInput["settled"], string>> {
    const placed = new Map<IdKey, DesiredObject>();
    for (const [id, declared] of yield* new Declarations().advance(settled, placing(record))) {
      const object = single(declared);
      if (object !== undefined) placed.set(id, object);
      yield;
    }
    return placed;
  }

  const isEmptied = ({ head, snapshot, parked }: BaselineRecord, { objects }: Snapshot): boolean =>
    objects.length === 0 && ((head ?? snapshot ?? parked)?.objects.length ?? 0) > 0;

  const emptied = (record: BaselineRecord, snapshot: Snapshot): void =>
    fail(record, "render", {
      code: "source-empty",
      message: `commit ${snapshot.revision.commit.slice(0, 12)} declares no objects at all, the one before it did; kept as it was`,
    });

  /** Renders the settled revision; without it, what went before is simply not known. */
  const recallSettled = (record: BaselineRecord, commit: string): void => {
    const { key } = record.baseline;
    const finish = (settled: readonly DesiredObject[]): void => {
      const { parked } = record;
      record.recalling = false;
      record.parked = undefined;
      if (baselines.get(key) === record && parked !== undefined) run(record, applyFirst(record, parked, settled));
    };
    const forget = (why: string): void => {
      ports.log.warn({ baseline: key, commit, why }, "settled revision cannot be rendered; pending is not remembered");
      finish([]);
    };
    record.recalling = true;
    ports.sources.renderAt(record.baseline, commit).then(
      (outcome) => {
        if (outcome.kind === "rendered") finish(outcome.snapshot.objects);
        else forget(outcome.kind === "failed" ? outcome.problem.message : "not rendered");
      },
      (error: unknown) => forget(messageOf(error)),
    );
  };

  /** A revision to be in force from now on: the ref's, or one that was rolled back to. */
  const adopt = (record: BaselineRecord, snapshot: Snapshot): void => {
    const { revision, fetchedAt } = snapshot;
    const sameRevision = record.source.revision?.commit === revision.commit;
    record.source = {
      ...record.source,
      revision,
      // A restart, or another render of the same commit, is no new revision.
      fetchedAt: sameRevision ? (record.source.fetchedAt ?? fetchedAt) : fetchedAt,
    };
    if (record.memory === undefined) run(record, apply(record, snapshot, { replaced: false }));
    else if (record.recalling) record.parked = snapshot;
    else {
      const settled = record.memory.settledRevision;
      const commit = settled === undefined ? undefined : parseRevision(settled)?.commit;
      if (commit === undefined) run(record, applyFirst(record, snapshot, []));
      else if (commit === revision.commit) run(record, applyFirst(record, snapshot, snapshot.objects));
      else {
        record.parked = snapshot;
        recallSettled(record, commit);
      }
    }
    sourceChanged(record);
  };

  const renderCheck = createRenderCheck({ ...deps, placing, inTurn });
  const trust = createTrustKeeper({ ports, baselines, desired, placed: placeSettled, inTurn, changed: sourceChanged });
  const rollbacks = createRollbacks({
    sources: ports.sources,
    clock: ports.clock,
    baselines,
    inLine,
    adopt(record, snapshot) {
      adopt(record, snapshot);
      // Judged by other settings than before, what stands as it stood may be another thing.
      deps.revisit(record);
    },
    changed: sourceChanged,
  });
  const reconsider = (record: BaselineRecord): void => {
    rollbacks.consider(record);
    trust.again(record);
  };

  const replace = (record: BaselineRecord, replaced: boolean): void =>
    inLine(record, () => {
      if (record.snapshot !== undefined) run(record, apply(record, record.snapshot, { replaced }));
    });

  const succeeded = (record: BaselineRecord, lastSuccessAt: number): void => {
    const { stage: _stage, problem: _problem, ...source } = record.source;
    record.source = { ...source, state: "ready", lastSuccessAt };
  };

  const take = (record: BaselineRecord, outcome: RenderOutcome): void => {
    switch (outcome.kind) {
      case "rendered":
        if (isEmptied(record, outcome.snapshot)) return emptied(record, outcome.snapshot);
        succeeded(record, outcome.snapshot.fetchedAt);
        if (rollbacks.arrived(record, outcome.snapshot)) adopt(record, outcome.snapshot);
        return;
      case "unchanged":
        succeeded(record, outcome.fetchedAt);
        reconsider(record);
        return sourceChanged(record);
      case "failed":
        fail(record, outcome.stage, outcome.problem);
        return reconsider(record);
    }
  };

  return {
    outcome(key, outcome) {
      const record = baselines.get(key);
      if (record !== undefined) inLine(record, () => take(record, outcome), outcome.kind === "rendered");
    },

    replace: (record) => replace(record, false),
    reconsider,

    scopesChanged() {
      for (const record of baselines.all())
        inLine(record, () => {
          if (record.declarations.moved(placing(record))) replace(record, true);
        });
    },
  };
}

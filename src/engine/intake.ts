/**
 * Takes in what the sources hand over: keeps the last good snapshot through every failure, places objects where they
 * will live, and swaps a snapshot in whole. The first snapshot after a start waits until the settled revision is
 * rendered too, so that nothing is judged without its memory. An emptied repository is a failure, not an answer.
 */
import { formatProblem, type Problem } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import { idKey, type IdKey, type KindRef, type ResourceId } from "../model/resource.ts";
import { parseRevision, type BaselineKey, type DesiredObject, type Snapshot } from "../model/snapshot.ts";
import type { Judgement } from "../model/verdict.ts";
import { placeObjects, type Placed } from "../verdict/place.ts";
import type { BaselineRecord, BaselineStore, Scope } from "./baseline-store.ts";
import type { DesiredStore, Recall, Swap } from "./desired-store.ts";
import type { EnginePorts } from "./ports.ts";
import { recallFrom } from "./recall.ts";

export interface Intake {
  outcome(key: BaselineKey, outcome: RenderOutcome): void;
  /** The settings changed: the same snapshot is placed anew. */
  replace(record: BaselineRecord): void;
  /** What is served changed: snapshots whose objects now live elsewhere are placed anew. */
  scopesChanged(): void;
}

export interface IntakeDeps {
  readonly ports: Pick<EnginePorts, "schemas" | "sources" | "log">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  reported(key: BaselineKey): Iterable<Judgement>;
  /** A snapshot is in force: `changed` are to be judged, `left` are not considered any more. */
  swapped(record: BaselineRecord, swap: Swap): void;
  /** The Baseline's source fares otherwise than before. */
  sourceChanged(record: BaselineRecord): void;
}

const PROBLEMS_LOGGED = 200;

interface Scopes {
  readonly asked: Map<string, Scope | undefined>;
  scopeOf(kind: KindRef): Scope | undefined;
}

export function createIntake({ ports, baselines, desired, reported, swapped, sourceChanged }: IntakeDeps): Intake {
  /** The last answer for each kind: a kind that is not served for now still lives where it did. */
  const lastScopes = new Map<string, Scope>();
  const scopeOf = (kind: KindRef): Scope | undefined => {
    const name = `${kind.group}/${kind.kind}`;
    const scope = ports.schemas.scopeOf(kind) ?? lastScopes.get(name);
    if (scope !== undefined) lastScopes.set(name, scope);
    return scope;
  };
  const askScopes = (): Scopes => {
    const asked = new Map<string, Scope | undefined>();
    return {
      asked,
      scopeOf(kind) {
        const scope = scopeOf(kind);
        asked.set(`${kind.group}/${kind.version}/${kind.kind}`, scope);
        return scope;
      },
    };
  };

  const place = ({ baseline }: BaselineRecord, objects: readonly DesiredObject[], scopes: Scopes): Placed =>
    placeObjects(objects, { targetNamespace: baseline.targetNamespace ?? baseline.namespace, scopeOf: scopes.scopeOf });

  const fail = (record: BaselineRecord, stage: "source" | "render", problem: Problem): void => {
    record.source = { ...record.source, state: "failed", stage, problem };
    sourceChanged(record);
  };

  /** A condition has room for a few; here they all are. */
  const tellProblems = ({ baseline, problems }: BaselineRecord, { revision }: Snapshot): void => {
    const told = problems.slice(0, PROBLEMS_LOGGED).map(formatProblem);
    const { key } = baseline;
    ports.log.warn(
      { baseline: key, commit: revision.commit, count: problems.length, told },
      "documents cannot be used",
    );
  };

  const apply = (record: BaselineRecord, snapshot: Snapshot, how: { replaced: boolean; recall?: Recall }): void => {
    const scopes = askScopes();
    const placed = place(record, snapshot.objects, scopes);
    const before = record.problems.length;
    record.snapshot = snapshot;
    record.scopes = scopes.asked;
    record.problems = [...snapshot.problems, ...placed.problems];
    record.complete = record.problems.length === 0;
    if (!record.complete && (!how.replaced || before !== record.problems.length)) tellProblems(record, snapshot);
    const swap = desired.swap(record.baseline.key, {
      objects: placed.objects,
      at: snapshot.fetchedAt,
      complete: record.complete,
      watched: (id: ResourceId) => baselines.isWatched(record.baseline, id),
      ...how,
    });
    swapped(record, swap);
  };

  const applyFirst = (record: BaselineRecord, snapshot: Snapshot, settled: readonly DesiredObject[]): void => {
    const memory = record.memory ?? {};
    if (snapshot.objects.length === 0 && settled.length > 0) return emptied(record, snapshot);
    record.memory = undefined;
    const { key } = record.baseline;
    const placed = place(record, settled, askScopes()).objects;
    const recall = recallFrom({ memory, settled: placed, snapshot, reported: reported(key) });
    apply(record, snapshot, { replaced: false, recall });
  };

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
      if (baselines.get(key) === record && parked !== undefined) applyFirst(record, parked, settled);
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
      (error: unknown) => forget(error instanceof Error ? error.message : String(error)),
    );
  };

  /** One commit came out in two ways: its settings are others now, or its render is not to be relied on. A third tells. */
  const renderAgain = (record: BaselineRecord, snapshot: Snapshot): void => {
    const { baseline } = record;
    const { commit } = snapshot.revision;
    if (record.renderedAgain === commit) return;
    record.renderedAgain = commit;
    const compare = (outcome: RenderOutcome): void => {
      if (outcome.kind !== "rendered" || record.snapshot !== snapshot || baselines.get(baseline.key) !== record) return;
      const placed = place(record, outcome.snapshot.objects, askScopes());
      const changed = desired.compareRender(baseline.key, placed.objects);
      if (changed.length === 0) return;
      ports.log.warn({ baseline: baseline.key, commit, count: changed.length }, "one commit renders in several ways");
      swapped(record, { changed, left: [] });
    };
    ports.sources.renderAt(baseline, commit).then(compare, (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      ports.log.warn({ baseline: baseline.key, commit, why }, "cannot be rendered again to be compared");
    });
  };

  const rendered = (record: BaselineRecord, snapshot: Snapshot): void => {
    const { revision, fetchedAt } = snapshot;
    const known = record.snapshot ?? record.parked;
    if (snapshot.objects.length === 0 && known !== undefined && known.objects.length > 0)
      return emptied(record, snapshot);
    const sameRevision = record.source.revision?.commit === revision.commit;
    record.source = {
      state: "ready",
      revision,
      // A restart, or another render of the same commit, is no new revision.
      fetchedAt: sameRevision ? (record.source.fetchedAt ?? fetchedAt) : fetchedAt,
      lastSuccessAt: fetchedAt,
    };
    const before = record.snapshot;
    if (record.memory === undefined) {
      apply(record, snapshot, { replaced: false });
      if (before?.revision.commit === revision.commit && !sameObjects(before, snapshot)) renderAgain(record, snapshot);
    } else if (record.recalling) record.parked = snapshot;
    else {
      const settled = record.memory.settledRevision;
      const commit = settled === undefined ? undefined : parseRevision(settled)?.commit;
      if (commit === undefined) applyFirst(record, snapshot, []);
      else if (commit === revision.commit) applyFirst(record, snapshot, snapshot.objects);
      else {
        record.parked = snapshot;
        recallSettled(record, commit);
      }
    }
    sourceChanged(record);
  };

  const replace = (record: BaselineRecord, replaced: boolean): void => {
    if (record.snapshot !== undefined) apply(record, record.snapshot, { replaced });
  };

  return {
    outcome(key, outcome) {
      const record = baselines.get(key);
      if (record === undefined) return;
      switch (outcome.kind) {
        case "rendered":
          return rendered(record, outcome.snapshot);
        case "unchanged": {
          const { stage: _stage, problem: _problem, ...source } = record.source;
          record.source = { ...source, state: "ready", lastSuccessAt: outcome.fetchedAt };
          return sourceChanged(record);
        }
        case "failed":
          return fail(record, outcome.stage, outcome.problem);
      }
    },

    replace: (record) => replace(record, false),

    scopesChanged() {
      for (const record of baselines.all()) {
        const moved = [...record.scopes].some(([name, scope]) => {
          const [group = "", version = "", kind = ""] = name.split("/");
          return scopeOf({ group, version, kind }) !== scope;
        });
        if (moved) replace(record, true);
      }
    },
  };
}

function sameObjects(one: Snapshot, other: Snapshot): boolean {
  const hashes = new Map(one.objects.map(({ id, hash }) => [idKey(id), hash]));
  return other.objects.every(({ id, hash }) => (hashes.get(idKey(id)) ?? hash) === hash);
}

/** Ids of a swap that its Baseline declares. */
export function declaredOf(desired: DesiredStore, key: BaselineKey, ids: readonly IdKey[]): readonly IdKey[] {
  return ids.filter((id) => desired.get(key, id)?.desired !== undefined);
}

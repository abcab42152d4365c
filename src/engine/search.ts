/**
 * Finds what nobody declares, where Baselines have it looked for (`spec.unmanaged`). Told what happened, it looks at the
 * one object that it happened to; it walks over all, in slices, only where what is searched is something else than
 * before. What it finds the Baseline considers from then on, and is judged as everything else. It asks nobody anything.
 */
import { idKey, type IdKey, type KindRef, parseIdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import { isStray, type LeaveReason } from "../model/verdict.ts";
import type { WorkQueue } from "../runtime/work-queue.ts";
import { leavesBehind } from "../verdict/makers.ts";
import { selectedBy } from "../verdict/unmanaged.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { Declarers } from "./declarers.ts";
import type { DesiredStore } from "./desired-store.ts";
import type { FactStore } from "./fact-store.ts";
import type { EnginePorts, SearchPort, WatchedKind } from "./ports.ts";
import { groupKind } from "./search-kinds.ts";
import { unsearchedOf } from "./search-limits.ts";
import { createSearchSight, searchPatience } from "./search-sight.ts";
import { createStrayJudge, type SearchScope } from "./strays.ts";
import type { VerdictStore } from "./verdict-store.ts";

export interface SearchDeps {
  readonly ports: Pick<EnginePorts, "live" | "clock"> & { readonly search: SearchPort };
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  readonly verdicts: VerdictStore;
  readonly declarers: Declarers;
  readonly facts: FactStore;
  readonly queue: Pick<WorkQueue<IdKey>, "add" | "addAfter">;
  leave(record: BaselineRecord, id: IdKey, why: LeaveReason): void;
  /** A Baseline's state may be another. */
  changed(key: BaselineKey): void;
  inSlices(steps: Generator<void, void>): Promise<void> | undefined;
}

export interface Search {
  /** Kinds to be watched for it; the version goes up whenever they may be others. */
  watched(): readonly WatchedKind[];
  version(): number;
  /** True where the object has to be looked at: it may be somebody's no more, or nobody's. Costs little. */
  concerns(id: ResourceId): boolean;
  /** Finds out whether an object is nobody's now, for each Baseline that wants to know. Before it is judged. */
  look(id: IdKey): void;
  /** All of it, when there is time: something changed that concerns many. */
  again(): void;
  /** Its settings are these. */
  applied(record: BaselineRecord): void;
  /** A source was asked, well or not. @param isHeard nobody need wait for it any more, and that is news */
  asked(isHeard: boolean): void;
  /** Another snapshot of it is in force. */
  swapped(record: BaselineRecord, isHeard: boolean): void;
  removed(key: BaselineKey, isHeard: boolean): void;
  servedChanged(): void;
  /** Of these kinds more is seen, or less. */
  watchesChanged(kinds: readonly KindRef[]): void;
  namespaceChanged(): void;
}

/** Milliseconds in which what several sources answer is one answer. */
const GATHER = 250;
/** Names that are passed over at once. */
const STRIDE = 32;

type Steps = Generator<void, void>;

export function createSearch(deps: SearchDeps): Search {
  const { desired, verdicts, queue, declarers } = deps;
  const { clock, live, search: port } = deps.ports;
  const scopes = new Map<BaselineKey, SearchScope>();
  /** Where each was searched: another place is walked over. */
  const places = new Map<BaselineKey, string>();
  const sight = createSearchSight({ live, search: port, clock, desired, scopes, waited: () => update() });
  let walking = false;
  let isAsked = false;
  let gathering = false;

  const isStanding = (key: BaselineKey, id: IdKey): boolean => {
    const verdict = verdicts.get(key, id)?.verdict;
    return verdict !== undefined && isStray(verdict);
  };

  const judge = createStrayJudge({
    ...deps,
    declarers,
    kindOf: (id) => sight.kinds().get(groupKind(id)),
    isOpen: sight.isOpen,
  });

  const leave = (record: BaselineRecord, id: IdKey, why: LeaveReason): void => {
    const { key } = record.baseline;
    // Judged or not, it was considered; or a record of before a restart says so still.
    if (desired.get(key, id)?.found !== true && !isStanding(key, id)) return;
    deps.leave(record, id, why);
    deps.changed(key);
  };

  /** True where the object is news to a Baseline. */
  const look = (id: ResourceId, name: IdKey): boolean => {
    let isNew = false;
    judge.begin(id, name);
    for (const scope of scopes.values()) {
      const { record } = scope;
      const { key, suspend } = record.baseline;
      const entry = desired.get(key, name);
      if (suspend || (entry !== undefined && !entry.found)) continue;
      const finding = judge.of(scope, entry !== undefined);
      if (finding === "as-it-was") continue;
      if (typeof finding === "string") {
        leave(record, name, finding);
        continue;
      }
      const kind = desired.kinds.use(finding.kind);
      if (entry?.kind === kind) continue;
      desired.find(key, { id, key: name, kind, at: clock.now() });
      deps.changed(key);
      isNew = true;
    }
    return isNew;
  };

  const lookAgain = (id: ResourceId, name: IdKey): void => {
    if (look(id, name)) queue.add(name, "bulk");
  };

  /** Whether all was looked through, and why not. */
  const tell = (record: BaselineRecord): void => {
    const { key, unmanaged } = record.baseline;
    const unheard = declarers.unheard({ namespace: "" });
    const unsearched = unsearchedOf({
      kinds: sight.blind(),
      namespaces: [...desired.namespaces(key).keys()],
      everywhere: unmanaged?.scope === "Selector",
      isReadable: unmanaged?.scope !== "Selector" || selectedBy(unmanaged.labelSelector) !== undefined,
      glimpse: (...asked) => port.glimpse(...asked),
      // In the beginning that is no news.
      unheard: clock.monotonic() < record.since + searchPatience ? [] : unheard,
    });
    const isDone = unheard.length === 0 && record.complete;
    if (isDone === record.searched && JSON.stringify(unsearched) === JSON.stringify(record.unsearched)) return;
    record.searched = isDone;
    record.unsearched = unsearched;
    deps.changed(key);
  };

  function* walk(): Steps {
    let passed = 0;
    for (const { group, version, kind } of sight.kinds().values()) {
      for (const [namespace, name] of port.names({ group, version, kind })) {
        passed += 1;
        if (passed % STRIDE === 0) yield;
        if (!sight.covers(namespace)) continue;
        const id = { group, kind, namespace, name };
        const key = idKey(id);
        if (desired.isClaimed(key)) continue;
        lookAgain(id, key);
        yield;
      }
    }
    for (const { record } of scopes.values()) {
      const { key } = record.baseline;
      // What was found before, and is not there or not looked for any more.
      for (const [id, { verdict }] of verdicts.open(key)) {
        if (isStray(verdict)) lookAgain(parseIdKey(id), id);
        yield;
      }
      for (const entry of desired.found(key)) {
        lookAgain(entry.id, entry.key);
        yield;
      }
      tell(record);
      yield;
    }
  }

  function* rounds(): Steps {
    while (isAsked) {
      isAsked = false;
      yield* walk();
    }
  }

  const again = (): void => {
    // Before that little would be found, and afterwards it is done anyway.
    if (!sight.isOpen()) return;
    isAsked = true;
    if (walking) return;
    walking = true;
    const ended = (): void => {
      walking = false;
    };
    const rest = deps.inSlices(rounds());
    if (rest === undefined) ended();
    else void rest.finally(ended);
  };

  const update = (): void => {
    sight.reconsider();
    again();
  };

  function* leaveAll(record: BaselineRecord): Steps {
    const { key } = record.baseline;
    for (const entry of desired.found(key)) {
      leave(record, entry.key, "unsearched");
      yield;
    }
    for (const [id] of verdicts.open(key)) {
      if (isStanding(key, id) && desired.get(key, id) === undefined) leave(record, id, "unsearched");
      yield;
    }
  }

  /** True where it is searched elsewhere than before. */
  const moved = ({ baseline, complete }: BaselineRecord): boolean => {
    const place = JSON.stringify([complete, ...[...desired.namespaces(baseline.key).keys()].sort()]);
    if (places.get(baseline.key) === place) return false;
    places.set(baseline.key, place);
    return true;
  };

  return {
    watched: sight.watched,
    version: sight.version,
    again,

    concerns(id) {
      if (scopes.size === 0) return false;
      const kind = sight.kinds().get(groupKind(id));
      if (kind === undefined) return false;
      // What it made stays behind, and is nobody's now.
      if (leavesBehind.has(groupKind(id)) && port.glimpse(id, kind.version).state === "absent") again();
      return sight.covers(id.namespace);
    },

    look(name) {
      if (scopes.size === 0) return;
      const isFound = desired.considering(name).some((key) => desired.get(key, name)?.found === true);
      if (isFound || !desired.isClaimed(name)) look(parseIdKey(name), name);
    },

    applied(record) {
      const { key, unmanaged } = record.baseline;
      if (unmanaged !== undefined) {
        const selects =
          unmanaged.scope === "Selector" ? (selectedBy(unmanaged.labelSelector) ?? (() => false)) : undefined;
        scopes.set(key, { record, selects });
        return update();
      }
      const wasSearched = scopes.delete(key);
      record.searched = false;
      record.unsearched = [];
      // Of before a restart, too: then it is not known whether it was searched.
      void deps.inSlices(leaveAll(record));
      if (wasSearched) update();
    },

    asked(isHeard) {
      if (isHeard) again();
      if (gathering || judge.waiting.size === 0) return;
      gathering = true;
      clock.after(GATHER, () => {
        gathering = false;
        for (const id of judge.waiting) queue.add(id, "resync");
      });
    },

    swapped(record, isHeard) {
      if (scopes.has(record.baseline.key) && moved(record)) update();
      else if (isHeard) again();
    },

    removed(key, isHeard) {
      places.delete(key);
      if (scopes.delete(key) || isHeard) update();
    },

    servedChanged: update,

    watchesChanged(kinds) {
      if (!kinds.some((kind) => sight.kinds().has(groupKind(kind)))) return;
      update();
    },

    namespaceChanged() {
      if ([...scopes.values()].some(({ record }) => record.baseline.exempt.length > 0)) again();
    },
  };
}

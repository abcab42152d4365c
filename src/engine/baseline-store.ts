/**
 * The Baselines themselves: settings, how their source fares, what of their objects still waits, and what a restart
 * must not forget. Who may judge what (tenancy) is decided here; nothing is fetched and nobody is asked.
 */
import { mayReach } from "../model/account.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import { formatId, type IdKey, type ResourceId } from "../model/resource.ts";
import { formatRevision, parseRevision, type BaselineKey, type Snapshot } from "../model/snapshot.ts";
import type { BaselineMemory, RollbackState, SourceState } from "../model/state.ts";
import { Declarations } from "./declarations.ts";
import { guardOf, trustFrom, type Trust } from "./guard.ts";
import type { TenancyPort } from "./ports.ts";
import { Tally } from "./tally.ts";

export interface BaselineRecord {
  baseline: Baseline;
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Of before the restart; used up by the first snapshot. */
  memory: BaselineMemory | undefined;
  source: SourceState;
  snapshot: Snapshot | undefined;
  /** Bad documents and duplicate ids of the snapshot. */
  problems: readonly Problem[];
  /** What the snapshot declares, id by id. */
  readonly declarations: Declarations;
  /** The snapshot has no bad documents, so that what it lacks was dropped. */
  complete: boolean;
  settledRevision: string | undefined;
  good: GoodRevision | undefined;
  /** What the ref names, where that was rendered: in force but for a rollback. */
  head: Snapshot | undefined;
  rollback: RollbackState | undefined;
  readonly trust: Trust;
  /** A snapshot that waits until the settled revision is rendered. */
  parked: Snapshot | undefined;
  recalling: boolean;
  /** The commit that was rendered once more, because it came out otherwise than before. */
  renderedAgain: string | undefined;
  /** Declared objects that were not judged at the current revision. */
  readonly unjudged: Set<IdKey>;
  /** Pending objects, since when. */
  readonly pending: Map<IdKey, number>;
  /** Standing, and not as what Git changed them to yet, though the grace period is over: the revision is not settled. */
  readonly overdue: Set<IdKey>;
  /** Standing, and never seen as Git declares them; with the moment from which on it was declared so. */
  readonly unmatched: Map<IdKey, number>;
  readonly tally: Tally;
  /** Where the Baseline has objects looked for: why not everywhere, and whether all was looked through once. */
  unsearched: readonly Problem[];
  searched: boolean;
  /** A snapshot is being taken in: what comes next for this Baseline waits here. Undefined: none is. */
  lane: Waiting[] | undefined;
  /** A snapshot is on its way in: nothing is judged, and who was to be is looked at afterwards. */
  gate: Set<IdKey> | undefined;
}

/** The last revision at which everything was in sync and healthy. */
export interface GoodRevision {
  readonly revision: string;
  /** Monotonic milliseconds at which it was found to be good. */
  readonly since: number;
  /** The good one before it. */
  readonly before?: string;
}

/** Something to be taken in. A later render makes an earlier one that waits needless. */
export interface Waiting {
  readonly isRender: boolean;
  take(): void;
}

export class BaselineStore {
  readonly #records = new Map<BaselineKey, BaselineRecord>();
  readonly #tenancy: TenancyPort;

  constructor(tenancy: TenancyPort) {
    this.#tenancy = tenancy;
  }

  get(key: BaselineKey): BaselineRecord | undefined {
    return this.#records.get(key);
  }

  all(): Iterable<BaselineRecord> {
    return this.#records.values();
  }

  /** `now`: monotonic milliseconds. */
  add(baseline: Baseline, memory: BaselineMemory, now: number): BaselineRecord {
    const record: BaselineRecord = {
      baseline,
      since: now,
      memory,
      source: rememberedSource(memory),
      snapshot: undefined,
      problems: [],
      declarations: new Declarations(),
      complete: false,
      settledRevision: memory.settledRevision,
      good: memory.goodRevision === undefined ? undefined : { revision: memory.goodRevision, since: now },
      head: undefined,
      rollback: undefined,
      trust: trustFrom(memory),
      parked: undefined,
      recalling: false,
      renderedAgain: undefined,
      unjudged: new Set(),
      pending: new Map(),
      overdue: new Set(),
      unmatched: new Map(),
      tally: new Tally(),
      unsearched: [],
      searched: false,
      lane: undefined,
      gate: undefined,
    };
    this.#records.set(baseline.key, record);
    return record;
  }

  remove(key: BaselineKey): void {
    this.#records.delete(key);
  }

  /** Why this Baseline may not judge the object; undefined where it may; `asking` while somebody finds out. */
  barred(baseline: Baseline, id: ResourceId): Problem | "asking" | undefined {
    if (this.#tenancy.platformNamespaces.includes(baseline.namespace)) return undefined;
    if (baseline.serviceAccountName !== undefined) {
      const answer = this.#tenancy.maySee?.(baseline, id) ?? true;
      return answer === true ? undefined : answer;
    }
    if (id.namespace === baseline.namespace) return undefined;
    return {
      code: "outside-tenancy",
      message: `a Baseline in namespace ${baseline.namespace} judges objects of that namespace only, unless it names a serviceAccountName`,
      object: formatId(id),
    };
  }

  /** Whether it could be this Baseline's to declare, without anybody being asked for that. */
  hasSay(baseline: Baseline, id: Pick<ResourceId, "namespace">): boolean {
    return mayReach(baseline, id, this.#tenancy.platformNamespaces);
  }

  /** Whether the kind of an object is to be watched for this Baseline. */
  isWatched(baseline: Baseline, id: ResourceId): boolean {
    const barred = this.barred(baseline, id);
    return barred === undefined || barred === "asking";
  }
}

/** The last good revision, until the source speaks. */
function rememberedSource({ revision, fetchedAt }: BaselineMemory): SourceState {
  const parsed = revision === undefined ? undefined : parseRevision(revision);
  return {
    state: "waiting",
    ...(parsed === undefined ? {} : { revision: parsed }),
    ...(fetchedAt === undefined ? {} : { fetchedAt }),
  };
}

/**
 * Nothing waits for a deployer, in its grace period or beyond, and everything was judged: the current revision is the one
 * to remember; true where that is news. A restart takes what it declared for what live once was. Not while bad documents
 * may still declare something: forgetting the revision that did would lose it.
 */
export function settle(record: BaselineRecord, uncertain: () => number): boolean {
  const { snapshot, unjudged, pending, overdue, gate } = record;
  if (snapshot === undefined || gate !== undefined || unjudged.size + pending.size + overdue.size > 0) return false;
  // A restart has to know what was there before the doubtful one.
  if (guardOf(record) !== undefined) return false;
  const revision = formatRevision(snapshot.revision);
  if (record.settledRevision === revision || uncertain() > 0) return false;
  record.settledRevision = revision;
  return true;
}

/** When something in the settings runs out next: milliseconds since the epoch, after `now`; undefined where nothing does. */
export function nextExpiry({ compare, exempt, rollback }: Baseline, now: number): number | undefined {
  const moments = [...compare.ignore, ...exempt, ...(rollback === undefined ? [] : [rollback])].flatMap(({ until }) =>
    until !== undefined && until > now ? [until] : [],
  );
  return moments.length === 0 ? undefined : Math.min(...moments);
}

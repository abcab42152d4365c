/**
 * What the engine asks of the rest of the house. Everything it reads it reads here, again, each time an id comes up;
 * nothing here hands it an object to keep. Reads answer at once; the promises (`confirm`, `renderAt`, `locate`, `ask`)
 * may be slow and may reject, and a rejection is the engine's to catch.
 */
import type { Baseline } from "../model/baseline.ts";
import type { DryRunAnswer, DryRunQuestion } from "../model/dry-run.ts";
import type { LiveObject, LiveView } from "../model/live.ts";
import type { Problem } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { KindRef, ResourceId } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import type { BaselineKey, Provenance } from "../model/snapshot.ts";
import type { Transition } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { QueueObserver } from "../runtime/work-queue.ts";

/** `stalled` was live once and is trusted until it is not; `syncing` never was. */
export type WatchState = "live" | "syncing" | "stalled" | "forbidden" | "absent";

export interface WatchedKind extends KindRef {
  /** Labels, annotations and owners only: nothing of this kind is judged. */
  readonly only?: "metadata";
  /** Somebody needs no more: where no more may be read, that much is watched. */
  readonly atLeast?: "metadata";
  /** Where something of this kind is considered ("" for none): enough where the whole cluster may not be watched. */
  readonly namespaces?: readonly string[];
}

export interface WatchedState {
  readonly kind: KindRef;
  readonly state: WatchState;
  /** Grows whenever what is seen of the kind changed anywhere, be it in one namespace. */
  readonly turn?: number;
  /**
   * Monotonic milliseconds at which it was last taken up again after a break, `Infinity` while it is broken (it may be
   * `live` all the same, for a while): what happened meanwhile may be on its way. Absent: it never breaks.
   */
  readonly resumedAt?: number;
}

export interface LivePort {
  /** Exactly these kinds are watched from now on. */
  ensure(kinds: readonly WatchedKind[]): void;
  view(id: ResourceId, version: string): LiveView;
  /** One GET. `present` even where the store has not heard of the object yet; a refusal is `unseen`. */
  confirm(id: ResourceId, version: string): Promise<LiveView>;
  list(kind: KindRef): readonly LiveObject[];
  states(): readonly WatchedState[];
}

/** A kind that can be listed and watched. */
export interface ServedKind {
  readonly group: string;
  readonly kind: string;
  /** At least one; the server's preferred one first. */
  readonly versions: readonly string[];
  readonly namespaced: boolean;
}

/** What it takes to find what nobody declares. */
export interface SearchPort {
  /** Each kind once. */
  kinds(): readonly ServedKind[];
  /** Namespace ("" for none) and name of what is known of a kind; of 50,000 objects none is decoded. */
  names(kind: KindRef): Iterable<readonly [namespace: string, name: string]>;
  /** As `LivePort.view`; of a kind of which no more may be read, its objects' metadata. */
  glimpse(id: ResourceId, version: string): LiveView;
  /** Baselines that other processes judge and that declare the object; `asking` while that is not known. */
  declaredElsewhere(id: ResourceId): readonly Baseline[] | "asking";
}

/** Kinds of a group: all of them, those of one version, or one kind at every version or at one. */
export interface KindsConcerned {
  readonly group: string;
  readonly version?: string;
  readonly kind?: string;
}

export interface SchemaPort {
  /** `loading`: asked for, and `Engine.schemaChanged` will be called when it is there or has failed. */
  schemaFor(kind: KindRef): KindSchema | Problem | "loading";
  /** Undefined where the kind is not served, as far as discovery has told. */
  scopeOf(kind: KindRef): "Namespaced" | "Cluster" | undefined;
}

export interface SourcePort {
  ensure(baseline: Baseline): void;
  remove(key: BaselineKey): void;
  checkNow(key: BaselineKey): void;
  renderAt(baseline: Baseline, commit: string): Promise<RenderOutcome>;
  /** Whether one commit is in the history of another, or is it. */
  descends(baseline: Baseline, ancestor: string, commit: string): Promise<boolean | Problem>;
  /** RFC 6901 pointers into the object as the file has it → 1-based lines; what can't be found is left out. */
  locate(
    key: BaselineKey,
    commit: string,
    source: Provenance,
    pointers: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
}

export interface TenancyPort {
  /** Baselines of these namespaces judge objects of every namespace. */
  readonly platformNamespaces: readonly string[];
  /**
   * Whether this Baseline's ServiceAccount may see the object (a SubjectAccessReview, asked and cached by whoever
   * implements this); asked only for Baselines that name one and do not live in a platform namespace. `asking`: not
   * known yet, and `Engine.recheckBaseline` follows. Absent: naming a ServiceAccount is enough.
   */
  readonly maySee?: (baseline: Baseline, id: ResourceId) => true | Problem | "asking";
}

export interface CalibrationPort {
  /** As in paths and in the rules of webhooks; undefined where the kind is not known to be served. */
  pluralOf(kind: KindRef): string | undefined;
  /** One request, of which nothing is stored. */
  ask(question: DryRunQuestion): Promise<DryRunAnswer>;
  /** How many may be asked a second. */
  readonly perSecond: number;
}

/** Numbers the engine tells to whoever counts. Each may be left out. */
export interface EngineObserver {
  /** Seconds from the watch line's arrival until the verdict it led to was recorded. */
  readonly judged?: (seconds: number) => void;
  /** One id worked off: as controller_runtime_reconcile_total and _time_seconds. */
  readonly reconciled?: (result: "success" | "error" | "requeue_after", seconds: number) => void;
  readonly queue?: QueueObserver;
  /** A dry run was answered: with something of admission's, with nothing, not for good, or not at all. */
  readonly calibrated?: (result: "learned" | "nothing" | "refused" | "failed") => void;
  /** Deleted and made again with the same content: in sync, and part of the object's history. */
  readonly recreated?: (baseline: BaselineKey, id: ResourceId, before: string, after: string) => void;
}

export interface EnginePorts {
  readonly live: LivePort;
  readonly schemas: SchemaPort;
  readonly sources: SourcePort;
  readonly tenancy: TenancyPort;
  /** Absent: nothing is looked for that Git never declared. */
  readonly search?: SearchPort | undefined;
  /** Absent where the operator may not dry-run: what admission sets is then told as what it is, a difference. */
  readonly calibration?: CalibrationPort | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How many ids are worked on at once. */
  readonly workers: number;
  /** Called synchronously, in the order of the verdicts; must return at once and not throw. */
  publish(transition: Transition): void;
  /** Something of this Baseline's `BaselineState` changed. Called often; coalesce. */
  stateChanged(key: BaselineKey): void;
  /** The Baseline is gone, and the transitions of its objects have been published. */
  removed(key: BaselineKey): void;
  readonly observe?: EngineObserver;
}

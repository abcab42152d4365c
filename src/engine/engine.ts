/**
 * The engine, as its owner and the sinks see it. It is told that something happened, never what to conclude: each
 * call only decides when an id is looked at. The calls return at once and do not throw.
 */
import type { Baseline } from "../model/baseline.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineMemory, BaselineOutline, BaselineState } from "../model/state.ts";
import type { Judgement } from "../model/verdict.ts";
import type { DecideInput } from "../verdict/decide.ts";
import type { Pair } from "./lately.ts";
import type { KindsConcerned } from "./ports.ts";

export interface Engine {
  /**
   * A Baseline is there, or its settings changed. `memory` is what its status said at start; only the first one for
   * a uid is used. A new `requestedAt` checks the source at once.
   */
  baselineApplied(baseline: Baseline, memory: BaselineMemory): void;
  baselineRemoved(key: BaselineKey): void;
  /** Every Baseline that exists has been applied: part of {@link Engine.isReady}. */
  baselinesSynced(): void;
  sourceOutcome(key: BaselineKey, outcome: RenderOutcome): void;
  /** `receivedAt`: milliseconds since the epoch at which the watch line arrived. */
  liveChanged(id: ResourceId, version: string, receivedAt: number): void;
  /** A watch synced, stalled, was refused or granted. */
  watchesChanged(): void;
  /** A schema arrived, changed or failed: of these kinds, or of any. */
  schemaChanged(kinds?: KindsConcerned): void;
  /** What the API server serves changed: scopes are asked again. */
  discoveryChanged(): void;
  /**
   * What was announced before a restart, from Drift records: before the first Baseline is applied. Of a drifted
   * verdict's changes only `op` and `pointer` need be true; paths may be empty.
   */
  seed(judgements: readonly Judgement[]): void;
  /** Since when what stands here stands, as another process recorded it: its moment counts, unless ours is well before it. */
  adopt(judgements: readonly Judgement[]): void;
  /** Looks at one object again, soon: after a refused write, for example. */
  recheck(id: ResourceId): void;
  /** What Baselines that other processes judge declare is known now, or is something else. */
  claimsElsewhereChanged(): void;
  /** Reads its source, without waiting for its interval. */
  checkNow(key: BaselineKey): void;
  /** Looks at everything a Baseline considers again. */
  recheckBaseline(key: BaselineKey): void;

  judgement(key: BaselineKey, id: ResourceId): Judgement | undefined;
  judgements(key: BaselineKey): Iterable<Judgement>;
  /** Those of {@link Engine.judgements} that are anything but in sync: walks over nothing else. */
  open(key: BaselineKey): Iterable<Judgement>;
  state(key: BaselineKey): BaselineState | undefined;
  /** Of its state what need not be added up. */
  outline(key: BaselineKey): BaselineOutline | undefined;
  states(): readonly BaselineState[];
  /** What the verdict on an object would be made from at this moment; for planning a write, never for keeping. */
  inputOf(key: BaselineKey, id: ResourceId): DecideInput | undefined;
  /** The same with the verdict on it: of what was judged in this very moment, what was found then. */
  pairOf(key: BaselineKey, id: ResourceId): Pair | undefined;
  /** Names of the webhooks and policies that may set something on an object as this Baseline declares it. */
  mutatorsOf(key: BaselineKey, id: ResourceId): readonly string[];
  /** The Baselines that declare an object. */
  declaring(id: ResourceId): readonly BaselineKey[];
  /** Baselines that may declare an object and were not heard since the start: what they declare is not known. */
  unheard(id: ResourceId): readonly BaselineKey[];
  /** Of those the ones whose source was not even tried yet. */
  untried(id: ResourceId): readonly BaselineKey[];
  /** Baselines that may declare an object, and whose sources were not asked since that moment (epoch ms) and taken in. */
  unasked(id: ResourceId, moment: number): readonly BaselineKey[];
  /** Baselines synced, and each source's first attempt ended, well or not. */
  isReady(): boolean;
  queueDepth(): number;
  /** Ids being worked on: total seconds so far, and the longest. */
  queueBusy(): { readonly unfinished: number; readonly longest: number; readonly active: number };
  /** Works until the signal aborts and the ids in hand are done. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * What the sinks ask of the rest of the house. Every sink reads the truth here when its key comes up, so a key told
 * twice does nothing twice; none of them ever tells the engine anything: a write comes back as a watch event.
 */
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { BaselineOutline, BaselineState } from "../model/state.ts";
import type { Judgement, Transition } from "../model/verdict.ts";
import type { DecideInput, Looked } from "../verdict/decide.ts";
import type { WaitReason } from "../verdict/remedy.ts";

export type { WaitReason };

/** One effect. All four calls return at once: they note the key and leave the work to the sink's own queue. */
export interface Sink {
  readonly name: string;
  transition(transition: Transition): void;
  /** Counts, source or settings of a Baseline differ from before. */
  stateChanged(key: BaselineKey): void;
  /** The Baseline is gone: forget everything about it. */
  removed(key: BaselineKey): void;
  /** This process became the one that may write: bring everything up to date. */
  leading(): void;
}

/** A sink that writes, and so has a queue to run. */
export interface WritingSink extends Sink {
  /** Works until the signal aborts and what it was doing is done. */
  run(signal: AbortSignal): Promise<void>;
}

/** The engine, as sinks read it. */
export interface EngineReader {
  states(): readonly BaselineState[];
  state(key: BaselineKey): BaselineState | undefined;
  /** Its settings, how its source fares and its counts, of which nothing has to be added up. */
  outline(key: BaselineKey): BaselineOutline | undefined;
  judgement(key: BaselineKey, id: ResourceId): Judgement | undefined;
  /** Judgements of one Baseline that are anything but in sync. */
  open(key: BaselineKey): Iterable<Judgement>;
}

/** Both sides of one object as they are now, read again for every write and never kept. */
export interface PairReader {
  inputOf(key: BaselineKey, id: ResourceId): DecideInput | undefined;
  /** With the verdict on it, which need not be what the last judgement says: both sides may have moved since. */
  pairOf(key: BaselineKey, id: ResourceId): (Looked & { readonly input: DecideInput }) | undefined;
  /** Every Baseline that declares the object. */
  declaring(id: ResourceId): readonly BaselineKey[];
}

/** Reasons of Events; a closed list, for people filter and alert on them. */
export type EventReason =
  | "Drifted"
  | "Missing"
  | "DriftResolved"
  | "Remediated"
  | "RemediationFailed"
  | "RemediationWaiting"
  | "UnhealthyAfterRemediation"
  | "FightDetected"
  | "SourceFailed"
  | "RenderFailed"
  | "SourceGuarded"
  | "RolledBack"
  | "RollbackEnded"
  | "RollbackFailed"
  | "InvalidAnnotation"
  | "PermissionMissing";

/** What remediation did. */
export type EventAction = "Patch" | "Create" | "Recreate" | "Delete";

export interface Announcement {
  readonly reason: EventReason;
  readonly baseline: BaselineKey;
  /** The object it is about; undefined: the Baseline itself. */
  readonly id?: ResourceId;
  /** API version without the group, and uid, where they are known. */
  readonly version?: string;
  readonly uid?: string;
  /** One sentence. Values of sensitive paths are already replaced. */
  readonly note: string;
  /** Milliseconds since the epoch at which it happened. With reason and object it names the Event. */
  readonly at: number;
  /** It stood before this process looked, and may have been told: then its sentence names the Event, not the time. */
  readonly stood?: boolean;
  /** What every replica knows this happening by: then it names the object's Event, not the time at which one saw it. */
  readonly moment?: string;
  /** What was done to the object, where the reason alone does not say: another deed is no repetition of the last. */
  readonly action?: EventAction;
  /** Its Baseline was told, or never will be: only the object's own Event. */
  readonly objectOnly?: boolean;
}

export const waitReasons: readonly WaitReason[] = [
  "opt-out",
  "pause",
  "window",
  "approval",
  "fight",
  "permission",
  "limit",
  "rollout",
];

export type RemediationResult = "applied" | "noop" | "conflict" | "denied" | "failed";

export const remediationResults: readonly RemediationResult[] = ["applied", "noop", "conflict", "denied", "failed"];

/** Where remediation stands on one object: for its Drift record and for the gauges. */
export interface RemediationState {
  readonly state: "waiting" | "retrying" | "applied" | "failed" | "not-allowed";
  readonly attempts: number;
  readonly lastResult?: RemediationResult;
  /** Milliseconds since the epoch. */
  readonly lastAttemptAt?: number;
  readonly waitingFor?: WaitReason;
  /** Milliseconds since the epoch at which it is looked at again, where that is known. */
  readonly waitsUntil?: number;
  /** One sentence for people: why it waits, or what the server said, without values. */
  readonly message?: string;
  /** Who else writes the same paths, where writing stopped over it. */
  readonly contested?: Contest;
  /** Its last heal made its health worse. */
  readonly worsened?: true;
  /** We delete it in order to make it anew: what an approval of the creation that is owed would name. */
  readonly owed?: string;
}

/** Who and what a fight is about. */
export interface Contest {
  /** Field managers, and names of admission. */
  readonly managers: readonly string[];
  /** What they move back and forth, as people read it. */
  readonly paths: readonly string[];
}

/** What the remediation sink tells the other sinks when they ask. */
export interface RemediationReader {
  stateOf(key: BaselineKey, id: ResourceId): RemediationState | undefined;
  /** True where a write of ours was sent at or after `since` (milliseconds since the epoch), answered or not. */
  actedSince(key: BaselineKey, id: ResourceId, since: number): boolean;
  /** While a write of ours is under way: resolves, and never rejects, when it is known what came of it. */
  answered(key: BaselineKey, id: ResourceId): Promise<void> | undefined;
  /** Objects that wait, by reason; every reason, zero included. */
  waiting(key: BaselineKey): Readonly<Record<WaitReason, number>>;
}

/** One Baseline summed up: what status, metrics and readiness are made from. */
import type { Baseline } from "./baseline.ts";
import type { HealthState } from "./live.ts";
import type { Problem } from "./problem.ts";
import type { ResourceId } from "./resource.ts";
import type { Revision } from "./snapshot.ts";
import type { Severity, VerdictKind } from "./verdict.ts";

/** A revision that nothing is written for until its commit is approved. */
export interface SourceGuard {
  /** `Shrunk`: much of what was declared is gone. `Rewritten`: the commit does not descend from the one before. */
  readonly reason: "Shrunk" | "Rewritten";
  /** 40 or 64 hex digits. */
  readonly commit: string;
  /** The last revision that could be acted upon, `main@sha1:…`: what the guarded one is held against. */
  readonly before?: string;
  readonly message: string;
  /** Git is being asked still: nothing is written meanwhile, and nobody need be told. */
  readonly asking?: true;
}

/** A rollback that somebody asked for by annotations, and that has not run out. */
export interface RollbackState {
  /** 40 or 64 hex digits. */
  readonly commit: string;
  /** `rendering`: not in force yet. `failed`: it cannot be, and the ref stays in force. */
  readonly phase: "rendering" | "in-force" | "failed";
  readonly problem?: Problem;
  /** What the ref names, where that is known. */
  readonly instead?: Revision;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly reason: string;
  /** `remediation.onUnhealthy` asked for it. */
  readonly automatic: boolean;
}

export interface SourceState {
  /** `waiting`: the first attempt has not ended. `failed`: the last attempt did; `revision` is then the last good one. */
  readonly state: "waiting" | "ready" | "failed";
  readonly stage?: "source" | "render";
  readonly problem?: Problem;
  readonly revision?: Revision;
  /** Milliseconds since the epoch. */
  readonly fetchedAt?: number;
  /** Milliseconds since the epoch of the last attempt that succeeded. */
  readonly lastSuccessAt?: number;
  /** Last revision at which nothing was pending: `main@sha1:…`. */
  readonly settledRevision?: string;
  /** Last revision at which everything was in sync and healthy: `main@sha1:…`. */
  readonly goodRevision?: string;
  readonly guard?: SourceGuard;
  readonly rollback?: RollbackState;
}

/** An object that waits for its deployer, as a Baseline's status remembers it across a restart. */
export interface PendingObject {
  readonly id: ResourceId;
  /** Milliseconds since the epoch at which the revision that changed it was fetched: the grace period runs from here. */
  readonly since: number;
  /** First 16 hex digits of its desired hash, so that a later change is told from this one. */
  readonly hash: string;
  /** It stands, and live was never seen as Git declares it: no grace period any more, and still nobody's to put back. */
  readonly unmatched?: boolean;
}

/** What a Baseline's status says of the time before a restart. All of it is optional: without it, nothing is remembered. */
export interface BaselineMemory {
  /** `status.source.settledRevision`. */
  readonly settledRevision?: string;
  /** `status.source.goodRevision`. */
  readonly goodRevision?: string;
  /** `status.source.guard`. */
  readonly guard?: SourceGuard;
  /** `status.source.revision`. */
  readonly revision?: string;
  /** Milliseconds since the epoch, `status.source.fetchedAt`. */
  readonly fetchedAt?: number;
  /** Longest waiting first, those that were never seen as declared last; there may have been more of either. */
  readonly pending?: readonly PendingObject[];
}

/** How many waiting objects a status remembers. */
export const pendingCap = 50;

/** How many warnings a state names. */
export const warningsCap = 100;

export interface BaselineState {
  readonly baseline: Baseline;
  readonly source: SourceState;
  /** Bad documents of the current snapshot. */
  readonly problems: readonly Problem[];
  /** Every verdict kind, zero included. Adds up to the objects considered. */
  readonly counts: Readonly<Record<VerdictKind, number>>;
  /** Of the unknown: Secrets that may not be read, outside the compliance denominator. */
  readonly secretsNotGranted: number;
  readonly health: Readonly<Record<HealthState, number>>;
  /** Differences that do not count, by the rule that says so. */
  readonly suppressed: ReadonlyMap<string, number>;
  /**
   * What its authors should look at: rules that are not used, and ignores that hide more than they name. Each once,
   * and at most {@link warningsCap}.
   */
  readonly warnings: readonly Problem[];
  /** Why objects that Git never declared are not looked for everywhere; empty where they are, or need not be. */
  readonly unsearched?: readonly Problem[];
  /** Where they are looked for: how many the Baseline declares, and how many were found that nobody does. */
  readonly coverage?: { readonly declared: number; readonly strays: number };
  /** Worst severity of what stands; undefined where nothing does. */
  readonly severity?: Severity;
  /** True once every declared object has been judged at the current revision. */
  readonly judged: boolean;
  /** What a restart must not forget: longest waiting first, at most {@link pendingCap}. */
  readonly pending: readonly PendingObject[];
}

/** Of a state what need not be added up. */
export interface BaselineOutline extends Pick<BaselineState, "baseline" | "source" | "counts" | "unsearched"> {
  /** Of the unmanaged: those that Git never declared. */
  readonly strays?: number;
  /** False while something of its snapshot was not judged yet. */
  readonly judged?: boolean;
}

/** M1: in-sync ÷ (in-sync + drifted + missing + terminating + unknown), Secrets we may not read left out; undefined when nothing is judged. */
export function complianceRatio(state: Pick<BaselineState, "counts" | "secretsNotGranted">): number | undefined {
  const { counts } = state;
  const judged =
    counts["in-sync"] + counts.drifted + counts.missing + counts.terminating + counts.unknown - state.secretsNotGranted;
  return judged <= 0 ? undefined : counts["in-sync"] / judged;
}

/** Declared ÷ (declared + never declared); undefined where nothing is looked for, or nothing is there. */
export function coverageRatio({ coverage }: Pick<BaselineState, "coverage">): number | undefined {
  if (coverage === undefined) return undefined;
  const { declared, strays } = coverage;
  return declared + strays === 0 ? undefined : declared / (declared + strays);
}

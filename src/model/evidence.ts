/**
 * One decision or act of remediation as evidence: who asked, why it was allowed, what was done and what came of it.
 * Holds no values: versions of before and after, keyed hashes of what was to be changed and of what Git declares, paths,
 * names and sentences that are safe to show.
 */
import type { ResourceId } from "./resource.ts";
import type { BaselineKey } from "./snapshot.ts";

export type EvidenceKind =
  /** It was decided to act, to wait or not to act; once per drift and reason. */
  | "decision"
  /** A write was sent, and this is what the server said. */
  | "attempt"
  /** How the object fared after a write that put it back, once it had settled. */
  | "health"
  /** What stood is gone, by us or by somebody else. */
  | "resolved"
  /** Ownership of fields was given back. */
  | "handed-back"
  /** A breaker opened, went half open or closed. */
  | "breaker"
  /** A Baseline was rolled back, or the rollback ended. */
  | "rollback";

export interface EvidenceRecord {
  readonly kind: EvidenceKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly baseline: BaselineKey;
  /** Undefined where it concerns the whole Baseline. */
  readonly id?: ResourceId;
  readonly uid?: string;
  /** `main@sha1:…` */
  readonly revision?: string;
  /** Who asked for it: `git annotation`, `scope OptOut`, `git annotation, approval by kubectl-annotate at 2026-…Z`, … */
  readonly asked?: string;
  /** `do`, `wait permission`, `applied`, `conflict`, `other`, … */
  readonly result: string;
  /** Why: one sentence without values. */
  readonly reason?: string;
  /** What was planned: the kind, and each operation as `replace /spec/replicas`. */
  readonly plan?: { readonly kind: string; readonly operations: readonly string[] };
  /** Keyed hash of the drift and its plan, as in the Drift record. */
  readonly contentHash?: string;
  /** Keyed hash of the object as Git declares it: what it is to be after. */
  readonly desiredHash?: string;
  /** resourceVersions. */
  readonly before?: string;
  readonly after?: string;
  /** Of health: since the write. */
  readonly seconds?: number;
  /** Of health: it is worse off than before the write. */
  readonly worse?: true;
  /** Account that was impersonated, `namespace/name`. */
  readonly as?: string;
}

/** The door of the ledger: takes a record and returns at once; never throws. */
export interface EvidenceDoor {
  record(record: EvidenceRecord): void;
}

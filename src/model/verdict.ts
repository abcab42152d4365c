/**
 * The judgement on one object at one revision, as a union whose payload exists only where it is legal.
 * Source: drift semantics, sections 2, 5 and 6 (docs/semantics.md).
 */
import type { Json } from "./json.ts";
import type { Health } from "./live.ts";
import type { Path } from "./path.ts";
import type { Problem } from "./problem.ts";
import type { ResourceId } from "./resource.ts";
import type { BaselineKey, Provenance, Revision } from "./snapshot.ts";

export type Severity = "critical" | "high" | "medium" | "low";
/** What kind of thing a change touches; from the severity row that matched. */
export type ChangeClass = "security" | "workload" | "config" | "metadata";
export type Cause =
  | "live-edit"
  | "rollout"
  | "dropped-from-git"
  | "deletion"
  | "recreation"
  | "non-deterministic-render";

export const severities: readonly Severity[] = ["critical", "high", "medium", "low"];

/** Who last set a path, as far as `managedFields` tell. A manager is not a person. */
export interface Owner {
  /** Empty where nothing is known; with confidence `unknown` it is the name of an entry that stands for nobody. */
  readonly manager: string;
  readonly operation: "Apply" | "Update" | "";
  readonly subresource: string;
  /** RFC 3339. An upper bound: the entry's time, not the field's. */
  readonly time?: string;
  readonly confidence: "exact" | "ancestor" | "unknown";
  /** Where nobody is on record for what happened: who owned the path before, and the versions between which it did. */
  readonly previous?: { readonly manager: string; readonly after?: string; readonly before?: string };
}

/** The smallest whole thing that differs. Values of sensitive paths are already replaced by the mark. */
export interface Change {
  /** As seen from Git: `added` is in live only, `removed` is in Git only. */
  readonly op: "changed" | "added" | "removed";
  readonly path: Path;
  /** RFC 6901: into live for `changed` and `added`, into desired for `removed`. */
  readonly pointer: string;
  readonly desired?: Json;
  readonly live?: Json;
  /** What the field would be, had nobody set it: for an `added` where Git leaves it to its default. */
  readonly defaulted?: Json;
  readonly sensitive: boolean;
  readonly severity: Severity;
  readonly class: ChangeClass;
  readonly cause: Cause;
  readonly owner: Owner;
  /** File and line of the very field, where they are known. */
  readonly source?: Provenance;
  /** Something a reader should know, such as `duplicate keys: compared in order`. */
  readonly note?: string;
}

/** A difference that does not count, and why. */
export interface Suppressed {
  readonly pointer: string;
  readonly path: Path;
  /** Name of the noise rule, `controller-owned`, or `annotation`. */
  readonly rule: string;
  readonly reason: string;
}

export type Verdict =
  | { readonly kind: "in-sync" }
  | {
      readonly kind: "drifted";
      readonly changes: readonly [Change, ...Change[]];
      readonly severity: Severity;
      readonly class: ChangeClass;
      readonly cause: Cause;
      /** True where `managedFields` were wiped: an evasion. */
      readonly ownershipWiped: boolean;
    }
  /** Git moved; the deployer has not caught up. `until` is milliseconds since the epoch. */
  | { readonly kind: "pending"; readonly reason: "new" | "changed"; readonly until: number }
  | { readonly kind: "missing"; readonly severity: Severity; readonly class: ChangeClass; readonly cause: Cause }
  | {
      readonly kind: "terminating";
      /** RFC 3339, from the object. */
      readonly since: string;
      readonly finalizers: readonly string[];
      readonly severity: Severity;
      readonly class: ChangeClass;
    }
  | {
      readonly kind: "unmanaged";
      /** `dropped-from-git`, or `live-edit` for what Git never declared. */
      readonly cause: Cause;
      readonly severity: Severity;
      readonly class: ChangeClass;
      /** Of what Git never declared: who made it, and when. */
      readonly made?: Owner;
    }
  | { readonly kind: "excluded"; readonly rule: string; readonly reason: string }
  | { readonly kind: "unknown"; readonly problem: Problem };

export type VerdictKind = Verdict["kind"];

export const verdictKinds: readonly VerdictKind[] = [
  "in-sync",
  "drifted",
  "pending",
  "missing",
  "terminating",
  "unmanaged",
  "excluded",
  "unknown",
];

/** Verdicts that are not as declared: each has a Drift record and a `plumbline_resource_drifted` series. */
export type StandingKind = "drifted" | "missing" | "terminating" | "unmanaged";

export function isStanding(verdict: Verdict): verdict is Extract<Verdict, { kind: StandingKind }> {
  return (
    verdict.kind === "drifted" ||
    verdict.kind === "missing" ||
    verdict.kind === "terminating" ||
    verdict.kind === "unmanaged"
  );
}

/** Live, and Git never declared it. */
export function isStray(verdict: Verdict): boolean {
  return verdict.kind === "unmanaged" && verdict.cause !== "dropped-from-git";
}

/** One object of one Baseline, judged. */
export interface Judgement {
  readonly baseline: BaselineKey;
  readonly id: ResourceId;
  /** API version without the group, as desired and live were read. */
  readonly version: string;
  readonly verdict: Verdict;
  readonly suppressed: readonly Suppressed[];
  readonly warnings: readonly Problem[];
  readonly revision?: Revision;
  readonly source?: Provenance;
  readonly desiredHash?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly health?: Health;
  /** Milliseconds since the epoch at which this kind of verdict began; survives a restart. */
  readonly firstObserved: number;
  /** Milliseconds since the epoch at which its changes last differed. */
  readonly lastChanged: number;
  /** Milliseconds since the epoch at which the watch line that led here was received, where one did. */
  readonly receivedAt?: number;
}

export type LeaveReason = "gone" | "claimed" | "unsearched";

/** A judgement that differs from the one before it. `after` is undefined when the object left the Baseline. */
export interface Transition {
  readonly baseline: BaselineKey;
  readonly id: ResourceId;
  readonly before: Judgement | undefined;
  readonly after: Judgement | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * Why an object left that Git never declared: it is gone; it is somebody's now, declared or owned; or it is not
   * looked for any more, and may be there still.
   */
  readonly left?: LeaveReason;
  /** True when it was already announced before a restart: state is kept, nothing is counted or told again. */
  readonly replayed: boolean;
}

export function worstSeverity(found: readonly Severity[]): Severity {
  return severities.find((severity) => found.includes(severity)) ?? "low";
}

export function assertNever(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}

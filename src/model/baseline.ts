/**
 * A Baseline as the rest of the house uses it: validated, defaults filled in. The custom resource's own shape, with
 * its optional fields, is in `baseline-schema.ts`; `baseline-settings.ts` turns the one into the other.
 */
import type { BaselineKey } from "./snapshot.ts";
import type { Severity } from "./verdict.ts";

export type Mode = "Observe" | "Alert" | "Remediate";
export type RenderKind = "Auto" | "Plain" | "Kustomize" | "Helm";
export type AddedFields = "Strict" | "TrustControllers" | "Ignore";

export type GitRef =
  | { readonly kind: "branch"; readonly name: string }
  | { readonly kind: "tag"; readonly name: string }
  | { readonly kind: "semver"; readonly range: string }
  | { readonly kind: "commit"; readonly commit: string }
  /** A full ref name, `refs/…`. */
  | { readonly kind: "name"; readonly name: string };

/** Which objects a row concerns; an absent part matches all, `*` in a name matches any run of characters. */
export interface Target {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
}

export interface IgnoreRow {
  readonly target: Target;
  /** Typed paths (`.spec.replicas`) or JSON Pointers. */
  readonly paths: readonly string[];
  /** Only where one of these field managers owns the path; empty: whoever does. */
  readonly managers: readonly string[];
  readonly reason: string;
  /** Milliseconds since the epoch; from then on the row is reported and not used. */
  readonly until?: number;
}

export interface SeverityRow {
  readonly target: Target;
  /** Typed paths or JSON Pointers; empty: the whole object. */
  readonly paths: readonly string[];
  readonly severity: Severity;
}

export interface CompareSettings {
  readonly addedFields: AddedFields;
  readonly ignore: readonly IgnoreRow[];
  /** Typed paths or JSON Pointers whose values are never shown. */
  readonly sensitive: readonly string[];
}

export interface GitSettings {
  readonly url: string;
  readonly ref: GitRef;
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Name of a Secret in the Baseline's namespace. */
  readonly secretName?: string;
  readonly submodules: boolean;
}

/** A stretch of time that begins at each moment the schedule names. */
export interface RemediationWindow {
  /** Cron, five fields. */
  readonly schedule: string;
  /** Milliseconds. */
  readonly duration: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly kind: "Allow" | "Deny";
}

export interface RemediationSettings {
  readonly scope: "OptIn" | "OptOut";
  readonly causes: readonly ("live-edit" | "deletion" | "rollout" | "dropped-from-git" | "recreation")[];
  readonly approval: "Never" | "HighRisk" | "Always";
  readonly maxPerMinute: number;
  readonly maxObjectsPerRevision: number;
  readonly retries: number;
  /** 0 to 100: share of a Baseline's objects beyond which a heal is of high risk. */
  readonly maxPercent: number;
  readonly prune: boolean;
  readonly recreate: boolean;
  readonly onUnhealthy: "None" | "Rollback";
  readonly windows: readonly RemediationWindow[];
  /** Names of namespaces, `Kind/name` and `Kind/namespace/name`. */
  readonly allowProtected: readonly string[];
}

/** A revision put back for a time, by annotations on the Baseline. */
export interface RollbackSettings {
  /** 40 or 64 hex digits. */
  readonly commit: string;
  /** Milliseconds since the epoch; from then on the ref counts again. */
  readonly until: number;
  readonly reason: string;
  /** `remediation.onUnhealthy` asked for it, and no person. */
  readonly automatic: boolean;
}

export interface Exemption {
  readonly namespaceSelector: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly until?: number;
}

/** Where objects are looked for that Git never declared. */
export type UnmanagedScope =
  /** The namespaces in which the Baseline declares something. */
  | { readonly scope: "Namespaces" }
  /** Whatever has these labels, wherever it is. */
  | { readonly scope: "Selector"; readonly labelSelector: string };

export interface Baseline {
  readonly key: BaselineKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly git: GitSettings;
  /** Folder in the tree, "" for its root. */
  readonly path: string;
  readonly exclude: readonly string[];
  readonly render: RenderKind;
  /** For objects that name none; undefined: the Baseline's own namespace. */
  readonly targetNamespace?: string;
  readonly serviceAccountName?: string;
  readonly mode: Mode;
  /** Milliseconds. */
  readonly gracePeriod: number;
  readonly compare: CompareSettings;
  readonly severity: readonly SeverityRow[];
  readonly remediation: RemediationSettings;
  readonly exempt: readonly Exemption[];
  /** Undefined: nowhere (scope None). */
  readonly unmanaged?: UnmanagedScope;
  /** 0 to 1. */
  readonly minCompliance: number;
  readonly suspend: boolean;
  /** Value of `plumbline.dev/requested-at`; a new one means: check now. */
  readonly requestedAt?: string;
  /** `plumbline.dev/remediate: disabled` on the Baseline itself: what neither object nor namespace opts in is left alone. */
  readonly remediate?: "disabled";
  readonly rollback?: RollbackSettings;
  /** The commit that `remediation.onUnhealthy` rolled back from last: it does so once per commit. */
  readonly rolledBackFrom?: string;
  /** Value of `plumbline.dev/approve`: a commit that may be acted upon although it rewrites or removes much. */
  readonly approvedCommit?: string;
  /** Who did so, and when, where that is on record. */
  readonly approvedBy?: string;
  /** Milliseconds since the epoch: until then windows hold nothing back. */
  readonly windowsOpenUntil?: number;
  /** Milliseconds since the epoch, of `plumbline.dev/pause-until`; Infinity where it cannot be read. */
  readonly pauseUntil?: number;
  readonly pauseReason?: string;
}

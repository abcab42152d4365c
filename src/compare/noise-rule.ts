/**
 * The form of a noise rule: one row of data for each reason why a difference is not drift. A manager's name is what a
 * client chose to be called, so an `owner` only ever narrows a row: what the row lets through is bounded by what it
 * matches and by its conditions, and stays harmless whoever wrote it under whatever name. `suppress` interprets rows.
 */
import type { Difference } from "./difference.ts";

export type Condition =
  /** An autoscaler of the object's namespace targets it, and live is a whole number within its bounds. */
  | { readonly is: "autoscaled" }
  /** Git has nothing there, or an empty placeholder. */
  | { readonly is: "git-empty" }
  /** Git has nothing, or something empty, at each of these top-level fields. */
  | { readonly is: "git-lacks"; readonly names: readonly string[] }
  /** The object carries one of these annotations in Git, neither empty nor `false`. */
  | { readonly is: "git-annotation"; readonly names: readonly string[] }
  /** The object carries this label in Git, with a value that matches one of these. */
  | { readonly is: "git-label"; readonly name: string; readonly values: readonly string[] }
  /** Git says exactly this at the field. */
  | { readonly is: "git-field"; readonly path: readonly string[]; readonly value: string }
  /** Git says exactly this at the very path of the difference. */
  | { readonly is: "git-value"; readonly value: string }
  /** The top-level field is there in Git and in live. */
  | { readonly is: "both-have"; readonly name: string }
  /** Live has a text that is not empty at the field. */
  | { readonly is: "live-has"; readonly path: readonly string[] }
  /**
   * Each live string, or each added item's `name`, matches one of these. `$group`, `$kind` and `$name` are the
   * object's own, `$random` the five characters that the API server appends to a generated name.
   */
  | { readonly is: "live-names"; readonly names: readonly string[] }
  /** Live is an object or a list with nothing in it, however deep. */
  | { readonly is: "live-hollow" }
  /** Live is a string of this shape. */
  | { readonly is: "live-shape"; readonly shape: Shape }
  /** Each rule of a webhook that live has asks for API groups that match these, and for no others. */
  | { readonly is: "live-rules-within"; readonly groups: readonly string[] }
  /** The claim that the live volume names by uid is that one, as far as live shows. */
  | { readonly is: "bound-claim" }
  /** The object is called so. */
  | { readonly is: "named"; readonly names: readonly string[] }
  /** The Service of the object's name selects Pods, as far as live shows: a controller writes its endpoints. */
  | { readonly is: "service-selects" }
  /**
   * Every owner reference that live adds is of a kind that owns such objects by what Kubernetes does (by kind of the
   * object, `group/Kind`), and none of them is known to be gone or to be another object.
   */
  | { readonly is: "adopted"; readonly by: Readonly<Record<string, readonly string[]>> };

/**
 * `name`: a DNS name, or several with slashes between. `json`: an object or a list. `range`, `level`: ten thousand user
 * ids, and an SELinux level of two categories, as OpenShift allots them.
 */
export type Shape = "digits" | "name" | "json" | "date" | "uuid" | "range" | "level";

/** Who must own the path besides; it can only make a row speak less often. */
export type RuleOwner =
  /** Whoever wrote it: what it says is enough. */
  | "anyone"
  /** Nobody known to own it is a person's tool or a deployer. */
  | "no-person"
  /** Somebody is known to own it, and all who do are controllers by name. */
  | "controllers"
  /** Somebody of one of these names, who owns what Git declares too; with `*`, or nobody at all. */
  | { readonly deployer: readonly string[] };

export interface NoiseRule {
  readonly name: string;
  /** What happened, in half a sentence: what a reader of `--show-suppressed` sees. */
  readonly reason: string;
  /** Why nobody is harmed by not hearing of it. */
  readonly safe: string;
  /** What somebody might try to hide behind this row, and what the row does about it. */
  readonly abuse: string;
  /** Where the behaviour is described. */
  readonly source: string;
  /** `group/Kind`, `/Kind` for the core group, `*` for any run of characters. */
  readonly kinds: readonly string[];
  /** Kinds that the above match and the row leaves out. */
  readonly except?: readonly string[];
  /** Typed paths; the row holds at and below them. */
  readonly paths: readonly string[];
  /** Only map entries right below a path whose key matches one of these. */
  readonly keys?: readonly string[];
  readonly ops: readonly Difference["op"][];
  readonly owner: RuleOwner;
  /** All must hold. */
  readonly when: readonly Condition[];
}

// What many rows share.
export const docs = "https://kubernetes.io/docs";
export const added: readonly Difference["op"][] = ["added"];
export const addedOrChanged: readonly Difference["op"][] = ["added", "changed"];
export const labels = [".metadata.labels"];
export const annotations = [".metadata.annotations"];
export const finalizers = [".metadata.finalizers"];

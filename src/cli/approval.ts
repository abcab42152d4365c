/** Which Drift records a person means, and what approving one takes. Pure. */
import { annotations } from "../model/annotations.ts";
import { getIn, getString, type Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import { severities } from "../model/verdict.ts";
import { CliError } from "./cli-error.ts";
import { objectOf } from "./output/drift-text.ts";
import { namesKind, type Target } from "./targets.ts";

export interface Wanted {
  readonly target: Target;
  /** Namespace of the object; cluster-scoped objects are found in any. */
  readonly namespace: string;
  readonly baseline?: { readonly namespace: string; readonly name: string } | undefined;
}

const nameOf = (record: KubeObject): string =>
  `${getString(record.metadata, "namespace") ?? ""}/${getString(record.metadata, "name") ?? ""}`;

export const belongsTo = (record: Json, baseline: { readonly namespace: string; readonly name: string }): boolean =>
  getString(record, "metadata", "namespace") === baseline.namespace && getString(record, "baseline") === baseline.name;

/** The one record of an object. @throws CliError where there is none, or more than one Baseline has one */
export function chooseRecord(records: readonly KubeObject[], { target, namespace, baseline }: Wanted): KubeObject {
  const found = records.filter((record) => {
    const id = { group: getString(record, "object", "group") ?? "", kind: getString(record, "object", "kind") ?? "" };
    const at = getString(record, "object", "namespace") ?? "";
    return (
      getString(record, "object", "name") === target.name &&
      (at === "" || at === (target.namespace ?? namespace)) &&
      namesKind(target.kind, id) &&
      (baseline === undefined || belongsTo(record, baseline))
    );
  });
  const said = `${target.kind}/${target.name}`;
  const [first, second] = found;
  if (first === undefined)
    throw new CliError(
      `${said} in ${namespace} is not known to have drifted${baseline === undefined ? "" : ` from Baseline ${baseline.namespace}/${baseline.name}`}: no Drift record names it`,
    );
  if (second !== undefined)
    throw new CliError(
      `${said} drifted from more than one Baseline (records ${found.map(nameOf).join(", ")}); --baseline tells them apart`,
    );
  return first;
}

/** Worst first, then by name: the order in which a person wants to read them. */
function byWeight(one: Json, other: Json): number {
  const rank = (record: Json): number => severities.findIndex((severity) => severity === getString(record, "severity"));
  return rank(one) - rank(other) || objectOf(one).localeCompare(objectOf(other));
}

/** Those of a Baseline that wait for nothing but a yes. */
export const waitingForApproval = (records: readonly KubeObject[]): readonly KubeObject[] =>
  records
    .filter((record) => getString(record, "remediation", "waitingFor") === "approval" && !isApproved(record))
    .toSorted(byWeight);

export const hashOf = (record: Json): string => getString(record, "contentHash") ?? "";

export function isApproved(record: Json): boolean {
  const approved = getString(getIn(record, "metadata", "annotations"), annotations.approve);
  return approved !== undefined && approved !== "" && approved === hashOf(record);
}

/** What `plumbline.dev/approve` must say. @throws CliError where the record cannot be approved as it is */
export function approvalOf(record: Json): string {
  const hash = hashOf(record);
  if (hash === "")
    throw new CliError(`${objectOf(record)} cannot be approved now: its record names no plan (contentHash); try again`);
  return hash;
}

export interface SourceGuardShown {
  readonly reason: string;
  readonly commit: string;
  readonly message: string;
}

/** The revision of a Baseline that waits for a yes; undefined where none does. */
export function guardOf(baseline: Json): SourceGuardShown | undefined {
  const guard = getIn(baseline, "status", "source", "guard");
  const commit = getString(guard, "commit");
  if (commit === undefined || commit === "") return undefined;
  return { commit, reason: getString(guard, "reason") ?? "", message: getString(guard, "message") ?? "" };
}

/**
 * Declared objects that may rightly not be there: they delete themselves, or a tool makes them only at certain moments.
 * As rows, decided from what Git says alone: nothing that happens in a cluster can make an object one of these. Where
 * such an object is live, it is compared like any other.
 */
import { getIn, getStrings } from "../model/json.ts";
import { kindRef, type KubeObject } from "../model/resource.ts";

export interface ExpectedAbsence {
  readonly rule: string;
  readonly reason: string;
  matches(declared: KubeObject): boolean;
}

const listOf = (text: string | undefined): readonly string[] => (text ?? "").split(",").map((word) => word.trim());

/** True where every moment named is one of those at which nothing is made by a plain deployment. */
function isNever(text: string | undefined, never: ReadonlySet<string>): boolean {
  return text !== undefined && listOf(text).every((moment) => never.has(moment));
}

const helmNever: ReadonlySet<string> = new Set([
  "test",
  "test-success",
  "test-failure",
  "pre-delete",
  "post-delete",
  "pre-rollback",
  "post-rollback",
]);
const helmDeletes: ReadonlySet<string> = new Set(["hook-succeeded", "hook-failed"]);
const argoNever: ReadonlySet<string> = new Set(["Skip", "SyncFail", "PreDelete", "PostDelete"]);
const argoDeletes: ReadonlySet<string> = new Set(["HookSucceeded", "HookFailed"]);

export const expectedAbsences: readonly ExpectedAbsence[] = [
  {
    rule: "job-ttl",
    reason: "a Job with ttlSecondsAfterFinished is deleted when it has run",
    matches: (declared) =>
      declared.kind === "Job" &&
      kindRef(declared.apiVersion, declared.kind).group === "batch" &&
      typeof getIn(declared, "spec", "ttlSecondsAfterFinished") === "number",
  },
  {
    rule: "tool-hook",
    reason: "a Helm hook is made, or deleted again, at moments of its own",
    matches: ({ metadata }) => {
      const marks = getStrings(metadata, "annotations");
      const hook = marks["helm.sh/hook"];
      if (hook === undefined) return false;
      return (
        isNever(hook, helmNever) || listOf(marks["helm.sh/hook-delete-policy"]).some((one) => helmDeletes.has(one))
      );
    },
  },
  {
    rule: "tool-hook",
    reason: "an Argo CD hook is made, or deleted again, at moments of its own",
    matches: ({ metadata }) => {
      const marks = getStrings(metadata, "annotations");
      const hook = marks["argocd.argoproj.io/hook"];
      if (hook === undefined) return false;
      const policies = listOf(marks["argocd.argoproj.io/hook-delete-policy"]);
      return isNever(hook, argoNever) || policies.some((one) => argoDeletes.has(one));
    },
  },
];

export function expectedAbsence(declared: KubeObject): ExpectedAbsence | undefined {
  return expectedAbsences.find((row) => row.matches(declared));
}

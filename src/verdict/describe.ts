/**
 * A judgement in words, for Events, records and logs. Works on redacted changes only; text that came from Git or the
 * cluster is made safe to show.
 */
import { formatJson, type Json } from "../model/json.ts";
import { formatPath } from "../model/path.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem } from "../model/problem.ts";
import { formatId } from "../model/resource.ts";
import { assertNever, isStray, type Change, type Judgement, type Owner, type Verdict } from "../model/verdict.ts";

/** `by kubectl-edit (Update) before 2026-01-02T03:04:05Z`; empty where nothing is known. */
export function describeOwner(owner: Owner): string {
  if (owner.manager === "") {
    const { previous } = owner;
    return previous === undefined ? "" : `owned before by ${previous.manager}`;
  }
  const way = owner.subresource === "" ? owner.operation : `${owner.operation} of ${owner.subresource}`;
  const manager = owner.confidence === "exact" ? owner.manager : `${owner.manager}, it seems`;
  // The time is the entry's: an upper bound for the field.
  return `by ${manager}${way === "" ? "" : ` (${way})`}${owner.time === undefined ? "" : `, ${owner.time} at the latest`}`;
}

function paths(changes: readonly Change[]): string {
  const shown = changes.slice(0, 3).map((change) => formatPath(change.path));
  const more = changes.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function managers(changes: readonly Change[]): string {
  const names = [...new Set(changes.map((change) => change.owner.manager).filter((name) => name !== ""))];
  return names.length === 0 ? "" : `, by ${names.slice(0, 3).join(", ")}`;
}

/** `: made by kubectl-create at 2026-…`; where nobody wrote at that second, who is on record as the first. */
function madeBy(made: Owner | undefined): string {
  if (made === undefined || made.manager === "") return "";
  const { manager, time, confidence } = made;
  if (confidence === "exact") return `: made by ${manager} at ${time}`;
  return `: its oldest writer on record is ${manager}${time === undefined ? "" : `, ${time} at the latest`}`;
}

function sentence(verdict: Verdict): string {
  switch (verdict.kind) {
    case "in-sync":
      return "is as Git says";
    case "drifted": {
      const { changes, severity, cause, ownershipWiped } = verdict;
      const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
      const wiped = ownershipWiped ? "; its ownership was wiped" : "";
      return `has drifted (${severity}, ${cause}): ${count} at ${paths(changes)}${managers(changes)}${wiped}`;
    }
    case "pending":
      return verdict.reason === "new" ? "is new in Git and not deployed yet" : "changed in Git and is not deployed yet";
    case "missing":
      return `is missing (${verdict.severity}, ${verdict.cause})`;
    case "terminating":
      return `is being deleted since ${verdict.since}${verdict.finalizers.length === 0 ? "" : `, held by ${verdict.finalizers.join(", ")}`}`;
    case "unmanaged":
      return isStray(verdict)
        ? `is live and was never in Git (${verdict.severity})${madeBy(verdict.made)}`
        : `is live and not in Git (${verdict.severity}, ${verdict.cause})`;
    case "excluded":
      return `is left out: ${verdict.reason}`;
    case "unknown":
      return `cannot be judged: ${formatProblem({ code: verdict.problem.code, message: verdict.problem.message })}`;
    default:
      return assertNever(verdict);
  }
}

/** One line, without values. */
export function describe(judgement: Pick<Judgement, "id" | "verdict">): string {
  return printableLine(`${formatId(judgement.id)} ${sentence(judgement.verdict)}`);
}

const MAX_VALUE = 80;

function value(of: Json | undefined): string {
  return of === undefined ? "" : printableLine(formatJson(of), MAX_VALUE);
}

function line(change: Change): string {
  const path = formatPath(change.path);
  const owner = describeOwner(change.owner);
  const what =
    change.op === "changed"
      ? `${path}: ${value(change.desired)} -> ${value(change.live)}`
      : change.op === "added"
        ? `${path}: added ${value(change.live)}${change.defaulted === undefined ? "" : ` (default ${value(change.defaulted)})`}`
        : `${path}: removed ${value(change.desired)}`;
  return printableLine(`${what} [${change.severity}]${owner === "" ? "" : ` ${owner}`}`);
}

/** One line per change, values cut short, at most `limit` and a last line with how many more. */
export function describeChanges(judgement: Pick<Judgement, "verdict">, limit = 10): readonly string[] {
  const { verdict } = judgement;
  if (verdict.kind !== "drifted") return [];
  const shown = verdict.changes.slice(0, limit).map(line);
  const more = verdict.changes.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}

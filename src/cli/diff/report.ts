/**
 * The document that `plumbline diff` prints. Other programs read it: fields may be added, none renamed.
 * Source: docs/diff.md.
 */
import type { Json, JsonObject } from "../../model/json.ts";
import { formatPath } from "../../model/path.ts";
import { formatProblem, type Problem, type ProblemCode } from "../../model/problem.ts";
import { formatId, type ResourceId } from "../../model/resource.ts";
import type { Provenance } from "../../model/snapshot.ts";
import {
  type Change,
  isStanding,
  type Severity,
  type Suppressed,
  type Verdict,
  type VerdictKind,
} from "../../model/verdict.ts";

export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface ReportedChange {
  readonly op: Change["op"];
  readonly pointer: string;
  readonly path: string;
  readonly desired?: Json;
  readonly live?: Json;
  readonly default?: Json;
  readonly severity: Severity;
  readonly class: Change["class"];
  readonly cause: Change["cause"];
  readonly owner: Change["owner"];
  readonly source?: Place;
  readonly note?: string;
}

export interface ReportedObject {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly verdict: VerdictKind;
  readonly severity?: Severity;
  readonly cause?: Change["cause"];
  readonly source?: Place;
  readonly changes: readonly ReportedChange[];
  readonly suppressed?: readonly {
    readonly pointer: string;
    readonly path: string;
    readonly rule: string;
    readonly reason: string;
  }[];
  readonly problem?: ReportedProblem;
}

export interface ReportedProblem {
  readonly file: string | null;
  readonly line: number | null;
  readonly object: string | null;
  readonly code: ProblemCode;
  readonly message: string;
}

export interface DiffReport {
  readonly apiVersion: "plumbline.dev/v1alpha1";
  readonly kind: "DiffReport";
  readonly summary: Readonly<Record<SummaryKey, number>>;
  readonly objects: readonly ReportedObject[];
  readonly problems: readonly ReportedProblem[];
}

type SummaryKey = "objects" | "inSync" | Exclude<VerdictKind, "in-sync">;

/** One object as it was judged, before it is printed. */
export interface JudgedObject {
  readonly id: ResourceId;
  readonly version: string;
  readonly uid?: string;
  readonly source?: Provenance;
  readonly verdict: Verdict;
  readonly suppressed: readonly Suppressed[];
  /** RFC 6902, with the mark in the place of hidden values; only where patches were asked for, and it drifted. */
  readonly patch?: readonly JsonObject[];
  /** Pointers of those operations that the server refuses, whoever asks. */
  readonly immutable?: readonly string[];
}

const summaryKey = (kind: VerdictKind): SummaryKey => (kind === "in-sync" ? "inSync" : kind);

const place = (source: Provenance): Place => ({ file: source.file, line: source.line });

function reportChange(change: Change): ReportedChange {
  return {
    op: change.op,
    pointer: change.pointer,
    path: formatPath(change.path),
    ...(change.desired === undefined ? {} : { desired: change.desired }),
    ...(change.live === undefined ? {} : { live: change.live }),
    ...(change.defaulted === undefined ? {} : { default: change.defaulted }),
    severity: change.severity,
    class: change.class,
    cause: change.cause,
    owner: change.owner,
    ...(change.source === undefined ? {} : { source: place(change.source) }),
    ...(change.note === undefined ? {} : { note: change.note }),
  };
}

export function reportProblem(problem: Problem): ReportedProblem {
  return {
    file: problem.file ?? null,
    line: problem.line ?? null,
    object: problem.object ?? null,
    code: problem.code,
    message: problem.message,
  };
}

export function reportObject(judged: JudgedObject, showSuppressed: boolean): ReportedObject {
  const { id, verdict } = judged;
  const cause = "cause" in verdict ? { cause: verdict.cause } : {};
  return {
    group: id.group,
    version: judged.version,
    kind: id.kind,
    namespace: id.namespace,
    name: id.name,
    ...(judged.uid === undefined ? {} : { uid: judged.uid }),
    verdict: verdict.kind,
    ...(isStanding(verdict) ? { severity: verdict.severity } : {}),
    ...cause,
    ...(judged.source === undefined ? {} : { source: place(judged.source) }),
    changes: verdict.kind === "drifted" ? verdict.changes.map(reportChange) : [],
    ...(showSuppressed ? { suppressed: judged.suppressed.map((one) => ({ ...one, path: formatPath(one.path) })) } : {}),
    ...(verdict.kind === "unknown" ? { problem: reportProblem(named(verdict.problem, judged)) } : {}),
  };
}

/** Whatever could not be judged is named with its object, file and line. */
function named(problem: Problem, { id, source }: JudgedObject): Problem {
  return { object: formatId(id), ...(source === undefined ? {} : place(source)), ...problem };
}

export function makeReport(
  judged: readonly JudgedObject[],
  problems: readonly Problem[],
  options: { readonly showSuppressed: boolean },
): DiffReport {
  const summary: Record<SummaryKey, number> = {
    objects: judged.length,
    inSync: 0,
    drifted: 0,
    pending: 0,
    missing: 0,
    terminating: 0,
    unmanaged: 0,
    excluded: 0,
    unknown: 0,
  };
  for (const { verdict } of judged) summary[summaryKey(verdict.kind)] += 1;
  return {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "DiffReport",
    summary,
    objects: judged.map((one) => reportObject(one, options.showSuppressed)),
    problems: problems.map(reportProblem),
  };
}

/** Every problem of a report as one line, those of its objects last: `shop/bad.yaml:7: Deployment shop/web: message`. */
export function problemLines({ problems, objects }: DiffReport): readonly string[] {
  const all = [...problems, ...objects.flatMap(({ problem }) => problem ?? [])];
  return all.map(({ code, message, file, line, object }) =>
    formatProblem({
      code,
      message,
      ...(file === null ? {} : { file }),
      ...(line === null ? {} : { line }),
      ...(object === null ? {} : { object }),
    }),
  );
}

/** 0: as declared; 1: something is not; 2: something could not be judged or read. 2 beats 1. */
export function exitStatus(report: DiffReport, failOnPending: boolean): 0 | 1 | 2 {
  const { summary } = report;
  if (report.problems.length > 0 || summary.unknown > 0) return 2;
  const standing = summary.drifted + summary.missing + summary.terminating + summary.unmanaged;
  return standing + (failOnPending ? summary.pending : 0) > 0 ? 1 : 0;
}

/** `12 objects: 10 in sync, 1 drifted, 1 missing`. */
export function formatCounts(summary: DiffReport["summary"]): string {
  const counts = Object.entries(summary)
    .filter(([key, count]) => key !== "objects" && (count > 0 || key === "inSync" || key === "drifted"))
    .map(([key, count]) => `${count} ${key === "inSync" ? "in sync" : key}`);
  return `${summary.objects} object${summary.objects === 1 ? "" : "s"}: ${counts.join(", ")}`;
}

/**
 * A Baseline's status as a value, and the memory in it read back. Pure: the same state, the same previous conditions
 * and the same moment give the same text, and the moment shows only where a condition turned.
 */
import { getString, isArray, isObject, getIn, type Json, type JsonObject } from "../model/json.ts";
import type { BaselineStatus } from "../model/baseline-status-schema.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { formatId } from "../model/resource.ts";
import { formatRevision } from "../model/snapshot.ts";
import {
  complianceRatio,
  pendingCap,
  type BaselineMemory,
  type BaselineState,
  type PendingObject,
  type SourceGuard,
} from "../model/state.ts";
import { severities, verdictKinds, type Judgement, type VerdictKind, type Verdict } from "../model/verdict.ts";
import { windowsAt } from "../verdict/windows.ts";
import { UNSEEN_TOLD, conditionsOf, stamp } from "./conditions.ts";
import { stands } from "./episodes.ts";
import { foremost } from "./foremost.ts";
import type { WaitReason } from "./ports.ts";

/** Bytes; what the API conventions' reviewers call small. */
export const statusLimit = 32_768;
const WORST = 20;

const time = (at: number): string => new Date(at).toISOString();

const countNames = {
  "in-sync": "inSync",
  drifted: "drifted",
  pending: "pending",
  missing: "missing",
  terminating: "terminating",
  unmanaged: "unmanaged",
  excluded: "excluded",
  unknown: "unknown",
} as const satisfies Record<VerdictKind, string>;

export type Waiting = Readonly<Record<WaitReason, number>>;
type Worst = NonNullable<BaselineStatus["worst"]>;
type Source = NonNullable<BaselineStatus["source"]>;

/** Worst first, then longest first, then by name, so that equal ones never trade places. */
export function worstOf(judgements: Iterable<Judgement>, limit: number = WORST): Worst {
  const standing = foremost(
    [...judgements].filter(stands),
    limit,
    (a, b) =>
      severities.indexOf(a.verdict.severity) - severities.indexOf(b.verdict.severity) ||
      a.firstObserved - b.firstObserved ||
      `${a.id.kind}/${a.id.namespace}/${a.id.name}`.localeCompare(`${b.id.kind}/${b.id.namespace}/${b.id.name}`, "en"),
  );
  return standing.map(({ id, verdict, firstObserved }) => ({
    ...id,
    verdict: verdict.kind,
    severity: verdict.severity,
    since: time(firstObserved),
  }));
}

/** Also while Git is asked still: a restart in between must not lift it. */
const guardBody = ({ reason, commit, before, message }: SourceGuard): NonNullable<Source["guard"]> => ({
  reason,
  commit,
  ...(before === undefined ? {} : { before }),
  message: printableLine(message, 1024),
});

/** The rollback that is in force. */
function rollbackOf({
  source: { rollback, revision },
}: BaselineState): NonNullable<BaselineStatus["rollback"]> | undefined {
  if (rollback?.phase !== "in-force" || revision === undefined) return undefined;
  const { instead, until, reason, automatic } = rollback;
  return {
    revision: formatRevision(revision),
    ...(instead === undefined ? {} : { instead: formatRevision(instead) }),
    until: time(until),
    ...(reason === "" ? {} : { reason: printableLine(reason, 512) }),
    automatic,
  };
}

/** What waits to be put back, and for which moment; only where anything is ever put back. */
function remediationOf(
  { baseline }: BaselineState,
  waiting: Waiting | undefined,
  now: number,
): NonNullable<BaselineStatus["remediation"]> | undefined {
  if (baseline.mode !== "Remediate" || waiting === undefined) return undefined;
  const { windowsOpenUntil = 0, pauseUntil = 0 } = baseline;
  const windows = baseline.remediation.windows.length === 0 ? undefined : windowsAt(baseline.remediation.windows, now);
  const total = Object.values(waiting).reduce((sum, count) => sum + count, 0);
  const opened = windows?.open === false && windowsOpenUntil > now ? windowsOpenUntil : undefined;
  const openUntil = opened ?? (windows?.open === true ? windows.until : undefined);
  const nextWindow = windows?.open === false && waiting.window > 0 ? windows.until : undefined;
  return {
    waiting: total,
    ...(nextWindow === undefined ? {} : { nextWindow: time(nextWindow) }),
    ...(openUntil === undefined ? {} : { openUntil: time(openUntil) }),
    ...(pauseUntil > now && Number.isFinite(pauseUntil) ? { pausedUntil: time(pauseUntil) } : {}),
  };
}

function sourceOf({ source, pending }: BaselineState): Source {
  const { revision, settledRevision, goodRevision, guard, fetchedAt } = source;
  return {
    ...(revision === undefined ? {} : { revision: formatRevision(revision) }),
    ...(settledRevision === undefined ? {} : { settledRevision }),
    ...(goodRevision === undefined ? {} : { goodRevision }),
    ...(guard === undefined ? {} : { guard: guardBody(guard) }),
    ...(revision?.committedAt === undefined ? {} : { committedAt: revision.committedAt }),
    ...(fetchedAt === undefined ? {} : { fetchedAt: time(fetchedAt) }),
    ...(revision?.author === undefined ? {} : { author: printableLine(revision.author, 256) }),
    ...(pending.length === 0
      ? {}
      : {
          pending: pending.slice(0, pendingCap).map(({ id, since, hash, unmatched }) => ({
            ...id,
            since: time(since),
            hash,
            ...(unmatched === true ? { unmatched } : {}),
          })),
        }),
  };
}

/** Three digits, cut and not rounded: 0.9999 is not 1.000. */
export function ratioText(ratio: number): string {
  return (Math.floor(ratio * 1000 + 1e-9) / 1000).toFixed(3);
}

type Unseen = Judgement & { readonly verdict: Extract<Verdict, { kind: "unknown" }> };

const isUnseen = (judgement: Judgement): judgement is Unseen =>
  judgement.verdict.kind === "unknown" && judgement.verdict.problem.code !== "secrets-not-granted";

const inOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** By file and line, then by name, so that the order is always the same. */
const byPlace = (one: Unseen, other: Unseen): number =>
  inOrder(one.source?.file ?? "", other.source?.file ?? "") ||
  (one.source?.line ?? 0) - (other.source?.line ?? 0) ||
  inOrder(one.id.kind, other.id.kind) ||
  inOrder(one.id.namespace, other.id.namespace) ||
  inOrder(one.id.name, other.id.name);

/** Why declared objects are unknown: as many as a condition tells. */
function unseenOf(judgements: readonly Judgement[]): readonly Problem[] {
  return foremost(judgements.filter(isUnseen), UNSEEN_TOLD, byPlace).map(({ id, verdict, source }) => ({
    code: verdict.problem.code,
    message: verdict.problem.message,
    object: formatId(id),
    ...(source === undefined ? {} : { file: source.file, line: source.line }),
  }));
}

const size = (status: JsonObject): number => Buffer.byteLength(JSON.stringify(status));

/** Cuts the lists that only repeat what Drift records say, until the whole fits. */
function fitted(status: BaselineStatus): BaselineStatus {
  let fit = status;
  while (size(fit as JsonObject) > statusLimit) {
    const worst = fit.worst ?? [];
    const pending = fit.source?.pending ?? [];
    if (worst.length + pending.length === 0) return fit;
    const half = (count: number): number => Math.floor(count / 2);
    fit = {
      ...fit,
      worst: worst.slice(0, half(worst.length)),
      source: { ...fit.source, pending: pending.slice(0, half(pending.length)) },
    };
  }
  return fit;
}

/**
 * @param state `waiting`: how many objects wait to be put back, by what for
 * @param judgements of this Baseline, those in sync may be left out: for the worst twenty, and for what is not seen
 * @param previous the status as it was written before, for the times of its conditions
 * @param now milliseconds since the epoch
 */
export function statusOf(
  state: BaselineState & { readonly waiting?: Waiting | undefined },
  judgements: Iterable<Judgement>,
  previous: JsonObject | undefined,
  now: number,
): JsonObject {
  const { baseline, counts } = state;
  const rollback = rollbackOf(state);
  const remediation = remediationOf(state, state.waiting, now);
  const all = [...judgements];
  const ratio = complianceRatio(state);
  const total = verdictKinds.reduce((sum, kind) => sum + counts[kind], 0);
  const named = Object.fromEntries(verdictKinds.map((kind) => [countNames[kind], counts[kind]]));
  const status: BaselineStatus = {
    observedGeneration: baseline.generation,
    conditions: stamp(conditionsOf(state, unseenOf(all)), previous?.["conditions"], baseline.generation, time(now)),
    mode: baseline.mode,
    source: sourceOf(state),
    objects: { total, ...named },
    compliance: {
      ...(ratio === undefined ? {} : { ratio: ratioText(ratio) }),
      ...(state.severity === undefined ? {} : { severity: state.severity }),
    },
    worst: worstOf(all),
    ...(rollback === undefined ? {} : { rollback }),
    ...(remediation === undefined ? {} : { remediation }),
    ...(baseline.requestedAt === undefined ? {} : { lastHandledRequestAt: printableLine(baseline.requestedAt, 256) }),
  };
  return fitted(status) as JsonObject;
}

/** True where a condition of the one has another status than in the other. */
export function conditionsFlipped(before: JsonObject | undefined, after: JsonObject): boolean {
  const statuses = (status: JsonObject | undefined): string => {
    const conditions = status?.["conditions"];
    const found = isArray(conditions) ? conditions : [];
    return found.map((entry) => `${getString(entry, "type")}=${getString(entry, "status")}`).join();
  };
  return statuses(before) !== statuses(after);
}

function pendingOf(entry: Json): PendingObject | undefined {
  const [kind, name, hash] = ["kind", "name", "hash"].map((key) => getString(entry, key));
  const since = Date.parse(getString(entry, "since") ?? "");
  if (kind === undefined || name === undefined || hash === undefined || Number.isNaN(since)) return undefined;
  const group = getString(entry, "group") ?? "";
  const unmatched = getIn(entry, "unmatched") === true ? { unmatched: true } : {};
  return { id: { group, kind, namespace: getString(entry, "namespace") ?? "", name }, since, hash, ...unmatched };
}

function guardFrom(found: Json | undefined): SourceGuard | undefined {
  const [reason, commit, before, message] = ["reason", "commit", "before", "message"].map((key) =>
    getString(found, key),
  );
  if ((reason !== "Shrunk" && reason !== "Rewritten") || commit === undefined) return undefined;
  return { reason, commit, ...(before === undefined ? {} : { before }), message: message ?? "" };
}

/** What a restart must not forget, from a Baseline's status; the inverse of {@link statusOf}. Bad parts are left out. */
export function memoryOf(status: Json | undefined): BaselineMemory {
  const source = getIn(status, "source");
  if (!isObject(source)) return {};
  const settledRevision = getString(source, "settledRevision");
  const goodRevision = getString(source, "goodRevision");
  const guard = guardFrom(source["guard"]);
  const revision = getString(source, "revision");
  const fetchedAt = Date.parse(getString(source, "fetchedAt") ?? "");
  const listed = source["pending"];
  const pending = isArray(listed) ? listed.flatMap((entry) => pendingOf(entry) ?? []) : [];
  return {
    ...(settledRevision === undefined ? {} : { settledRevision }),
    ...(goodRevision === undefined ? {} : { goodRevision }),
    ...(guard === undefined ? {} : { guard }),
    ...(revision === undefined ? {} : { revision }),
    ...(Number.isNaN(fetchedAt) ? {} : { fetchedAt }),
    pending,
  };
}

/**
 * The sink that tells of rollbacks, when one begins, ends or cannot be, and that asks for one where a Baseline says so
 * (`remediation.onUnhealthy: Rollback`): by the annotations a person would use, on the Baseline itself, with an end and a
 * reason. Once per revision; only where the revision was live, nothing drifts that may be the cause, and health was not
 * bad already when it came. Puts no object back.
 */
import type { ObjectApi } from "../model/api.ts";
import { annotations } from "../model/annotations.ts";
import type { RollbackSettings } from "../model/baseline.ts";
import { automaticRollback } from "../model/baseline-remediation.ts";
import type { EvidenceDoor } from "../model/evidence.ts";
import { printableLine } from "../model/printable.ts";
import { formatId } from "../model/resource.ts";
import { formatRevision, parseBaselineKey, parseRevision, type BaselineKey } from "../model/snapshot.ts";
import type { BaselineState, RollbackState } from "../model/state.ts";
import type { Judgement } from "../model/verdict.ts";
import { baselineKind } from "./events.ts";
import type { Announcement, EngineReader, EventReason, WritingSink } from "./ports.ts";
import { createWriter, done, isTransient, later, retryAfter, type Outcome, type WriterDeps } from "./writer.ts";

export interface RollbacksDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "patch">;
  readonly engine: Pick<EngineReader, "outline" | "state" | "states"> & {
    judgements(key: BaselineKey): Iterable<Judgement>;
  };
  readonly announce: (announcement: Announcement) => void;
  readonly evidence: EvidenceDoor;
}

/** Milliseconds that an automatic rollback lasts. */
export const automaticLength = 3_600_000;
/** Health moves often: looked at together. */
const SOON = 1_000;
const REFUSED = 300_000;
const NAMED = 3;

/** How one revision of a Baseline fares. */
interface Course {
  readonly revision: string;
  /** All of it was healthy once. Before that what progresses is its rollout, however long that takes. */
  wasWell: boolean;
  /** Monotonic milliseconds since which something is degraded, or is not as it was. */
  illSince: number | undefined;
  /** It was so when the revision came, and has not been well since: no fault of the revision's. */
  inherited: boolean;
}

interface Move {
  readonly from: string;
  readonly to: string;
}

const short = (commit: string): string => commit.slice(0, 12);

function noteOf({ commit, phase, until, reason, instead, problem, automatic }: RollbackState): string {
  const why = reason === "" ? "" : `: ${reason}`;
  if (phase === "failed") return `cannot be rolled back to commit ${short(commit)}: ${problem?.message ?? "unknown"}`;
  const ref = instead === undefined ? "" : ` instead of ${formatRevision(instead)}`;
  const who = automatic ? " by remediation.onUnhealthy" : "";
  return `rolled back${who} to commit ${short(commit)} until ${new Date(until).toISOString()}${ref}${why}`;
}

/** Whether the operator may ask for a rollback at all. */
function mayAsk({ baseline, source }: BaselineState, now: number): boolean {
  const { mode, remediation, suspend, pauseUntil = 0, rollback } = baseline;
  if (mode !== "Remediate" || remediation.onUnhealthy !== "Rollback" || suspend || pauseUntil > now) return false;
  return source.rollback === undefined && source.guard === undefined && (rollback?.until ?? 0) <= now;
}

/** The revision that is live, with nothing that drifts, and what to go back to; undefined where nothing is to be done. */
function candidate({ baseline, source, counts, judged, pending }: BaselineState): Move | undefined {
  const { revision, goodRevision, settledRevision } = source;
  if (revision === undefined || !judged || pending.length > 0) return undefined;
  if (settledRevision !== formatRevision(revision) || goodRevision === settledRevision) return undefined;
  if (counts.drifted + counts.missing + counts.terminating + counts.pending > 0) return undefined;
  const to = goodRevision === undefined ? undefined : parseRevision(goodRevision)?.commit;
  if (to === undefined || baseline.rolledBackFrom === revision.commit || to === revision.commit) return undefined;
  return { from: revision.commit, to };
}

export function createRollbacks(deps: RollbacksDeps): WritingSink {
  const { api, engine, clock, log, announce, evidence } = deps;
  /** What was told of each Baseline; undefined: there was no rollback. */
  const told = new Map<BaselineKey, RollbackState | undefined>();
  const courses = new Map<BaselineKey, Course>();
  const writer = createWriter(deps, { name: "rollbacks", workers: 1, work: (key) => work(key as BaselineKey) });

  const say = (key: BaselineKey, reason: EventReason, rollback: RollbackState, result: string): void => {
    const at = clock.now();
    const note = reason === "RollbackEnded" ? overNote(rollback, at) : noteOf(rollback);
    announce({ reason, baseline: key, note, at });
    evidence.record({
      kind: "rollback",
      at,
      baseline: key,
      revision: rollback.commit,
      asked: rollback.automatic ? "remediation.onUnhealthy" : "annotation on the Baseline",
      result,
      reason: printableLine(note, 512),
    });
  };

  /** What ran out while nobody looked is told once: the sentence names the Event. */
  const tellRanOut = (key: BaselineKey, rollback: RollbackSettings | undefined): void => {
    const at = clock.now();
    if (rollback !== undefined && isRecent(rollback, at))
      announce({ reason: "RollbackEnded", baseline: key, note: overNote(rollback, at), at });
  };

  const tellBegun = (key: BaselineKey, rollback: RollbackState, isFirst: boolean): void => {
    if (rollback.phase === "failed") say(key, "RollbackFailed", rollback, "failed");
    else say(key, "RolledBack", rollback, isFirst ? "standing" : "begun");
  };

  const tell = (key: BaselineKey): void => {
    const outline = engine.outline(key);
    if (outline === undefined || !deps.isLeader()) return;
    const { rollback } = outline.source;
    if (rollback?.phase === "rendering") return;
    const isFirst = !told.has(key);
    const before = told.get(key);
    told.set(key, rollback);
    if (isFirst && rollback === undefined) tellRanOut(key, outline.baseline.rollback);
    if (before?.commit === rollback?.commit && before?.phase === rollback?.phase) return;
    if (before?.phase === "in-force") say(key, "RollbackEnded", before, "ended");
    if (rollback !== undefined) tellBegun(key, rollback, isFirst);
  };

  /** How the revision in force fares since it came, as far as this process saw it. */
  const follow = (key: BaselineKey, state: BaselineState): Course => {
    const revision = state.source.revision === undefined ? "" : formatRevision(state.source.revision);
    const { degraded, progressing } = state.health;
    const known = courses.get(key);
    const wasWell = degraded + progressing === 0 || (known?.revision === revision && known.wasWell);
    const isIll = degraded > 0 || (wasWell && progressing > 0);
    const course: Course =
      known?.revision === revision
        ? known
        : { revision, wasWell, illSince: undefined, inherited: known?.illSince !== undefined && isIll };
    courses.set(key, course);
    course.wasWell = wasWell;
    if (!isIll) Object.assign(course, { illSince: undefined, inherited: false });
    else course.illSince ??= clock.monotonic();
    return course;
  };

  const reasonOf = (key: BaselineKey, from: string): string => {
    const isIll = ({ health }: Judgement): boolean => health?.state === "degraded" || health?.state === "progressing";
    const ill = [...engine.judgements(key)].filter(isIll);
    const named = ill.slice(0, NAMED).map(({ id, health }) => {
      const why = health?.reason === undefined ? "" : ` (${health.reason})`;
      return `${formatId(id)}${why}`;
    });
    const more = ill.length > NAMED ? ` and ${ill.length - NAMED} more` : "";
    return printableLine(`unhealthy at ${short(from)}: ${named.join(", ")}${more}`, 512);
  };

  async function work(key: BaselineKey): Promise<Outcome> {
    const state = engine.state(key);
    if (state === undefined) return done;
    const { illSince, inherited } = follow(key, state);
    const found = mayAsk(state, clock.now()) ? candidate(state) : undefined;
    if (illSince === undefined || inherited || found === undefined) return done;
    const left = illSince + state.baseline.gracePeriod - clock.monotonic();
    if (left > 0) return later(left);
    return ask(key, state, found);
  }

  const ask = async (key: BaselineKey, { baseline }: BaselineState, { from, to }: Move): Promise<Outcome> => {
    const marks = {
      [annotations.rollbackTo]: to,
      [annotations.rollbackUntil]: new Date(clock.now() + automaticLength).toISOString(),
      [annotations.rollbackReason]: reasonOf(key, from),
      [annotations.rollbackBy]: automaticRollback,
      [annotations.rolledBackFrom]: from,
    };
    // The uid: a Baseline that was made again is another one.
    const body = { metadata: { uid: baseline.uid, annotations: marks } };
    const ref = { kind: baselineKind, ...parseBaselineKey(key) };
    const answer = await api.patch(ref, { type: "merge", body });
    if (answer.ok || answer.status === 404 || answer.status === 409) return done;
    if (isTransient(answer)) return retryAfter(answer);
    log.warn({ baseline: key, status: answer.status, reason: answer.reason }, "rollback refused");
    if (answer.status === 403)
      announce({
        reason: "PermissionMissing",
        baseline: key,
        note: "may not patch baselines.plumbline.dev: remediation.onUnhealthy rolls nothing back",
        at: clock.now(),
      });
    return later(REFUSED);
  };

  const look = (key: BaselineKey): void => {
    tell(key);
    const baseline = engine.outline(key)?.baseline;
    if (baseline?.remediation.onUnhealthy === "Rollback") writer.addAfter(key, SOON);
  };

  return {
    name: "rollbacks",
    transition() {},
    stateChanged: look,
    removed(key) {
      told.delete(key);
      courses.delete(key);
    },
    leading() {
      for (const { baseline } of engine.states()) look(baseline.key);
    },
    run: (signal) => writer.run(signal),
  };
}

/** `the rollback to commit 4f2a… has run out: the ref counts again`. */
function overNote({ commit, until }: RollbackSettings, now: number): string {
  const how = now >= until ? "has run out" : "was ended before its time";
  return `the rollback to commit ${short(commit)} (until ${new Date(until).toISOString()}) ${how}: the ref counts again`;
}

/** Over for no longer than Events are kept. */
const isRecent = ({ until }: RollbackSettings, now: number): boolean => until <= now && now - until < 3_600_000;

/**
 * Which revision is in force: the one the ref names or, for a time, one that was asked for by its commit. While it is,
 * the ref is followed and not judged; at the end it counts again, by itself. A revision that cannot be rendered leaves
 * the ref in force, and says so. Renders nothing itself, and swaps nothing in.
 */
import type { Baseline, RollbackSettings } from "../model/baseline.ts";
import { messageOf, type Problem } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { RollbackState } from "../model/state.ts";
import type { Clock } from "../runtime/clock.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { SourcePort } from "./ports.ts";

export interface Rollbacks {
  /** The ref's own snapshot is there. True where it is to be taken in. */
  arrived(record: BaselineRecord, snapshot: Snapshot): boolean;
  /** Settings or the time moved on, or the source was looked at again. */
  consider(record: BaselineRecord): void;
}

export interface RollbackDeps {
  readonly sources: Pick<SourcePort, "renderAt">;
  readonly baselines: BaselineStore;
  readonly clock: Clock;
  /** Runs when nothing else of the Baseline is being taken in. */
  inLine(record: BaselineRecord, take: () => void): void;
  /** A revision to be in force from now on. */
  adopt(record: BaselineRecord, snapshot: Snapshot): void;
  changed(record: BaselineRecord): void;
}

const inForceOf = new WeakMap<Baseline, Baseline>();

/**
 * The Baseline as objects are judged by. While a rollback is in force nobody waits for a deployer, and what differs may
 * be put back though the revision never arrived: whoever rolls back asks for just that.
 */
export function baselineInForce({ baseline, rollback }: Pick<BaselineRecord, "baseline" | "rollback">): Baseline {
  if (rollback?.phase !== "in-force") return baseline;
  const known = inForceOf.get(baseline);
  if (known !== undefined) return known;
  const causes = [...new Set([...baseline.remediation.causes, "rollout" as const])];
  // Nobody chose that commit: what came since is put back, and nothing is taken away.
  const prune = baseline.remediation.prune && baseline.rollback?.automatic !== true;
  const made = { ...baseline, gracePeriod: 0, remediation: { ...baseline.remediation, causes, prune } };
  inForceOf.set(baseline, made);
  return made;
}

export function createRollbacks({ sources, baselines, clock, inLine, adopt, changed }: RollbackDeps): Rollbacks {
  const asked = ({ baseline }: BaselineRecord): RollbackSettings | undefined =>
    baseline.rollback !== undefined && clock.now() < baseline.rollback.until ? baseline.rollback : undefined;

  const stateOf = (
    { head }: BaselineRecord,
    settings: RollbackSettings,
    phase: RollbackState["phase"],
    problem?: Problem,
  ): RollbackState => ({
    ...settings,
    phase,
    ...(problem === undefined ? {} : { problem }),
    ...(head === undefined ? {} : { instead: head.revision }),
  });

  /** The ref counts: where something else is in force, from this moment on. */
  const back = (record: BaselineRecord): void => {
    const { head, snapshot } = record;
    if (head === undefined || (head === snapshot && record.parked === undefined)) return changed(record);
    // Whoever deploys has to bring it anew: the grace period runs from here.
    const isAnew = snapshot !== undefined;
    record.head = isAnew ? { ...head, fetchedAt: clock.now() } : head;
    adopt(record, record.head);
  };

  const ended = (record: BaselineRecord, commit: string, outcome: RenderOutcome): void => {
    const settings = asked(record);
    const wasFailed = record.rollback?.phase === "failed";
    if (baselines.get(record.baseline.key) !== record || settings?.commit !== commit) return;
    if (record.rollback?.commit !== commit || record.rollback.phase === "in-force") return;
    const problem = problemOf(outcome);
    if (outcome.kind === "rendered" && problem === undefined) {
      record.rollback = stateOf(record, settings, "in-force");
      return adopt(record, outcome.snapshot);
    }
    record.rollback = stateOf(record, settings, "failed", problem);
    if (wasFailed) changed(record);
    else back(record);
  };

  const begin = (record: BaselineRecord, settings: RollbackSettings): void => {
    const { baseline } = record;
    const { commit } = settings;
    const take = (outcome: RenderOutcome): void => inLine(record, () => ended(record, commit, outcome));
    sources.renderAt(baseline, commit).then(take, (error: unknown) => {
      const message = messageOf(error);
      take({ kind: "failed", stage: "render", problem: { code: "render-failed", message }, at: clock.now() });
    });
  };

  const consider = (record: BaselineRecord): void => {
    if (record.baseline.suspend) return;
    const settings = asked(record);
    const { rollback } = record;
    if (settings === undefined) {
      if (rollback === undefined) return;
      record.rollback = undefined;
      return rollback.phase === "failed" ? changed(record) : inLine(record, () => back(record));
    }
    if (rollback?.commit !== settings.commit) {
      record.rollback = stateOf(record, settings, "rendering");
      changed(record);
      return begin(record, settings);
    }
    // Tried again each time the source was looked at; what it says meanwhile stays.
    if (rollback.phase === "failed") begin(record, settings);
    if (rollback.until === settings.until && rollback.reason === settings.reason) return;
    record.rollback = { ...rollback, ...settings };
    changed(record);
  };

  return {
    arrived(record, snapshot) {
      record.head = snapshot;
      consider(record);
      const { rollback } = record;
      if (rollback === undefined || rollback.phase === "failed") return true;
      record.rollback = { ...rollback, instead: snapshot.revision };
      changed(record);
      return false;
    },
    consider,
  };
}

/** Why what came out cannot be in force. Bad documents would be reason enough: what they declared would not be put back. */
function problemOf(outcome: RenderOutcome): Problem | undefined {
  if (outcome.kind === "failed") return outcome.problem;
  if (outcome.kind === "unchanged") return { code: "render-failed", message: "it was not rendered" };
  return outcome.snapshot.objects.length > 0
    ? undefined
    : { code: "source-empty", message: "the commit declares no objects at all" };
}

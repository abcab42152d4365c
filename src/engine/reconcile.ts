/**
 * Judges one object of one Baseline: reads both sides as they are now, confirms an absence with one GET before it
 * says so, and hands back what it found. It keeps nothing, tells nobody, and never holds what it read.
 */
import type { Baseline } from "../model/baseline.ts";
import type { Health, HealthState, LiveObject, LiveView } from "../model/live.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import { formatId, type IdKey } from "../model/resource.ts";
import type { DesiredObject, Revision } from "../model/snapshot.ts";
import type { Change, Verdict } from "../model/verdict.ts";
import { mayBeAutoscaled } from "../verdict/autoscalers.ts";
import { decide, decideWithCount, type DecideInput, type Decision } from "../verdict/decide.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import type { Calibrator } from "./calibrator.ts";
import { isDeclaredByOthers } from "./declarers.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import type { FactStore } from "./fact-store.ts";
import { Lately, type Pair } from "./lately.ts";
import type { LineFinder } from "./lines.ts";
import { DesiredLook, lookAt } from "./look.ts";
import type { FreshJudgement, Grounds } from "./meaning.ts";
import type { EnginePorts } from "./ports.ts";
import { baselineInForce } from "./rollback.ts";

/** What was found, and what it was found from; stale where the entry says otherwise by now. */
export type Judged =
  | { readonly kind: "gone" }
  | {
      readonly kind: "judged";
      readonly judgement: FreshJudgement;
      readonly grounds: Grounds;
      /** It only says that we do not see yet. */
      readonly waiting: boolean;
    }
  /** What was said before stands for a moment more: what would settle it is on its way. Monotonic milliseconds. */
  | { readonly kind: "held"; readonly until: number };

export interface Reconciler {
  judge(record: BaselineRecord, entry: Considered, receivedAt: number | undefined): Promise<Judged>;
  /** What a verdict would be made from now; a reason where there is none to be made. */
  read(record: BaselineRecord, entry: Considered, live?: LiveView): DecideInput | Problem;
  /** The same, with the verdict on it. */
  pair(record: BaselineRecord, entry: Considered): Pair | undefined;
  /** A verdict that could not be made at all. */
  failed(record: BaselineRecord, entry: Considered, error: unknown): Judged;
}

export interface ReconcilerDeps {
  readonly ports: Pick<EnginePorts, "live" | "search" | "schemas" | "clock">;
  readonly baselines: BaselineStore;
  readonly desired: Pick<DesiredStore, "lastDeclared" | "isDeclared">;
  readonly facts: FactStore;
  readonly lines: LineFinder;
  readonly calibrator: Calibrator | undefined;
  /** True where the object has a judgement that may stand for a moment more. */
  isJudged(record: BaselineRecord, entry: Considered): boolean;
  /** Looks at an object again, because more is known of it. */
  again(id: IdKey): void;
}

/** Not seen yet, or not for now: it says nothing about the object. */
const WAITING: ReadonlySet<ProblemCode> = new Set(["not-synced", "cluster-unreachable"]);

/** Nothing is compared of what Git never declared: its schema need not even be fetched. */
const NO_SCHEMA: Problem = { code: "schema-failed", message: "Git never declared it" };

/** What most judgements say, said once: there are tens of thousands. */
const IN_SYNC: Verdict = Object.freeze({ kind: "in-sync" });
const NOTHING: readonly never[] = Object.freeze([]);
const PLAIN_HEALTH: Readonly<Record<HealthState, Health>> = {
  healthy: { state: "healthy" },
  progressing: { state: "progressing" },
  degraded: { state: "degraded" },
  suspended: { state: "suspended" },
  unknown: { state: "unknown" },
};

/** Milliseconds for which the verdict before stands while the API server is asked; after that we do not know. */
const PATIENCE = 2_000;

/** Milliseconds between looks at what an autoscaler may have scaled that is not heard of yet. */
const LOOK_AGAIN = 1_000;

const decodedOnce = (declared: DesiredObject | undefined): DesiredLook | undefined =>
  declared && new DesiredLook(declared);

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { ports, baselines, facts, lines, calibrator, again } = deps;
  const lately = new Lately(ports.clock);
  const notSynced = (message: string): Problem => ({ code: "not-synced", message });

  const viewOf = ({ id, kind: { version }, found }: Considered): LiveView =>
    found && ports.search !== undefined ? ports.search.glimpse(id, version) : ports.live.view(id, version);

  /** Git dropped it, and another Baseline has it from Git now: it moved, and the word is that one's. */
  const isDeclaredElsewhere = ({ desired, dropped, id, key }: Considered): boolean => {
    if (desired !== undefined || !dropped) return false;
    if (deps.desired.isDeclared(key)) return true;
    return ports.search !== undefined && isDeclaredByOthers(ports.search, baselines, id) === true;
  };

  /** What keeps the object from being judged, whatever both sides are. */
  const obstacle = (baseline: Baseline, entry: Considered): Problem | undefined => {
    const barred = baselines.barred(baseline, entry.id);
    if (barred === "asking") return notSynced("waiting to hear whether the Baseline's ServiceAccount may see it");
    if (barred !== undefined) return barred;
    // A replica count is drift or not depending on these: better late than wrong.
    if (entry.scalable && facts.awaitsAutoscalers()) return notSynced("autoscalers are not synced yet");
    if (baseline.exempt.length > 0 && facts.awaitsNamespaces()) return notSynced("namespaces are not synced yet");
    return undefined;
  };

  const read: Reconciler["read"] = (record, entry, live) => {
    const baseline = baselineInForce(record);
    const hindrance = obstacle(baseline, entry);
    if (hindrance !== undefined) return hindrance;
    const { kind, found } = entry;
    const schema = found ? NO_SCHEMA : ports.schemas.schemaFor(kind);
    if (schema === "loading") return notSynced(`the schema of ${kind.kind} is not loaded yet`);
    const desired = decodedOnce(entry.desired);
    // The same text is decoded once, whichever side of the question it is on.
    const previous = entry.previous === entry.desired ? desired : decodedOnce(entry.previous);
    const dropped = entry.desired === undefined ? deps.desired.lastDeclared(baseline.key, entry) : undefined;
    return {
      baseline,
      id: entry.id,
      version: kind.version,
      desired,
      previous,
      lastDeclared: decodedOnce(dropped),
      otherRender: decodedOnce(entry.otherRender),
      found,
      live: lookAt(live ?? viewOf(entry)),
      schema,
      facts: facts.facts,
      seenLive: entry.seenLive,
      changedAt: entry.changedAt,
      snapshotComplete: record.complete || entry.dropped,
      unreadable: !record.complete,
      now: ports.clock.now(),
      learned: calibrator?.learned(baseline, entry.desired),
      learnedBefore: calibrator?.learned(baseline, entry.previous),
      memory: entry.lastInSync === undefined ? undefined : memoryOf(entry.lastInSync),
      tracked: true,
    };
  };

  const confirmed = async (record: BaselineRecord, entry: Considered, input: DecideInput): Promise<DecideInput> => {
    if (input.live.state !== "absent" || entry.absenceConfirmed) return input;
    if (!needsAbsence(decide(input))) return input;
    const live = await ports.live.confirm(entry.id, entry.kind.version);
    if (live.state === "absent") entry.absenceConfirmed = true;
    // Time has passed: everything else is read again.
    const later = read(record, entry, live);
    return "code" in later ? { ...input, live } : later;
  };

  const unknown = (problem: Problem): Decision => ({
    verdict: { kind: "unknown", problem },
    suppressed: [],
    warnings: [],
  });

  const judgementOf = (record: BaselineRecord, entry: Considered, decision: Decision): FreshJudgement => ({
    baseline: record.baseline.key,
    id: entry.id,
    version: entry.kind.version,
    verdict: decision.verdict.kind === "in-sync" ? IN_SYNC : decision.verdict,
    suppressed: decision.suppressed.length === 0 ? NOTHING : decision.suppressed,
    warnings: decision.warnings.length === 0 ? NOTHING : decision.warnings,
    ...revisionOf(record),
    ...(entry.desired === undefined ? {} : { source: entry.desired.source, desiredHash: entry.desired.hash }),
  });

  const judgedBlind = (record: BaselineRecord, entry: Considered, problem: Problem): Judged => ({
    kind: "judged",
    judgement: judgementOf(record, entry, unknown(problem)),
    grounds: {
      live: { state: "unseen", problem },
      desired: entry.desired && new DesiredLook(entry.desired),
      namespaceAnnotations: undefined,
    },
    waiting: WAITING.has(problem.code),
  });

  return {
    read,

    pair(record, entry) {
      const baseline = baselineInForce(record);
      const view = viewOf(entry);
      const learned = [entry.desired, entry.previous].some((one) => calibrator?.learned(baseline, one) !== undefined);
      const known = obstacle(baseline, entry) ?? lately.take(entry, { baseline, live: view, learned });
      if (known !== undefined && "input" in known) return known;
      const input = read(record, entry);
      return "code" in input ? undefined : { input, ...decideWithCount(input) };
    },

    async judge(record, entry, receivedAt) {
      const first = read(record, entry);
      if ("code" in first) return judgedBlind(record, entry, first);
      const input = await confirmed(record, entry, first);
      const looked = decideWithCount(input);
      const { decision } = looked;
      if (decision.gone === true || isUnserved(entry, input.live) || isDeclaredElsewhere(entry))
        return { kind: "gone" };
      if (entry.scalable && mayBeAutoscaled(decision.verdict, facts.facts))
        return { kind: "held", until: ports.clock.monotonic() + LOOK_AGAIN };
      const heard = calibrator?.consider(input, decision, receivedAt !== undefined);
      if (heard?.kind === "asking") {
        const until = heard.since + PATIENCE;
        if (ports.clock.monotonic() < until && deps.isJudged(record, entry)) return { kind: "held", until };
        return judgedBlind(record, entry, notSynced("waiting for a dry run: admission may have set what differs"));
      }
      const bare = judgementOf(record, entry, doubted(decision, heard?.warnings ?? []));
      lately.keep(entry, { input, ...looked });
      const { live, desired } = input;
      const commit = record.snapshot?.revision.commit;
      const verdict =
        desired === undefined || commit === undefined
          ? bare.verdict
          : lines.add(bare.verdict, { baseline: bare.baseline, commit, desired }, () => again(entry.key));
      const { namespace } = entry.id;
      return {
        kind: "judged",
        judgement: { ...bare, verdict, ...seen(live, entry), ...(receivedAt === undefined ? {} : { receivedAt }) },
        grounds: {
          live,
          desired,
          namespaceAnnotations: namespace === "" ? undefined : facts.facts.namespaceAnnotations(namespace),
        },
        waiting: verdict.kind === "unknown" && WAITING.has(verdict.problem.code),
      };
    },

    failed(record, entry, error) {
      const name = error instanceof Error ? error.name : typeof error;
      return judgedBlind(record, entry, {
        code: "internal-error",
        message: `judging it failed (${name}); the log of the operator says where`,
        object: formatId(entry.id),
      });
    },
  };
}

/** Where admission could not be asked, each change says so: it may be admission's. */
function doubted(decision: Decision, doubts: readonly Problem[]): Decision {
  const [doubt] = doubts;
  if (doubt === undefined || decision.verdict.kind !== "drifted") return decision;
  const [first, ...others] = decision.verdict.changes;
  const noted = (change: Change): Change => ({ ...change, note: change.note ?? doubt.message });
  const verdict = { ...decision.verdict, changes: [noted(first), ...others.map(noted)] as const };
  return { ...decision, verdict, warnings: [...decision.warnings, ...doubts] };
}

function memoryOf(live: LiveObject): NonNullable<DecideInput["memory"]> {
  return {
    // Text is made of it only where somebody asks who.
    get managedFields() {
      return live.managedFields;
    },
    resourceVersion: live.resourceVersion,
    uid: live.uid,
    health: live.health.state,
  };
}

/** Verdicts that say it is not there; those that only wait for it do not. */
const needsAbsence = ({ verdict, gone }: Decision): boolean => gone === true || verdict.kind === "missing";

/** Dropped from Git, and of a kind that is not served any more: nothing of it can be left. */
const isUnserved = (entry: Considered, live: LiveView): boolean =>
  entry.desired === undefined && entry.dropped && live.state === "unseen" && live.problem.code === "kind-not-served";

function revisionOf({ snapshot }: BaselineRecord): { readonly revision?: Revision } {
  return snapshot === undefined ? {} : { revision: snapshot.revision };
}

/** Of equal texts the one that is kept already. */
function seen(view: LiveView, entry: Considered): Pick<FreshJudgement, "uid" | "resourceVersion" | "health"> {
  if (view.state !== "present") return {};
  const { uid, resourceVersion, health } = view.live;
  // Only its metadata is seen, or need be.
  if (entry.found) return { uid: uid === entry.uid ? entry.uid : uid, resourceVersion };
  return {
    uid: uid === entry.uid ? entry.uid : uid,
    resourceVersion,
    health: health.reason === undefined ? PLAIN_HEALTH[health.state] : health,
  };
}

/**
 * What the operator watches for itself: Baselines, Drift records and definitions of custom resources. At start the
 * records come before the Baselines, so that what was announced before a restart is known when the first verdict falls.
 * A Baseline of another shard goes to the claims and nowhere else, and its records are not looked at.
 */
import { type ObjectHandlers, type ObjectWatch, watchObjects } from "../../cluster/watch-objects.ts";
import type { WatchContext } from "../../cluster/kind-watch.ts";
import type { Engine } from "../../engine/engine.ts";
import type { SchemaLoader } from "../../engine/schema-loader.ts";
import { getString } from "../../model/json.ts";
import type { KindRef, KubeObject } from "../../model/resource.ts";
import { baselineKey, type BaselineKey } from "../../model/snapshot.ts";
import { resolveBaseline } from "../../model/baseline-settings.ts";
import type { DriftRecordsSink } from "../../sinks/drift-records.ts";
import { driftKind, readDrift } from "../../sinks/drift-body.ts";
import { readRemembered, type Remembered } from "../../sinks/drift-seeds.ts";
import type { HealLedger } from "../../sinks/heal-ledger.ts";
import { baselineKind } from "../../sinks/events.ts";
import type { RefusedBaselines } from "../../sinks/refused-baselines.ts";
import type { ForeignClaims } from "./foreign-claims.ts";
import { memoryOf } from "../../sinks/status-body.ts";
import type { Timer } from "../../runtime/clock.ts";

export interface OwnWatchesDeps {
  readonly context: WatchContext;
  readonly engine: Engine;
  readonly schemas: SchemaLoader;
  readonly records: DriftRecordsSink;
  readonly ledger: Pick<HealLedger, "recall">;
  readonly refusals: RefusedBaselines;
  /** Whether a Baseline is this process's to judge, whatever others do. */
  readonly isOurs: (key: BaselineKey) => boolean;
  /** Told of all Baselines that are not. */
  readonly claims: Pick<ForeignClaims, "applied" | "removed" | "synced">;
}

export interface OwnWatches {
  /** What the records of Baselines that exist say now; nothing before all of it is seen. */
  recorded(): readonly Remembered[];
  stop(): void;
}

const crdKind: KindRef = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" };
/** Milliseconds between looks at whether a watch that never synced is refused. */
const LOOK = 10;

const nameOf = (object: KubeObject): string => getString(object.metadata, "name") ?? "";
const namespaceOf = (object: KubeObject): string => getString(object.metadata, "namespace") ?? "";

export function startOwnWatches(deps: OwnWatchesDeps): OwnWatches {
  const { context, engine, schemas, records, ledger, refusals, isOurs, claims } = deps;
  const watch = (kind: KindRef, handlers: ObjectHandlers): ObjectWatch => watchObjects({ context, kind, handlers });
  /** Set once seeds and Baselines have been handed over; before that, applying only collects. */
  let open = false;

  /** Baselines that cannot be used, by key; what was recorded of them waits on the server until they can. */
  const refused = new Set<BaselineKey>();

  const applyBaseline = (object: KubeObject): void => {
    const key = baselineKey(namespaceOf(object), nameOf(object));
    const resolved = resolveBaseline(object);
    if (!isOurs(key)) {
      // What is refused declares nothing.
      if ("problem" in resolved) claims.removed(key);
      else claims.applied(resolved.baseline);
      return;
    }
    if ("problem" in resolved) {
      refused.add(key);
      context.log.warn(
        { baseline: `${namespaceOf(object)}/${nameOf(object)}`, problem: resolved.problem },
        "baseline refused",
      );
      engine.baselineRemoved(key);
      refusals.refused(object, resolved.problem);
      return;
    }
    refusals.accepted(object);
    if (refused.delete(key)) recall(key, object);
    // Our own status writes come back as the same generation, and are no news.
    if (engine.state(key)?.baseline.generation !== resolved.baseline.generation)
      for (const problem of resolved.problems) context.log.warn({ problem }, "baseline setting read safely");
    engine.baselineApplied(resolved.baseline, memoryOf(object["status"]));
  };

  /** As at start: what was announced before it was refused is neither announced nor counted again. */
  const recall = (key: BaselineKey, baseline: KubeObject): void => {
    const own = drifts.objects().filter((drift) => readDrift(drift)?.baseline === key);
    remember(readRemembered(own, () => getString(baseline.metadata, "uid")));
    for (const drift of own) records.recordApplied(drift);
  };

  const baselines = watch(baselineKind, {
    applied: (object) => {
      if (open) applyBaseline(object);
    },
    deleted: (object) => {
      const key = baselineKey(namespaceOf(object), nameOf(object));
      if (!isOurs(key)) return claims.removed(key);
      refused.delete(key);
      refusals.accepted(object);
      engine.baselineRemoved(key);
    },
  });
  const isOurRecord = (object: KubeObject): boolean => {
    const of = readDrift(object)?.baseline;
    return of !== undefined && isOurs(of);
  };
  const drifts = watch(driftKind, {
    applied: (object) => {
      if (isOurRecord(object)) records.recordApplied(object);
    },
    deleted: (object) => {
      if (isOurRecord(object)) records.recordDeleted(object);
    },
  });
  const crds = watch(crdKind, {
    applied: (crd) => {
      schemas.crdApplied(crd);
      context.discovery.poke();
    },
    deleted: (crd) => {
      schemas.crdDeleted(nameOf(crd));
      context.discovery.poke();
    },
  });

  const isSettled = (one: ObjectWatch): boolean => one.synced() || ["forbidden", "absent"].includes(one.state().state);

  const remember = (remembered: readonly Remembered[]): void => {
    engine.seed(remembered.map(({ judgement }) => judgement));
    for (const { judgement, remediation } of remembered)
      if (remediation !== undefined) ledger.recall(judgement.baseline, judgement.id, remediation);
  };

  const recorded = (): readonly Remembered[] => {
    const uids = new Map(
      baselines
        .objects()
        .map((object) => [`${namespaceOf(object)}/${nameOf(object)}`, getString(object.metadata, "uid")]),
    );
    return readRemembered(drifts.objects().filter(isOurRecord), (namespace, name) => uids.get(`${namespace}/${name}`));
  };

  /** Records first, then Baselines: in that order whichever watch was faster. */
  const handOver = (): void => {
    remember(recorded());
    open = true;
    for (const object of baselines.objects()) applyBaseline(object);
    engine.baselinesSynced();
    claims.synced();
  };

  let crdsKnown = false;
  let timer: Timer | undefined;
  const look = (): void => {
    if (!crdsKnown && isSettled(crds)) {
      crdsKnown = true;
      schemas.crdsSynced();
    }
    if (!open && baselines.synced() && isSettled(drifts)) handOver();
    if (!open || !crdsKnown) timer = context.clock.after(LOOK, look);
  };
  timer = context.clock.after(10, look);

  return {
    recorded: () => (open ? recorded() : []),
    stop() {
      timer?.cancel();
      for (const one of [baselines, drifts, crds]) one.stop();
    },
  };
}

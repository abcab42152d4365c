/**
 * What the Baselines of other shards declare, as ids only, and as whom they would write: an object that two claim is
 * put back by neither.
 * Each shard reads the sources of all Baselines for it, and needs no other shard to be alive: eight bytes are kept per
 * object, and nothing is watched or judged. Where nobody knows (yet) whether a kind is namespaced, both ids count: an
 * object too many waits, none is fought over.
 */
import { createHash } from "node:crypto";
import type { Baseline } from "../../model/baseline.ts";
import type { RenderOutcome } from "../../model/render-outcome.ts";
import { idKey, kindRef, type KindRef, type ResourceId } from "../../model/resource.ts";
import type { BaselineKey, DesiredObject } from "../../model/snapshot.ts";
import { breathOf, inSlices } from "../../runtime/breath.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";

export interface ForeignClaimsDeps {
  readonly sources: {
    ensure(baseline: Baseline): void;
    remove(key: BaselineKey): void;
    checkNow(key: BaselineKey): void;
  };
  readonly scopeOf: (kind: KindRef) => "Namespaced" | "Cluster" | undefined;
  /** {@link ForeignClaims.isComplete} turned true. */
  readonly completed: () => void;
  /** What a Baseline of another shard declares may be something else. */
  readonly changed?: () => void;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Log;
}

export interface ForeignClaims {
  applied(baseline: Baseline): void;
  removed(key: BaselineKey): void;
  /** Every Baseline that exists has been applied. */
  synced(): void;
  sourceOutcome(key: BaselineKey, outcome: RenderOutcome): void;
  /** Baselines of other shards that declare the object, by what their last good render said. */
  declaring(id: ResourceId): readonly BaselineKey[];
  /** The same as Baselines; `asking` until {@link ForeignClaims.isComplete}. */
  declarers(id: ResourceId): readonly Baseline[] | "asking";
  /** A Baseline of another shard, for whose account it is: who may not patch an object is no claimant of it. */
  baselineOf(key: BaselineKey): Baseline | undefined;
  /** Synced, and the first attempt at each source has ended, well or not; from then on for good. */
  isComplete(): boolean;
}

interface Claim {
  baseline: Baseline;
  /** Hashes of ids, ascending; undefined before the first good render. */
  ids: BigUint64Array | undefined;
  tried: boolean;
  /** The render that is being read: a newer one ends its reading. */
  reading: readonly DesiredObject[] | undefined;
}

const hashOf = (id: ResourceId): bigint => createHash("sha256").update(idKey(id)).digest().readBigUInt64BE();

function holds(sorted: BigUint64Array, wanted: bigint): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

export function createForeignClaims({
  sources,
  scopeOf,
  completed,
  changed,
  clock,
  log,
}: ForeignClaimsDeps): ForeignClaims {
  const claims = new Map<BaselineKey, Claim>();
  const breath = breathOf(clock);
  let synced = false;
  let complete = false;

  const look = (): void => {
    if (complete || !synced) return;
    complete = [...claims.values()].every(({ baseline, tried }) => tried || baseline.suspend);
    if (complete) completed();
  };

  /** Every namespace the object may live in. */
  const placesOf = ({ id, apiVersion }: DesiredObject, target: string): readonly string[] => {
    const scope = scopeOf(kindRef(apiVersion, id.kind));
    const namespaced = id.namespace === "" ? target : id.namespace;
    return scope === "Cluster" ? [""] : scope === "Namespaced" ? [namespaced] : ["", namespaced];
  };

  /** Ids of one render, a few hundred at a time: tens of thousands would hold the event loop. */
  const read = (claim: Claim, objects: readonly DesiredObject[]): void => {
    const target = claim.baseline.targetNamespace ?? claim.baseline.namespace;
    const hashes: bigint[] = [];
    function* steps(): Generator<void, void> {
      for (const one of objects) {
        for (const namespace of placesOf(one, target)) hashes.push(hashOf({ ...one.id, namespace }));
        yield;
      }
      claim.ids = BigUint64Array.from(hashes).sort();
      claim.reading = undefined;
      claim.tried = true;
      look();
      if (complete) changed?.();
    }
    claim.reading = objects;
    void inSlices(breath, steps(), () => claim.reading === objects);
  };

  const declaring = (id: ResourceId): readonly BaselineKey[] => {
    if (claims.size === 0) return [];
    const wanted = hashOf(id);
    return [...claims].flatMap(([key, { ids }]) => (ids !== undefined && holds(ids, wanted) ? [key] : []));
  };

  return {
    applied(baseline) {
      const { key } = baseline;
      const known = claims.get(key);
      const before = known?.baseline;
      // Placed elsewhere, or another Baseline altogether: read anew, for what was read is not kept.
      const moved =
        before !== undefined && (before.uid !== baseline.uid || before.targetNamespace !== baseline.targetNamespace);
      if (known === undefined) claims.set(key, { baseline, ids: undefined, tried: false, reading: undefined });
      else known.baseline = baseline;
      if (known !== undefined && moved) known.reading = undefined;
      if (baseline.suspend || moved) sources.remove(key);
      if (!baseline.suspend) sources.ensure(baseline);
      if (before !== undefined && !baseline.suspend && before.requestedAt !== baseline.requestedAt)
        sources.checkNow(key);
      look();
    },
    removed(key) {
      const claim = claims.get(key);
      if (claim === undefined) return;
      claim.reading = undefined;
      claims.delete(key);
      sources.remove(key);
      look();
      changed?.();
    },
    synced() {
      synced = true;
      look();
    },
    sourceOutcome(key, outcome) {
      const claim = claims.get(key);
      if (claim === undefined) return;
      // An emptied repository is a failure, not an answer: as in the shard that judges it.
      if (outcome.kind === "rendered" && (outcome.snapshot.objects.length > 0 || claim.ids === undefined))
        return read(claim, outcome.snapshot.objects);
      if (outcome.kind === "failed")
        log.info({ baseline: key, problem: outcome.problem }, "source of another shard's baseline failed here");
      if (claim.reading === undefined) claim.tried = true;
      look();
    },
    declaring,
    declarers: (id) => (complete ? declaring(id).flatMap((key) => claims.get(key)?.baseline ?? []) : "asking"),
    baselineOf: (key) => claims.get(key)?.baseline,
    isComplete: () => complete,
  };
}

/**
 * Which shard a Baseline belongs to: rendezvous hashing, so that every process finds the same answer by itself and one
 * shard more moves only what that shard takes. Pure; part of the contract between versions: another hash would give
 * two versions two answers during an update.
 * Source: Thaler and Ravishankar, "A name-based mapping scheme for rendezvous", 1996.
 */
import { createHash } from "node:crypto";
import type { BaselineKey } from "./snapshot.ts";

/** One part of the Baselines; `index` from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @param count how many shards there are, at least 1 */
export function shardOf(key: BaselineKey, count: number): number {
  let best = 0;
  let highest = -1n;
  for (let index = 0; index < count; index += 1) {
    const weight = createHash("sha256").update(`${key}\n${index}`).digest().readBigUInt64BE();
    if (weight <= highest) continue;
    highest = weight;
    best = index;
  }
  return best;
}

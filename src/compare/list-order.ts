/**
 * Where the order of a keyed list means something. A keyed list is otherwise a bag: the server may give its items back
 * in another order. Containers start and are listed in order, init containers run in it, and an environment variable
 * can use those before it.
 */
import { getString, type Json } from "../model/json.ts";
import type { Pair } from "./list-pairing.ts";

const REFERENCE = /\$\(([-._A-Za-z][-._A-Za-z0-9]*)\)/g;

/** Pairs present on both sides, in desired order. */
function common(pairs: readonly Pair[]): readonly Pair[] {
  return pairs.filter((pair) => pair.desired >= 0 && pair.live >= 0);
}

function isReordered(pairs: readonly Pair[]): boolean {
  let last = -1;
  for (const pair of common(pairs)) {
    if (pair.live < last) return true;
    last = pair.live;
  }
  return false;
}

/** True where a variable that uses another stands on the other side of it than in Git. */
function breaksReferences(desired: readonly Json[], pairs: readonly Pair[]): boolean {
  const byName = new Map(common(pairs).map((pair) => [getString(desired[pair.desired], "name") ?? "", pair] as const));
  for (const [name, user] of byName) {
    const value = getString(desired[user.desired], "value");
    if (value === undefined || !value.includes("$(")) continue;
    for (const [, used = ""] of value.matchAll(REFERENCE)) {
      const other = byName.get(used);
      if (other === undefined || used === name) continue;
      if (other.desired < user.desired !== other.live < user.live) return true;
    }
  }
  return false;
}

const meaningful: Readonly<Record<string, (desired: readonly Json[], pairs: readonly Pair[]) => boolean>> = {
  containers: (_, pairs) => isReordered(pairs),
  initContainers: (_, pairs) => isReordered(pairs),
  env: (desired, pairs) => isReordered(pairs) && breaksReferences(desired, pairs),
};

/** @param field name of the field that holds the list */
export function orderDiffers(field: string, desired: readonly Json[], pairs: readonly Pair[]): boolean {
  return Object.hasOwn(meaningful, field) && (meaningful[field]?.(desired, pairs) ?? false);
}

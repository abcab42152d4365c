/**
 * Where the order of a keyed list means something, as rows. A keyed list is otherwise a bag: the server may give its
 * items back in another order. Lists without keys (`args`, the paths of an Ingress) are in order by their type.
 */
import { getString, type Json } from "../model/json.ts";
import type { TypeNode } from "../model/schema.ts";
import { sameEndpoints } from "./endpoint-subsets.ts";
import type { Pair } from "./list-pairing.ts";

/** `$(NAME)`; `$$` is a dollar sign, and what follows it no reference. */
const REFERENCE = /\$\$|\$\(([-._A-Za-z][-._A-Za-z0-9]*)\)/g;

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

interface OrderRow {
  /** Name of the field that holds the list. */
  readonly field: string;
  /** Last part of the items' type name; any type where it is left out, also in custom resources. */
  readonly items?: string;
  readonly reason: string;
  readonly differs: (desired: readonly Json[], pairs: readonly Pair[]) => boolean;
}

export const orderRows: readonly OrderRow[] = [
  {
    field: "containers",
    reason: "they are started in order, and the first is the one that is meant where none is named",
    differs: (_, pairs) => isReordered(pairs),
  },
  { field: "initContainers", reason: "they run one after the other", differs: (_, pairs) => isReordered(pairs) },
  {
    field: "env",
    reason: "a variable can use those before it",
    differs: (desired, pairs) => isReordered(pairs) && breaksReferences(desired, pairs),
  },
  {
    field: "webhooks",
    items: "MutatingWebhook",
    reason: "each is given what the one before it has changed",
    differs: (_, pairs) => isReordered(pairs),
  },
];

/** True where the row speaks of lists of these items in a field of this name. */
function isAbout(row: { readonly field: string; readonly items?: string }, field: string, items: TypeNode): boolean {
  const type = items.type === "struct" ? items.name : "";
  return row.field === field && (row.items === undefined || type.endsWith(`.${row.items}`));
}

/** @param field name of the field that holds the list */
export function orderDiffers(
  field: string,
  items: TypeNode,
  desired: readonly Json[],
  pairs: readonly Pair[],
): boolean {
  return orderRows.some((row) => isAbout(row, field, items) && row.differs(desired, pairs));
}

interface UnorderedRow {
  readonly field: string;
  /** Last part of the items' type name. */
  readonly items: string;
  readonly reason: string;
}

/** Lists without keys whose order means nothing. */
export const unorderedRows: readonly UnorderedRow[] = [
  {
    field: "metrics",
    items: "MetricSpec",
    reason: "the largest answer counts; read through another version, the server brings them back in another order",
  },
];

export function isUnordered(field: string, items: TypeNode): boolean {
  return unorderedRows.some((row) => isAbout(row, field, items));
}

interface WholeRow extends UnorderedRow {
  readonly same: (desired: readonly Json[], live: readonly Json[]) => boolean;
}

/** Lists that can say one thing in several ways: as a whole they are the same, or they are compared item by item. */
export const wholeRows: readonly WholeRow[] = [
  {
    field: "subsets",
    items: "EndpointSubset",
    reason: "whoever writes Endpoints merges and sorts their subsets; they name each address with each port",
    same: sameEndpoints,
  },
];

export function isSameAsWhole(
  field: string,
  items: TypeNode,
  desired: readonly Json[],
  live: readonly Json[],
): boolean {
  return wholeRows.some((row) => isAbout(row, field, items) && row.same(desired, live));
}

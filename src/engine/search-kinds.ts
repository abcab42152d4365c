/**
 * Which kinds are watched so that what nobody declares is found, at which version and where: metadata is all of it that
 * is asked for. What is declared is watched whole anyway, and where both are wanted that is one watch. Pure.
 */
import { kindKey, type KindRef } from "../model/resource.ts";
import { systemKind } from "../verdict/system-made.ts";
import type { ServedKind, WatchedKind } from "./ports.ts";

export interface SearchedKind extends KindRef {
  readonly namespaced: boolean;
}

export interface Reach {
  /** Namespaces that somebody has searched. */
  readonly namespaces: readonly string[];
  /** Somebody has everything searched, wherever it is. */
  readonly everywhere: boolean;
}

export const groupKind = ({ group, kind }: Pick<KindRef, "group" | "kind">): string => `${group}/${kind}`;

/** Each kind at one version: the one that is watched already, or else the server's preferred one. By {@link groupKind}. */
export function searchedKinds(
  served: readonly ServedKind[],
  inUse: readonly KindRef[],
  { namespaces, everywhere }: Reach,
): ReadonlyMap<string, SearchedKind> {
  const found = new Map<string, SearchedKind>();
  if (!everywhere && namespaces.length === 0) return found;
  const used = new Set(inUse.map(kindKey));
  for (const { group, kind, versions, namespaced } of served) {
    const [preferred] = versions;
    if (preferred === undefined || (!everywhere && !namespaced) || systemKind({ group, kind }) !== undefined) continue;
    const version = versions.find((one) => used.has(kindKey({ group, version: one, kind }))) ?? preferred;
    found.set(groupKind({ group, kind }), { group, version, kind, namespaced });
  }
  return found;
}

export function toWatch(kinds: Iterable<SearchedKind>, { namespaces }: Reach): readonly WatchedKind[] {
  return [...kinds].map(({ group, version, kind }) => ({ group, version, kind, namespaces, only: "metadata" }));
}

/** One watch for each kind and version: whole where anybody needs it whole, and wherever anybody needs it. */
export function mergeKinds(kinds: readonly WatchedKind[]): readonly WatchedKind[] {
  const merged = new Map<string, WatchedKind>();
  for (const wanted of kinds) {
    const known = merged.get(kindKey(wanted));
    merged.set(kindKey(wanted), known === undefined ? wanted : mergeTwo(known, wanted));
  }
  return [...merged.values()];
}

function mergeTwo(one: WatchedKind, other: WatchedKind): WatchedKind {
  const { only: _only, atLeast: _atLeast, namespaces: _namespaces, ...kind } = one;
  const wanted = new Set([one.only, other.only]);
  const namespaces = [...new Set([...(one.namespaces ?? []), ...(other.namespaces ?? [])])];
  return {
    ...kind,
    ...(wanted.has(undefined) ? {} : { only: "metadata" }),
    ...(wanted.has("metadata") || one.atLeast === "metadata" ? { atLeast: "metadata" } : {}),
    ...(namespaces.length === 0 ? {} : { namespaces }),
  };
}

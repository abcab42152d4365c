/** What the API server serves and lets list and watch: each kind once, whatever its versions. Pure. */
import type { ResourceInfo } from "./api-path.ts";
import type { Discovery } from "./discovery.ts";
import { isWatchable } from "./watch-problem.ts";

export interface ServedKind {
  readonly group: string;
  readonly kind: string;
  /** At least one; the server's preferred one first. */
  readonly versions: readonly string[];
  readonly namespaced: boolean;
}

/** A kind that is watchable at some of its versions only is served at those. */
export function servedKinds({
  kinds,
  servedVersions,
}: Pick<Discovery, "kinds" | "servedVersions">): readonly ServedKind[] {
  const found = new Map<string, { readonly of: ResourceInfo; readonly versions: string[] }>();
  for (const of of kinds()) {
    if (!isWatchable(of)) continue;
    const key = `${of.group}/${of.kind}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { of, versions: [of.version] });
    else known.versions.push(of.version);
  }
  return [...found.values()].map(({ of: { group, kind, namespaced }, versions }) => ({
    group,
    kind,
    namespaced,
    versions: servedVersions(group, kind).filter((version) => versions.includes(version)),
  }));
}

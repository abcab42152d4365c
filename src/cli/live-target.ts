/** The live object a person names, found as kubectl finds it: by what the cluster serves. */
import type { ResourceInfo } from "../cluster/api-path.ts";
import type { ObjectRef } from "../model/api.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { namesKind, type Target } from "./targets.ts";

/** The served kind that is called so: of the core group first, then in the server's order, as kubectl does. */
export function servedKind({ discovery }: ClusterAccess, said: string): ResourceInfo | undefined {
  const [kind, ...group] = said.toLowerCase().split(".");
  const found = discovery.kinds().filter((one) => {
    const isPlural = one.plural === kind && (group.length === 0 || group.join(".") === one.group);
    return isPlural || namesKind(said, one);
  });
  return found.find((one) => one.group === "") ?? found[0];
}

/** @throws CliError where the cluster serves no such kind */
export function findTarget(cluster: ClusterAccess, target: Target, namespace?: string): ObjectRef {
  const { discovery, credentials } = cluster;
  const first = servedKind(cluster, target.kind);
  if (first === undefined)
    throw new CliError(`${target.kind}/${target.name}: the cluster serves no kind ${target.kind}`);
  const [preferred = first.version] = discovery.servedVersions(first.group, first.kind);
  return {
    kind: { group: first.group, version: preferred, kind: first.kind },
    namespace: first.namespaced ? (target.namespace ?? namespace ?? credentials.namespace) : "",
    name: target.name,
  };
}

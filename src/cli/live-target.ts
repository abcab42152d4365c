/** The live object a person names, found as kubectl finds it: by what the cluster serves. */
import type { ObjectRef } from "../model/api.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { namesKind, type Target } from "./targets.ts";

/** @throws CliError where the cluster serves no such kind */
export function findTarget({ discovery, credentials }: ClusterAccess, target: Target, namespace?: string): ObjectRef {
  const [kind, ...group] = target.kind.toLowerCase().split(".");
  const found = discovery.kinds().filter((one) => {
    const isPlural = one.plural === kind && (group.length === 0 || group.join(".") === one.group);
    return isPlural || namesKind(target.kind, one);
  });
  // The core group first, then in the server's order, as kubectl does.
  const first = found.find((one) => one.group === "") ?? found[0];
  if (first === undefined)
    throw new CliError(`${target.kind}/${target.name}: the cluster serves no kind ${target.kind}`);
  const [preferred = first.version] = discovery.servedVersions(first.group, first.kind);
  return {
    kind: { group: first.group, version: preferred, kind: first.kind },
    namespace: first.namespaced ? (namespace ?? credentials.namespace) : "",
    name: target.name,
  };
}

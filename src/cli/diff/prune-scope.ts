/**
 * `--prune-scope`: which live objects are claimed by a label selector and declared by nobody. Objects that others own,
 * and those that the system makes by itself with copied labels, are nobody's to declare.
 * Source: drift semantics, section 2 (docs/semantics.md).
 */
import { parseLabelSelector } from "../../compare/target.ts";
import { getString } from "../../model/json.ts";
import type { LiveObject } from "../../model/live.ts";
import { type IdKey, idKey, idOf, type KubeObject } from "../../model/resource.ts";
import { isOwnedBy, namedOwners } from "../../verdict/owner-reference.ts";
import { CliError } from "../cli-error.ts";
import type { World } from "./world.ts";

interface SystemRow {
  readonly group: string;
  readonly kind: string;
  readonly reason: string;
  matches?(object: KubeObject): boolean;
}

export const systemRows: readonly SystemRow[] = [
  { group: "", kind: "Endpoints", reason: "made for a Service, with the Service's labels" },
  { group: "discovery.k8s.io", kind: "EndpointSlice", reason: "made for a Service, with the Service's labels" },
  { group: "", kind: "Event", reason: "what happened, not what ought to be" },
  { group: "events.k8s.io", kind: "Event", reason: "what happened, not what ought to be" },
  { group: "coordination.k8s.io", kind: "Lease", reason: "renewed by whoever holds it" },
  {
    group: "",
    kind: "ConfigMap",
    reason: "the cluster's authority, put into every namespace",
    matches: ({ metadata }) => getString(metadata, "name") === "kube-root-ca.crt",
  },
  {
    group: "",
    kind: "ServiceAccount",
    reason: "made for every namespace",
    matches: ({ metadata }) => getString(metadata, "name") === "default",
  },
];

function isSystemMade(object: KubeObject): boolean {
  const { group, kind } = idOf(object);
  return systemRows.some((row) => row.group === group && row.kind === kind && row.matches?.(object) !== false);
}

/** @throws CliError where it is no label selector, or one that claims everything */
export function checkPruneScope(selector: string): void {
  const parsed = parseLabelSelector(selector);
  if (!parsed.ok) throw new CliError(`--prune-scope: ${parsed.message}`);
  if (parsed.value.requirements.length === 0)
    throw new CliError("--prune-scope: an empty selector would claim every object");
}

/** Each claimed object once, in the order found. */
export function undeclared(selected: readonly LiveObject[], declared: ReadonlySet<IdKey>): readonly LiveObject[] {
  const seen = new Set(declared);
  return selected.filter(({ object }) => {
    const key = idKey(idOf(object));
    if (seen.has(key) || isSystemMade(object)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * Without those that are made for an owner, where the owner is there. One that cannot be seen is believed, and so is
 * one that a dump leaves out.
 */
export async function unowned(
  objects: readonly LiveObject[],
  { view, tracked }: Pick<World, "view" | "tracked">,
): Promise<readonly LiveObject[]> {
  const isOwned = async ({ object }: LiveObject): Promise<boolean> => {
    for (const owner of namedOwners(object)) {
      const found = await view(owner.id, owner.version);
      if (isOwnedBy(owner, found) !== false || (found.state === "absent" && !tracked)) return true;
    }
    return false;
  };
  const owned = await Promise.all(objects.map(isOwned));
  return objects.filter((_, index) => owned[index] !== true);
}

/**
 * What keeps a heal from doing harm beyond the object it is about: nothing of the platform or of Plumbline itself,
 * nothing in a namespace that goes, nothing from a revision that nobody vouches for, no delete of what is not ours.
 */
import { annotations } from "../model/annotations.ts";
import { formatId, type ResourceId } from "../model/resource.ts";
import { LOOK_AGAIN, never, removes, wait, type Asked, type Objection } from "./objection.ts";

/** Namespaces that every cluster has and every workload hangs on. */
export const platformNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];

const GROUP = "plumbline.dev";

/** `Kind/name` or `Kind/namespace/name`. */
const nameOf = ({ kind, namespace, name }: ResourceId): string =>
  namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;

const isNamespace = ({ group, kind }: ResourceId): boolean => group === "" && kind === "Namespace";

/** What people stop Plumbline with, and what it is made of. */
function isOurs({ group, kind, name }: ResourceId): boolean {
  if (group === GROUP) return true;
  return group === "apiextensions.k8s.io" && kind === "CustomResourceDefinition" && name.endsWith(`.${GROUP}`);
}

export function byProtection({ id, baseline, own }: Asked): Objection | undefined {
  const allowed = baseline.remediation.allowProtected;
  const name = nameOf(id);
  if (allowed.includes(name)) return undefined;
  const refuse = (what: string, by: string): Objection =>
    never("protected", `${formatId(id)} ${what} and is never touched unless remediation.allowProtected names ${by}`);
  if (isOurs(id) || own.objects.has(name)) return refuse("belongs to Plumbline itself", name);
  const namespace = isNamespace(id) ? id.name : id.namespace;
  if (allowed.includes(namespace)) return undefined;
  if (platformNamespaces.includes(namespace)) return refuse("belongs to the platform", namespace);
  return own.namespaces.includes(namespace) ? refuse("belongs to Plumbline itself", namespace) : undefined;
}

export function byNamespace({ id, namespaceTerminating }: Asked): Objection | undefined {
  if (namespaceTerminating !== true) return undefined;
  return never("namespace-terminating", `namespace ${id.namespace} is being deleted`);
}

export function byClaim({ act, claimed, alsoDeclared = [], id }: Asked): Objection | undefined {
  if (act !== "delete") return undefined;
  if (alsoDeclared.length > 0)
    return never(
      "not-claimed",
      `${alsoDeclared.join(", ")} declares ${formatId(id)}: it is not this Baseline's to delete`,
    );
  if (claimed === true) return undefined;
  return never(
    "not-claimed",
    `this Baseline was not seen to declare this very ${formatId(id)} since Plumbline started: it is not its to delete`,
  );
}

/** Not even what was approved by itself, and not where approval is Never: the revision as a whole is in doubt. */
export function bySource({ guard, baseline }: Asked): Objection | undefined {
  if (guard === undefined || baseline.approvedCommit === guard.commit) return undefined;
  return wait(
    "approval",
    `${guard.message}: nothing is written until the Baseline is annotated ${annotations.approve}: ${guard.commit}`,
  );
}

/** What its namespace waits for, it waits for too. */
export function byAbsentNamespace({ act, namespaceAbsent, id, now }: Asked): Objection | undefined {
  if (act !== "create" || namespaceAbsent !== true) return undefined;
  return wait("rollout", `there is no namespace ${id.namespace} yet`, now + LOOK_AGAIN);
}

/** A document that nobody can read may declare it still, and a file that moved is seen by one Baseline before the other. */
export function byLastWord({ act, unreadable, stale = [], now }: Asked): Objection | undefined {
  if (act !== "delete") return undefined;
  if (unreadable === true)
    return wait("rollout", "documents of this revision cannot be used: nothing is deleted while they may declare it");
  if (stale.length === 0) return undefined;
  const others = stale.length > 3 ? `${stale.slice(0, 3).join(", ")} and ${stale.length - 3} more` : stale.join(", ");
  return wait(
    "rollout",
    `it may have moved to Baseline ${others}, not read since Git dropped it here`,
    now + LOOK_AGAIN,
  );
}

/** Two who write the same object would write for ever. */
export function byClaimants({ otherClaimants }: Asked): Objection | undefined {
  if (otherClaimants === undefined || otherClaimants.length === 0) return undefined;
  return wait("fight", `also declared by ${otherClaimants.join(", ")}: none of them writes`);
}

/** Kinds with which more goes than the object itself. */
export const carriers: readonly { readonly group: string; readonly kind: string; readonly takes: string }[] = [
  { group: "", kind: "Namespace", takes: "everything in it" },
  { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", takes: "every object of its kind" },
  { group: "", kind: "PersistentVolumeClaim", takes: "its data" },
  { group: "", kind: "PersistentVolume", takes: "its data" },
];

/** What else a delete would do, as one clause; undefined where nothing. */
export function takesAlong(asked: Asked): string | undefined {
  if (!removes(asked)) return undefined;
  const { id, destroys, liveFinalizers = [] } = asked;
  const takes = destroys ?? carriers.find(({ group, kind }) => group === id.group && kind === id.kind)?.takes;
  if (takes !== undefined) return `${takes} with it`;
  return liveFinalizers.length === 0 ? undefined : `its finalizers act when it goes (${liveFinalizers.join(", ")})`;
}

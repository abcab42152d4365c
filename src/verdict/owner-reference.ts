/**
 * Whether an object that nobody declares is another one's: made and kept by a controller for its owner. A reference is a
 * claim that anybody can write; it is believed where the owner is of a kind that makes such objects, is there, and is the
 * very one that is named. Reads nothing: whoever asks looks the owner up.
 */
import { getIn, getString, isArray, isObject } from "../model/json.ts";
import type { LiveView } from "../model/live.ts";
import { idOf, kindRef, type KubeObject, type ResourceId } from "../model/resource.ts";

interface MakerRow {
  /** `group/Kind`, `/Kind` for the core group. */
  readonly owner: string;
  readonly makes: readonly string[];
}

/** What the controllers of built-in kinds make. Source: the controllers of kube-controller-manager. */
export const makerRows: readonly MakerRow[] = [
  { owner: "apps/Deployment", makes: ["apps/ReplicaSet"] },
  { owner: "apps/ReplicaSet", makes: ["/Pod"] },
  { owner: "/ReplicationController", makes: ["/Pod"] },
  { owner: "apps/StatefulSet", makes: ["/Pod", "/PersistentVolumeClaim", "apps/ControllerRevision"] },
  { owner: "apps/DaemonSet", makes: ["/Pod", "apps/ControllerRevision"] },
  { owner: "batch/CronJob", makes: ["batch/Job"] },
  { owner: "batch/Job", makes: ["/Pod"] },
  { owner: "/Pod", makes: ["/PersistentVolumeClaim", "resource.k8s.io/ResourceClaim"] },
  { owner: "/Service", makes: ["/Endpoints", "discovery.k8s.io/EndpointSlice"] },
  { owner: "/Endpoints", makes: ["discovery.k8s.io/EndpointSlice"] },
  { owner: "/Node", makes: ["/Pod", "coordination.k8s.io/Lease", "storage.k8s.io/CSINode"] },
];

const makesOf = new Map(makerRows.map((row) => [row.owner, new Set(row.makes)] as const));

export interface NamedOwner {
  readonly id: ResourceId;
  /** API version without the group. */
  readonly version: string;
  readonly uid: string;
}

const keyOf = (group: string, kind: string): string => `${group}/${kind}`;

/** Groups compiled into the API server: what they own is known. */
const isBuiltIn = (group: string): boolean => !group.includes(".") || group.endsWith(".k8s.io");

/** True where a controller of the owner's kind may have made such an object; a custom kind's may make anything. */
function mayMake(owner: string, ownerGroup: string, made: KubeObject): boolean {
  const { group, kind } = idOf(made);
  return makesOf.get(owner)?.has(keyOf(group, kind)) ?? !(isBuiltIn(ownerGroup) && isBuiltIn(group));
}

/** Owners worth looking up, each in the object's namespace and, for those that live in none, without one. */
export function namedOwners(object: KubeObject): readonly NamedOwner[] {
  const references = getIn(object.metadata, "ownerReferences");
  if (!isArray(references)) return [];
  return references.flatMap((reference): NamedOwner[] => {
    if (!isObject(reference)) return [];
    const kind = getString(reference, "kind") ?? "";
    const name = getString(reference, "name") ?? "";
    const uid = getString(reference, "uid") ?? "";
    const { group, version } = kindRef(getString(reference, "apiVersion") ?? "", kind);
    if (uid === "" || !mayMake(keyOf(group, kind), group, object)) return [];
    const { namespace } = idOf(object);
    const spaces = namespace === "" ? [""] : [namespace, ""];
    return spaces.map((space) => ({ id: { group, kind, namespace: space, name }, version, uid }));
  });
}

/** Undefined where the owner cannot be seen. */
export function isOwnedBy(owner: NamedOwner, view: LiveView): boolean | undefined {
  if (view.state === "unseen") return undefined;
  return view.state === "present" && view.live.uid === owner.uid;
}

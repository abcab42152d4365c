/**
 * Whose an object that nobody declares may be: what its owner references name, and what makes objects without writing
 * any. A maker is believed where it is there, and where nobody can see whether it is: saying of another's object that it
 * is nobody's is the worse mistake. Reads nothing: whoever asks looks the makers up.
 */
import { getIn, getString, getStrings, isArray } from "../model/json.ts";
import type { LiveView } from "../model/live.ts";
import { idOf, type KubeObject, type ResourceId } from "../model/resource.ts";
import { isOwnedBy, namedOwners } from "./owner-reference.ts";

export interface NamedMaker {
  readonly id: ResourceId;
  /** API version without the group. */
  readonly version: string;
  /** Of an owner reference: the very one that is meant. */
  readonly uid?: string;
  /** What the maker would have to say, where all of it is seen. */
  confirms?(maker: KubeObject): boolean;
}

interface MakerRow {
  /** `group/Kind`, `/Kind` for the core group. */
  readonly makes: string;
  readonly reason: string;
  makersOf(object: KubeObject): readonly NamedMaker[];
}

/** `data-my-db-0` is `data` of `my-db`, or `data-my` of `db`. */
function claimedBy(object: KubeObject): readonly NamedMaker[] {
  const { namespace, name } = idOf(object);
  const parts = name.split("-");
  if (parts.length < 3 || !/^\d+$/.test(parts.at(-1) ?? "")) return [];
  return parts.slice(1, -1).map((_, at): NamedMaker => {
    const claim = parts.slice(0, at + 1).join("-");
    return {
      id: { group: "apps", kind: "StatefulSet", namespace, name: parts.slice(at + 1, -1).join("-") },
      version: "v1",
      confirms(set) {
        const templates = getIn(set, "spec", "volumeClaimTemplates");
        // Only its metadata is seen: then its name has to do.
        if (set["spec"] === undefined) return true;
        return isArray(templates) && templates.some((one) => getString(one, "metadata", "name") === claim);
      },
    };
  });
}

function certifiedBy(object: KubeObject): readonly NamedMaker[] {
  const certificate = getStrings(object.metadata, "annotations")["cert-manager.io/certificate-name"] ?? "";
  const { namespace } = idOf(object);
  if (certificate === "") return [];
  return [{ id: { group: "cert-manager.io", kind: "Certificate", namespace, name: certificate }, version: "v1" }];
}

/** What is made without an owner reference, and for what. */
export const ownerlessRows: readonly MakerRow[] = [
  {
    makes: "/PersistentVolumeClaim",
    // Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
    reason: "made from a StatefulSet's volumeClaimTemplates, and kept when that goes",
    makersOf: claimedBy,
  },
  {
    makes: "/Secret",
    // Source: https://cert-manager.io/docs/usage/certificate/#cleaning-up-secrets-when-certificates-are-deleted
    reason: "issued for a Certificate",
    makersOf: certifiedBy,
  },
];

/** Kinds, as `group/Kind`, whose going leaves what they made behind: whoever remembers that has to look again. */
export const leavesBehind: ReadonlySet<string> = new Set(["apps/StatefulSet", "cert-manager.io/Certificate"]);

/** Makers worth looking up. */
export function makersOf(object: KubeObject): readonly NamedMaker[] {
  const { group, kind } = idOf(object);
  const ownerless = ownerlessRows.flatMap((row) => (row.makes === `${group}/${kind}` ? row.makersOf(object) : []));
  return [...namedOwners(object), ...ownerless];
}

/** Undefined where the maker cannot be seen. */
export function isMadeBy(maker: NamedMaker, view: LiveView): boolean | undefined {
  const { uid, confirms } = maker;
  if (uid !== undefined) return isOwnedBy({ ...maker, uid }, view);
  if (view.state === "unseen") return undefined;
  return view.state === "present" && confirms?.(view.live.object) !== false;
}

/**
 * Whether an object that nobody declares is somebody's all the same, and who made it. Pure: from its metadata, and from
 * what a look at its makers shows. Where it is looked for at all, and that nobody declares it, is for the caller to know.
 */
import { decodeManagedFields } from "../compare/managed-fields.ts";
import { kindOfManager } from "../compare/managers.ts";
import { matchesLabels, parseLabelSelector } from "../compare/target.ts";
import { getString, getStrings } from "../model/json.ts";
import type { LiveObject, LiveView } from "../model/live.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Owner } from "../model/verdict.ts";
import { nobody } from "./attribute.ts";
import { isMadeBy, makersOf, type NamedMaker } from "./makers.ts";
import { systemMade } from "./system-made.ts";

export type Claim =
  /** Nobody's: it is unmanaged. */
  | "unmanaged"
  | "system-made"
  | "going"
  /** A controller's, or taken for one's because its owner cannot be seen. */
  | "owned"
  /** It names an owner that is not there: one that was made a moment ago may not be seen yet. */
  | "ownerless";

/** Whose an undeclared object is. `look` shows the makers that it names. */
export function claimOf(object: KubeObject, look: (maker: NamedMaker) => LiveView): Claim {
  if (getString(object.metadata, "deletionTimestamp") !== undefined) return "going";
  if (systemMade(object) !== undefined) return "system-made";
  const makers = makersOf(object);
  if (makers.some((maker) => isMadeBy(maker, look(maker)) !== false)) return "owned";
  return makers.some(({ uid }) => uid !== undefined) ? "ownerless" : "unmanaged";
}

/** Undefined where the text is no selector, or one that selects everything. */
export function selectedBy(labelSelector: string): ((object: KubeObject) => boolean) | undefined {
  const parsed = parseLabelSelector(labelSelector);
  if (!parsed.ok || parsed.value.requirements.length === 0) return undefined;
  return (object) => matchesLabels(parsed.value, getStrings(object.metadata, "labels"));
}

/** Milliseconds since the epoch; undefined where it does not say. */
export function createdAt({ metadata }: KubeObject): number | undefined {
  const at = Date.parse(getString(metadata, "creationTimestamp") ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** The server takes the two times one after the other. */
const SECOND = 1_000;

/**
 * Who made the object, as far as ownership tells: whoever wrote to it at the second it was made. An entry's time moves
 * with each of its manager's writes, so where none is of that second the oldest one is named, and with less confidence.
 */
export function makerOf({ object, managedFields }: Pick<LiveObject, "object" | "managedFields">): Owner {
  // What writes `status` or scales it came later.
  const written = decodeManagedFields(managedFields, object.apiVersion)
    .entries()
    .filter(({ subresource }) => subresource === "");
  const [oldest] = written.toSorted((one, other) => timeOf(one) - timeOf(other));
  if (oldest === undefined) return nobody;
  const { manager, operation, time } = oldest;
  const isFirst = Math.abs(timeOf(oldest) - (createdAt(object) ?? Number.NaN)) <= SECOND;
  const confidence = kindOfManager(manager) === "unknown" ? "unknown" : isFirst ? "exact" : "ancestor";
  return { manager, operation, subresource: "", ...(time === undefined ? {} : { time }), confidence };
}

const timeOf = ({ time }: { readonly time?: string }): number =>
  time === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(time);

/**
 * Whether the circumstances a noise row names hold for one difference. Pure and total: what cannot be read does not
 * hold, so that the difference counts.
 */
import { getIn, getString, getStrings, isArray, isObject, type Json } from "../model/json.ts";
import { idOf, kindRef, type KubeObject } from "../model/resource.ts";
import { ownersDeclare } from "./deployers.ts";
import type { Difference } from "./difference.ts";
import type { Facts } from "./facts.ts";
import { holdersOf, type ManagedFields } from "./managed-fields.ts";
import { isController } from "./managers.ts";
import type { Condition, RuleOwner } from "./noise-rule.ts";
import { hasShape } from "./noise-shapes.ts";
import { sameJson } from "./same-json.ts";
import { matchesGlob } from "./target.ts";

export interface Circumstances {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly managed: ManagedFields;
  readonly facts: Facts;
}

type Holds<Is extends Condition["is"]> = (
  condition: Extract<Condition, { is: Is }>,
  difference: Difference,
  around: Circumstances,
) => boolean;

/** A line break alone is what some charts write so that the field is there for an injector. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["", "Cg==", "\n"]);

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return PLACEHOLDERS.has(value);
  return isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** Nothing in it but objects and lists with nothing in them. */
function isHollow(value: Json | undefined, depth = 0): boolean {
  if (value === undefined || depth > 8) return false;
  if (isArray(value)) return value.every((item) => isHollow(item, depth + 1));
  return isObject(value) && Object.values(value).every((entry) => isHollow(entry, depth + 1));
}

const items = (value: Json | undefined): readonly Json[] =>
  isArray(value) ? value : value === undefined ? [] : [value];

/** What live adds at the path, item by item; undefined where something that Git says is gone or nothing is new. */
function addedItems({ live, desired }: Difference): readonly Json[] | undefined {
  const already = items(desired);
  const now = items(live);
  if (!isArray(desired) && !isArray(live) && already.length > 0) return now;
  // What Git says must still be there: only additions are anybody's to make.
  if (!already.every((item) => now.some((found) => sameJson(found, item)))) return undefined;
  const extra = now.filter((item) => !already.some((known) => sameJson(known, item)));
  return extra.length > 0 ? extra : undefined;
}

/** Strings themselves, references by the name that is all they say. */
function addedNames(difference: Difference): readonly string[] | undefined {
  const names = addedItems(difference)?.map((item) => (typeof item === "string" ? item : nameOnly(item)));
  return names?.every((name) => name !== undefined) === true ? names : undefined;
}

function nameOnly(item: Json): string | undefined {
  return isObject(item) && Object.keys(item).length === 1 ? getString(item, "name") : undefined;
}

/** Source: https://github.com/kubernetes/apimachinery (pkg/util/rand): no vowels, nothing that looks like another. */
const RANDOM = /[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** True where a text matches a row's name, in which `$…` stands for what the object itself is called. */
function matchesName(pattern: string, text: string, live: KubeObject): boolean {
  const isGenerated = pattern.endsWith("$random");
  if (isGenerated && !RANDOM.test(text)) return false;
  const glob = (isGenerated ? pattern.slice(0, -"$random".length) : pattern).replace(
    /\$(name|kind|group)/g,
    (_, part) => {
      const { name, kind, group } = idOf(live);
      // A name may hold an asterisk only in a broken object; it must not widen the row.
      return (part === "name" ? name : part === "kind" ? kind : group).replaceAll("*", "");
    },
  );
  return matchesGlob(glob, isGenerated ? text.slice(0, -5) : text);
}

function serviceSelects(live: KubeObject, facts: Facts): boolean {
  const { namespace, name } = idOf(live);
  const view = facts.live({ group: "", kind: "Service", namespace, name }, "v1");
  return view.state === "present" && !isEmpty(getIn(view.live.object, "spec", "selector"));
}

function isBoundClaim(live: KubeObject, facts: Facts): boolean {
  const part = (name: string): string => getString(live, "spec", "claimRef", name) ?? "";
  const [kind, namespace, name, uid] = [part("kind"), part("namespace"), part("name"), part("uid")];
  if (uid === "" || name === "" || kind !== "PersistentVolumeClaim") return false;
  const view = facts.live({ group: "", kind, namespace, name }, "v1");
  return view.state === "unseen" || (view.state === "present" && view.live.uid === uid);
}

/** True where an owner reference names one of these kinds and nothing is known to speak against it. */
function isBelievable(reference: Json, kinds: readonly string[], { live, facts }: Circumstances): boolean {
  const kind = kindRef(getString(reference, "apiVersion") ?? "", getString(reference, "kind") ?? "");
  const uid = getString(reference, "uid") ?? "";
  if (uid === "" || !kinds.includes(`${kind.group}/${kind.kind}`)) return false;
  const { namespace } = idOf(live);
  const owner = facts.live(
    { group: kind.group, kind: kind.kind, namespace, name: getString(reference, "name") ?? "" },
    kind.version,
  );
  return owner.state === "unseen" || (owner.state === "present" && owner.live.uid === uid);
}

const keyOf = ({ apiVersion, kind }: KubeObject): string => `${kindRef(apiVersion, kind).group}/${kind}`;

const conditions: { readonly [Is in Condition["is"]]: Holds<Is> } = {
  autoscaled: (_, { live }, around) =>
    typeof live === "number" &&
    Number.isInteger(live) &&
    around.facts.autoscalers(idOf(around.live)).some(({ min, max }) => live >= min && live <= max),
  "git-empty": (_, { desired }) => isEmpty(desired),
  "git-lacks": ({ names }, _, { desired }) => names.every((name) => isEmpty(getIn(desired, name))),
  "git-annotation": ({ names }, _, { desired }) => {
    const carried = getStrings(desired, "metadata", "annotations");
    return names.some((name) => carried[name] !== undefined && carried[name] !== "" && carried[name] !== "false");
  },
  "git-label": ({ name, values }, _, { desired }) => {
    const value = getStrings(desired, "metadata", "labels")[name];
    return value !== undefined && values.some((glob) => matchesGlob(glob, value));
  },
  "git-field": ({ path, value }, _, { desired }) => getIn(desired, ...path) === value,
  "git-value": ({ value }, { desired }) => desired === value,
  "both-have": ({ name }, _, { desired, live }) => !isEmpty(getIn(desired, name)) && !isEmpty(getIn(live, name)),
  "live-has": ({ path }, _, { live }) => (getString(live, ...path) ?? "") !== "",
  "live-names": ({ names }, difference, { live }) =>
    addedNames(difference)?.every((text) => names.some((name) => matchesName(name, text, live))) ?? false,
  "bound-claim": (_, __, { live, facts }) => isBoundClaim(live, facts),
  "live-hollow": (_, { live }) => isHollow(live),
  "live-shape": ({ shape }, { live }) => typeof live === "string" && hasShape(live, shape),
  "live-rules-within": ({ groups }, { live }) =>
    isArray(live) &&
    live.every((rule) => {
      const asked = getIn(rule, "apiGroups");
      if (!isArray(asked) || asked.length === 0) return false;
      // An asterisk asks for every group.
      return asked.every(
        (group) => typeof group === "string" && group !== "*" && groups.some((glob) => matchesGlob(glob, group)),
      );
    }),
  named: ({ names }, _, { live }) => {
    const name = getString(live.metadata, "name") ?? "";
    return names.some((glob) => matchesGlob(glob, name));
  },
  "service-selects": (_, __, { live, facts }) => serviceSelects(live, facts),
  adopted: ({ by }, difference, around) => {
    const kinds = by[keyOf(around.live)];
    return kinds !== undefined && (addedItems(difference)?.every((item) => isBelievable(item, kinds, around)) ?? false);
  },
};

export function holds(condition: Condition, difference: Difference, around: Circumstances): boolean {
  // The table has one entry for each kind of condition, of the very type; TypeScript can't follow the lookup.
  const check = conditions[condition.is] as Holds<Condition["is"]>;
  return check(condition, difference, around);
}

/** Whether those who own the path are whom the row asks for. */
export function isOwnedBy(owner: RuleOwner, difference: Difference, around: Circumstances): boolean {
  if (owner === "anyone") return true;
  const found = holdersOf(around.managed, difference.path, difference.atomicDepth);
  if (typeof owner === "object") {
    if (found.length === 0) return owner.deployer.includes("*");
    const named = found.every((entry) => owner.deployer.some((name) => matchesGlob(name, entry.manager)));
    return named && ownersDeclare(found, around.managed, around.desired);
  }
  if (owner === "controllers" && found.length === 0) return false;
  return found.every((entry) => isController(entry.manager, entry.subresource));
}

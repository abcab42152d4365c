/**
 * Whether the circumstances a noise row names hold for one difference. Pure and total: what cannot be read does not
 * hold, so that the difference counts.
 */
import { getIn, getString, getStrings, isArray, isObject, type Json } from "../model/json.ts";
import { idOf, type KubeObject } from "../model/resource.ts";
import type { Difference } from "./difference.ts";
import type { Facts } from "./facts.ts";
import { holdersOf, type ManagedFields } from "./managed-fields.ts";
import { isController } from "./managers.ts";
import type { Condition } from "./noise-rules.ts";
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

/** What live adds at the path: strings themselves, items by their `name`; undefined where something has neither. */
function addedNames(difference: Difference): readonly string[] | undefined {
  const { live, desired } = difference;
  const already = isArray(desired) ? desired : desired === undefined ? [] : [desired];
  const now = isArray(live) ? live : live === undefined ? [] : [live];
  // What Git says must still be there: only additions are anybody's to make.
  if (!already.every((item) => now.some((found) => sameJson(found, item)))) return undefined;
  const extra = now.filter((item) => !already.some((known) => sameJson(known, item)));
  const names = extra.map((item) => (typeof item === "string" ? item : nameOnly(item)));
  return names.length > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

/** The name of a reference that says nothing but its name. */
function nameOnly(item: Json): string | undefined {
  return isObject(item) && Object.keys(item).length === 1 ? getString(item, "name") : undefined;
}

const holders = (difference: Difference, around: Circumstances) =>
  holdersOf(around.managed, difference.path, difference.atomicDepth);

const conditions: { readonly [Is in Condition["is"]]: Holds<Is> } = {
  autoscaled: (_, { live }, around) =>
    typeof live === "number" &&
    Number.isInteger(live) &&
    around.facts.autoscalers(idOf(around.live)).some(({ min, max }) => live >= min && live <= max),
  "git-empty": (_, { desired }) => isEmpty(desired),
  "git-annotation": ({ names }, _, { desired }) => {
    const carried = getStrings(desired, "metadata", "annotations");
    return names.some((name) => carried[name] !== undefined && carried[name] !== "" && carried[name] !== "false");
  },
  "git-label": ({ name, value }, _, { desired }) => getStrings(desired, "metadata", "labels")[name] === value,
  "git-field": ({ name, value }, _, { desired }) => getIn(desired, name) === value,
  "both-have": ({ name }, _, { desired, live }) => !isEmpty(getIn(desired, name)) && !isEmpty(getIn(live, name)),
  "controllers-only": (_, difference, around) => {
    const found = holders(difference, around);
    return found.length > 0 && found.every((entry) => isController(entry.manager, entry.subresource));
  },
  "not-by-hand": (_, difference, around) =>
    holders(difference, around).every((entry) => isController(entry.manager, entry.subresource)),
  "owned-by": ({ managers }, difference, around) => {
    const found = holders(difference, around);
    return found.length > 0 && found.every((entry) => managers.some((name) => matchesGlob(name, entry.manager)));
  },
  "live-names": ({ names }, difference, around) => {
    const own = getString(around.live.metadata, "name") ?? "";
    // A name may hold an asterisk only in a broken object; it must not widen the row.
    const globs = names.map((name) => name.replace("$name", () => own.replaceAll("*", "")));
    return addedNames(difference)?.every((name) => globs.some((glob) => matchesGlob(glob, name))) ?? false;
  },
  "live-digits": (_, { live }) => typeof live === "string" && /^\d{1,19}$/.test(live),
  "live-own-name": (_, { live }, around) =>
    typeof live === "string" && live !== "" && live === getString(around.live.metadata, "name"),
  named: ({ name }, _, { live }) => getString(live.metadata, "name") === name,
};

export function holds(condition: Condition, difference: Difference, around: Circumstances): boolean {
  // The table has one entry for each kind of condition, of the very type; TypeScript can't follow the lookup.
  const check = conditions[condition.is] as Holds<Condition["is"]>;
  return check(condition, difference, around);
}

/**
 * `--prune-scope`: which live objects are claimed by a label selector and declared by nobody. Objects that others own,
 * and those that the system makes by itself with copied labels, are nobody's to declare.
 * Source: drift semantics, section 2 (docs/semantics.md).
 */
import { parseLabelSelector } from "../../compare/target.ts";
import type { LiveObject } from "../../model/live.ts";
import { type IdKey, idKey, idOf } from "../../model/resource.ts";
import { isMadeBy, makersOf } from "../../verdict/makers.ts";
import { systemMade } from "../../verdict/system-made.ts";
import { CliError } from "../cli-error.ts";
import type { World } from "./world.ts";

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
    if (seen.has(key) || systemMade(object) !== undefined) return false;
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
    for (const maker of makersOf(object)) {
      const found = await view(maker.id, maker.version);
      const isLeftOut = found.state === "absent" && !tracked && maker.uid !== undefined;
      if (isMadeBy(maker, found) !== false || isLeftOut) return true;
    }
    return false;
  };
  const owned = await Promise.all(objects.map(isOwned));
  return objects.filter((_, index) => owned[index] !== true);
}

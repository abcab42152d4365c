/**
 * Why each difference came about, as far as can be told from what Git says now, said before and says when it is
 * rendered again, and from whether the object is still the one that was in sync. It looks at nothing else: who did it is
 * for `attribute` to say.
 */
import { defaultedDesired } from "../compare/defaults.ts";
import type { Difference } from "../compare/difference.ts";
import { sameJson } from "../compare/same-json.ts";
import { valueAt } from "../compare/selector.ts";
import { formatPath, type Path } from "../model/path.ts";
import type { Cause } from "../model/verdict.ts";
import type { PairInput } from "./counting.ts";

export type CauseOf = (difference: Difference) => Exclude<Cause, "deletion">;

/** True where one path is, or encloses, the other. */
function overlap(one: Path, other: Path): boolean {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return formatPath(longer.slice(0, shorter.length)) === formatPath(shorter);
}

/** True where another render of the same commit says something else, so that nobody need have touched anything. */
function wavering({ desired, otherRender, schema }: PairInput): (path: Path) => boolean {
  if (otherRender === undefined || otherRender.hash === desired.hash) return () => false;
  const one = defaultedDesired(desired.object, schema);
  const other = defaultedDesired(otherRender.object, schema);
  return (path) => {
    const [said, saidElse] = [valueAt(one, path), valueAt(other, path)];
    return said === undefined || saidElse === undefined ? said !== saidElse : !sameJson(said, saidElse);
  };
}

/** True where the object was deleted and made again since it was last in sync. */
function isRecreated({ memory, live }: PairInput): boolean {
  const before = memory?.uid ?? "";
  return before !== "" && live.uid !== "" && before !== live.uid;
}

/**
 * @param moved what differs between live and what Git said before; undefined where Git did not move
 */
export function causesOf(input: PairInput, moved: readonly Difference[] | undefined): CauseOf {
  const wavers = wavering(input);
  const byHand = isRecreated(input) ? "recreation" : "live-edit";
  const liveMoved = (path: Path): boolean => moved?.some((one) => overlap(one.path, path)) === true;
  return ({ path, droppedFromGit }) => {
    if (wavers(path)) return "non-deterministic-render";
    if (droppedFromGit === true && !liveMoved(path)) return "dropped-from-git";
    return moved === undefined || liveMoved(path) ? byHand : "rollout";
  };
}

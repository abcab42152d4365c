/**
 * A field that Git states, the schema does not know and live lacks: the server pruned it, or `kubectl apply` refused the
 * object for it. It is no difference, and no heal could bring it; whoever wrote it should hear of it.
 */
import { formatPath, formatPointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import type { TypeNode } from "../model/schema.ts";
import { pathOf, tokensOf, type Place } from "./place.ts";

export interface UnknownField {
  readonly struct: Extract<TypeNode, { type: "struct" }>;
  readonly name: string;
  readonly place: Place;
}

const MAX_NAME = 64;

/** Letters to add, drop or replace to make one name of the other; a difference of case alone is none. */
function distance(one: string, other: string): number {
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The known name it was probably meant to be: at most a third of its letters away, two at least. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > MAX_NAME) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const far = distance(name, candidate);
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

export function unknownFieldWarning({ struct, name, place }: UnknownField, object: string): Problem {
  const near = nearestName(name, struct.fields());
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return {
    code: "unknown-field",
    message: `the server does not know ${formatPath(pathOf(place))} and keeps nothing of it${hint}`,
    object,
    pointer: formatPointer(tokensOf(place, "desired")),
  };
}

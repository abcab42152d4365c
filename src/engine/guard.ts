/** Whether what a Baseline's source says may be acted upon, as it is kept: what a revision is held against, and why not. */
import type { IdKey } from "../model/resource.ts";
import { parseRevision, type Revision } from "../model/snapshot.ts";
import type { BaselineMemory, RollbackState, SourceGuard } from "../model/state.ts";

/** Of one Baseline. */
export interface Trust {
  /** The last revision that could be acted upon; undefined before the first one. */
  revision: Pick<Revision, "ref" | "commit"> | undefined;
  /** Where it came from; undefined where that was before a restart. */
  url: string | undefined;
  /** What it declared, kept only while the store holds something else. */
  inventory: ReadonlySet<IdKey> | undefined;
  /** Guarded before a restart: what it declared is not known, until it is rendered. */
  forgotten: boolean;
  /** How the revision in the store differs from it, while Git is asked about that one. */
  moved: { readonly came: ReadonlySet<IdKey>; readonly gone: ReadonlySet<IdKey> } | undefined;
  shrunk: SourceGuard | undefined;
  rewritten: SourceGuard | undefined;
  /** Git could not be asked: at the next fetch, again. */
  unanswered: boolean;
}

export function trustFrom({ guard, revision }: BaselineMemory): Trust {
  const before = guard === undefined ? revision : guard.before;
  return {
    revision: before === undefined ? undefined : parseRevision(before),
    url: undefined,
    inventory: undefined,
    moved: undefined,
    forgotten: guard !== undefined,
    shrunk: guard?.reason === "Shrunk" ? guard : undefined,
    rewritten: guard?.reason === "Rewritten" ? guard : undefined,
    unanswered: false,
  };
}

/** What nothing is written for; of two reasons the graver one. None while a rollback is in force. */
export function guardOf({
  trust,
  rollback,
}: {
  readonly trust: Trust;
  readonly rollback: RollbackState | undefined;
}): SourceGuard | undefined {
  return rollback?.phase === "in-force" ? undefined : (trust.shrunk ?? trust.rewritten);
}

/** Why what Git never declared is not looked for everywhere, in as few sentences as it takes. Pure. */
import type { LiveView } from "../model/live.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { SearchedKind } from "./search-kinds.ts";

export interface LimitInput {
  /** Kinds that are searched and whose watch is not live. */
  readonly kinds: readonly SearchedKind[];
  /** Where the Baseline declares something. */
  readonly namespaces: readonly string[];
  readonly everywhere: boolean;
  /** False: its selector cannot be read. */
  readonly isReadable: boolean;
  glimpse(id: ResourceId, version: string): LiveView;
  /** Baselines that may declare anything and were not heard since the start. */
  readonly unheard: readonly BaselineKey[];
}

/** How many a sentence names. */
const NAMED = 10;

const TOLD: Partial<Record<ProblemCode, string>> = {
  forbidden: "the right to list and watch them is missing",
  "secrets-not-granted": "rbac.secrets does not allow it",
  "not-synced": "they could not be listed yet",
};

const nameOf = ({ group, kind }: SearchedKind): string => (group === "" ? kind : `${kind}.${group}`);

function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function codeOf(kind: SearchedKind, { namespaces, everywhere, glimpse }: LimitInput): ProblemCode | undefined {
  const { version, namespaced, group } = kind;
  for (const namespace of namespaced && !everywhere ? namespaces : [""]) {
    const view = glimpse({ group, kind: kind.kind, namespace, name: "" }, version);
    if (view.state === "unseen" && TOLD[view.problem.code] !== undefined) return view.problem.code;
  }
  return undefined;
}

export function unsearchedOf(input: LimitInput): readonly Problem[] {
  if (!input.isReadable)
    return [{ code: "invalid-baseline", message: "spec.unmanaged.labelSelector cannot be read: nothing is searched" }];
  const kinds = new Map<ProblemCode, string[]>();
  for (const kind of input.kinds) {
    const code = codeOf(kind, input);
    if (code !== undefined) kinds.set(code, [...(kinds.get(code) ?? []), nameOf(kind)]);
  }
  const told = [...kinds].map(
    ([code, names]): Problem => ({
      code,
      message: `not searched for unmanaged objects, because ${TOLD[code] ?? code}: ${list(names.toSorted())}`,
    }),
  );
  if (input.unheard.length === 0) return told;
  const waits = `no new unmanaged objects are reported until it is known what these Baselines declare: ${list(input.unheard)}`;
  return [...told, { code: "not-synced", message: waits }];
}

/**
 * Whether one object is nobody's, as one Baseline that has such objects looked for sees it. What cannot be told now
 * leaves things as they were: an object is said to be nobody's once everybody who may declare it was asked, and its owner
 * had the time to be seen. Reads both sides as they are, and keeps only who is to be looked at again.
 */
import { idKey, type IdKey, type KubeObject, type ResourceId } from "../model/resource.ts";
import type { LiveView } from "../model/live.ts";
import type { LeaveReason } from "../model/verdict.ts";
import type { WorkQueue } from "../runtime/work-queue.ts";
import { exemptionOf } from "../verdict/decide.ts";
import { claimOf, createdAt, type Claim } from "../verdict/unmanaged.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import { isDeclaredByOthers, type Declarers } from "./declarers.ts";
import type { DesiredStore } from "./desired-store.ts";
import type { FactStore } from "./fact-store.ts";
import { lookAt } from "./look.ts";
import type { EnginePorts, SearchPort } from "./ports.ts";
import type { SearchedKind } from "./search-kinds.ts";

/** One Baseline that has objects looked for. */
export interface SearchScope {
  readonly record: BaselineRecord;
  /** Undefined: where it declares something, whatever it is. */
  readonly selects: ((object: KubeObject) => boolean) | undefined;
}

export type Finding =
  /** Nobody's. */
  | { readonly kind: SearchedKind }
  /** Not, or not any more. */
  | LeaveReason
  /** It cannot be told, or not yet. */
  | "as-it-was";

export interface StrayJudgeDeps {
  readonly ports: Pick<EnginePorts, "clock"> & { readonly search: SearchPort };
  readonly baselines: Pick<BaselineStore, "barred" | "hasSay">;
  readonly desired: Pick<DesiredStore, "isClaimed" | "namespaces">;
  readonly facts: Pick<FactStore, "facts" | "awaitsNamespaces">;
  readonly declarers: Declarers;
  readonly queue: Pick<WorkQueue<IdKey>, "addAfter">;
  /** At which version a kind is searched; undefined where it is not. */
  kindOf(id: Pick<ResourceId, "group" | "kind">): SearchedKind | undefined;
  /** Everything was listed that can be. */
  isOpen(): boolean;
}

export interface StrayJudge {
  /** The object that is asked about from now on: it is read once, for everybody. */
  begin(id: ResourceId, key: IdKey): void;
  of(scope: SearchScope, isFound: boolean): Finding;
  /** Those that are to be looked at once more, when sources have been asked. */
  readonly waiting: ReadonlySet<IdKey>;
}

/** Milliseconds: a source that answered within this time of an object's making may have been asked before it. */
const SKEW = 5_000;
/** Milliseconds in which an owner comes into sight, on another watch. */
const OWNER_PATIENCE = 10_000;

/** What is the same for everybody who asks about one object. */
interface Asked {
  readonly id: ResourceId;
  readonly key: IdKey;
  readonly kind: SearchedKind | undefined;
  readonly view: LiveView;
  readonly isClaimed: boolean | "asking";
  claim: Claim | undefined;
}

export function createStrayJudge(deps: StrayJudgeDeps): StrayJudge {
  const { baselines, desired, facts, declarers } = deps;
  const { clock, search: port } = deps.ports;
  const waiting = new Set<IdKey>();
  let asked: Asked | undefined;

  const claim = (of: Asked, object: KubeObject): Claim =>
    (of.claim ??= claimOf(object, ({ id, version, uid }) => {
      const view = port.glimpse(id, deps.kindOf(id)?.version ?? version);
      // It is only missing: what it made is its still.
      const isMissed = view.state === "absent" && uid === undefined && desired.isClaimed(idKey(id));
      return isMissed ? { state: "unseen", problem: { code: "not-synced", message: "it is declared" } } : view;
    }));

  const isClaimed = (id: ResourceId, key: IdKey): boolean | "asking" =>
    desired.isClaimed(key) || isDeclaredByOthers(port, baselines, id);

  /** It is looked at again then, and as soon as sources were asked. */
  const later = ({ key }: Asked, until: number): Finding => {
    waiting.add(key);
    deps.queue.addAfter(key, Math.max(1, until - clock.now()));
    return "as-it-was";
  };

  /** Whose it is by what it is; undefined where it is nobody's. */
  const whose = (of: Asked, object: KubeObject): LeaveReason | undefined => {
    if (of.isClaimed === true) return "claimed";
    const found = claim(of, object);
    if (found === "going") return "gone";
    return found === "owned" || found === "system-made" ? "claimed" : undefined;
  };

  const isLeftOut = ({ record, selects }: SearchScope, { id }: Asked, object: KubeObject): boolean | "asking" => {
    const { baseline } = record;
    if (selects?.(object) === false) return true;
    if (baseline.exempt.length > 0 && facts.awaitsNamespaces()) return "asking";
    const { exemption } = exemptionOf(baseline, id.namespace, { facts: facts.facts, now: clock.now() });
    if (exemption !== undefined) return true;
    const barred = baselines.barred(baseline, id);
    return barred === "asking" ? "asking" : barred !== undefined;
  };

  /** Until when what is new has to wait; undefined where it need not. */
  const waitOf = (record: BaselineRecord, of: Asked, object: KubeObject, receivedAt: number): number | undefined => {
    const made = createdAt(object) ?? receivedAt;
    const owner = receivedAt + OWNER_PATIENCE;
    if (claim(of, object) === "ownerless" && clock.now() < owner) return owner;
    const until = made + record.baseline.gracePeriod;
    if (clock.now() >= until || declarers.unasked(of.id, Math.min(made, receivedAt) + SKEW).length === 0)
      return undefined;
    return until;
  };

  const ofNew = (record: BaselineRecord, of: Asked, live: { object: KubeObject; receivedAt: number }): Finding => {
    const { id, key, kind } = of;
    if (record.gate !== undefined) waiting.add(key);
    // Not everything that is declared is known, or not everything that may own it is seen.
    const isBlind = !deps.isOpen() || !record.complete || record.gate !== undefined || of.isClaimed === "asking";
    if (kind === undefined || isBlind || declarers.unheard(id).length > 0) return "as-it-was";
    const until = waitOf(record, of, live.object, live.receivedAt);
    return until === undefined ? { kind } : later(of, until);
  };

  return {
    waiting,

    begin(id, key) {
      waiting.delete(key);
      const kind = deps.kindOf(id);
      const view: LiveView =
        kind === undefined
          ? { state: "unseen", problem: { code: "not-synced", message: "it is not searched" } }
          : lookAt(port.glimpse(id, kind.version));
      asked = { id, key, kind, view, isClaimed: isClaimed(id, key), claim: undefined };
    },

    of(scope, isFound) {
      if (asked === undefined) return "as-it-was";
      const { id, kind, view } = asked;
      const { record, selects } = scope;
      if (kind === undefined) return "unsearched";
      if (selects === undefined && !desired.namespaces(record.baseline.key).has(id.namespace)) return "unsearched";
      if (view.state === "absent") return "gone";
      if (view.state === "unseen") return view.problem.code === "kind-not-served" ? "gone" : "as-it-was";
      const { object, receivedAt } = view.live;
      const owner = whose(asked, object);
      if (owner !== undefined) return owner;
      const isOut = isLeftOut(scope, asked, object);
      if (isOut === "asking") return "as-it-was";
      if (isOut) return "unsearched";
      return isFound ? { kind } : ofNew(record, asked, { object, receivedAt });
    },
  };
}

/**
 * How an object fares after it was put back: watched until it is healthy again, which is fine, or plainly worse than
 * before, which stops further heals of it until somebody approves, it is healthy as declared, or Git declares something
 * else. Healthy with another drift is no such thing: that may be the very hotfix. Moving on is neither: a changed Pod
 * template takes its time. What has moved on for longer than any rollout takes is worse as well, for some kinds never
 * say that they failed. How it ended is told once. In memory; of what a restart forgets, the object's Drift record remembers what was worse.
 */
import type { Health, HealthState } from "../model/live.ts";
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Judgement } from "../model/verdict.ts";
import type { Clock } from "../runtime/clock.ts";
import type { EngineReader, Sink } from "./ports.ts";

/** Milliseconds: three times what a Deployment gives its rollout. */
export const longestRollout = 1_800_000;
const recalledSentence = "its health became worse when it was put back last";

export type HealthAfterState =
  | {
      readonly kind: "watched";
      /** Undefined where it was not there. */
      readonly before: HealthState | undefined;
      /** The version that was written over: what is seen of it says nothing of what came after. */
      readonly over: string | undefined;
      readonly since: number;
      /** As it was when it was last seen to be as declared: what comes with another drift is not the heal's doing. */
      readonly last?: Health;
      readonly desired?: string;
    }
  /** What was found then stays what is said, however it fares with whatever is done to it since. */
  | { readonly kind: "worse"; readonly sentence: string; readonly desired?: string };

type Watched = Extract<HealthAfterState, { readonly kind: "watched" }>;
type Seen = Pick<Judgement, "health" | "resourceVersion" | "verdict" | "desiredHash">;

/** What was as bad before, was not there, or could not be told: nothing that follows is worse. */
const wasWell = (before: HealthState | undefined): boolean =>
  before === "healthy" || before === "progressing" || before === "suspended";

/** What is to be watched on, if anything; and what it ended as, where this look showed that. */
export interface Look {
  readonly state: HealthAfterState | undefined;
  readonly ended?: Health;
}

/** What a look at the object makes of it. Pure; monotonic time. */
export function looked(state: HealthAfterState, seen: Seen, now: number): Look {
  const { health, resourceVersion, verdict, desiredHash } = seen;
  if (health === undefined) return { state };
  if (state.kind === "watched" && state.over !== undefined && resourceVersion === state.over) return { state };
  // What was put back is not what Git declares any more.
  if (state.desired !== undefined && desiredHash !== undefined && desiredHash !== state.desired)
    return { state: undefined };
  const isAsDeclared = verdict.kind === "in-sync";
  if (state.kind === "worse") return { state: isAsDeclared && health.state === "healthy" ? undefined : state };
  const last = isAsDeclared ? health : state.last;
  return last === undefined ? { state } : weighed(state, last, declared(state.desired ?? desiredHash), now);
}

/** What the health it has as declared says of the heal. */
function weighed(state: Watched, last: Health, desired: { readonly desired?: string }, now: number): Look {
  if (last.state === "healthy" || last.state === "suspended") return { state: undefined, ended: last };
  const { before, since } = state;
  const worse: HealthAfterState = { kind: "worse", sentence: sentenceOf(before, last), ...desired };
  if (last.state === "degraded") return { state: wasWell(before) ? worse : undefined, ended: last };
  if (now - since <= longestRollout) return { state: { ...state, last, ...desired } };
  // What moved on before the heal as well did not begin to for it; and of what nobody can tell it is not said.
  return { state: before === "healthy" && last.state === "progressing" ? worse : undefined, ended: last };
}

function sentenceOf(before: HealthState | undefined, { state, reason }: Health): string {
  const why = reason === undefined ? "" : ` (${reason})`;
  const became =
    state === "progressing" ? `did not become healthy in ${longestRollout / 60_000} minutes` : `became ${state}`;
  return `it was ${before ?? "gone"} before it was put back, and ${became} then${why}`;
}

const declared = (desired: string | undefined): { readonly desired?: string } =>
  desired === undefined ? {} : { desired };

/** How an object fared in the end after it was put back. */
export interface HealthSettled {
  /** As it was seen then. */
  readonly judgement: Judgement;
  /** As declared. */
  readonly health: Health;
  /** Milliseconds since it was put back. */
  readonly took: number;
  /** One sentence, where it is worse than before. */
  readonly worse: string | undefined;
  /** The version that was written over, where it was there. */
  readonly over: string | undefined;
}

export interface HealthAfterDeps {
  readonly clock: Pick<Clock, "monotonic">;
  /** Called once after each heal whose object settled; not where it drifted again, or Git moved, before it did. */
  readonly settled?: (settled: HealthSettled) => void;
  /** As it is judged now: the watch may be faster than the answer to our own write. */
  readonly judgementOf?: EngineReader["judgement"];
}

export interface HealthAfter {
  /** It was put back. `before`: its health as judged then; undefined where it was not there. */
  healed(key: BaselineKey, id: ResourceId, before: HealthState | undefined, over?: string): void;
  /** It was judged; called with the same judgement twice it does nothing twice. */
  seen(judgement: Judgement): void;
  /** Why it is not to be put back again without approval; undefined where nothing is against it. */
  worsened(key: BaselineKey, id: ResourceId): string | undefined;
  /** What a Drift record says of before a restart; what is known already stays. */
  recall(key: BaselineKey, id: ResourceId, recorded: { readonly worsened?: true | undefined }): void;
  /** What is to be looked at whenever a Baseline's state changes. */
  watched(key: BaselineKey): readonly ResourceId[];
  forget(key: BaselineKey): void;
}

export function createHealthAfter({ clock, settled, judgementOf }: HealthAfterDeps): HealthAfter {
  const states = new Map<BaselineKey, Map<IdKey, { readonly id: ResourceId; readonly state: HealthAfterState }>>();

  const look = (judgement: Judgement): void => {
    const ofBaseline = states.get(judgement.baseline);
    const known = ofBaseline?.get(idKey(judgement.id));
    if (ofBaseline === undefined || known === undefined) return;
    const now = clock.monotonic();
    const { state, ended } = looked(known.state, judgement, now);
    if (state === undefined) ofBaseline.delete(idKey(judgement.id));
    else ofBaseline.set(idKey(judgement.id), { id: known.id, state });
    if (ended === undefined || known.state.kind !== "watched") return;
    const { since, over } = known.state;
    const worse = state?.kind === "worse" ? state.sentence : undefined;
    settled?.({ judgement, health: ended, took: now - since, worse, over });
  };

  return {
    healed(key, id, before, over) {
      const ofBaseline = states.get(key) ?? new Map<IdKey, { id: ResourceId; state: HealthAfterState }>();
      states.set(key, ofBaseline);
      const known = ofBaseline.get(idKey(id))?.state;
      // Put back again before it was fine: it is as it was before the first time that it has to become.
      const first = known?.kind === "watched" && wasWell(known.before) ? known.before : before;
      ofBaseline.set(idKey(id), { id, state: { kind: "watched", before: first, over, since: clock.monotonic() } });
      const judgement = judgementOf?.(key, id);
      if (judgement !== undefined) look(judgement);
    },
    seen: look,
    worsened(key, id) {
      const state = states.get(key)?.get(idKey(id))?.state;
      return state?.kind === "worse" ? state.sentence : undefined;
    },
    recall(key, id, { worsened }) {
      const ofBaseline = states.get(key) ?? new Map<IdKey, { id: ResourceId; state: HealthAfterState }>();
      if (worsened !== true || ofBaseline.has(idKey(id))) return;
      states.set(key, ofBaseline);
      ofBaseline.set(idKey(id), { id, state: { kind: "worse", sentence: recalledSentence } });
    },
    watched: (key) => [...(states.get(key)?.values() ?? [])].map(({ id }) => id),
    forget(key) {
      states.delete(key);
    },
  };
}

/** Looks wherever health may be another: in-sync and healthy to in-sync and degraded is no transition. */
export function healthSink(healthAfter: HealthAfter, engine: Pick<EngineReader, "judgement">): Sink {
  return {
    name: "health-after",
    transition({ after }) {
      if (after !== undefined) healthAfter.seen(after);
    },
    stateChanged(key) {
      for (const id of healthAfter.watched(key)) {
        const judgement = engine.judgement(key, id);
        if (judgement !== undefined) healthAfter.seen(judgement);
      }
    },
    removed: (key) => healthAfter.forget(key),
    leading() {},
  };
}

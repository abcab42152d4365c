/**
 * What a reflector does next, as a pure step: (state, input) → (state, effects). It keeps one promise: as long as it is
 * stepped, what the effects build up follows the server, and after any gap a full listing finds what was missed. It
 * does no I/O, holds no object, reads no clock.
 *
 * Rules, and where they are from: WatchList first, pages as fallback (KEP-3157); 410 means list again (API concepts,
 * efficient detection of changes); backoff is forgotten only after a healthy spell, so that a server that falls over
 * under our listing is not asked again at once (client-go's reflector does the same).
 */

import type { Effect, Given, Happening, Input, Step } from "./reflector-step.ts";

export type WaitReason = "backoff" | "throttled" | "forbidden" | "absent";

export interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

export type Phase =
  | { readonly at: "stopped" }
  /** WatchList: one stream whose start is the listing. */
  | { readonly at: "streaming" }
  /** `version` of the first page; `next` is the token of the page that is asked for, "" for the first. */
  | { readonly at: "paging"; readonly version: string; readonly next: string }
  | { readonly at: "watching"; readonly version: string }
  /** `resume` undefined: list from the start. */
  | { readonly at: "waiting"; readonly why: WaitReason; readonly resume: Resumable | undefined };

/** What a break does not undo: a watch goes on from its version, a listing from its page. */
export type Resumable = Extract<Phase, { readonly at: "watching" | "paging" }>;

export interface ReflectorState {
  readonly phase: Phase;
  /** True once a listing was complete. */
  readonly synced: boolean;
  /** Failures in a row without a healthy spell between them. */
  readonly failures: number;
  /** When the stream that is open was answered, or the last listing was complete. */
  readonly since: number | undefined;
  /** False: pages only. */
  readonly streams: boolean;
  /** Streams in a row that broke before their listing was complete. */
  readonly brokenStreams: number;
  /** Listings in a row whose continue token went stale. */
  readonly staleTokens: number;
  /** 403s in a row. */
  readonly denials?: number;
  /** Last refusal or break, until something works again. */
  readonly refused?: Refused;
}

export const PAGE = 500;
/** Milliseconds. */
const BACKOFF_BASE = 800;
const BACKOFF_CAP = 30_000;
const HEALTHY = 30_000;
const RECHECK = 20_000;
/** A server that has just come back may refuse everything until it has read its own rules: not believed so often. */
const DENIALS_DOUBTED = 4;

export const initial: ReflectorState = {
  phase: { at: "stopped" },
  synced: false,
  failures: 0,
  since: undefined,
  streams: true,
  brokenStreams: 0,
  staleTokens: 0,
};

const STAGE: readonly Effect[] = [{ do: "stage" }];
const UNSTAGE: readonly Effect[] = [{ do: "unstage" }];
const APPLY: readonly Effect[] = [{ do: "apply" }];
const REMOVE: readonly Effect[] = [{ do: "remove" }];
const NOTHING: readonly Effect[] = [];

/** Five to ten minutes, so that many watches do not end together. */
function timeoutSeconds(given: Given): number {
  return 300 + Math.floor(given.random() * 300);
}

function list(state: ReflectorState, given: Given): Step {
  const count: readonly Effect[] = state.synced ? [{ do: "count", what: "relist" }] : NOTHING;
  const next = { ...state, since: undefined };
  return state.streams
    ? {
        state: { ...next, phase: { at: "streaming" } },
        effects: [...count, { do: "begin" }, { do: "stream", timeoutSeconds: timeoutSeconds(given) }],
      }
    : {
        state: { ...next, phase: { at: "paging", version: "", next: "" } },
        // Twice stale: the listing outlives the server's history, so take it in one piece.
        effects: [...count, { do: "begin" }, { do: "page", next: "", limit: state.staleTokens >= 2 ? 0 : PAGE }],
      };
}

function watch(state: ReflectorState, version: string, given: Given): Step {
  return {
    state: { ...state, phase: { at: "watching", version }, since: undefined },
    effects: [{ do: "watch", version, timeoutSeconds: timeoutSeconds(given) }],
  };
}

function wait(state: ReflectorState, why: WaitReason, resume: Resumable | undefined, milliseconds: number): Step {
  return {
    state: { ...state, phase: { at: "waiting", why, resume }, since: undefined },
    effects: [{ do: "close" }, { do: "wait", milliseconds }],
  };
}

function isHealthy(state: ReflectorState, given: Given): boolean {
  return state.since !== undefined && given.now - state.since >= HEALTHY;
}

/** A failure: wait, longer each time, then do what `resume` says. */
function fail(state: ReflectorState, resume: Resumable | undefined, given: Given): Step {
  const failures = isHealthy(state, given) ? 1 : state.failures + 1;
  const full = Math.min(BACKOFF_CAP, BACKOFF_BASE * 2 ** Math.min(failures - 1, 10));
  return wait({ ...state, failures }, "backoff", resume, full / 2 + (given.random() * full) / 2);
}

function resumeOf({ phase }: ReflectorState): Resumable | undefined {
  return phase.at === "watching" || (phase.at === "paging" && phase.next !== "") ? phase : undefined;
}

const notOffered = new Set([400, 406, 415, 422]);

function refuse(state: ReflectorState, input: Extract<Input, { on: "refused" }>, given: Given): Step {
  const { status, reason } = input.refused;
  const { phase } = state;
  const known: ReflectorState = { ...state, refused: input.refused };
  if (phase.at === "streaming" && state.since === undefined && notOffered.has(status)) {
    // An older server, or one without WatchList: `sendInitialEvents` is a parameter it refuses.
    return list({ ...state, streams: false }, given);
  }
  if (status === 410 || reason === "Expired" || reason === "Gone" || input.tooNew === true) {
    const staleTokens = phase.at === "paging" ? state.staleTokens + 1 : state.staleTokens;
    const fresh = { ...known, staleTokens };
    // Spread, for everything that watched from about this version is told the same at about this time.
    return isHealthy(state, given)
      ? wait({ ...fresh, failures: 0 }, "backoff", undefined, given.random() * 1_000)
      : fail(fresh, undefined, given);
  }
  if (status === 403) {
    const denials = (state.denials ?? 0) + 1;
    const doubtful = state.synced && state.failures > 0 && denials <= DENIALS_DOUBTED;
    if (doubtful) return wait({ ...known, denials }, "backoff", resumeOf(state), BACKOFF_BASE * denials);
    return wait(known, "forbidden", undefined, RECHECK * (1 + given.random()));
  }
  if (status === 404 || status === 405) return wait(known, "absent", undefined, RECHECK * (1 + given.random()));
  if (status === 429) {
    const pause = Math.max(1_000, input.retryAfter ?? 1_000);
    const step = fail(known, resumeOf(state), given);
    return wait(step.state, "throttled", resumeOf(state), pause * (1 + given.random() / 4));
  }
  // What it does not understand (a version or a token of another life) it will not understand later.
  return fail(known, notOffered.has(status) ? undefined : resumeOf(state), given);
}

function broken(state: ReflectorState, message: string, given: Given): Step {
  const refused = { status: 0, reason: "Unreachable", message };
  const cutOff = state.phase.at === "streaming" && state.since !== undefined;
  const brokenStreams = cutOff ? state.brokenStreams + 1 : state.brokenStreams;
  // A stream that opens and never gets through: something between us and the server does not let it.
  const streams = state.streams && brokenStreams < 3;
  return fail({ ...state, refused, brokenStreams, streams }, resumeOf(state), given);
}

function ended(state: ReflectorState, given: Given): Step {
  if (state.phase.at !== "watching") return broken(state, "the stream ended before the listing was complete", given);
  // A watch ends after `timeoutSeconds`; one that ends at once says that something is wrong.
  return isHealthy(state, given)
    ? watch({ ...state, failures: 0 }, state.phase.version, given)
    : fail(state, state.phase, given);
}

/** The listing is complete, at `version`. */
function listed(state: ReflectorState, version: string, given: Given): ReflectorState {
  const { refused: _, denials: _denials, ...rest } = state;
  const phase: Phase = { at: "watching", version };
  return { ...rest, phase, synced: true, since: given.now, brokenStreams: 0, staleTokens: 0 };
}

function page(state: ReflectorState, input: Extract<Input, { on: "page" }>, given: Given): Step {
  if (state.phase.at !== "paging") return { state, effects: NOTHING };
  const version = state.phase.version === "" ? input.version : state.phase.version;
  if (input.next !== "") {
    return {
      state: { ...state, phase: { at: "paging", version, next: input.next } },
      effects: [{ do: "page", next: input.next, limit: PAGE }],
    };
  }
  const next = watch(listed(state, version, given), version, given);
  return { state: next.state, effects: [{ do: "commit" }, ...next.effects] };
}

function event(state: ReflectorState, input: Extract<Input, { on: "event" }>): Step {
  const gone = input.type === "DELETED";
  if (state.phase.at === "streaming") return { state, effects: gone ? UNSTAGE : STAGE };
  if (state.phase.at !== "watching") return { state, effects: NOTHING };
  const phase: Phase = { at: "watching", version: input.version };
  return { state: { ...state, phase }, effects: gone ? REMOVE : APPLY };
}

function bookmark(state: ReflectorState, input: Extract<Input, { on: "bookmark" }>, given: Given): Step {
  if (state.phase.at === "streaming" && input.listed) {
    return { state: listed(state, input.version, given), effects: [{ do: "commit" }] };
  }
  if (state.phase.at !== "watching") return { state, effects: NOTHING };
  return { state: { ...state, phase: { at: "watching", version: input.version } }, effects: NOTHING };
}

function proceed(state: ReflectorState, given: Given): Step {
  if (state.phase.at !== "waiting") return { state, effects: NOTHING };
  const { resume } = state.phase;
  if (resume === undefined) return list(state, given);
  if (resume.at === "watching") return watch(state, resume.version, given);
  return { state: { ...state, phase: resume }, effects: [{ do: "page", next: resume.next, limit: PAGE }] };
}

/** What can only happen to what is under way; from an older stream or page it means nothing. */
function happen(state: ReflectorState, input: Happening, given: Given): Step {
  if (!isRunning(state)) return { state, effects: NOTHING };
  switch (input.on) {
    case "opened":
      return { state: opened(state, given), effects: NOTHING };
    case "event":
      return event(state, input);
    case "bookmark":
      return bookmark(state, input, given);
    case "item":
      return { state, effects: state.phase.at === "paging" ? STAGE : NOTHING };
    case "page":
      return page(state, input, given);
    case "refused":
      return refuse(state, input, given);
    case "broken":
      return broken(state, input.message, given);
    case "ended":
      return ended(state, given);
    case "garbage": {
      // What the line said is lost, so only a listing tells.
      const { state: next, effects } = fail(state, undefined, given);
      return { state: next, effects: [{ do: "count", what: "garbage" }, ...effects] };
    }
  }
}

export function step(state: ReflectorState, input: Input, given: Given): Step {
  switch (input.on) {
    case "start":
      return state.phase.at === "stopped" ? list(state, given) : { state, effects: NOTHING };
    case "stop":
      return { state: { ...state, phase: { at: "stopped" } }, effects: [{ do: "close" }] };
    case "timer":
      return proceed(state, given);
    case "nudge":
      // A server that asked us to wait is not asked earlier.
      return state.phase.at === "waiting" && state.phase.why === "throttled"
        ? { state, effects: NOTHING }
        : proceed(state, given);
    default:
      return happen(state, input, given);
  }
}

function isRunning(state: ReflectorState): boolean {
  return state.phase.at === "streaming" || state.phase.at === "paging" || state.phase.at === "watching";
}

function opened(state: ReflectorState, given: Given): ReflectorState {
  const { refused: _, denials: _denials, ...rest } = state;
  // A stream's answer clears a watch's trouble; a listing has yet to show that it gets through.
  return state.phase.at === "watching" ? { ...rest, since: given.now } : { ...state, since: given.now };
}

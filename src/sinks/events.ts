/**
 * The sink of Events: one per transition on the object, and summed up on its Baseline. Only for Baselines of mode Alert
 * or Remediate, never for what a restart replays. Of one object, reason and deed there is one Event in ten minutes, and what
 * repeats meanwhile becomes its series; a resolution is always told. An Event that cannot be written is given up after
 * a few tries: the Drift record and the metrics are the memory, Events are not.
 */
import type { ApiAnswer, ObjectApi } from "../model/api.ts";
import { idKey, type KindRef } from "../model/resource.ts";
import { parseBaselineKey, type BaselineKey } from "../model/snapshot.ts";
import { createRate } from "../runtime/rate.ts";
import type { Transition } from "../model/verdict.ts";
import { announcementsOf, failureOf, guardIn, ofGuard, ofLimits, ofSource } from "./announcements.ts";
import {
  eventBody,
  eventRef,
  isStandingReason,
  seriesBody,
  summaryNote,
  type EventInput,
  type EventTarget,
} from "./event-body.ts";
import type { Announcement, EngineReader, WritingSink } from "./ports.ts";
import { createWriter, done, later, mayPass, retryAfter, type Outcome, type WriterDeps } from "./writer.ts";

export interface EventsDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "create" | "patch">;
  readonly engine: Pick<EngineReader, "outline" | "states">;
  /** Name of this Pod. */
  readonly instance: string;
}

export interface EventsSink extends WritingSink {
  /** For what other sinks have to say. */
  announce(announcement: Announcement): void;
  /** Another process led when it happened, and may have told it: told once more, under the same name. */
  retell(transition: Transition): void;
}

/** Milliseconds. */
export const eventWindow = 600_000;
const SUMMARY_DELAY = 2_000;
const SUMMARY_WINDOW = 60_000;
const SERIES_DELAY = 60_000;
const TRIES = 6;
const PER_SECOND = 10;
const BURST = 50;
/** Milliseconds that an Event on an object may wait for its turn. */
const PATIENCE = 60_000;

export const baselineKind: KindRef = { group: "plumbline.dev", version: "v1alpha1", kind: "Baseline" };

/** What is known of one subject and reason. */
interface Stream {
  readonly baseline: BaselineKey;
  readonly summary: boolean;
  /** Not told yet. */
  waiting: Announcement[];
  /** The last Event written, its moment on the monotonic clock, and what happened again since. */
  told?: { readonly input: EventInput; readonly at: number; count: number; lastAt: number; toldCount: number };
}

function targetOf(announcement: Announcement): EventTarget | undefined {
  const { id, version, uid } = announcement;
  if (id === undefined) return undefined;
  const kind = { group: id.group, version: version ?? "v1", kind: id.kind };
  return { kind, namespace: id.namespace, name: id.name, ...(uid === undefined ? {} : { uid }) };
}

/** Such an Event is not told again while it stands: it is said once for all the objects it concerns. */
const isAboutBaseline = ({ regarding }: EventInput): boolean => regarding.kind.kind === baselineKind.kind;

export function createEvents(deps: EventsDeps): EventsSink {
  const { api, engine, clock, log } = deps;
  const streams = new Map<string, Stream>();
  const failures = new Map<BaselineKey, string>();
  const guards = new Map<BaselineKey, string>();
  /** What was told of {@link BaselineOutline.unsearched}. */
  const limits = new Map<BaselineKey, ReadonlySet<string>>();
  /** Baselines whose source worked since this process leads: what fails from then on is news. */
  const sourcesSeen = new Set<BaselineKey>();
  const rate = createRate(clock, PER_SECOND, BURST);
  const writer = createWriter(deps, { name: "events", workers: 2, work });

  const push = (key: string, summary: boolean, announcement: Announcement): void => {
    let stream = streams.get(key);
    if (stream === undefined) streams.set(key, (stream = { baseline: announcement.baseline, summary, waiting: [] }));
    stream.waiting.push(announcement);
    if (summary) writer.addAfter(key, SUMMARY_DELAY);
    else writer.add(key, "live");
  };
  const announce = (announcement: Announcement): void => {
    const mode = engine.outline(announcement.baseline)?.baseline.mode;
    if (mode === undefined || mode === "Observe" || !deps.isLeader()) return;
    const { baseline, id, reason, action = "" } = announcement;
    if (id !== undefined) push(`${baseline} ${reason} ${action} ${idKey(id)}`, false, announcement);
    // What stands about the Baseline itself is told by itself: summed up it would read otherwise after a restart.
    if (id === undefined && isStandingReason(reason))
      push(`${baseline} ${reason} ${announcement.note}`, false, announcement);
    else if (announcement.objectOnly !== true) push(`${baseline} ${reason}`, true, announcement);
  };

  const baselineTarget = (key: BaselineKey): EventTarget | undefined => {
    const baseline = engine.outline(key)?.baseline;
    if (baseline === undefined) return undefined;
    return { kind: baselineKind, ...parseBaselineKey(key), uid: baseline.uid };
  };
  const inputOf = (stream: Stream, told: readonly Announcement[]): EventInput | undefined => {
    const [first] = told;
    const own = baselineTarget(stream.baseline);
    if (first === undefined || own === undefined) return undefined;
    const { reason, at } = first;
    const about = targetOf(first);
    const common = { reason, baseline: stream.baseline, at, instance: deps.instance };
    if (!stream.summary)
      return {
        ...common,
        regarding: about ?? own,
        ...(about === undefined ? {} : { related: own }),
        note: first.note,
        action: first.action,
        moment: first.moment,
      };
    const rows = told.map((announcement) => {
      const id = targetOf(announcement);
      return id === undefined ? { note: announcement.note } : { id, note: announcement.note };
    });
    const single = new Set(told.map(({ id }) => (id === undefined ? "" : idKey(id)))).size === 1;
    const note = summaryNote(reason, rows);
    const stood = told.every((announcement) => announcement.stood === true);
    return { ...common, regarding: own, note, stood, ...(single && about !== undefined ? { related: about } : {}) };
  };

  /** Undefined: written, or not to be written any more. */
  const outcomeOf = (key: string, answer: ApiAnswer): Outcome | undefined => {
    if (answer.ok || answer.reason === "AlreadyExists") return undefined;
    if (mayPass(answer) && writer.retries(key) < TRIES) return retryAfter(answer);
    log.warn({ key, status: answer.status, reason: answer.reason }, "event given up");
    return undefined;
  };

  const post = async (key: string, stream: Stream, input: EventInput): Promise<Outcome | undefined> => {
    const answer = await api.create(eventRef(input), eventBody(input));
    const put = outcomeOf(key, answer);
    if (put !== undefined) return put;
    stream.told = { input, at: clock.monotonic(), count: 1, lastAt: input.at, toldCount: 1 };
    return undefined;
  };

  const extend = async (key: string, told: NonNullable<Stream["told"]>): Promise<Outcome | undefined> => {
    const { count, lastAt } = told;
    const ref = eventRef(told.input);
    const put = outcomeOf(key, await api.patch(ref, { type: "merge", body: seriesBody(count, lastAt) }));
    if (put === undefined) told.toldCount = count;
    return put;
  };

  /** Of a storm's Events those on objects would be told minutes late: the Baseline's own sums them up, and records have them all. */
  const passOver = (key: string, stream: Stream): Outcome => {
    stream.waiting = [];
    if (stream.told === undefined) streams.delete(key);
    return done;
  };

  /** Writes what waits as one new Event. */
  const tell = async (key: string, stream: Stream): Promise<Outcome> => {
    const wait = rate.take(key, stream.summary ? undefined : PATIENCE);
    if (wait === Number.POSITIVE_INFINITY) return passOver(key, stream);
    if (wait > 0) return later(wait);
    const now = [...stream.waiting];
    // A summary takes all that waits; an object has one Event, and the newest note is the true one.
    const input = inputOf(stream, stream.summary ? now : now.slice(-1));
    const put = input === undefined ? undefined : await post(key, stream, input);
    if (put !== undefined) return put;
    stream.waiting = stream.waiting.slice(now.length);
    return later(stream.waiting.length > 0 ? 1 : eventWindow);
  };

  /** It happened again within the window: counted now, written with the next extension of the series. */
  const repeat = (stream: Stream, told: NonNullable<Stream["told"]>): Outcome => {
    told.count += stream.waiting.length;
    told.lastAt = stream.waiting.at(-1)?.at ?? told.lastAt;
    stream.waiting = [];
    return later(SERIES_DELAY);
  };

  async function work(key: string): Promise<Outcome> {
    const stream = streams.get(key);
    if (stream === undefined) return done;
    const { told } = stream;
    if (told !== undefined && isStandingReason(told.input.reason) && isAboutBaseline(told.input)) stream.waiting = [];
    const age = told === undefined ? Infinity : clock.monotonic() - told.at;
    const [first] = stream.waiting;
    if (first !== undefined) {
      const resolution = !stream.summary && first.reason === "DriftResolved";
      if (told === undefined || resolution || age >= (stream.summary ? SUMMARY_WINDOW : eventWindow)) {
        return tell(key, stream);
      }
      return stream.summary ? later(SUMMARY_WINDOW - age) : repeat(stream, told);
    }
    if (told !== undefined && told.count > told.toldCount) {
      const wait = rate.take(key);
      return wait > 0 ? later(wait) : ((await extend(key, told)) ?? later(eventWindow));
    }
    if (age < eventWindow) return later(eventWindow - age);
    // Nothing happened for a whole window: nothing to remember.
    streams.delete(key);
    return done;
  }

  /** What this process saw as the leader before, and could not tell any more: nobody else will, and late it is no news. */
  const resume = (): void => {
    for (const [key, stream] of streams) {
      stream.waiting = stream.waiting.filter(({ at }) => clock.now() - at <= PATIENCE);
      writer.add(key);
    }
  };

  const tellSource = (key: BaselineKey): void => {
    // Whoever leads later tells what fails then.
    if (!deps.isLeader()) return;
    const source = engine.outline(key)?.source;
    if (source?.state === "ready") sourcesSeen.add(key);
    const failure = source === undefined ? undefined : failureOf(source);
    if (failure === failures.get(key)) return;
    if (failure === undefined) failures.delete(key);
    else failures.set(key, failure);
    const announcement = source === undefined ? undefined : ofSource(key, source, clock.now());
    if (announcement !== undefined) announce({ ...announcement, stood: !sourcesSeen.has(key) });
  };

  const tellGuard = (key: BaselineKey): void => {
    const source = engine.outline(key)?.source;
    const guard = source === undefined ? undefined : guardIn(source);
    if (!deps.isLeader() || guard === guards.get(key)) return;
    if (guard === undefined) return void guards.delete(key);
    guards.set(key, guard);
    const announcement = source === undefined ? undefined : ofGuard(key, source, clock.now());
    if (announcement !== undefined) announce(announcement);
  };

  const tellLimits = (key: BaselineKey): void => {
    const unsearched = engine.outline(key)?.unsearched ?? [];
    const before = limits.get(key);
    if (!deps.isLeader() || (unsearched.length === 0 && before === undefined)) return;
    limits.set(key, new Set(unsearched.map(({ message }) => message)));
    const news = unsearched.filter(({ message }) => before?.has(message) !== true);
    for (const announcement of ofLimits(key, news, clock.now())) announce(announcement);
  };

  const tellAll = (key: BaselineKey): void => {
    tellSource(key);
    tellGuard(key);
    tellLimits(key);
  };

  return {
    name: "events",
    announce,
    retell(transition) {
      for (const announcement of announcementsOf(transition))
        if (announcement.moment !== undefined) announce({ ...announcement, objectOnly: true });
    },
    transition(transition) {
      for (const announcement of announcementsOf(transition)) announce(announcement);
    },
    stateChanged: tellAll,
    removed(key) {
      failures.delete(key);
      guards.delete(key);
      limits.delete(key);
      sourcesSeen.delete(key);
      for (const [name, stream] of streams) if (stream.baseline === key) streams.delete(name);
    },
    leading() {
      resume();
      for (const { baseline } of engine.states()) tellAll(baseline.key);
    },
    run: (signal) => writer.run(signal),
  };
}

/**
 * When healing is allowed: cron with a time zone, Allow and Deny. Pure: it is told what time it is. A start that the
 * clocks skip comes at the first moment after the gap, one that they repeat comes once; a schedule with a `*` or a step
 * among its minutes or hours follows the clock instead. A window lasts as long as it says, whatever clocks do meanwhile.
 */
import { Cron } from "croner";
import type { RemediationWindow } from "../model/baseline.ts";
import { timeText } from "./objection.ts";

/** `until`: the next moment, in epoch ms, at which the answer changes; undefined where none is known. */
export type WindowState =
  | { readonly open: true; readonly until?: number }
  | { readonly open: false; readonly until?: number; readonly message: string };

interface Readable {
  readonly window: RemediationWindow;
  readonly starts: Cron;
}

/** One window's say from a moment on. `until` is Infinity where it never changes, or not before `known`. */
interface Stretch {
  readonly active: boolean;
  readonly until: number;
  /** Nothing is said of what comes after. */
  readonly known: number;
}

/** How often one window's end is moved by its next start, before it is said to have none. */
const EXTENSIONS = 40;
/** How often schedules are asked for one answer in all: a change that is not found by then is not foretold. */
const LOOKS = 1000;

interface Patience {
  left: number;
}

const nameOf = ({ schedule, timeZone }: RemediationWindow): string => `\`${schedule}\` (${timeZone})`;

function readWindow(window: RemediationWindow): Readable | string {
  const { schedule, timeZone } = window;
  const because = (why: string): string =>
    `the window ${nameOf(window)} cannot be read, so nothing is healed until it is put right: ${why}`;
  // Croner takes a date, a nickname or no zone at all for what it is not.
  if (schedule.trim().split(/\s+/).length !== 5) return because("a schedule has five fields");
  if (timeZone === "") return because("it has no time zone");
  try {
    const options = { mode: "5-part", fixedTimeRule: "no-wildcard", timezone: timeZone, paused: true } as const;
    const starts = new Cron(schedule.trim(), options);
    // An unknown zone shows only when it is used.
    starts.nextRuns(1, new Date(0));
    return { window, starts };
  } catch (error) {
    const zone = error instanceof Error && error.message.includes("timezone");
    return because(zone ? "no such time zone" : "no such schedule");
  }
}

type Reading = readonly Readable[] | string;

const readings = new WeakMap<readonly RemediationWindow[], Reading>();

/** Its windows, or what is wrong with the first that cannot be read. */
function read(windows: readonly RemediationWindow[]): Reading {
  const known = readings.get(windows);
  if (known !== undefined) return known;
  const found = windows.map(readWindow);
  const reading = found.find((one) => typeof one === "string") ?? found.filter((one) => typeof one !== "string");
  readings.set(windows, reading);
  return reading;
}

function stretchAt({ window: { duration }, starts }: Readable, now: number, patience: Patience): Stretch {
  const unknown = Number.POSITIVE_INFINITY;
  patience.left -= 1;
  const first = starts.nextRuns(1, new Date(now - duration))[0]?.getTime();
  if (first === undefined) return { active: false, until: unknown, known: unknown };
  if (first > now) return { active: false, until: first, known: unknown };
  let end = first + duration;
  for (let extensions = 0; extensions < EXTENSIONS && patience.left > 0; extensions += 1) {
    patience.left -= 1;
    // The last start before it ends, or as it does, keeps it open.
    const last = starts.previousRuns(1, new Date(end + 1))[0]?.getTime() ?? first;
    if (last + duration <= end) return { active: true, until: end, known: unknown };
    end = last + duration;
  }
  return { active: true, until: unknown, known: end };
}

/** What closes: undefined where nothing does. Deny wins. */
function closedBy(readable: readonly Readable[], stretches: readonly Stretch[]): string | undefined {
  const active = readable.filter((_, index) => stretches[index]?.active === true);
  const denying = active.find(({ window }) => window.kind === "Deny");
  if (denying !== undefined) return `within the Deny window ${nameOf(denying.window)}`;
  if (active.length > 0 || readable.every(({ window }) => window.kind === "Deny")) return undefined;
  return "outside every Allow window";
}

interface Answer {
  readonly state: WindowState;
  /** Epoch ms, the second exclusive, between which it is the answer. */
  readonly from: number;
  readonly to: number;
}

function answerAt(readable: readonly Readable[], now: number): Answer {
  const patience = { left: LOOKS };
  let stretches = readable.map((one) => stretchAt(one, now, patience));
  const why = closedBy(readable, stretches);
  const ends = (): number => Math.min(...stretches.map(({ until, known }) => Math.min(until, known)));
  const to = ends();
  let at = to;
  let changes = false;
  while (
    !changes &&
    patience.left > 0 &&
    at < Number.POSITIVE_INFINITY &&
    stretches.some(({ until }) => until === at)
  ) {
    const moment = at;
    stretches = stretches.map((stretch, index) => {
      const one = readable[index];
      return stretch.until > moment || one === undefined ? stretch : stretchAt(one, moment, patience);
    });
    changes = (closedBy(readable, stretches) === undefined) !== (why === undefined);
    if (!changes) at = ends();
  }
  const until = changes ? { until: at } : {};
  if (why === undefined) return { state: { open: true, ...until }, from: now, to };
  const next = changes ? `healing is allowed again at ${timeText(at)}` : "no time is known at which it opens";
  return { state: { open: false, ...until, message: `${why}: ${next}` }, from: now, to };
}

/** The last answer of each list of windows: asked for each object, and it changes a few times a day. */
const answers = new WeakMap<readonly RemediationWindow[], Answer>();

export function windowsAt(windows: readonly RemediationWindow[], now: number): WindowState {
  if (windows.length === 0) return { open: true };
  const reading = read(windows);
  if (typeof reading === "string") return { open: false, message: reading };
  const known = answers.get(windows);
  if (known !== undefined && known.from <= now && now < known.to) return known.state;
  const answer = answerAt(reading, now);
  answers.set(windows, answer);
  return answer.state;
}

/**
 * The reflector's machine as a truth table: every state met by every input, and what comes of it. Why a row is as it is
 * stands in `reflector-machine.test.ts`; this table is here so that no pair is left to chance.
 */
import { expect, test } from "vitest";
import { initial, step, type Phase, type ReflectorState } from "../../src/cluster/reflector-machine.ts";
import type { Effect, Input } from "../../src/cluster/reflector-step.ts";

/** Chance always says a half; the clock says 100 s. */
const given = { now: 100_000, random: () => 0.5 };

const at = (phase: Phase, more: Partial<ReflectorState> = {}): ReflectorState => ({ ...initial, ...more, phase });
const watching = { at: "watching", version: "10" } as const;
const page2 = { at: "paging", version: "7", next: "t" } as const;

const states: Readonly<Record<string, ReflectorState>> = {
  stopped: initial,
  "streaming, asked": at({ at: "streaming" }),
  "streaming, opened": at({ at: "streaming" }, { since: 99_000 }),
  "paging, page 1": at({ at: "paging", version: "", next: "" }, { streams: false }),
  "paging, page 2": at(page2, { streams: false }),
  "watching, asked": at(watching, { synced: true }),
  "watching, opened": at(watching, { synced: true, since: 99_000 }),
  "watching, healthy": at(watching, { synced: true, since: 60_000 }),
  "backoff to list": at({ at: "waiting", why: "backoff", resume: undefined }, { failures: 1 }),
  "backoff to page 2": at({ at: "waiting", why: "backoff", resume: page2 }, { failures: 1, streams: false }),
  "backoff to watch": at({ at: "waiting", why: "backoff", resume: watching }, { failures: 1, synced: true }),
  "throttled to watch": at({ at: "waiting", why: "throttled", resume: watching }, { failures: 1, synced: true }),
  forbidden: at({ at: "waiting", why: "forbidden", resume: undefined }, { synced: true }),
  absent: at({ at: "waiting", why: "absent", resume: undefined }, { synced: true }),
};

const refused = (status: number, reason: string, more: object = {}): Input => ({
  on: "refused",
  refused: { status, reason, message: "" },
  ...more,
});

const inputs: Readonly<Record<string, Input>> = {
  start: { on: "start" },
  stop: { on: "stop" },
  timer: { on: "timer" },
  nudge: { on: "nudge" },
  opened: { on: "opened" },
  ADDED: { on: "event", type: "ADDED", version: "11" },
  MODIFIED: { on: "event", type: "MODIFIED", version: "11" },
  DELETED: { on: "event", type: "DELETED", version: "11" },
  bookmark: { on: "bookmark", version: "12", listed: false },
  "last bookmark": { on: "bookmark", version: "12", listed: true },
  item: { on: "item" },
  "a page": { on: "page", version: "8", next: "u" },
  "last page": { on: "page", version: "8", next: "" },
  ended: { on: "ended" },
  cut: { on: "broken", message: "cut" },
  garbage: { on: "garbage" },
  "400": refused(400, "BadRequest"),
  "401": refused(401, "Unauthorized"),
  "403": refused(403, "Forbidden"),
  "404": refused(404, "NotFound"),
  "410": refused(410, "Expired"),
  "too new": refused(504, "Timeout", { tooNew: true }),
  "429": refused(429, "TooManyRequests", { retryAfter: 8_000 }),
  "500": refused(500, "InternalError"),
};

function showPhase(phase: Phase): string {
  if (phase.at === "paging") return `paging ${phase.next === "" ? "page 1" : `${phase.version}/${phase.next}`}`;
  if (phase.at === "watching") return `watching ${phase.version}`;
  if (phase.at !== "waiting") return phase.at;
  return `${phase.why} to ${phase.resume === undefined ? "list" : showPhase(phase.resume)}`;
}

function showEffect(effect: Effect): string {
  if (effect.do === "wait") return `wait ${effect.milliseconds}`;
  if (effect.do === "page") return `ask page ${effect.next === "" ? "1" : effect.next}`;
  if (effect.do === "watch") return `ask watch ${effect.version}`;
  if (effect.do === "stream") return "ask stream";
  return effect.do === "count" ? `count ${effect.what}` : effect.do;
}

function show(state: ReflectorState, input: Input): string {
  const next = step(state, input, given);
  const same = showPhase(next.state.phase) === showPhase(state.phase);
  return [same ? "-" : showPhase(next.state.phase), ...next.effects.map(showEffect)].join(" | ");
}

/** `inputs => phase afterwards ("-": the same) | effects in order`; what is not named is `else`. */
const table: Readonly<Record<string, string>> = {
  stopped: `
    start => streaming | begin | ask stream
    stop => - | close
    else => -`,
  "streaming, asked": `
    400 => paging page 1 | begin | ask page 1
    401, 410, 500, ended, cut, too new => backoff to list | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to list | close | wait 9000
    stop => stopped | close
    ADDED, MODIFIED => - | stage
    DELETED => - | unstage
    last bookmark => watching 12 | commit
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "streaming, opened": `
    400, 401, 410, 500, ended, cut, too new => backoff to list | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to list | close | wait 9000
    stop => stopped | close
    ADDED, MODIFIED => - | stage
    DELETED => - | unstage
    last bookmark => watching 12 | commit
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "paging, page 1": `
    400, 401, 410, 500, ended, cut, too new => backoff to list | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to list | close | wait 9000
    stop => stopped | close
    item => - | stage
    a page => paging 8/u | ask page u
    last page => watching 8 | commit | ask watch 8
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "paging, page 2": `
    400, 410, too new => backoff to list | close | wait 600
    401, 500, ended, cut => backoff to paging 7/t | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to paging 7/t | close | wait 9000
    stop => stopped | close
    item => - | stage
    a page => paging 7/u | ask page u
    last page => watching 7 | commit | ask watch 7
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "watching, asked": `
    400, 410, too new => backoff to list | close | wait 600
    401, 500, ended, cut => backoff to watching 10 | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to watching 10 | close | wait 9000
    stop => stopped | close
    ADDED, MODIFIED => watching 11 | apply
    DELETED => watching 11 | remove
    bookmark, last bookmark => watching 12
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "watching, opened": `
    400, 410, too new => backoff to list | close | wait 600
    401, 500, ended, cut => backoff to watching 10 | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    429 => throttled to watching 10 | close | wait 9000
    stop => stopped | close
    ADDED, MODIFIED => watching 11 | apply
    DELETED => watching 11 | remove
    bookmark, last bookmark => watching 12
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "watching, healthy": `
    400 => backoff to list | close | wait 600
    401, 500, cut => backoff to watching 10 | close | wait 600
    403 => forbidden to list | close | wait 30000
    404 => absent to list | close | wait 30000
    410, too new => backoff to list | close | wait 500
    429 => throttled to watching 10 | close | wait 9000
    stop => stopped | close
    ADDED, MODIFIED => watching 11 | apply
    DELETED => watching 11 | remove
    bookmark, last bookmark => watching 12
    ended => - | ask watch 10
    garbage => backoff to list | count garbage | close | wait 600
    else => -`,
  "backoff to list": `
    stop => stopped | close
    timer, nudge => streaming | begin | ask stream
    else => -`,
  "backoff to page 2": `
    stop => stopped | close
    timer, nudge => paging 7/t | ask page t
    else => -`,
  "backoff to watch": `
    stop => stopped | close
    timer, nudge => watching 10 | ask watch 10
    else => -`,
  "throttled to watch": `
    stop => stopped | close
    timer => watching 10 | ask watch 10
    else => -`,
  forbidden: `
    stop => stopped | close
    timer, nudge => streaming | count relist | begin | ask stream
    else => -`,
  absent: `
    stop => stopped | close
    timer, nudge => streaming | count relist | begin | ask stream
    else => -`,
};

function readRows(block: string): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const line of block.trim().split("\n")) {
    const [left = "", outcome = ""] = line.split("=>").map((part) => part.trim());
    const named = left === "else" ? Object.keys(inputs).filter((input) => !rows.has(input)) : left.split(", ");
    for (const input of named) rows.set(input, outcome);
  }
  return rows;
}

const cells = Object.entries(states).flatMap(([name, state]) =>
  [...readRows(table[name] ?? "")].map(([input, outcome]) => [name, input, outcome, state] as const),
);

test("every pair is in the table", () => {
  expect(cells).toHaveLength(Object.keys(states).length * Object.keys(inputs).length);
});

test.each(cells)("%s, %s => %s", (_, input, outcome, state) => {
  expect(inputs).toHaveProperty([input]);
  expect(show(state, inputs[input] as Input)).toBe(outcome);
});

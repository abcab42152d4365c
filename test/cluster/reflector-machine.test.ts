/** Every transition of the reflector's machine, one row each. */
import { describe, expect, test } from "vitest";
import {
  initial,
  step,
  type Phase,
  type ReflectorState,
  type WaitReason,
} from "../../src/cluster/reflector-machine.ts";
import type { Effect, Input } from "../../src/cluster/reflector-step.ts";

/** Chance always says a half; the clock says 100 s. */
const given = { now: 100_000, random: () => 0.5 };

const streaming: ReflectorState = { ...initial, phase: { at: "streaming" } };
const opened: ReflectorState = { ...streaming, since: 99_000 };
const paging: ReflectorState = { ...initial, streams: false, phase: { at: "paging", version: "", next: "" } };
const nextPage: ReflectorState = { ...paging, phase: { at: "paging", version: "7", next: "t" } };
const fresh: ReflectorState = { ...initial, synced: true, phase: { at: "watching", version: "10" }, since: 99_000 };
const healthy: ReflectorState = { ...fresh, since: 60_000 };
const reopening: ReflectorState = { ...initial, synced: true, phase: { at: "watching", version: "10" }, failures: 2 };
const resuming = (version: string | undefined): (Phase & { readonly at: "watching" }) | undefined =>
  version === undefined ? undefined : { at: "watching", version };
const waitingTo = (why: WaitReason, version?: string): ReflectorState => ({
  ...initial,
  synced: true,
  phase: { at: "waiting", why, resume: resuming(version) },
});

const refused = (status: number, reason: string, more: object = {}): Input => ({
  on: "refused",
  refused: { status, reason, message: "" },
  ...more,
});
const wait = (milliseconds: number): readonly Effect[] => [{ do: "close" }, { do: "wait", milliseconds }];
const stream: readonly Effect[] = [{ do: "begin" }, { do: "stream", timeoutSeconds: 450 }];
const relist: readonly Effect[] = [{ do: "count", what: "relist" }, ...stream];
const watchFrom = (version: string): Effect => ({ do: "watch", version, timeoutSeconds: 450 });
const watching = (version: string): Phase => ({ at: "watching", version });
const backoff = (version: string | undefined): Phase => ({ at: "waiting", why: "backoff", resume: resuming(version) });

type Row = readonly [name: string, from: ReflectorState, input: Input, to: Phase, effects: readonly Effect[]];

const rows: readonly Row[] = [
  ["stopped, start: a WatchList stream", initial, { on: "start" }, { at: "streaming" }, stream],
  [
    "stopped, start, no streams: the first page",
    { ...initial, streams: false },
    { on: "start" },
    paging.phase,
    [{ do: "begin" }, { do: "page", next: "", limit: 500 }],
  ],
  ["stopped, anything late: nothing", initial, { on: "broken", message: "" }, { at: "stopped" }, []],
  ["any, stop: closed", fresh, { on: "stop" }, { at: "stopped" }, [{ do: "close" }]],

  [
    "streaming, ADDED: staged",
    opened,
    { on: "event", type: "ADDED", version: "1" },
    { at: "streaming" },
    [{ do: "stage" }],
  ],
  [
    "streaming, MODIFIED: staged",
    opened,
    { on: "event", type: "MODIFIED", version: "2" },
    { at: "streaming" },
    [{ do: "stage" }],
  ],
  [
    "streaming, DELETED: taken out again",
    opened,
    { on: "event", type: "DELETED", version: "3" },
    { at: "streaming" },
    [{ do: "unstage" }],
  ],
  [
    "streaming, plain bookmark: nothing",
    opened,
    { on: "bookmark", version: "4", listed: false },
    { at: "streaming" },
    [],
  ],
  [
    "streaming, bookmark at the end: swapped, and goes on as the watch",
    opened,
    { on: "bookmark", version: "5", listed: true },
    watching("5"),
    [{ do: "commit" }],
  ],
  [
    "streaming, refused as unknown (400): pages",
    streaming,
    refused(400, "BadRequest"),
    paging.phase,
    [{ do: "begin" }, { do: "page", next: "", limit: 500 }],
  ],
  [
    "streaming, refused as invalid (422): pages",
    streaming,
    refused(422, "Invalid"),
    paging.phase,
    [{ do: "begin" }, { do: "page", next: "", limit: 500 }],
  ],
  ["streaming, cut: listed again later", opened, { on: "broken", message: "cut" }, backoff(undefined), wait(600)],
  ["streaming, ended early: listed again later", opened, { on: "ended" }, backoff(undefined), wait(600)],
  [
    "streaming, garbage: counted, listed again later",
    opened,
    { on: "garbage" },
    backoff(undefined),
    [{ do: "count", what: "garbage" }, ...wait(600)],
  ],
  [
    "streaming, 403: forbidden, looked at again slowly",
    streaming,
    refused(403, "Forbidden"),
    { at: "waiting", why: "forbidden", resume: undefined },
    wait(30_000),
  ],
  [
    "streaming, 404: absent, looked at again slowly",
    streaming,
    refused(404, "NotFound"),
    { at: "waiting", why: "absent", resume: undefined },
    wait(30_000),
  ],
  [
    "streaming, 405: cannot be listed",
    streaming,
    refused(405, "MethodNotAllowed"),
    { at: "waiting", why: "absent", resume: undefined },
    wait(30_000),
  ],

  ["paging, an item: staged as it comes", paging, { on: "item" }, paging.phase, [{ do: "stage" }]],
  [
    "paging, a page with more: the next one",
    paging,
    { on: "page", version: "7", next: "t" },
    { at: "paging", version: "7", next: "t" },
    [{ do: "page", next: "t", limit: 500 }],
  ],
  [
    "paging, the last page: swapped, watched from the first page's version",
    nextPage,
    { on: "page", version: "9", next: "" },
    watching("7"),
    [{ do: "commit" }, watchFrom("7")],
  ],
  ["paging, 410 on the token: again from the start", nextPage, refused(410, "Expired"), backoff(undefined), wait(600)],
  [
    "paging, 500: the same page again",
    nextPage,
    refused(500, "InternalError"),
    { at: "waiting", why: "backoff", resume: { at: "paging", version: "7", next: "t" } },
    wait(600),
  ],
  [
    "paging, 429: the same page, when it may",
    nextPage,
    refused(429, "TooManyRequests", { retryAfter: 8_000 }),
    { at: "waiting", why: "throttled", resume: { at: "paging", version: "7", next: "t" } },
    wait(9_000),
  ],
  ["paging, the first page cut: from the start", paging, { on: "broken", message: "" }, backoff(undefined), wait(600)],
  [
    "paging, garbage: what the page said is lost, so from the start",
    nextPage,
    { on: "garbage" },
    backoff(undefined),
    [{ do: "count", what: "garbage" }, ...wait(600)],
  ],

  [
    "watching, ADDED: applied, version moves on",
    fresh,
    { on: "event", type: "ADDED", version: "11" },
    watching("11"),
    [{ do: "apply" }],
  ],
  [
    "watching, MODIFIED: applied",
    fresh,
    { on: "event", type: "MODIFIED", version: "12" },
    watching("12"),
    [{ do: "apply" }],
  ],
  [
    "watching, DELETED: removed",
    fresh,
    { on: "event", type: "DELETED", version: "13" },
    watching("13"),
    [{ do: "remove" }],
  ],
  ["watching, bookmark: version moves on", fresh, { on: "bookmark", version: "14", listed: false }, watching("14"), []],
  ["watching, ended after a healthy spell: again at once", healthy, { on: "ended" }, watching("10"), [watchFrom("10")]],
  ["watching, ended at once: again after a pause", fresh, { on: "ended" }, backoff("10"), wait(600)],
  ["watching, cut: again from the last version", fresh, { on: "broken", message: "cut" }, backoff("10"), wait(600)],
  ["watching, 410 for any reason: listed", healthy, refused(410, "Other"), backoff(undefined), wait(500)],
  [
    "watching, 410 after a healthy spell: listed, spread over a second",
    healthy,
    refused(410, "Expired"),
    backoff(undefined),
    wait(500),
  ],
  [
    "watching, 410 right after opening: listed after a backoff",
    fresh,
    refused(410, "Expired"),
    backoff(undefined),
    wait(600),
  ],
  ["watching, Expired under another status: listed", healthy, refused(500, "Expired"), backoff(undefined), wait(500)],
  [
    "watching, version of the future (etcd restored): listed",
    healthy,
    refused(504, "Timeout", { tooNew: true }),
    backoff(undefined),
    wait(500),
  ],
  ["watching, ERROR 500: again from the last version", fresh, refused(500, "InternalError"), backoff("10"), wait(600)],
  ["watching, 401: again from the last version", fresh, refused(401, "Unauthorized"), backoff("10"), wait(600)],
  [
    "watching, 403: forbidden; listed once it may",
    fresh,
    refused(403, "Forbidden"),
    { at: "waiting", why: "forbidden", resume: undefined },
    wait(30_000),
  ],
  ["watching, 403 of a server just back: doubted", reopening, refused(403, "Forbidden"), backoff("10"), wait(800)],
  [
    "watching, 403 of a server just back, for the fifth time: believed",
    { ...reopening, denials: 4 },
    refused(403, "Forbidden"),
    { at: "waiting", why: "forbidden", resume: undefined },
    wait(30_000),
  ],
  [
    "watching, 404: absent; listed once it is back",
    reopening,
    refused(404, "NotFound"),
    { at: "waiting", why: "absent", resume: undefined },
    wait(30_000),
  ],
  [
    "watching, 429 with Retry-After: as long as told, and an eighth",
    reopening,
    refused(429, "TooManyRequests", { retryAfter: 8_000 }),
    { at: "waiting", why: "throttled", resume: resuming("10") },
    wait(9_000),
  ],
  [
    "watching, 429 without: a second, and an eighth",
    reopening,
    refused(429, "TooManyRequests"),
    { at: "waiting", why: "throttled", resume: resuming("10") },
    wait(1_125),
  ],
  [
    "watching, garbage: counted, listed",
    fresh,
    { on: "garbage" },
    backoff(undefined),
    [{ do: "count", what: "garbage" }, ...wait(600)],
  ],

  [
    "waiting, timer, to resume: watched",
    waitingTo("backoff", "10"),
    { on: "timer" },
    watching("10"),
    [watchFrom("10")],
  ],
  [
    "waiting, timer, in the middle of a listing: its page",
    { ...initial, phase: { at: "waiting", why: "backoff", resume: { at: "paging", version: "7", next: "t" } } },
    { on: "timer" },
    { at: "paging", version: "7", next: "t" },
    [{ do: "page", next: "t", limit: 500 }],
  ],
  ["waiting, timer, nothing to resume: a relist", waitingTo("backoff"), { on: "timer" }, { at: "streaming" }, relist],
  ["waiting, nudge: at once", waitingTo("forbidden"), { on: "nudge" }, { at: "streaming" }, relist],
  [
    "waiting because told to, nudge: goes on waiting",
    waitingTo("throttled", "10"),
    { on: "nudge" },
    waitingTo("throttled", "10").phase,
    [],
  ],
  ["watching, nudge: nothing", fresh, { on: "nudge" }, watching("10"), []],
  ["watching, start again: nothing", fresh, { on: "start" }, watching("10"), []],
];

describe("transitions", () => {
  test.each(rows.map((row) => [row[0], row] as const))("%s", (_, [, from, input, to, effects]) => {
    const result = step(from, input, given);
    expect(result.state.phase).toEqual(to);
    expect(result.effects).toEqual(effects);
  });
});

/** Steps through inputs, with the clock at the given seconds. */
function play(from: ReflectorState, inputs: readonly (readonly [seconds: number, input: Input])[]) {
  const waits: number[] = [];
  let state = from;
  for (const [seconds, input] of inputs) {
    const result = step(state, input, { now: seconds * 1_000, random: () => 0.999_999 });
    state = result.state;
    for (const effect of result.effects) if (effect.do === "wait") waits.push(Math.round(effect.milliseconds));
  }
  return { state, waits };
}

describe("patience", () => {
  const cut: Input = { on: "broken", message: "cut" };

  test("failures in a row wait longer each time, up to half a minute", () => {
    const failing = Array.from(
      { length: 8 },
      () =>
        [
          [1, cut],
          [1, { on: "timer" }],
        ] as const,
    ).flat();
    expect(play(fresh, failing).waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  test("a stream that opens and breaks at once does not make it forget", () => {
    const flapping = [
      [1, cut],
      [2, { on: "timer" }],
      [3, { on: "opened" }],
      [4, cut],
    ] as const;
    expect(play({ ...fresh, since: 0 }, flapping).waits).toEqual([800, 1_600]);
  });

  test("a healthy spell does", () => {
    const healed = [
      [1, cut],
      [2, { on: "timer" }],
      [3, { on: "opened" }],
      [34, cut],
    ] as const;
    expect(play({ ...fresh, since: 0 }, healed).waits).toEqual([800, 800]);
  });

  test("three streams cut off before their end: pages from then on", () => {
    const once = [
      [1, { on: "opened" }],
      [1, cut],
      [1, { on: "timer" }],
    ] as const;
    expect(play(streaming, [...once, ...once]).state.phase.at).toBe("streaming");
    expect(play(streaming, [...once, ...once, ...once]).state.phase.at).toBe("paging");
  });

  test("a token that goes stale twice: everything in one piece", () => {
    const once = [
      [1, refused(410, "Expired")],
      [1, { on: "timer" }],
    ] as const;
    const { state } = play(nextPage, [...once, [1, { on: "page", version: "8", next: "u" }], once[0]]);
    expect(step(state, { on: "timer" }, given).effects).toContainEqual({ do: "page", next: "", limit: 0 });
  });

  test("what was refused is known until something works", () => {
    const denied = play(streaming, [[1, refused(403, "Forbidden")]]).state;
    expect(denied.refused).toMatchObject({ status: 403 });
    const { state } = play(denied, [
      [31, { on: "timer" }],
      [31, { on: "opened" }],
      [32, { on: "bookmark", version: "1", listed: true }],
    ]);
    expect(state.refused).toBeUndefined();
    expect(state.synced).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RemediationWindow } from "../../src/model/baseline.ts";
import { windowsAt } from "../../src/verdict/windows.ts";
import { HOUR, MINUTE, daysIn, openMinutes, type Days } from "./window-oracle.ts";

const PARIS = "Europe/Paris";
const NEW_YORK = "America/New_York";
const LORD_HOWE = "Australia/Lord_Howe";

function allow(schedule: string, hours: number, timeZone = PARIS): RemediationWindow {
  return { schedule, duration: hours * HOUR, timeZone, kind: "Allow" };
}
const deny = (schedule: string, hours: number, timeZone = PARIS): RemediationWindow => ({
  ...allow(schedule, hours, timeZone),
  kind: "Deny",
});

/** `open until 05:00`, in UTC, or with the day where it is another. */
function gist(windows: readonly RemediationWindow[], at: string): string {
  const state = windowsAt(windows, Date.parse(at));
  const until = state.until === undefined ? "" : ` until ${new Date(state.until).toISOString().slice(0, 16)}`;
  return `${state.open ? "open" : "closed"}${until}`;
}

const ordinary: readonly (readonly [string, readonly RemediationWindow[], string, string])[] = [
  ["no windows", [], "2026-06-01T00:00:00Z", "open"],
  ["before an Allow", [allow("0 2 * * *", 4)], "2026-06-01T12:00:00Z", "closed until 2026-06-02T00:00"],
  ["as it opens", [allow("0 2 * * *", 4)], "2026-06-02T00:00:00Z", "open until 2026-06-02T04:00"],
  ["a moment before", [allow("0 2 * * *", 4)], "2026-06-01T23:59:59.999Z", "closed until 2026-06-02T00:00"],
  ["as it closes", [allow("0 2 * * *", 4)], "2026-06-02T04:00:00Z", "closed until 2026-06-03T00:00"],
  ["only a Deny, outside", [deny("0 9 * * MON-FRI", 8)], "2026-06-01T06:00:00Z", "open until 2026-06-01T07:00"],
  ["only a Deny, inside", [deny("0 9 * * MON-FRI", 8)], "2026-06-01T08:00:00Z", "closed until 2026-06-01T15:00"],
  [
    "Deny wins within Allow",
    [allow("0 8 * * *", 10), deny("0 12 * * *", 1)],
    "2026-06-01T10:30:00Z",
    "closed until 2026-06-01T11:00",
  ],
  [
    "Deny takes over from Allow as it ends",
    [allow("0 8 * * *", 2), deny("0 9 * * *", 3)],
    "2026-06-01T07:30:00Z",
    "closed until 2026-06-02T06:00",
  ],
  [
    "overlapping Allows are one",
    [allow("0 8 * * *", 3), allow("0 10 * * *", 4)],
    "2026-06-01T06:30:00Z",
    "open until 2026-06-01T12:00",
  ],
  [
    "one Allow begins as another ends",
    [allow("0 8 * * *", 2), allow("0 10 * * *", 2)],
    "2026-06-01T06:30:00Z",
    "open until 2026-06-01T10:00",
  ],
  ["longer than its period: never closes", [allow("0 8 * * *", 25)], "2026-06-01T06:30:00Z", "open"],
  [
    "longer than its period on working days",
    [allow("0 0 * * MON-FRI", 30)],
    "2026-06-01T06:30:00Z",
    "open until 2026-06-06T04:00",
  ],
  ["a Deny that never ends", [deny("* * * * *", 1)], "2026-06-01T06:30:00Z", "closed"],
  ["a day that comes in years", [allow("0 0 29 2 *", 1)], "2026-06-01T06:30:00Z", "closed until 2028-02-28T23:00"],
  ["a day that never comes", [allow("0 0 30 2 *", 1)], "2026-06-01T06:30:00Z", "closed"],
  ["the last Friday", [allow("0 0 * * FRI#L", 1)], "2026-06-01T06:30:00Z", "closed until 2026-06-25T22:00"],
  [
    "day of month or weekday, as cron has it",
    [allow("0 0 13 * FRI", 1)],
    "2026-06-06T06:30:00Z",
    "closed until 2026-06-11T22:00",
  ],
  [
    "another time zone",
    [allow("0 2 * * *", 4, "Asia/Kolkata")],
    "2026-06-01T12:00:00Z",
    "closed until 2026-06-01T20:30",
  ],
];

/** Both change days of three places: Paris and New York move by an hour, Lord Howe by half an hour. */
const changeDays: readonly (readonly [string, readonly RemediationWindow[], string, string])[] = [
  // Paris: 29 March 2026, 02:00 → 03:00 at 01:00Z
  [
    "Paris, skipped: starts after the gap",
    [allow("30 2 * * *", 4)],
    "2026-03-29T00:30:00Z",
    "closed until 2026-03-29T01:00",
  ],
  [
    "Paris, skipped: lasts as long as ever",
    [allow("30 2 * * *", 4)],
    "2026-03-29T01:00:00Z",
    "open until 2026-03-29T05:00",
  ],
  [
    "Paris, skipped: a day later as written",
    [allow("30 2 * * *", 4)],
    "2026-03-29T12:00:00Z",
    "closed until 2026-03-30T00:30",
  ],
  [
    "Paris, skipped: one of several hours",
    [deny("0 2,14 * * *", 1)],
    "2026-03-29T00:30:00Z",
    "open until 2026-03-29T01:00",
  ],
  ["Paris, across the gap", [allow("0 1 * * *", 2)], "2026-03-29T00:30:00Z", "open until 2026-03-29T02:00"],
  [
    "Paris, a step within the gap is left out",
    [allow("*/30 2 * * *", 0.25)],
    "2026-03-29T00:30:00Z",
    "closed until 2026-03-30T00:00",
  ],
  // 25 October 2026, 03:00 → 02:00 at 01:00Z
  ["Paris, doubled: starts once", [allow("30 2 * * *", 0.5)], "2026-10-25T00:30:00Z", "open until 2026-10-25T01:00"],
  ["Paris, doubled: not again", [allow("30 2 * * *", 0.5)], "2026-10-25T01:00:00Z", "closed until 2026-10-26T01:30"],
  [
    "Paris, doubled: a step starts in both",
    [allow("*/30 2 * * *", 0.25)],
    "2026-10-25T00:45:00Z",
    "closed until 2026-10-25T01:00",
  ],
  ["Paris, across the doubled hour", [deny("0 1 * * *", 4)], "2026-10-25T00:30:00Z", "closed until 2026-10-25T03:00"],
  // New York: 8 March 2026, 02:00 → 03:00 at 07:00Z
  ["New York, skipped", [allow("15 2 * * *", 1, NEW_YORK)], "2026-03-08T06:00:00Z", "closed until 2026-03-08T07:00"],
  [
    "New York, across the gap",
    [allow("0 0 * * *", 4, NEW_YORK)],
    "2026-03-08T06:00:00Z",
    "open until 2026-03-08T09:00",
  ],
  // 1 November 2026, 02:00 → 01:00 at 06:00Z
  [
    "New York, doubled: starts once",
    [allow("15 1 * * *", 0.5, NEW_YORK)],
    "2026-11-01T05:20:00Z",
    "open until 2026-11-01T05:45",
  ],
  [
    "New York, doubled: not again",
    [allow("15 1 * * *", 0.5, NEW_YORK)],
    "2026-11-01T06:20:00Z",
    "closed until 2026-11-02T06:15",
  ],
  // Lord Howe: 4 October 2026, 02:00 → 02:30 at 15:30Z the day before
  ["Lord Howe, skipped", [allow("15 2 * * *", 1, LORD_HOWE)], "2026-10-03T15:00:00Z", "closed until 2026-10-03T15:30"],
  [
    "Lord Howe, skipped: and a day later",
    [allow("15 2 * * *", 1, LORD_HOWE)],
    "2026-10-03T17:00:00Z",
    "closed until 2026-10-04T15:15",
  ],
  // 5 April 2026, 02:00 → 01:30 at 15:00Z the day before
  [
    "Lord Howe, doubled: starts once",
    [allow("45 1 * * *", 0.5, LORD_HOWE)],
    "2026-04-04T14:50:00Z",
    "open until 2026-04-04T15:15",
  ],
  [
    "Lord Howe, doubled: not again",
    [allow("45 1 * * *", 0.5, LORD_HOWE)],
    "2026-04-04T15:20:00Z",
    "closed until 2026-04-05T15:15",
  ],
];

describe("windows", () => {
  test.each(ordinary)("%s", (_, windows, at, expected) => {
    expect(gist(windows, at)).toBe(expected);
  });
});

describe("windows on the days the clocks change", () => {
  test.each(changeDays)("%s", (_, windows, at, expected) => {
    expect(gist(windows, at)).toBe(expected);
  });
});

describe("what cannot be read closes, and says so", () => {
  const unreadable: readonly (readonly [string, RemediationWindow, RegExp])[] = [
    ["a minute that is none", allow("61 2 * * *", 1), /`61 2 \* \* \*` \(Europe\/Paris\).*no such schedule/],
    ["six fields", allow("0 0 2 * * *", 1), /five fields/],
    ["a nickname", allow("@daily", 1), /five fields/],
    ["a date", allow("2026-01-01T00:00:00Z", 1), /five fields/],
    ["nothing", allow("", 1), /five fields/],
    ["a zone that is none", allow("0 2 * * *", 1, "Mars/Phobos"), /no such time zone/],
    ["no zone", allow("0 2 * * *", 1, ""), /no time zone/],
  ];
  test.each(unreadable)("%s", (_, window, message) => {
    const state = windowsAt([allow("* * * * *", 1), window], Date.parse("2026-06-01T00:00:00Z"));
    expect(state).toEqual({ open: false, message: expect.stringMatching(message) });
  });
  test("a Deny that cannot be read closes too", () => {
    expect(gist([deny("0 2 * * *", 1, "Mars/Phobos")], "2026-06-01T12:00:00Z")).toBe("closed");
  });
});

test("a message names the window and its next start", () => {
  const at = (windows: readonly RemediationWindow[]) => windowsAt(windows, Date.parse("2026-06-01T08:00:00Z"));
  expect(at([allow("0 2 * * *", 4)])).toMatchObject({
    message: "outside every Allow window: healing is allowed again at 2026-06-02T00:00:00Z",
  });
  expect(at([deny("0 9 * * *", 4)])).toMatchObject({
    message: "within the Deny window `0 9 * * *` (Europe/Paris): healing is allowed again at 2026-06-01T11:00:00Z",
  });
});

test("what takes over while it stays closed is named from then on", () => {
  const windows = [allow("0 8 * * *", 2), deny("0 9 * * *", 3)];
  const at = (time: string) => windowsAt(windows, Date.parse(time));
  expect(at("2026-06-01T09:59:00Z")).toMatchObject({ message: expect.stringContaining("within the Deny window") });
  expect(at("2026-06-01T10:00:00Z")).toMatchObject({ message: expect.stringContaining("outside every Allow window") });
  // And clocks that go back are no surprise.
  expect(at("2026-06-01T09:59:00Z")).toMatchObject({ message: expect.stringContaining("within the Deny window") });
});

const DAY = 24 * HOUR;
const changes = [
  [PARIS, "2026-03-29T01:00:00Z"],
  [PARIS, "2026-10-25T01:00:00Z"],
  [NEW_YORK, "2026-03-08T07:00:00Z"],
  [NEW_YORK, "2026-11-01T06:00:00Z"],
  [LORD_HOWE, "2026-10-03T15:30:00Z"],
  [LORD_HOWE, "2026-04-04T15:00:00Z"],
].map(([timeZone = "", text = ""]) => {
  const change = Date.parse(text);
  return { timeZone, change, days: daysIn(timeZone, change - 4 * DAY, change + 4 * DAY) };
});

const oneOf = (least: number, most: number): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 }).map((list) => list.join(","));
/** Mostly near the hours that clocks skip and repeat. */
const schedule = fc
  .tuple(
    fc.oneof(oneOf(0, 59), fc.constantFrom("0", "15", "30", "45", "*", "*/20", "10-40/10")),
    fc.oneof(oneOf(0, 4), oneOf(0, 23), fc.constantFrom("*", "*/2", "1-3", "2")),
    fc.constantFrom("* * *", "* * 0", "* * 1-6", "* * 0,6", "1-15 * *", "* 3,4,10,11 *"),
  )
  .map((fields) => fields.join(" "));
const minutes = fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 1_800 }));

const endOf = ({ from, minutes: known }: Days): number => from + known.length * MINUTE;

test("every answer, and the moment it changes, is what a look at every minute says", () => {
  const kind = fc.constantFrom("Allow" as const, "Deny" as const);
  const windows = fc.array(fc.record({ schedule, minutes, kind }), { minLength: 1, maxLength: 3 });
  const around = fc.integer({ min: -2 * 24 * 60, max: 24 * 60 });
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      windows,
      around,
      fc.constantFrom(0, 1, 30_500),
      (place, found, off, ms) => {
        const { timeZone, change, days } = place;
        const asked = found.map((one) => ({ ...one, timeZone, duration: one.minutes * MINUTE }));
        const open = openMinutes(asked, days);
        const minute = (change - days.from) / MINUTE + off;
        const state = windowsAt(asked, days.from + minute * MINUTE + ms);
        expect(state.open).toBe(open[minute]);
        const next = open.findIndex((one, index) => index > minute && one !== state.open);
        const until = next < 0 ? endOf(days) : days.from + next * MINUTE;
        // Only what begins again and again before it ends may go unforetold, and not within its first 40 times.
        if (state.until === undefined) expect(until - days.from - minute * MINUTE).toBeGreaterThan(40 * MINUTE);
        else expect(Math.min(state.until, endOf(days))).toBe(until);
      },
    ),
    { numRuns: 80 },
  );
});

test("`until` is when it changes, and not before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ schedule, minutes, deny: fc.boolean() }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(PARIS, NEW_YORK, LORD_HOWE, "UTC", "Asia/Kolkata"),
      fc.integer({ min: Date.parse("2026-01-01T00:00:00Z"), max: Date.parse("2027-01-01T00:00:00Z") }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (found, timeZone, now, share) => {
        // A new list for each question: nothing is remembered of the one before.
        const at = (time: number) =>
          windowsAt(
            found.map((one) => ({
              schedule: one.schedule,
              duration: one.minutes * MINUTE,
              timeZone,
              kind: one.deny ? "Deny" : "Allow",
            })),
            time,
          );
        const state = at(now);
        if (state.until === undefined) return;
        expect(state.until).toBeGreaterThan(now);
        expect(at(state.until).open).toBe(!state.open);
        expect(at(state.until - 1).open).toBe(state.open);
        const between = at(now + Math.floor(share * (state.until - 1 - now)));
        expect([between.open, between.until]).toEqual([state.open, state.until]);
      },
    ),
    { numRuns: 60 },
  );
});

test("asked again of the same list, at any time, it says the same as asked once", () => {
  const windows = [allow("0 1-5 * * *", 0.5), deny("30 3 * * *", 2), allow("*/20 12 * * *", 0.2)];
  const time = fc.integer({ min: Date.parse("2026-03-27T00:00:00Z"), max: Date.parse("2026-03-31T00:00:00Z") });
  fc.assert(
    fc.property(time, (now) => {
      expect(windowsAt(windows, now)).toEqual(windowsAt([...windows], now));
    }),
  );
});

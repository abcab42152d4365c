/**
 * When a schedule starts, found by looking at every minute of a few days on the clock of a place: slow, and with
 * nothing in common with the library that windows are read with, except what cron means.
 */
import type { RemediationWindow } from "../../src/model/baseline.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

interface Local {
  /** Local time as if it were UTC: for order and for finding gaps. */
  readonly wall: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Every minute from `from` on, as clocks there show it. */
export interface Days {
  readonly from: number;
  readonly minutes: readonly Local[];
}

export function daysIn(timeZone: string, from: number, to: number): Days {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const minutes: Local[] = [];
  for (let at = from; at < to; at += MINUTE) {
    const read = new Map(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = ["year", "month", "day", "hour", "minute"].map(
      (type) => read.get(type as Intl.DateTimeFormatPartTypes) ?? 0,
    );
    const wall = Date.UTC(year, month - 1, day, hour, minute);
    minutes.push({ wall, minute, hour, day, month, weekday: new Date(wall).getUTCDay() });
  }
  return { from, minutes };
}

/** The numbers a field names: `*`, `1`, `1,3`, `1-4`, steps. */
function numbers(field: string, least: number, most: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [low = "", high = low] = range === "*" ? [String(least), String(most)] : range.split("-");
    for (let one = Number(low); one <= Number(high); one += Number(step)) found.add(one);
  }
  return found;
}

/** Moments at which it starts. Days by number and by weekday are never both restricted here. */
export function startsOf(schedule: string, { from, minutes }: Days): readonly number[] {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = schedule.split(" ");
  const named = {
    minute: numbers(minute, 0, 59),
    hour: numbers(hour, 0, 23),
    day: numbers(day, 1, 31),
    month: numbers(month, 1, 12),
    weekday: numbers(weekday, 0, 6),
  };
  const onDay = (local: Local): boolean =>
    named.day.has(local.day) && named.month.has(local.month) && named.weekday.has(local.weekday);
  const follows = /[*/]/.test(`${minute} ${hour}`);
  const seen = new Set<number>();
  const starts = new Set<number>();
  minutes.forEach((local, index) => {
    const at = from + index * MINUTE;
    const matches = onDay(local) && named.minute.has(local.minute) && named.hour.has(local.hour);
    if (matches && (follows || !seen.has(local.wall))) starts.add(at);
    seen.add(local.wall);
    const before = minutes[index - 1];
    if (follows || before === undefined) return;
    // What the clocks skipped, minute by minute, starts now.
    for (let wall = before.wall + MINUTE; wall < local.wall; wall += MINUTE) {
      const skipped = new Date(wall);
      if (named.minute.has(skipped.getUTCMinutes()) && named.hour.has(skipped.getUTCHours()) && onDay(local))
        starts.add(at);
    }
  });
  return [...starts];
}

/** Whether healing is allowed, for each minute of these days. */
export function openMinutes(windows: readonly RemediationWindow[], days: Days): readonly boolean[] {
  const covered = windows.map(({ schedule, duration }) => {
    const minutes = new Uint8Array(days.minutes.length);
    for (const start of startsOf(schedule, days))
      minutes.fill(1, (start - days.from) / MINUTE, (start + duration - days.from) / MINUTE);
    return minutes;
  });
  const onlyDenies = windows.every(({ kind }) => kind === "Deny");
  return days.minutes.map((_, minute) => {
    const active = windows.filter((_window, index) => covered[index]?.[minute] === 1);
    return !active.some(({ kind }) => kind === "Deny") && (active.length > 0 || onlyDenies);
  });
}

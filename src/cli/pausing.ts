/** Until when a person wants a pause, and who else has set one. Pure: `now` is passed in. */
import { annotations, commandFieldManager } from "../model/annotations.ts";
import { parseDuration } from "../model/duration.ts";
import { getIn, getString, isArray, type Json } from "../model/json.ts";
import { CliError } from "./cli-error.ts";
import { parseTime } from "../model/time.ts";

const DAY = 86_400_000;
/** A pause for longer is one that somebody forgets: whoever means it says the day. */
export const LONGEST = 30 * DAY;

export interface PauseFlags {
  readonly for?: string;
  readonly until?: string;
}

/** Milliseconds since the epoch, whole seconds. @throws CliError where no time in the future is said */
export function pauseEnd({ for: duration, until }: PauseFlags, now: number): number {
  if ((duration === undefined) === (until === undefined))
    throw new CliError("a pause ends: give one of --for 2h and --until 2026-12-31T18:00:00Z");
  if (until !== undefined) {
    const time = parseTime(until);
    if (time === undefined)
      throw new CliError(`--until ${until}: a time such as 2026-12-31T18:00:00Z is needed (RFC 3339)`);
    if (time <= now) throw new CliError(`--until ${until}: that time has passed`);
    return time;
  }
  const length = parseDuration(duration ?? "");
  if (length === undefined || length <= 0)
    throw new CliError(`--for ${duration ?? ""}: a duration such as 30m, 2h or 1h30m is needed`);
  if (length > LONGEST)
    throw new CliError(
      `--for ${duration ?? ""}: longer than 30 days (720h); give --until, with the day on which it ends`,
    );
  return Math.ceil((now + length) / 1_000) * 1_000;
}

/** `2026-12-31T18:00:00Z` */
export const formatTime = (at: number): string => new Date(at).toISOString().replace(/\.000Z$/, "Z");

/** `1h 5m`, `3d 2h`: the two largest units, whole seconds rounded up to minutes. */
export function formatSpan(milliseconds: number): string {
  // What ends is rounded up to a second already, so that an hour would be a minute more.
  const minutes = Math.max(1, Math.ceil(Math.floor(milliseconds / 1_000) / 60));
  const parts = [
    [Math.floor(minutes / 1_440), "d"],
    [Math.floor((minutes % 1_440) / 60), "h"],
    [minutes % 60, "m"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return said.slice(0, 2).join(" ");
}

/** Field managers beside ours that set the pause: theirs comes back with their next apply. */
export function othersWhoPause(object: Json): readonly string[] {
  const entries = getIn(object, "metadata", "managedFields");
  const holds = (fields: Json | undefined): boolean =>
    getIn(fields, "f:metadata", "f:annotations", `f:${annotations.pauseUntil}`) !== undefined;
  const managers = (isArray(entries) ? entries : [])
    .filter((entry) => holds(getIn(entry, "fieldsV1")))
    .map((entry) => getString(entry, "manager") ?? "");
  return [...new Set(managers)].filter((manager) => manager !== commandFieldManager && manager !== "");
}

/** Times that a person types: what no calendar has is refused, and not taken for the day that would follow. */
import { parseTime } from "../model/time.ts";

/** RFC 3339 to milliseconds since the epoch; undefined where it is none, such as the 30th of February. */
export function readTime(text: string): number | undefined {
  const said = text.slice(0, 19).toUpperCase();
  const wall = parseTime(`${said}Z`);
  if (wall === undefined || new Date(wall).toISOString().slice(0, 19) !== said) return undefined;
  return parseTime(text);
}

/** Times as people and servers write them. */

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Whether there is such a day and hour: `Date` takes the 30th of February for the 2nd of March. */
function exists(wall: string): boolean {
  const at = Date.parse(`${wall}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(wall);
}

/** RFC 3339 to milliseconds since the epoch; undefined where it is none, or names a moment that no calendar has. */
export function parseTime(text: string): number | undefined {
  if (!RFC3339.test(text) || !exists(text.slice(0, 19).toUpperCase())) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

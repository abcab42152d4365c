/** What the headers of an answer say, and why there was none, as values. Pure; whatever a server sends, never throws. */

/** `120` or an HTTP date, in milliseconds from now. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** `299 - "text"` → `text`. */
export function parseWarnings(value: string | readonly string[] | undefined): readonly string[] {
  const found = [value ?? []].flat().flatMap((line) => [...line.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)]);
  return found.map((match) => (match[1] ?? "").replaceAll(/\\(.)/g, "$1"));
}

export function firstOf(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

/** One sentence, with the error's code. */
export function describeFailure(error: unknown): string {
  const cause = causeOf(error);
  if (!(cause instanceof Error)) return "the request failed";
  const code = "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
  return `${cause.message.split("\n")[0]?.slice(0, 200) ?? ""}${code}`;
}

/** Whether the two sides did not accept each other's certificates: what is on disk now may be others. */
export function isCertificateFailure(error: unknown): boolean {
  const cause = causeOf(error);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SIGNATURE|ISSUER|^ERR_TLS_|^ERR_SSL_/.test(code);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

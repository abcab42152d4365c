/**
 * Plumbline's annotations on an object, read once: what each says, in its safest reading where it says nothing that
 * can be understood, and a problem for each that can't. Who may set which where is drift semantics, section 7.
 */
import { parsePath, splitPaths, type PathPattern } from "../compare/selector.ts";
import { annotations } from "../model/annotations.ts";
import type { Problem } from "../model/problem.ts";
import { parseTime } from "../model/time.ts";
import { severities, type Severity } from "../model/verdict.ts";

export type Marks = Readonly<Record<string, string>>;

export interface GitSwitches {
  readonly excluded: boolean;
  readonly ignore: readonly PathPattern[];
  readonly severity?: Severity;
  readonly problems: readonly Problem[];
}

export interface WriteSwitches {
  /** Undefined where the annotation is not there; a value that is neither reads as `disabled`. */
  readonly remediate?: "enabled" | "disabled";
  /** Milliseconds since the epoch; Infinity where the time cannot be read: rather no write than a wrong one. */
  readonly pauseUntil?: number;
  readonly pauseReason?: string;
  /** A value that cannot be read is `disabled` too. */
  readonly prune?: "disabled";
  readonly problems: readonly Problem[];
}

const read = (marks: Marks, name: string): string | undefined =>
  Object.hasOwn(marks, name) ? marks[name]?.trim() : undefined;

function invalid(name: string, value: string, where: string, message: string): Problem {
  const shown = JSON.stringify(value.slice(0, 60));
  return { code: "invalid-annotation", message: `${name}: ${shown} ${where} ${message}` };
}

/** What counts only in Git. A switch that can't be read switches nothing off. */
export function readGitSwitches(marks: Marks): GitSwitches {
  const problems: Problem[] = [];
  const detect = read(marks, annotations.detect);
  if (detect !== undefined && detect !== "disabled" && detect !== "enabled")
    problems.push(invalid(annotations.detect, detect, "in Git", "is not `disabled`: the object stays in detection"));
  const ignore: PathPattern[] = [];
  for (const text of splitPaths(read(marks, annotations.ignore) ?? "")) {
    const parsed = parsePath(text);
    if (parsed.ok) ignore.push(parsed.value);
    else problems.push(invalid(annotations.ignore, text, "in Git", `is not used: ${parsed.message}`));
  }
  const severity = read(marks, annotations.severity);
  const known = severities.find((one) => one === severity);
  if (severity !== undefined && known === undefined)
    problems.push(invalid(annotations.severity, severity, "in Git", `is none of ${severities.join(", ")}`));
  return { excluded: detect === "disabled", ignore, ...(known === undefined ? {} : { severity: known }), problems };
}

/** What steers writing, from one place (`in Git`, `on the live object`, `on the namespace`). */
export function readWriteSwitches(marks: Marks, where: string): WriteSwitches {
  const problems: Problem[] = [];
  const said = read(marks, annotations.remediate);
  const remediate = said === undefined ? undefined : said === "enabled" ? "enabled" : "disabled";
  if (said !== undefined && said !== remediate)
    problems.push(
      invalid(annotations.remediate, said, where, "is neither `enabled` nor `disabled`: it is read as `disabled`"),
    );
  const pause = read(marks, annotations.pauseUntil);
  const until = pause === undefined ? undefined : parseTime(pause);
  if (pause !== undefined && until === undefined)
    problems.push(
      invalid(annotations.pauseUntil, pause, where, "is no RFC 3339 time: writing stops until it is put right"),
    );
  const reason = read(marks, annotations.pauseReason);
  const prune = read(marks, annotations.prune);
  if (prune !== undefined && prune !== "disabled" && prune !== "enabled")
    problems.push(invalid(annotations.prune, prune, where, "is not `disabled`: it is read so, and nothing deletes it"));
  return {
    ...(remediate === undefined ? {} : { remediate }),
    ...(pause === undefined ? {} : { pauseUntil: until ?? Number.POSITIVE_INFINITY }),
    ...(reason === undefined ? {} : { pauseReason: reason }),
    ...(prune === undefined || prune === "enabled" ? {} : { prune: "disabled" as const }),
    problems,
  };
}

/** Annotations of a live object that Git does not have with the same value: what Git has too says nothing more. */
export function liveOnly(live: Marks, git: Marks): Marks {
  return Object.fromEntries(Object.entries(live).filter(([name, value]) => git[name] !== value));
}

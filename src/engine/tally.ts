/**
 * What a Baseline's judgements add up to, kept as they come and go: nobody walks over fifty thousand of them to answer
 * a scrape. Counts what it is told, each object once; who tells it an object's judgement tells it when that goes.
 */
import type { HealthState } from "../model/live.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import {
  isStanding,
  isStray,
  severities,
  verdictKinds,
  type Judgement,
  type Severity,
  type VerdictKind,
} from "../model/verdict.ts";

/** Warnings about the Baseline's own rules and about ignores: whoever reads its status wrote them, or can ask who did. */
const OF_RULES: ReadonlySet<ProblemCode> = new Set(["broad-ignore", "expired-rule", "invalid-baseline"]);
const healthStates: readonly HealthState[] = ["healthy", "progressing", "degraded", "suspended", "unknown"];

const zeros = <Key extends string>(keys: readonly Key[]): Record<Key, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;

interface Warned {
  readonly warning: Problem;
  objects: number;
}

export class Tally {
  readonly counts: Record<VerdictKind, number> = zeros(verdictKinds);
  readonly health: Record<HealthState, number> = zeros(healthStates);
  readonly suppressed = new Map<string, number>();
  readonly #standing: Record<Severity, number> = zeros(severities);
  readonly #warnings = new Map<string, Warned>();
  secretsNotGranted = 0;
  /** Live, and Git never declared them. */
  strays = 0;

  /** An object is considered; undefined: not judged yet, which is not known. */
  add(judgement: Judgement | undefined): void {
    this.#count(judgement, 1);
    for (const warning of judgement?.warnings ?? []) this.#warn(warning);
  }

  remove(judgement: Judgement | undefined): void {
    this.#count(judgement, -1);
    for (const warning of judgement?.warnings ?? []) this.#unwarn(warning);
  }

  /** The worst of what stands; undefined where nothing does. */
  get severity(): Severity | undefined {
    return severities.find((severity) => this.#standing[severity] > 0);
  }

  /** So many at most, each once. */
  warnings(cap: number): readonly Problem[] {
    const found: Problem[] = [];
    for (const { warning } of this.#warnings.values()) {
      if (found.length >= cap) break;
      found.push(warning);
    }
    return found;
  }

  #count(judgement: Judgement | undefined, by: 1 | -1): void {
    const verdict = judgement?.verdict;
    this.counts[verdict?.kind ?? "unknown"] += by;
    if (verdict?.kind === "unknown" && verdict.problem.code === "secrets-not-granted") this.secretsNotGranted += by;
    if (verdict?.kind === "unmanaged" && isStray(verdict)) this.strays += by;
    if (verdict !== undefined && isStanding(verdict)) this.#standing[verdict.severity] += by;
    if (judgement?.health !== undefined) this.health[judgement.health.state] += by;
    for (const { rule } of judgement?.suppressed ?? []) {
      const count = (this.suppressed.get(rule) ?? 0) + by;
      if (count === 0) this.suppressed.delete(rule);
      else this.suppressed.set(rule, count);
    }
  }

  #warn(warning: Problem): void {
    const key = keyOf(warning);
    const known = key === undefined ? undefined : this.#warnings.get(key);
    if (known !== undefined) known.objects += 1;
    else if (key !== undefined) this.#warnings.set(key, { warning: forStatus(warning), objects: 1 });
  }

  #unwarn(warning: Problem): void {
    const key = keyOf(warning);
    const known = key === undefined ? undefined : this.#warnings.get(key);
    if (key === undefined || known === undefined) return;
    known.objects -= 1;
    if (known.objects === 0) this.#warnings.delete(key);
  }
}

/** Whether two judgements on one object are summed up alike. */
export function addsUpAlike(one: Judgement, other: Judgement): boolean {
  const { verdict: before, warnings } = one;
  const { verdict: after } = other;
  return (
    before.kind === after.kind &&
    severityOf(one) === severityOf(other) &&
    isStray(before) === isStray(after) &&
    codeOf(one) === codeOf(other) &&
    one.health?.state === other.health?.state &&
    one.suppressed.length === other.suppressed.length &&
    one.suppressed.every(({ rule }, at) => rule === other.suppressed[at]?.rule) &&
    warnings.length === other.warnings.length &&
    warnings.every(({ code, message }, at) => {
      const now = other.warnings[at];
      return now !== undefined && code === now.code && message === now.message;
    })
  );
}

const severityOf = ({ verdict }: Judgement): Severity | undefined =>
  isStanding(verdict) ? verdict.severity : undefined;
const codeOf = ({ verdict }: Judgement): ProblemCode | undefined =>
  verdict.kind === "unknown" ? verdict.problem.code : undefined;

/** A rule that is not used is one thing to put right, however many objects it concerns. Undefined: not for a status. */
function keyOf(warning: Problem): string | undefined {
  if (!OF_RULES.has(warning.code)) return undefined;
  return warning.code === "broad-ignore" ? `${warning.object} ${warning.message}` : warning.message;
}

function forStatus(warning: Problem): Problem {
  if (warning.code === "broad-ignore") return warning;
  const { object: _object, ...rule } = warning;
  return rule;
}

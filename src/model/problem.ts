/**
 * Expected failures as data: a closed code, a sentence for a person, and where it is. A problem never holds a
 * credential or a Secret's value.
 */

export type ProblemCode =
  // the source
  | "source-url-refused"
  | "source-ref-refused"
  | "source-ref-not-found"
  | "source-auth-failed"
  | "source-unreachable"
  | "source-empty"
  | "source-path-not-found"
  | "source-path-refused"
  | "source-secret-missing"
  | "source-secret-invalid"
  | "source-too-large"
  | "source-timeout"
  // rendering
  | "yaml-syntax"
  | "yaml-duplicate-key"
  | "yaml-alias-budget"
  | "yaml-too-large"
  | "not-an-object"
  | "no-kind"
  | "no-name"
  | "generate-name"
  | "invalid-name"
  | "duplicate-id"
  | "duplicate-list-key"
  | "unknown-field"
  | "kustomize-failed"
  | "kustomize-remote-refused"
  | "kustomize-plugin-refused"
  | "render-failed"
  | "render-unsupported"
  // the cluster
  | "not-synced"
  | "forbidden"
  | "secrets-not-granted"
  | "kind-not-served"
  | "version-not-served"
  | "schema-failed"
  | "not-calibrated"
  | "cluster-unreachable"
  // settings
  | "invalid-annotation"
  | "invalid-baseline"
  | "outside-tenancy"
  | "expired-rule"
  | "broad-ignore"
  // ourselves
  | "internal-error";

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence, no line breaks, no values of Secrets, no credentials. */
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** `Deployment shop/web`, where it is known. */
  readonly object?: string;
  /** RFC 6901 into the object as Git has it, where one field of it is meant. */
  readonly pointer?: string;
}

/** `shop/bad.yaml:7: Deployment shop/web: message`. */
export function formatProblem(problem: Problem): string {
  const place =
    problem.file === undefined ? "" : `${problem.file}${problem.line === undefined ? "" : `:${problem.line}`}: `;
  const object = problem.object === undefined ? "" : `${problem.object}: `;
  return `${place}${object}${problem.message}`;
}

/** What was thrown, in its own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For what nobody expected: with where it was thrown. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

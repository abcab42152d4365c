/**
 * What the API server's answer to a heal means. Pure. The server's sentence may quote values: for a Secret, or where
 * a change is sensitive, it is not repeated.
 */
import type { ApiAnswer } from "../model/api.ts";
import { getString } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import type { ResourceId } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";
import type { RemediationResult } from "./ports.ts";

export interface HealResult {
  readonly result: RemediationResult;
  /** One sentence, safe to show; "" where there is nothing to say. */
  readonly message: string;
  /** For `denied` by RBAC: what is missing, `patch deployments.apps in shop`. */
  readonly missing?: string;
  /** The version the object has after the write. */
  readonly resourceVersion?: string;
}

// What authorisation says: `deployments.apps "web" is forbidden: User "…" cannot patch resource "deployments" in API
// group "apps" in the namespace "shop"`.
const FORBIDDEN = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/;

/** The verb we lack; undefined where the refusal is not one of authorisation (an admission plugin's, for example). */
export function missingPermission(message: string): string | undefined {
  const match = FORBIDDEN.exec(message);
  if (match === null) return undefined;
  const [, verb = "", resource = "", group = "", namespace] = match;
  const place = namespace === undefined ? "" : ` in ${namespace}`;
  return printableLine(`${verb} ${group === "" ? resource : `${resource}.${group}`}${place}`, 300);
}

export function isSensitive(id: ResourceId, verdict: Verdict): boolean {
  const secret = id.group === "" && id.kind === "Secret";
  return secret || (verdict.kind === "drifted" && verdict.changes.some((change) => change.sensitive));
}

function sentence(answer: ApiAnswer & { readonly ok: false }, sensitive: boolean): string {
  const plain = `the API server answered ${answer.status} ${answer.reason}`;
  const silent = sensitive || answer.message === "";
  return silent ? plain : printableLine(`${plain}: ${answer.message}`, 500);
}

export function resultOf(answer: ApiAnswer, plan: HealPlan, sensitive: boolean): HealResult {
  if (answer.ok) {
    const resourceVersion = getString(answer.body, "metadata", "resourceVersion") ?? "";
    const unchanged = plan.kind === "patch" && resourceVersion === plan.resourceVersion;
    const message = unchanged ? "the write changed nothing" : "";
    return { result: unchanged ? "noop" : "applied", message, resourceVersion };
  }
  if (answer.status === 409) {
    return { result: "conflict", message: "the object moved in the meantime; it is judged again" };
  }
  if (answer.status === 403) {
    const missing = missingPermission(answer.message);
    const message = missing === undefined ? sentence(answer, sensitive) : `not permitted: ${missing}`;
    return { result: "denied", message, ...(missing === undefined ? {} : { missing }) };
  }
  return { result: "failed", message: sentence(answer, sensitive) };
}

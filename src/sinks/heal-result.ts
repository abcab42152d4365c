/**
 * What the API server's answer to a heal means. Pure. The server's sentence may quote values: for a Secret, or where
 * a change is sensitive, it is not repeated.
 */
import type { ApiAnswer, ApiRefusal } from "../model/api.ts";
import type { Baseline } from "../model/baseline.ts";
import { getString } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { describeFields, describeRefusal } from "../model/refusal.ts";
import type { ResourceId } from "../model/resource.ts";
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
// group "apps" in the namespace "shop"`; newer ones say `impersonate-on:serviceaccount:patch` of what they may not act as.
const FORBIDDEN = /cannot ([\w:-]+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/;

// As a dry run of ours words it.
const REHEARSED = /^making it anew: not permitted: (.+)$/;

/** The verb we lack; undefined where the refusal is not one of authorisation (an admission plugin's, for example). */
export function missingPermission(message: string): string | undefined {
  const match = FORBIDDEN.exec(message);
  if (match === null) return REHEARSED.exec(message)?.[1];
  const [, verb = "", resource = "", group = "", namespace] = match;
  const place = namespace === undefined ? "" : ` in ${namespace}`;
  return printableLine(`${verb} ${group === "" ? resource : `${resource}.${group}`}${place}`, 300);
}

/** Whether the server's words may quote what is never shown: of a Secret, and wherever a Baseline hides paths at all. */
export function isSensitive(id: ResourceId, { compare }: Pick<Baseline, "compare">): boolean {
  return (id.group === "" && id.kind === "Secret") || compare.sensitive.length > 0;
}

function sentence(answer: ApiRefusal, sensitive: boolean): string {
  const plain = describeRefusal(answer);
  const silent = sensitive || answer.message === "";
  return printableLine(silent ? `${plain}${describeFields(answer)}` : `${plain}: ${answer.message}`, 500);
}

/** A webhook chooses its own status; these words are the API server's. */
const ADMISSION =
  /admission webhook "[^"]+" denied the request|(?:Validating|Mutating)AdmissionPolicy '[^']+'.* denied/;

/** Validation or admission will not have it, whoever asks. */
const isDenied = ({ status, message }: ApiRefusal): boolean =>
  status === 403 || status === 422 || ADMISSION.test(message);

/** Somebody else was there first: what was planned is not for what is there now. */
const isOvertaken = ({ status, details }: ApiRefusal, plan: HealPlan): boolean =>
  status === 409 || (status === 404 && plan.kind !== "create" && getString(details, "name") !== undefined);

/** @param putBack what admission changed back within the write, as one sentence */
export function resultOf(answer: ApiAnswer, plan: HealPlan, sensitive: boolean, putBack = ""): HealResult {
  if (answer.ok) {
    const resourceVersion = getString(answer.body, "metadata", "resourceVersion") ?? "";
    const unchanged = plan.kind === "patch" && resourceVersion === plan.resourceVersion;
    if (!unchanged && putBack === "") return { result: "applied", message: "", resourceVersion };
    const message = unchanged && putBack === "" ? "the write changed nothing" : putBack;
    return { result: "noop", message, resourceVersion };
  }
  if (isOvertaken(answer, plan)) {
    return { result: "conflict", message: "the object moved in the meantime; it is judged again" };
  }
  const missing = answer.status === 403 ? missingPermission(answer.message) : undefined;
  if (missing !== undefined) return { result: "denied", message: `not permitted: ${missing}`, missing };
  return { result: isDenied(answer) ? "denied" : "failed", message: sentence(answer, sensitive) };
}

/**
 * Asks the API server what it would make of a declared object, today, with its admission: a dry run, of which nothing
 * is stored. Two forms, and neither lets the live object into the answer:
 * - `create`: a POST under another name, so that what runs is not in its way. That name is turned back into the
 *   object's own wherever the answer repeats it.
 * - `update`: a patch of the live object that replaces or removes every field of it, for what cannot be made twice (a
 *   CustomResourceDefinition, a fixed node port) and for admission that looks at updates only.
 * Every request says `dryRun=All`. A refusal's sentence may quote values, so only what is safe of it is handed on.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run; docs/decisions/0007-calibration.md.
 */
import type { ApiAnswer, ApiRefusal, ObjectApi, PatchBody } from "../model/api.ts";
import { digestOf } from "../model/canonical.ts";
import type { DryRunAnswer, DryRunQuestion } from "../model/dry-run.ts";
import { isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { formatPointer } from "../model/path.ts";
import { printableLine } from "../model/printable.ts";
import { describeFields, describeRefusal } from "../model/refusal.ts";
import type { KubeObject } from "../model/resource.ts";
import { serverMetadata } from "../model/server-fields.ts";

/** CronJobs may have the shortest names of all: 52 characters. */
const LONGEST_NAME = 52;

/** A name like the object's own, for the eyes of admission, and not to be found in anything else. */
function otherName({ id, desired }: DryRunQuestion): string {
  const mark = digestOf([id.group, id.kind, id.namespace, id.name, desired]).slice(0, 10);
  return `${id.name.slice(0, LONGEST_NAME - mark.length - 1).replace(/[-.]+$/, "")}-${mark}`;
}

/** Of metadata, only what a person may write. */
function ownMetadata(metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !serverMetadata.has(key)));
}

function bodyUnder(name: string, { desired, id }: DryRunQuestion): JsonObject {
  const { status: _status, metadata, ...rest } = desired;
  const { generateName: _generate, ...marks } = ownMetadata(metadata);
  return { ...rest, metadata: { ...marks, name, ...(id.namespace === "" ? {} : { namespace: id.namespace }) } };
}

/** Every string of a value with one text in it replaced; keys stay. */
function rename(value: Json, from: string, to: string): Json {
  if (typeof value === "string") return value.includes(from) ? value.replaceAll(from, () => to) : value;
  if (isArray(value)) return value.map((item) => rename(item, from, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rename(entry, from, to)]));
}

/** Sets what `wanted` has and removes what only `found` has. */
function replaceAll(found: JsonObject, wanted: JsonObject, under: readonly string[]): readonly JsonObject[] {
  const gone = Object.keys(found).filter((key) => !Object.hasOwn(wanted, key));
  return [
    ...gone.map((key) => ({ op: "remove", path: formatPointer([...under, key]) })),
    ...Object.entries(wanted).map(([key, value]) => ({ op: "add", path: formatPointer([...under, key]), value })),
  ];
}

const notReplaced: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata", "status"]);

function replacement({ desired, live }: DryRunQuestion): PatchBody {
  const fields = (object: KubeObject): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !notReplaced.has(key)));
  const marks = ({ metadata }: KubeObject): JsonObject => {
    const { name: _name, namespace: _namespace, generateName: _generate, ...rest } = ownMetadata(metadata);
    return rest;
  };
  const operations = [
    ...replaceAll(marks(live), marks(desired), ["metadata"]),
    ...replaceAll(fields(live), fields(desired), []),
  ];
  return { type: "json", operations };
}

const NO_RIGHT = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/;
const NAMED =
  /(?:admission|calling) webhook "([^"]{1,253})"|(?:Validating|Mutating)AdmissionPolicy '([^']{1,253})'|exceeded quota: ([^\s,]{1,253})/;

/** What refused and over which fields, in our own words. */
function reasonOf(refusal: ApiRefusal): string {
  const [, webhook, policy, quota] = NAMED.exec(refusal.message) ?? [];
  const who =
    webhook !== undefined
      ? `, by admission webhook ${webhook}${/dry.?run/i.test(refusal.message) ? ", which has side effects and takes no dry runs" : ""}`
      : policy !== undefined
        ? `, by admission policy ${policy}`
        : quota !== undefined
          ? `, over quota ${quota}`
          : "";
  return printableLine(`${describeRefusal(refusal)}${describeFields(refusal)}${who}`, 300);
}

function answerOf(answer: ApiAnswer): DryRunAnswer {
  if (answer.ok) return { ok: true, object: answer.body };
  const right = answer.status === 403 ? NO_RIGHT.exec(answer.message) : null;
  if (right !== null) {
    const [, verb = "", resource = "", group = ""] = right;
    return {
      ok: false,
      why: "no-right",
      message: `not permitted: ${verb} ${group === "" ? resource : `${resource}.${group}`}`,
    };
  }
  const passing = answer.status === 0 || answer.status === 409 || answer.status === 429 || answer.status >= 500;
  // Answered by nobody but us: no path can be made of it, or the kind is not served.
  const never = answer.reason === "Invalid" || answer.reason === "KindNotServed";
  return { ok: false, why: passing && !never ? "unanswered" : "refused", message: reasonOf(answer) };
}

/** @returns a function that sends one request and never throws what the server says */
export function createDryRun(
  api: Pick<ObjectApi, "create" | "patch">,
): (question: DryRunQuestion) => Promise<DryRunAnswer> {
  return async (question) => {
    const { form, id, version, impersonate } = question;
    const kind = { group: id.group, version, kind: id.kind };
    const options = { dryRun: true, ...(impersonate === undefined ? {} : { impersonate }) };
    if (form === "update") {
      const ref = { kind, namespace: id.namespace, name: id.name };
      return answerOf(await api.patch(ref, replacement(question), options));
    }
    const name = otherName(question);
    const ref = { kind, namespace: id.namespace, name };
    const answer = answerOf(await api.create(ref, bodyUnder(name, question), options));
    return answer.ok ? { ok: true, object: rename(answer.object, name, id.name) as KubeObject } : answer;
  };
}

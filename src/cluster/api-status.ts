/** A `Status` body, an odd body or no answer at all, as a refusal. Never throws, whatever the text is. */
import type { ApiAnswer, ApiRefusal } from "../model/api.ts";
import { getIn, getString, isObject, parseJson, type Json } from "../model/json.ts";
import { isKubeObject } from "../model/resource.ts";
import type { ApiResponse } from "./transport.ts";

const reasons: Readonly<Record<number, string>> = {
  0: "Unreachable",
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  410: "Expired",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** Body text to value; undefined where it is no JSON. */
export function readBody(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** A sentence of the server's on one line, cut to what a condition can hold. */
function sentence(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, 1_000);
}

export function refusal(response: ApiResponse): ApiRefusal {
  const body = response.status === 0 ? undefined : readBody(response.text);
  const isStatus = getString(body, "kind") === "Status";
  const seconds = isStatus ? getIn(body, "details", "retryAfterSeconds") : undefined;
  const retryAfter = response.retryAfter ?? (typeof seconds === "number" ? seconds * 1_000 : undefined);
  const details = isStatus ? getIn(body, "details") : undefined;
  return {
    ok: false,
    status: response.status,
    reason: (isStatus ? getString(body, "reason") : undefined) || (reasons[response.status] ?? "Unknown"),
    message: sentence((isStatus ? getString(body, "message") : undefined) ?? response.text),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(details === undefined ? {} : { details }),
  };
}

/** Whether a 404 speaks of the object, and not of a kind (or a path) that is not served. */
export function isObjectNotFound(answer: ApiRefusal): boolean {
  return answer.status === 404 && answer.reason === "NotFound" && isObject(answer.details) && "name" in answer.details;
}

/** A response whose body ought to be an object. */
export function objectAnswer(response: ApiResponse): ApiAnswer {
  if (response.status < 200 || response.status > 299) return refusal(response);
  const body = readBody(response.text);
  if (!isKubeObject(body) && getString(body, "kind") === "Status" && isObject(body)) {
    // A delete that is done at once answers with a Status, which has an apiVersion and often no metadata.
    const status = { ...body, apiVersion: "v1", kind: "Status", metadata: {} };
    return { ok: true, status: response.status, body: status, warnings: response.warnings };
  }
  if (isKubeObject(body)) return { ok: true, status: response.status, body, warnings: response.warnings };
  return { ok: false, status: response.status, reason: "Malformed", message: "the answer is no object" };
}

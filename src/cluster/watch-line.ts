/**
 * What the server says, as inputs of the reflector's machine: a line of a watch, an item of a list, a refusal. Each is
 * parsed once. Never throws: what is no event (bad JSON, half a character, no name) is `undefined`.
 */
import { isUtf8 } from "node:buffer";
import { getIn, getString, isArray, isObject, parseJson, type Json } from "../model/json.ts";
import { apiVersionOf, isKubeObject, type KindRef, type KubeObject } from "../model/resource.ts";
import { refusal } from "./api-status.ts";
import type { Input } from "./reflector-step.ts";
import type { ApiResponse } from "./transport.ts";

const eventTypes = new Set(["ADDED", "MODIFIED", "DELETED"]);

/** Bytes to value; undefined where they are no JSON in UTF-8. */
function parseBytes(bytes: Buffer): Json | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    return parseJson(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function isNamed(object: Json): object is KubeObject {
  return isKubeObject(object) && getString(object.metadata, "name") !== undefined;
}

/** A watch line as an input of the machine, and the object it speaks of; undefined where it is no event. */
export function readLine(line: Buffer): { readonly input: Input; readonly object?: KubeObject } | undefined {
  const event = parseBytes(line);
  const type = getString(event, "type");
  const object = getIn(event, "object");
  if (type === undefined || !isObject(object)) return undefined;
  if (type === "ERROR") return { input: errorInput(object) };
  const version = getString(object, "metadata", "resourceVersion");
  if (version === undefined) return undefined;
  if (type === "BOOKMARK") {
    const listed = getString(object, "metadata", "annotations", "k8s.io/initial-events-end") === "true";
    return { input: { on: "bookmark", version, listed } };
  }
  if (!eventTypes.has(type) || !isNamed(object)) return undefined;
  return { input: { on: "event", type: type as "ADDED" | "MODIFIED" | "DELETED", version }, object };
}

/** An item of a list; those of a built-in kind don't name their kind. Undefined where it is no object. */
export function readItem(bytes: Buffer, kind: KindRef): KubeObject | undefined {
  const item = parseBytes(bytes);
  if (!isObject(item)) return undefined;
  const isComplete = typeof item["kind"] === "string" && typeof item["apiVersion"] === "string";
  const named = isComplete ? item : { ...item, apiVersion: apiVersionOf(kind), kind: kind.kind };
  return isNamed(named) ? named : undefined;
}

function isTooNew(details: Json | undefined): boolean {
  const causes = getIn(details, "causes");
  return isArray(causes) && causes.some((cause) => getString(cause, "reason") === "ResourceVersionTooLarge");
}

function errorInput(status: Json): Input {
  const code = getIn(status, "code");
  const seconds = getIn(status, "details", "retryAfterSeconds");
  return {
    on: "refused",
    refused: {
      status: typeof code === "number" ? code : 500,
      reason: getString(status, "reason") ?? "Unknown",
      message: (getString(status, "message") ?? "").slice(0, 500),
    },
    ...(typeof seconds === "number" ? { retryAfter: seconds * 1_000 } : {}),
    tooNew: isTooNew(getIn(status, "details")),
  };
}

/** An answer that is not the one asked for. */
export function refusedInput(response: ApiResponse): Input {
  if (response.status === 0) return { on: "broken", message: response.text };
  const { status, reason, message, retryAfter, details } = refusal(response);
  return {
    on: "refused",
    refused: { status, reason, message },
    ...(retryAfter === undefined ? {} : { retryAfter }),
    tooNew: isTooNew(details),
  };
}

/**
 * What an approval is for: object, desired state and planned operations in one hash. Sensitive values enter as HMAC,
 * so that two different ones give two hashes and neither can be guessed from it; so does the hash of the desired
 * object, from which a short value could be found by trying.
 */
import { createHmac, hash, type KeyObject } from "node:crypto";
import { maskValue, type Mask } from "../compare/redact.ts";
import { canonicalJson } from "../model/canonical.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { field, parsePointer, type Path } from "../model/path.ts";
import { idKey, type ResourceId } from "../model/resource.ts";

export interface HashInput {
  readonly id: ResourceId;
  readonly version: string;
  /** "" for a missing object. */
  readonly uid: string;
  /** "" where Git does not declare it. */
  readonly desiredHash: string;
  /** As planned. The version the patch names is left out: a status update makes no approval void. */
  readonly operations: readonly JsonObject[];
  /** `compare.sensitive` of the Baseline. */
  readonly sensitive: readonly string[];
}

const VERSION_GUARD = "/metadata/resourceVersion";
const INDEX = /^(?:\d+|-)$/;

/** A digit may be an index or a key; an index is what hides more. */
function pathOf(pointer: string): Path {
  return (parsePointer(pointer) ?? []).map((token) =>
    INDEX.test(token) ? { type: "index", index: Number(token) || 0 } : field(token),
  );
}

function hashed(operation: JsonObject, input: HashInput, mask: Mask): Json {
  const { path, value } = operation;
  if (typeof path !== "string" || value === undefined) return operation;
  return {
    ...operation,
    value: maskValue(value, { kind: input.id, path: pathOf(path), sensitive: input.sensitive }, mask),
  };
}

/** Hex sha256. `key`: the install-time key; as a key object it need not be read anew for each value. */
export function contentHash(input: HashInput, key: Uint8Array | KeyObject): string {
  const mask: Mask = (value) => createHmac("sha256", key).update(canonicalJson(value)).digest("hex");
  const operations = input.operations
    .filter((operation) => operation["path"] !== VERSION_GUARD)
    .map((operation) => hashed(operation, input, mask));
  const text = canonicalJson([idKey(input.id), input.version, input.uid, mask(input.desiredHash), operations]);
  return hash("sha256", text);
}

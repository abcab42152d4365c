/**
 * What an approval is for: object, desired state, planned operations and what they replace, in one hash. Sensitive values enter as HMAC,
 * so that two different ones give two hashes and neither can be guessed from it; so does the hash of the desired
 * object, from which a short value could be found by trying.
 */
import { createHmac, hash, type KeyObject } from "node:crypto";
import type { Mask } from "../compare/redact.ts";
import { canonicalJson } from "../model/canonical.ts";
import type { Json } from "../model/json.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import { maskOperation } from "./masked-operation.ts";
import { versionGuard, type Operation } from "./working-copy.ts";

export interface HashInput {
  readonly id: ResourceId;
  readonly version: string;
  /** "" for a missing object. */
  readonly uid: string;
  /** "" where Git does not declare it. */
  readonly desiredHash: string;
  /** `patch`, `create`, `recreate`, `delete` or `none`: approving one approves of no other. */
  readonly act: string;
  /** As planned. The version the patch names is left out: a status update makes no approval void. */
  readonly operations: readonly Operation[];
  /** What each of them finds in its place: another edit of the same field is another drift. */
  readonly before: readonly (Json | undefined)[];
  /** `compare.sensitive` of the Baseline. */
  readonly sensitive: readonly string[];
}

/** Hex sha256. `key`: the install-time key; as a key object it need not be read anew for each value. */
export function contentHash(input: HashInput, key: Uint8Array | KeyObject): string {
  const mask: Mask = (value) => createHmac("sha256", key).update(canonicalJson(value)).digest("hex");
  const { id: kind, sensitive } = input;
  const operations = input.operations.flatMap((operation, index): Json[] => {
    if (operation.path === versionGuard) return [];
    const found = input.before[index];
    const before =
      found === undefined ? null : maskOperation({ ...operation, value: found }, { kind, sensitive }, mask);
    return [maskOperation(operation, { kind, sensitive }, mask), before];
  });
  const text = canonicalJson([
    idKey(input.id),
    input.version,
    input.uid,
    mask(input.desiredHash),
    input.act,
    operations,
  ]);
  return hash("sha256", text);
}

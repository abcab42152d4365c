/**
 * What the subsets of Endpoints say, however they are cut: each address with each port. The server keeps them as they
 * are written; Kubernetes' own clients merge and sort them whenever they write.
 * Source: kubernetes/api, core/v1, EndpointSubset ("the expanded set of endpoints is the Cartesian product").
 */
import { canonicalJson } from "../model/canonical.ts";
import { isArray, isObject, type Json } from "../model/json.ts";

const READINESS = ["addresses", "notReadyAddresses"] as const;
/** Far more than an object of 1.5 MB that means well can name; beyond it the lists are compared as they stand. */
const MAX_ENDPOINTS = 100_000;
const KNOWN: ReadonlySet<string> = new Set([...READINESS, "ports"]);

/** Undefined where something else stands there, about which nothing is said. */
function listAt(subset: Json, name: string): readonly Json[] | undefined {
  const found = isObject(subset) ? (subset[name] ?? []) : undefined;
  return isArray(found) ? found : undefined;
}

function endpointsOf(subsets: readonly Json[]): ReadonlySet<string> | undefined {
  const endpoints = new Set<string>();
  for (const subset of subsets) {
    const ports = listAt(subset, "ports");
    if (ports === undefined || !isObject(subset) || Object.keys(subset).some((name) => !KNOWN.has(name)))
      return undefined;
    const portTexts = ports.length === 0 ? [""] : ports.map(canonicalJson);
    for (const readiness of READINESS) {
      const addresses = listAt(subset, readiness);
      if (addresses === undefined || addresses.length * portTexts.length > MAX_ENDPOINTS - endpoints.size)
        return undefined;
      for (const address of addresses.map(canonicalJson))
        for (const port of portTexts) endpoints.add(`${readiness} ${address} ${port}`);
    }
  }
  return endpoints;
}

/** True where both name the same endpoints. */
export function sameEndpoints(one: readonly Json[], other: readonly Json[]): boolean {
  const left = endpointsOf(one);
  const right = endpointsOf(other);
  if (left === undefined || right === undefined || left.size !== right.size) return false;
  return [...left].every((endpoint) => right.has(endpoint));
}

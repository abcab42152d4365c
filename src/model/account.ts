/** Whom a Baseline acts as: the ServiceAccount it names, in its own namespace, or the operator itself. */
import type { Impersonation } from "./api.ts";
import type { Baseline } from "./baseline.ts";
import type { ResourceId } from "./resource.ts";

/** What says it. */
export type Account = Pick<Baseline, "namespace" | "serviceAccountName">;

/** Undefined: the operator's own. */
export function accountOf({ namespace, serviceAccountName }: Account): Impersonation | undefined {
  return serviceAccountName === undefined ? undefined : { namespace, serviceAccount: serviceAccountName };
}

/** As part of what is asked or sent. */
export function actingAs(baseline: Account): { readonly impersonate?: Impersonation } {
  const impersonate = accountOf(baseline);
  return impersonate === undefined ? {} : { impersonate };
}

/** `shop/deployer`; undefined: the operator's own. */
export function accountName({ namespace, serviceAccountName }: Account): string | undefined {
  return serviceAccountName === undefined ? undefined : `${namespace}/${serviceAccountName}`;
}

/** A tenant's writes are always impersonated: outside of the platform's namespaces a Baseline has to name its account. */
export function lacksAccount(
  { namespace, serviceAccountName }: Account,
  platformNamespaces: readonly string[],
): boolean {
  return serviceAccountName === undefined && !platformNamespaces.includes(namespace);
}

/**
 * Whether an object could be the Baseline's to declare, before anybody is asked for rights: a Baseline without an account
 * of its own has a say in its own namespace only, unless it is in one of the platform's.
 */
export function mayReach(
  { namespace, serviceAccountName }: Account,
  object: Pick<ResourceId, "namespace">,
  platformNamespaces: readonly string[],
): boolean {
  return serviceAccountName !== undefined || object.namespace === namespace || platformNamespaces.includes(namespace);
}
